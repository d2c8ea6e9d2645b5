"""The readings of a meter that is being set up."""

import asyncio
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from pymodbus.constants import ExcCodes
from pymodbus.framer import FramerType

from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.meters.base import (
    MeterData,
    MeterImplausible,
    MeterRefused,
    MeterUnreachable,
)
from custom_components.headroom.meters.measured import Mounting
from custom_components.headroom.meters.models import MeterModel
from custom_components.headroom.meters.proposal import Hint, with_words_swapped
from custom_components.headroom.meters.survey import (
    BETWEEN_READS,
    READS,
    Survey,
    WordsSwapped,
    survey,
)
from custom_components.headroom.modbus.address import Framing, TcpServer, UnitAddress
from custom_components.headroom.modbus.endpoint import EndpointPool
from tests.modbus.fakes import Clock, FakeServer, Table

from .conftest import MakeMeter, StartServer
from .fakes import IEM3150, IEM3155, KLEFR

GARO: Table = {
    0x0000: struct.pack(">6H", 2300, 0, 2301, 0, 2299, 0),
    0x000C: struct.pack(">12H", 8000, 0, 5000, 0, 2000, 0, 18000, 0, 11000, 0, 4000, 0),
    0x0028: struct.pack(">2H", 33000, 0),
    0x0034: struct.pack(">2H", 1234, 0),
    0x004E: struct.pack(">2H", 0, 0),
}
ROUND: Table = {
    0x5002: struct.pack(">3f", 230, 230, 230),
    0x5008: struct.pack(">2f", 50, 28),
    0x500C: struct.pack(">3f", 16, 8, 4),
    0x5012: struct.pack(">4f", 6, 3.5, 1.75, 0.75),
    0x600C: struct.pack(">f", 1234),
    0x6018: struct.pack(">f", 0),
}
"""A KLEFR with numbers that are next to nothing, and not impossible, in the other order."""


@dataclass
class Pauses:
    """Stands in for asyncio.sleep and lets something happen meanwhile."""

    server: FakeServer | None = None
    changes: Table = field(default_factory=dict)
    taken: list[float] = field(default_factory=list)

    async def sleep(self, seconds: float) -> None:
        self.taken.append(seconds)
        for address, words in self.changes.items():
            assert self.server is not None
            await self.server.write(1, address, words)


async def look(
    pool: EndpointPool, server: FakeServer, model: MeterModel, pauses: Pauses | None = None
) -> Survey:
    address = UnitAddress(TcpServer("127.0.0.1", server.port), 1)
    pauses = pauses or Pauses()
    return await survey(pool, address, model, Mounting(), sleep=pauses.sleep)


async def test_a_meter_is_read_a_few_times_and_the_last_reading_is_shown(
    start_server: StartServer, pool: EndpointPool, models: Mapping[str, MeterModel]
) -> None:
    server = await start_server({1: IEM3155})
    pauses = Pauses(server, {2999: struct.pack(">3f", 1.5, 2.5, 3.5)})
    found = await look(pool, server, models["schneider_iem3000"], pauses)
    assert found.reading.currents == PerPhase(1.5, -2.5, 3.5)
    assert found.proposals == ()
    assert pauses.taken == [BETWEEN_READS] * (READS - 1)
    assert server.connections == 1


async def test_what_readings_say_is_proposed(
    start_server: StartServer, pool: EndpointPool, models: Mapping[str, MeterModel]
) -> None:
    server = await start_server({1: GARO})
    found = await look(pool, server, models["garo_gnm3"])
    assert found.reading.currents == PerPhase(8, 5, 2)
    assert [one.hint for one in found.proposals] == [Hint.EXPORT_BY_SETTING]


async def test_whole_numbers_in_the_other_word_order_are_recognized(
    start_server: StartServer, pool: EndpointPool, models: Mapping[str, MeterModel]
) -> None:
    server = await start_server({1: GARO})
    with pytest.raises(WordsSwapped):
        await look(pool, server, with_words_swapped(models["garo_gnm3"]))


async def test_floating_point_numbers_in_the_other_word_order_are_recognized(
    start_server: StartServer, pool: EndpointPool, models: Mapping[str, MeterModel]
) -> None:
    server = await start_server({1: ROUND})
    found = await look(pool, server, with_words_swapped(models["klefr_693x"]))
    assert found.proposals[0].hint is Hint.WORD_ORDER


