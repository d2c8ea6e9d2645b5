"""A meter read over a real socket."""

import asyncio
import logging
import struct
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from pymodbus.constants import ExcCodes

from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.engine.snapshot import MeterReading
from custom_components.headroom.meters.base import (
    MeterData,
    MeterImplausible,
    MeterRefused,
    MeterUnreachable,
)
from custom_components.headroom.meters.modbus_meter import ModbusMeter
from custom_components.headroom.meters.model_files import load_models
from custom_components.headroom.modbus.address import TcpServer, UnitAddress
from custom_components.headroom.modbus.endpoint import EndpointPool
from tests.modbus.fakes import Clock, Pacer

from .conftest import MakeMeter, StartServer
from .fakes import IEM3150, IEM3155, KLEFR

LOGGER = "custom_components.headroom.meters.modbus_meter"
CURRENTS, VOLTAGES, POWERS, ENERGY_IMPORT, ENERGY_EXPORT = 2999, 3027, 3053, 3203, 3207


@pytest.mark.parametrize("model", ["schneider_iem3000", "schneider_pm5xxx"])
async def test_reads_schneider(
    model: str, start_server: StartServer, make_meter: MakeMeter, clock: Clock
) -> None:
    server = await start_server({255: IEM3155})
    meter = make_meter(server.port, 255, model)

    await meter.poll()

    assert meter.data == MeterData(
        at=clock.time,
        currents=PerPhase(10.5, -20.25, 5.0),
        powers=PerPhase(2375.0, -4500.0, 1125.0),
        power=-1000.0,
        voltages=PerPhase(229.5, 230.5, 231.25),
        energy_import=123_456_789_012.0,
        energy_export=4321.0,
    )
    assert meter.reading() == MeterReading(
        currents=PerPhase(10.5, -20.25, 5.0),
        at=clock.time,
        voltages=PerPhase(229.5, 230.5, 231.25),
        power=-1000.0,
    )
    assert meter.fault is None


async def test_reads_klefr(start_server: StartServer, make_meter: MakeMeter, clock: Clock) -> None:
    server = await start_server({1: KLEFR})
    meter = make_meter(server.port, 1, "klefr_693x")

    await meter.poll()

    assert meter.data == MeterData(
        at=clock.time,
        currents=PerPhase(-16.0, 8.5, -0.25),
        powers=PerPhase(-3625.0, 5500.0, -125.0),
        power=1750.0,
        voltages=PerPhase(229.5, 230.5, 231.25),
        energy_import=1_234_500.0,
        energy_export=77_250.0,
    )


@pytest.mark.parametrize(
    ("model", "table", "first", "later"),
    [
        ("schneider_iem3000", IEM3155, [2999, 3053, 3027, 3203, 3207], [2999, 3053]),
        ("klefr_693x", KLEFR, [0x500C, 0x5002, 0x600C, 0x6018], [0x500C]),
    ],
)
async def test_reads_slow_quantities_now_and_then(
    model, table, first, later, start_server: StartServer, make_meter: MakeMeter, clock: Clock
) -> None:
    server = await start_server({1: table})
    meter = make_meter(server.port, 1, model)
    await meter.poll()
    assert server.addresses() == first
    clock.advance(9.5)
    await meter.poll()
    assert server.addresses() == later
    assert meter.data is not None
    assert meter.data.at == clock.time
    assert meter.data.voltages == PerPhase(229.5, 230.5, 231.25)
    clock.advance(0.5)
    await meter.poll()
    assert server.addresses() == first
    clock.advance(-3600)
    await meter.poll()
    assert server.addresses() == first


async def test_missing_optional_quantity_is_asked_once_per_connection(
    start_server: StartServer, make_meter: MakeMeter, clock: Clock, caplog
) -> None:
    server = await start_server({1: IEM3150})
    meter = make_meter(server.port)
    for expected in (True, False):
        await meter.poll()
        assert (ENERGY_EXPORT in server.addresses()) is expected
        assert meter.data is not None
        assert meter.data.energy_import == 123_456_789_012.0
        assert meter.data.energy_export is None
        assert meter.missed == 0
        clock.advance(10)
    assert not [record for record in caplog.records if record.name == LOGGER]

    await server.stop()
    await server.start()
    await meter.poll()
    clock.advance(10)
    await meter.poll()
    assert ENERGY_EXPORT in server.addresses()


