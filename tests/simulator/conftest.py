"""Plants, a central system and stations for the simulator's tests."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime

import pytest

from custom_components.headroom.engine.site.wiring import Wiring
from simulator.plant.outlet import Outlet
from simulator.plant.park import CarPark
from simulator.station.station import Station

from .csms import CentralSystem

START = datetime(2026, 6, 21, 12, tzinfo=UTC)


@pytest.fixture
def park() -> CarPark:
    return CarPark(
        zones={"building": None, "garage": "building"},
        outlets=[
            Outlet(id="one", zone="garage", wiring=Wiring.TRI231),
            Outlet(id="two", zone="garage", wiring=Wiring.MONO3, max_current=20),
        ],
        start=START,
    )


@pytest.fixture
async def csms(socket_enabled: None) -> AsyncIterator[CentralSystem]:
    system = CentralSystem()
    yield system
    await system.stop()


@pytest.fixture
async def url(csms: CentralSystem) -> str:
    return await csms.start()


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Wait for something that happens in its own time."""
    async with asyncio.timeout(20):
        while not await condition():  # noqa: ASYNC110 - nobody tells when it has happened
            await asyncio.sleep(0)


type StationMaker = Callable[..., Station]


@pytest.fixture
async def new_station(park: CarPark) -> AsyncIterator[StationMaker]:
    async with AsyncExitStack() as stack:

        def make(name: str = "GARAGE 1", **options: object) -> Station:
            given = {"badges": {1: "CAFE01"}, **options}
            station = Station(name, list(park.outlets.values()), lambda: park.now, **given)  # type: ignore[arg-type]
            stack.push_async_callback(station.disconnect)
            return station

        yield make


@pytest.fixture
async def station(new_station: StationMaker, url: str) -> Station:
    station = new_station()
    await station.connect(url)
    return station