async def test_nonsense_in_both_orders_stays_nonsense(
    start_server: StartServer, pool: EndpointPool, models: Mapping[str, MeterModel]
) -> None:
    absurd = {address: b"\x7f\xff" * (len(words) // 2) for address, words in GARO.items()}
    server = await start_server({1: absurd})
    with pytest.raises(MeterImplausible) as error:
        await look(pool, server, models["garo_gnm3"])
    assert not isinstance(error.value, WordsSwapped)


async def test_a_meter_of_another_kind_is_not_asked_in_another_order(
    start_server: StartServer, pool: EndpointPool, models: Mapping[str, MeterModel]
) -> None:
    server = await start_server({1: IEM3155})
    server.refusals = {2999: ExcCodes.ILLEGAL_ADDRESS}
    with pytest.raises(MeterRefused):
        await look(pool, server, models["schneider_iem3000"])
    assert len(server.requests) == 1


async def probe(pool: EndpointPool, address: UnitAddress, model: MeterModel) -> MeterData:
    return (await survey(pool, address, model, Mounting(), sleep=Pauses().sleep)).reading


async def test_reads_everything_and_disconnects(
    start_server: StartServer, pool: EndpointPool, models: Mapping[str, MeterModel], clock: Clock
) -> None:
    server = await start_server({1: KLEFR})
    data = await probe(
        pool, UnitAddress(TcpServer("127.0.0.1", server.port), 1), models["klefr_693x"]
    )
    assert data.at == clock.time
    assert data.currents == PerPhase(-16.0, 8.5, -0.25)
    assert data.voltages == PerPhase(229.5, 230.5, 231.25)
    assert data.energy_export == 77_250.0
    once = [(1, 3, 0x5002, 24), (1, 3, 0x600C, 2), (1, 3, 0x6018, 2)]
    assert server.requests == once * READS
    async with asyncio.timeout(10):
        await server.disconnected.wait()


async def test_reads_rtu_frames_through_a_socket(
    start_server: StartServer, pool: EndpointPool, models: Mapping[str, MeterModel]
) -> None:
    server = await start_server({1: KLEFR, 7: IEM3155}, FramerType.RTU)
    for unit, model, current in ((1, "klefr_693x", -16.0), (7, "schneider_iem3000", 10.5)):
        address = UnitAddress(TcpServer("127.0.0.1", server.port, Framing.RTU_OVER_TCP), unit)
        data = await probe(pool, address, models[model])
        assert data.currents.l1 == current


async def test_accepts_a_device_without_optional_quantities(
    start_server: StartServer, pool: EndpointPool, models: Mapping[str, MeterModel]
) -> None:
    server = await start_server({1: IEM3150})
    address = UnitAddress(TcpServer("127.0.0.1", server.port), 1)
    data = await probe(pool, address, models["schneider_iem3000"])
    assert data.energy_import == 123_456_789_012.0
    assert data.energy_export is None


async def test_wrong_model(
    start_server: StartServer, pool: EndpointPool, models: Mapping[str, MeterModel]
) -> None:
    server = await start_server({1: KLEFR})
    address = UnitAddress(TcpServer("127.0.0.1", server.port), 1)
    with pytest.raises(MeterRefused):
        await probe(pool, address, models["schneider_iem3000"])


async def test_slow_quantities_count_too(
    start_server: StartServer, pool: EndpointPool, models: Mapping[str, MeterModel]
) -> None:
    server = await start_server({1: IEM3155})
    address = UnitAddress(TcpServer("127.0.0.1", server.port), 1)
    server.refusals = {3203: ExcCodes.ILLEGAL_ADDRESS}
    with pytest.raises(MeterRefused):
        await probe(pool, address, models["schneider_iem3000"])
    server.refusals = {}
    server.cut = 2
    with pytest.raises(MeterImplausible):
        await probe(pool, address, models["schneider_iem3000"])


async def test_waits_for_no_pause_of_a_running_meter(
    start_server: StartServer,
    make_meter: MakeMeter,
    pool: EndpointPool,
    models: Mapping[str, MeterModel],
) -> None:
    server = await start_server({1: IEM3155})
    meter = make_meter(server.port)
    address = UnitAddress(TcpServer("127.0.0.1", server.port), 1)
    await server.stop()
    await meter.poll()
    with pytest.raises(MeterUnreachable):
        await probe(pool, address, models["schneider_iem3000"])
    await server.start()
    await probe(pool, address, models["schneider_iem3000"])
    await meter.poll()
    assert meter.fault is None
    assert server.connections == 1