async def test_optional_nan_is_unknown(start_server: StartServer, make_meter: MakeMeter) -> None:
    server = await start_server({1: {**IEM3155, ENERGY_EXPORT: b"\x80" + bytes(7)}})
    meter = make_meter(server.port)
    await meter.poll()
    assert meter.data is not None
    assert meter.data.energy_export is None
    assert meter.data.energy_import == 123_456_789_012.0


async def test_slow_fault_leaves_currents_alone(
    start_server: StartServer, make_meter: MakeMeter, clock: Clock, caplog
) -> None:
    caplog.set_level(logging.INFO, LOGGER)
    server = await start_server({1: IEM3155})
    meter = make_meter(server.port)
    server.refusals = {VOLTAGES: ExcCodes.ILLEGAL_ADDRESS}
    for _ in range(2):
        await meter.poll()
        assert meter.fault is None
        assert meter.data is not None
        assert meter.data.currents == PerPhase(10.5, -20.25, 5.0)
        assert meter.data.voltages is None
        assert meter.data.energy_import is None
        clock.advance(10)
    server.refusals = {}
    await meter.poll()
    assert meter.data is not None
    assert meter.data.voltages == PerPhase(229.5, 230.5, 231.25)
    address = f"127.0.0.1:{server.port}/1"
    subject = f"Voltage and energy of meter {address}"
    assert _logged(caplog) == [
        (logging.WARNING, f"{subject} cannot be read: {address} answered with Modbus exception 2"),
        (logging.INFO, f"{subject} can be read again"),
    ]


async def test_counts_and_logs_faults(
    start_server: StartServer, make_meter: MakeMeter, clock: Clock, caplog
) -> None:
    caplog.set_level(logging.INFO, LOGGER)
    server = await start_server({1: IEM3155})
    meter = make_meter(server.port)
    await meter.poll()
    good = meter.reading()
    assert good is not None
    server.refusals = {POWERS: ExcCodes.ILLEGAL_ADDRESS}
    for missed in (1, 2, 3):
        clock.advance(0.5)
        await meter.poll()
        assert isinstance(meter.fault, MeterRefused)
        assert meter.reading() == replace(good, missed=missed)
    server.refusals = {}
    await meter.poll()
    assert meter.reading() == replace(good, at=clock.time)
    assert meter.fault is None
    address = f"127.0.0.1:{server.port}/1"
    assert _logged(caplog) == [
        (
            logging.WARNING,
            f"Meter {address} cannot be read: {address} answered with Modbus exception 2",
        ),
        (logging.INFO, f"Meter {address} can be read again"),
    ]


NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize("number", [NAN, INF, 20_000.0])
async def test_implausible_current_is_a_lost_phase_and_not_zero(
    number: float, start_server: StartServer, make_meter: MakeMeter, clock: Clock
) -> None:
    server = await start_server({1: {**IEM3155, CURRENTS: struct.pack(">3f", 10.5, number, 5.0)}})
    meter = make_meter(server.port)
    await meter.poll()
    assert meter.reading() == MeterReading(
        currents=PerPhase(10.5, 0.0, 5.0),
        lost=frozenset({1}),
        at=clock.time,
        voltages=PerPhase(229.5, 230.5, 231.25),
        power=-1000.0,
    )


@pytest.mark.parametrize(
    ("address", "words"),
    [
        (CURRENTS, struct.pack(">3f", NAN, INF, 20_000.0)),
        (POWERS, struct.pack(">4f", 2.375, -4.5, 1.125, 20_000.0)),
        (POWERS, struct.pack(">4f", NAN, NAN, NAN, -1.0)),
    ],
)
async def test_nothing_plausible_is_a_fault_and_not_zero(
    address: int, words: bytes, start_server: StartServer, make_meter: MakeMeter
) -> None:
    server = await start_server({1: {**IEM3155, address: words}})
    meter = make_meter(server.port)
    await meter.poll()
    assert isinstance(meter.fault, MeterImplausible)
    assert meter.data is None
    assert meter.missed == 1


async def test_new_values_are_seen(start_server: StartServer, make_meter: MakeMeter) -> None:
    server = await start_server({1: IEM3155})
    meter = make_meter(server.port)
    await meter.poll()
    await server.write(1, CURRENTS, struct.pack(">3f", 63.0, 62.0, 61.0))
    await meter.poll()
    reading = meter.reading()
    assert reading is not None
    assert reading.currents == PerPhase(63.0, -62.0, 61.0)


