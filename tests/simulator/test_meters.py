"""The registers as the makers document them, read with a plain client."""

import math
import struct
from collections.abc import AsyncIterator, Callable

import pytest
from pymodbus.client import AsyncModbusTcpClient
from pymodbus.exceptions import ModbusException

from custom_components.headroom.engine.currents import PerPhase
from simulator.gateway import Gateway
from simulator.meters import Mode, SimulatedMeter
from simulator.plant.park import ZoneTotals

TOTALS = ZoneTotals(currents=PerPhase(10, -5, 2.5), imported=1_234_567.4, exported=7_654.0)

SCHNEIDER = {
    2999: 10,
    3001: 5,
    3003: 2.5,
    3027: 230,
    3029: 230,
    3031: 230,
    3053: 2.3,
    3055: -1.15,
    3057: 0.575,
    3059: 1.725,
    3109: 50,
}
KLEFR = {
    0x5000: 230,
    0x5002: 230,
    0x5004: 230,
    0x5006: 230,
    0x5008: 50,
    0x500C: 10,
    0x500E: 5,
    0x5010: 2.5,
    0x5012: 1.725,
    0x5014: 2.3,
    0x5016: -1.15,
    0x5018: 0.575,
    0x6000: 1242.2214,
    0x600C: 1234.5674,
    0x6018: 7.654,
}

type Connect = Callable[[], AsyncModbusTcpClient]


@pytest.fixture
def meters() -> dict[str, SimulatedMeter]:
    return {
        model: SimulatedMeter(model, model=model, unit=unit, totals=lambda: TOTALS)
        for unit, model in ((255, "schneider_iem3000"), (7, "klefr"))
    }


@pytest.fixture
async def server(meters: dict[str, SimulatedMeter], socket_enabled: None) -> AsyncIterator[Gateway]:
    server = Gateway(list(meters.values()))
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def client(server: Gateway) -> AsyncIterator[AsyncModbusTcpClient]:
    client = AsyncModbusTcpClient(
        "127.0.0.1", port=server.port, timeout=0.2, retries=0, reconnect_delay=0
    )
    assert await client.connect()
    yield client
    client.close()


async def words(client: AsyncModbusTcpClient, address: int, count: int, unit: int) -> bytes:
    answer = await client.read_holding_registers(address, count=count, device_id=unit)
    assert not answer.isError()
    return struct.pack(f">{count}H", *answer.registers)


async def number(client: AsyncModbusTcpClient, address: int, unit: int) -> float:
    (value,) = struct.unpack(">f", await words(client, address, 2, unit))
    return float(value)


@pytest.mark.parametrize(("unit", "table"), [(255, SCHNEIDER), (7, KLEFR)])
async def test_registers_show_the_true_values(
    client: AsyncModbusTcpClient, unit: int, table: dict[int, float]
) -> None:
    for address, expected in table.items():
        assert await number(client, address, unit) == pytest.approx(expected), hex(address)


async def test_schneider_energies_are_64_bit_watt_hours(client: AsyncModbusTcpClient) -> None:
    assert await words(client, 3203, 4, 255) == struct.pack(">q", 1_234_567)
    assert await words(client, 3207, 4, 255) == struct.pack(">q", 7_654)


async def test_a_block_is_read_in_one_go(client: AsyncModbusTcpClient) -> None:
    block = struct.unpack(">3f", await words(client, 2999, 6, 255))
    assert block == pytest.approx((10, 5, 2.5))


async def test_only_known_holding_registers_can_only_be_read(
    client: AsyncModbusTcpClient,
) -> None:
    answers = [
        await client.read_holding_registers(100, count=2, device_id=255),
        await client.read_holding_registers(3005, count=2, device_id=255),
        await client.read_input_registers(2999, count=2, device_id=255),
        await client.write_register(2999, 1, device_id=255),
        await client.read_holding_registers(2999, count=2, device_id=3),
    ]
    assert [answer.isError() for answer in answers] == [True] * 5
    assert [answer.exception_code for answer in answers[:4]] == [2, 2, 1, 1]


async def test_silence_is_of_one_meter_only(
    client: AsyncModbusTcpClient, meters: dict[str, SimulatedMeter]
) -> None:
    meters["schneider_iem3000"].silence()
    with pytest.raises(ModbusException):
        await client.read_holding_registers(2999, count=2, device_id=255)
    assert client.connected
    assert await number(client, 0x500C, 7) == 10
    meters["schneider_iem3000"].speak()
    assert await number(client, 2999, 255) == 10


async def test_values_that_are_not_available(
    client: AsyncModbusTcpClient, meters: dict[str, SimulatedMeter]
) -> None:
    meters["schneider_iem3000"].mode = Mode.NAN
    assert math.isnan(await number(client, 2999, 255))
    assert await words(client, 3203, 4, 255) == b"\x80" + b"\0" * 7


async def test_exceptions(client: AsyncModbusTcpClient, meters: dict[str, SimulatedMeter]) -> None:
    meters["klefr"].mode = Mode.EXCEPTION
    answer = await client.read_holding_registers(0x500C, count=2, device_id=7)
    assert answer.exception_code == 4


async def test_stopped_it_refuses_and_comes_back_on_the_same_port(
    server: Gateway, client: AsyncModbusTcpClient
) -> None:
    port = server.port
    await server.stop()
    await server.stop()
    refused = AsyncModbusTcpClient("127.0.0.1", port=port, retries=0, reconnect_delay=0)
    assert not await refused.connect()
    client.close()
    await server.start()
    assert server.port == port
    assert await client.connect()
    assert await number(client, 2999, 255) == 10


async def test_a_taken_port_is_an_error(server: Gateway) -> None:
    other = Gateway(server.units, port=server.port)
    with pytest.raises(OSError, match="taken"):
        await other.start()
