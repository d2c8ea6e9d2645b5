"""A central system on loopback and stations to connect to it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import ClientSession

from custom_components.headroom.chargers.base import ConnectorProfile
from custom_components.headroom.chargers.ocpp.config import CentralSystemConfig
from custom_components.headroom.chargers.ocpp.server import CentralSystem
from custom_components.headroom.chargers.ocpp.station import OcppStation

from .charge_point import PATIENCE, ScriptedChargePoint

type Connect = Callable[..., Awaitable[ScriptedChargePoint]]

PROFILE = ConnectorProfile(fallback=6.0, max_current=32.0)


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.time = datetime(2026, 7, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def advance(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def config() -> CentralSystemConfig:
    return CentralSystemConfig()


@pytest.fixture
def unknown() -> list[tuple[str, str | None]]:
    """Return what the central system tells of unknown stations."""
    return []


@pytest.fixture
async def system(
    clock: Clock,
    config: CentralSystemConfig,
    unknown: list[tuple[str, str | None]],
    socket_enabled: None,
) -> AsyncIterator[CentralSystem]:
    system = CentralSystem(
        now=clock,
        random=lambda: 0.0,
        config=config,
        on_unknown=lambda name, remote: unknown.append((name, remote)),
    )
    await system.start("127.0.0.1", 0)
    yield system
    await system.stop()


@pytest.fixture
def station(system: CentralSystem) -> OcppStation:
    return system.register("CP1", {1: PROFILE})


@pytest.fixture
async def session(socket_enabled: None) -> AsyncIterator[ClientSession]:
    async with ClientSession() as session:
        yield session


@pytest.fixture
async def connect(system: CentralSystem, session: ClientSession) -> AsyncIterator[Connect]:
    charge_points: list[ScriptedChargePoint] = []

    async def connect(
        path: str = "CP1", *, protocols: tuple[str, ...] = ("ocpp1.6",)
    ) -> ScriptedChargePoint:
        url = f"http://127.0.0.1:{system.port}/{path}"
        charge_point = await ScriptedChargePoint.connect(session, url, protocols=protocols)
        charge_points.append(charge_point)
        return charge_point

    yield connect
    for charge_point in charge_points:
        await charge_point.close()


@pytest.fixture
async def charge_point(station: OcppStation, connect: Connect) -> ScriptedChargePoint:
    """Return a station that has its limits and has been asked all that it is asked at first."""
    charge_point = await connect()
    await charge_point.boot()
    await settled(charge_point)
    return charge_point


async def settled(charge_point: ScriptedChargePoint) -> None:
    """Wait for the last of what a station is asked after it has connected."""
    await charge_point.until(
        lambda: any(
            command.payload["key"] == "WebSocketPingInterval"
            for command in charge_point.commands("ChangeConfiguration")
        )
    )


async def until(station: OcppStation, predicate: Callable[[], bool]) -> None:
    """Wait until a station's state is as expected; it must announce the change."""
    changed = asyncio.Event()
    unsubscribe = station.subscribe(changed.set)
    try:
        async with asyncio.timeout(PATIENCE):
            while not predicate():
                changed.clear()
                await changed.wait()
    finally:
        unsubscribe()
