"""The single reading that a config flow makes."""

import asyncio
from collections.abc import Mapping

import pytest
from pymodbus.constants import ExcCodes
from pymodbus.framer import FramerType

from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.meters.base import (
    MeterImplausible,
    MeterRefused,
    MeterUnreachable,
)
from custom_components.headroom.meters.modbus_meter import probe
from custom_components.headroom.meters.models import MeterModel
from custom_components.headroom.modbus.address import Framing, TcpServer, UnitAddress
from custom_components.headroom.modbus.endpoint import EndpointPool
from tests.modbus.fakes import Clock

from .conftest import MakeMeter, StartServer
from .fakes import IEM3150, IEM3155, KLEFR


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
    assert server.requests == [(1, 3, 0x5002, 24), (1, 3, 0x600C, 2), (1, 3, 0x6018, 2)]
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
