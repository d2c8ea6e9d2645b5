"""Stations that speak OCPP 2.0.1 and 2.1."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import ClientSession

from custom_components.headroom.chargers.ocpp.server import CentralSystem
from custom_components.headroom.chargers.ocpp.station import OcppStation

from .charge_point import ScriptedStation

type Dial = Callable[..., Awaitable[ScriptedStation]]


@pytest.fixture(params=["2.0.1", "2.1"])
def version(request: pytest.FixtureRequest) -> str:
    """Return each version that has no number for transactions."""
    chosen: str = request.param
    return chosen


@pytest.fixture
async def dial(system: CentralSystem, session: ClientSession, version: str) -> AsyncIterator[Dial]:
    """Return a way for stations to connect."""
    charge_points: list[ScriptedStation] = []

    async def dial(path: str = "CP1", spoken: str = version) -> ScriptedStation:
        url = f"http://127.0.0.1:{system.port}/{path}"
        charge_points.append(await ScriptedStation.dial(session, url, spoken))
        return charge_points[-1]

    yield dial
    for charge_point in charge_points:
        await charge_point.close()


@pytest.fixture
async def charge_point(station: OcppStation, dial: Dial) -> ScriptedStation:
    """Return a station that has its limits and has been asked all that it is asked at first."""
    charge_point = await dial()
    await charge_point.boot()
    await settled(charge_point)
    return charge_point


async def settled(charge_point: ScriptedStation) -> None:
    """Wait for the last of what a station is asked after it has connected."""
    await charge_point.until(
        lambda: "OCPPCommCtrlr.WebSocketPingInterval" in charge_point.set_variables
    )
