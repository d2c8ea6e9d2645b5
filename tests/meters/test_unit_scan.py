"""Looking for the unit id of a meter on loopback."""

import asyncio
from collections.abc import Mapping

import pytest
from pymodbus.constants import ExcCodes
from pymodbus.framer import FramerType

from custom_components.headroom.meters.models import MeterModel
from custom_components.headroom.meters.unit_scan import UnitScan, scan_units
from custom_components.headroom.modbus.address import Framing, TcpServer
from custom_components.headroom.modbus.endpoint import EndpointPool
from custom_components.headroom.modbus.errors import ServerUnreachable
from custom_components.headroom.modbus.registers import Function
from tests.modbus.fakes import FakeServer

from .conftest import MakeMeter, StartServer
from .fakes import IEM3155, KLEFR


class Progress:
    """Hears how far a search is."""

    def __init__(self) -> None:
        self.parts: list[float] = []
        self.heard = asyncio.Event()

    def __call__(self, part: float) -> None:
        self.parts.append(part)
        self.heard.set()


async def scan(pool: EndpointPool, server: FakeServer, model: MeterModel, *units: int) -> UnitScan:
    async with pool.lend(TcpServer("127.0.0.1", server.port)) as endpoint:
        return await scan_units(endpoint, model, units, Progress())


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for no unit that is silent."""
    monkeypatch.setattr("custom_components.headroom.meters.unit_scan.PATIENCE", 0.01)


async def test_units_that_answer_are_told_apart(
    start_server: StartServer, pool: EndpointPool, models: Mapping[str, MeterModel]
) -> None:
    server = await start_server({2: KLEFR, 5: IEM3155, 9: KLEFR})
    progress = Progress()
    async with pool.lend(TcpServer("127.0.0.1", server.port)) as endpoint:
        found = await scan_units(endpoint, models["klefr_693x"], (2, 5, 9), progress)
    assert found == UnitScan(meters=(2, 9), others=(5,))
    assert progress.parts == pytest.approx([1 / 3, 2 / 3, 1])
    assert [request[2] for request in server.requests] == [0x500C] * 3
    assert server.connections == 1


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("framing", Framing)
async def test_units_that_are_silent_cost_a_moment_and_the_next_one_is_heard(
    start_server: StartServer,
    pool: EndpointPool,
    models: Mapping[str, MeterModel],
    framing: Framing,
) -> None:
    framer = FramerType.RTU if framing is Framing.RTU_OVER_TCP else FramerType.SOCKET
    server = await start_server({1: KLEFR, 2: KLEFR}, framer)
    progress = Progress()
    async with pool.lend(TcpServer("127.0.0.1", server.port, framing)) as endpoint:
        server.answering.clear()
        asked = asyncio.create_task(scan_units(endpoint, models["klefr_693x"], (1, 2), progress))
        async with asyncio.timeout(10):
            await progress.heard.wait()
        server.answering.set()
        assert await asked == UnitScan(meters=(2,), others=())


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (ExcCodes.GATEWAY_NO_RESPONSE, UnitScan(meters=(), others=())),
        (ExcCodes.ILLEGAL_ADDRESS, UnitScan(meters=(), others=(1,))),
    ],
)
async def test_what_a_gateway_says_of_a_unit_counts(
    start_server: StartServer,
    pool: EndpointPool,
    models: Mapping[str, MeterModel],
    code: ExcCodes,
    expected: UnitScan,
) -> None:
    server = await start_server({1: KLEFR})
    server.refusals = {0x500C: code}
    assert await scan(pool, server, models["klefr_693x"], 1) == expected


async def test_a_gateway_that_cannot_be_reached_ends_the_search(
    start_server: StartServer, pool: EndpointPool, models: Mapping[str, MeterModel]
) -> None:
    server = await start_server({1: KLEFR})
    await server.stop()
    with pytest.raises(ServerUnreachable):
        await scan(pool, server, models["klefr_693x"], 1, 2, 3)


@pytest.mark.parametrize(
    ("key", "function", "first"),
    [
        ("sunspec_meter", 3, 40000),
        ("victron_gx", 4, 2617),
        ("eastron_sdm72", 4, 52),
    ],
)
async def test_the_question_is_one_that_every_meter_of_a_model_answers(
    start_server: StartServer,
    pool: EndpointPool,
    models: Mapping[str, MeterModel],
    key: str,
    function: int,
    first: int,
) -> None:
    server = await start_server({1: KLEFR})
    await scan(pool, server, models[key], 1)
    ((_, asked, address, _),) = server.requests
    assert (asked, address) == (function, first)


async def test_running_meters_go_first(
    start_server: StartServer,
    make_meter: MakeMeter,
    pool: EndpointPool,
    models: Mapping[str, MeterModel],
) -> None:
    server = await start_server(dict.fromkeys((1, 2, 3, 7), KLEFR))
    meter = make_meter(server.port, unit=7, model="klefr_693x")
    async with pool.lend(TcpServer("127.0.0.1", server.port)) as endpoint:
        await endpoint.read(7, Function.HOLDING, range(0x500C, 0x500E))
        server.requests.clear()
        searching = asyncio.create_task(
            scan_units(endpoint, models["klefr_693x"], (1, 2, 3), Progress())
        )
        await asyncio.sleep(0)
        polling = asyncio.create_task(meter.poll())
        await asyncio.gather(searching, polling)
    asked = [request[0] for request in server.requests]
    assert asked.index(7) < asked.index(2)
    assert meter.fault is None


async def test_a_search_that_is_given_up_leaves_the_connection_usable(
    start_server: StartServer,
    make_meter: MakeMeter,
    pool: EndpointPool,
    models: Mapping[str, MeterModel],
) -> None:
    server = await start_server({1: KLEFR, 7: KLEFR})
    meter = make_meter(server.port, unit=7, model="klefr_693x")
    await meter.poll()
    async with pool.lend(TcpServer("127.0.0.1", server.port)) as endpoint:
        server.answering.clear()
        server.asked = asyncio.Semaphore(0)
        searching = asyncio.create_task(
            scan_units(endpoint, models["klefr_693x"], (1, 2, 3), Progress())
        )
        await server.asked.acquire()
        searching.cancel()
        with pytest.raises(asyncio.CancelledError):
            await searching
        server.answering.set()
    await meter.poll()
    assert meter.fault is None
    assert server.connections == 1