async def test_server_gone_and_back(
    start_server: StartServer, make_meter: MakeMeter, clock: Clock
) -> None:
    server = await start_server({1: IEM3155})
    meter = make_meter(server.port)
    missed: list[int] = []
    meter.subscribe(lambda: missed.append(meter.missed))
    await meter.poll()
    await server.stop()
    await meter.poll()
    assert isinstance(meter.fault, MeterUnreachable)

    await server.start()
    await meter.poll()
    clock.advance(1)
    await meter.poll()
    assert missed == [0, 1, 2, 0], "a pause of 1 s follows the failed attempt"
    assert server.connections == 2


async def test_tells_listeners_after_good_and_failed_polls(
    start_server: StartServer, make_meter: MakeMeter
) -> None:
    server = await start_server({1: IEM3155})
    meter = make_meter(server.port)
    missed: list[int] = []
    unsubscribe = meter.subscribe(lambda: missed.append(meter.missed))
    await meter.poll()
    server.refusals = {CURRENTS: ExcCodes.DEVICE_FAILURE}
    await meter.poll()
    unsubscribe()
    unsubscribe()
    await meter.poll()
    assert missed == [0, 1]


async def test_polls_with_a_steady_period(
    start_server: StartServer, make_meter: MakeMeter, clock: Clock, pacer: Pacer
) -> None:
    server = await start_server({1: IEM3155})
    meter = make_meter(server.port)
    durations = iter([0.0, 0.2, 0.5, 1.2, 0.0])
    polled_at: list[datetime] = []

    def take_time() -> None:
        polled_at.append(clock.time)
        clock.advance(next(durations))

    meter.subscribe(take_time)
    start = clock.time
    meter.start()
    meter.start()
    naps = []
    for _ in range(4):
        naps.append(await pacer.nap())
        clock.advance(naps[-1])
        pacer.wake()
    await pacer.nap()
    assert naps == pytest.approx([0.5, 0.3, 0.5, 0.3])
    offsets = [(moment - start).total_seconds() for moment in polled_at]
    assert offsets == pytest.approx([0.0, 0.5, 1.0, 2.0, 3.5])


async def test_stop_leaves_nothing_behind(
    start_server: StartServer, make_meter: MakeMeter, pacer: Pacer
) -> None:
    server = await start_server({1: IEM3155})
    before = asyncio.all_tasks()
    meter = make_meter(server.port)
    meter.start()
    await pacer.nap()
    await meter.stop()
    await meter.stop()
    meter.start()
    async with asyncio.timeout(10):
        await server.disconnected.wait()
    assert asyncio.all_tasks() == before


async def test_stop_in_the_middle_of_a_request(
    start_server: StartServer, make_meter: MakeMeter
) -> None:
    server = await start_server({1: IEM3155})
    meter = make_meter(server.port)
    meter.start()
    server.answering.clear()
    async with asyncio.timeout(5):
        await server.asked.acquire()
        await meter.stop()
        await server.disconnected.wait()
    assert meter.missed == 0


async def test_stop_during_connect(make_meter: MakeMeter, start_server: StartServer) -> None:
    server = await start_server({1: IEM3155})
    meter = make_meter(server.port)
    meter.start()
    await asyncio.sleep(0)
    await meter.stop()
    assert meter.data is None


async def test_knows_nothing_before_the_first_poll(make_meter: MakeMeter) -> None:
    meter = make_meter(502)
    assert meter.data is None
    assert meter.reading() is None
    assert meter.fault is None
    assert meter.missed == 0
    await meter.stop()


async def test_broken_listener_is_reported(
    start_server: StartServer, make_meter: MakeMeter, caplog
) -> None:
    server = await start_server({1: IEM3155})
    meter = make_meter(server.port)
    done = asyncio.Event()

    def broken() -> None:
        done.set()
        raise RuntimeError("broken listener")

    meter.subscribe(broken)
    meter.start()
    async with asyncio.timeout(5):
        await done.wait()
    await meter.stop()
    assert _logged(caplog) == [
        (logging.ERROR, f"Polling of meter 127.0.0.1:{server.port}/1 broke off")
    ]


async def test_period_must_be_positive(pool: EndpointPool, clock: Clock) -> None:
    with pytest.raises(ValueError, match="0:00:00 is not a period"):
        ModbusMeter(
            pool,
            UnitAddress(TcpServer("127.0.0.1", 502), 1),
            load_models()["klefr_693x"],
            period=timedelta(),
            now=clock.now,
        )


def _logged(caplog: pytest.LogCaptureFixture) -> list[tuple[int, str]]:
    return [(level, text) for name, level, text in caplog.record_tuples if name == LOGGER]
