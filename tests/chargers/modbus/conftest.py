"""Fixtures of the Modbus chargers' tests."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import timedelta

import pytest

from custom_components.headroom.chargers.base import ConnectorProfile
from custom_components.headroom.chargers.modbus.charger import ModbusCharger
from custom_components.headroom.chargers.modbus.dialect import Dialect
from custom_components.headroom.chargers.modbus.dialect_files import load_dialects
from custom_components.headroom.modbus.address import TcpServer, UnitAddress
from custom_components.headroom.modbus.endpoint import EndpointPool
from tests.modbus.fakes import Clock, Naps, Pacer
from tests.modbus.fixtures import clock, pacer

from .boxes import BOXES, Box
from .device import Device

__all__ = ["clock", "pacer"]

type StartDevice = Callable[[Device], Awaitable[Device]]
type MakeCharger = Callable[..., ModbusCharger]

PROFILE = ConnectorProfile(fallback=8.0, max_current=32.0)


@pytest.fixture(params=BOXES)
def box(request: pytest.FixtureRequest) -> Box:
    return BOXES[request.param]


@pytest.fixture
async def start_device(socket_enabled: None) -> AsyncGenerator[StartDevice]:
    devices: list[Device] = []

    async def start(device: Device) -> Device:
        await device.start()
        devices.append(device)
        return device

    yield start
    for device in devices:
        await device.stop()


@pytest.fixture
def naps() -> Naps:
    """Return the pauses between requests, which take no time."""
    return Naps(Clock())


@pytest.fixture
async def pool(start_device: StartDevice, clock: Clock, naps: Naps) -> AsyncGenerator[EndpointPool]:
    """Return a pool that is closed before the devices are."""
    pool = EndpointPool(clock.now, timeout=timedelta(seconds=10), sleep=naps.sleep)
    yield pool
    await pool.close()


@pytest.fixture
async def make_charger(
    pool: EndpointPool, clock: Clock, pacer: Pacer
) -> AsyncGenerator[MakeCharger]:
    chargers: list[ModbusCharger] = []

    def make(
        device: Device,
        dialect: str | Dialect,
        profile: ConnectorProfile = PROFILE,
        connectors: tuple[int, ...] = (1,),
    ) -> ModbusCharger:
        known = load_dialects()[dialect] if isinstance(dialect, str) else dialect
        charger = ModbusCharger(
            pool,
            UnitAddress(TcpServer("127.0.0.1", device.port), known.unit),
            known,
            dict.fromkeys(connectors, profile),
            now=clock.now,
            sleep=pacer.sleep,
        )
        chargers.append(charger)
        return charger

    yield make
    for charger in chargers:
        await charger.close()
