"""A charger that speaks OCPP 2.0.1, in a real Home Assistant."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import ClientSession
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.headroom.coordinator import SiteCoordinator
from tests.chargers.ocpp.v2.charge_point import ScriptedStation, amps, register
from tests.chargers.ocpp.v2.conftest import settled
from tests.config_flow.site import CONNECTOR, charger, zone

from .conftest import BUILDING, RIGHT, change_part
from .life import Life

ONE = f"{RIGHT}:1"

type Dial = Callable[[str], Awaitable[ScriptedStation]]


@pytest.fixture
def subentries() -> list[ConfigSubentryData]:
    return [
        zone(BUILDING, "Building", limit=32.0),
        charger(RIGHT, "RIGHT-1", BUILDING, CONNECTOR | {"fallback": 6.0}),
    ]


@pytest.fixture
async def dial2(site: SiteCoordinator, port: int) -> AsyncGenerator[Dial]:
    charge_points: list[ScriptedStation] = []

    async def dial(version: str) -> ScriptedStation:
        url = f"http://127.0.0.1:{port}/RIGHT-1"
        charge_points.append(await ScriptedStation.dial(session, url, version))
        await charge_points[-1].boot()
        await charge_points[-1].status("Available")
        await settled(charge_points[-1])
        return charge_points[-1]

    async with ClientSession() as session:
        yield dial
        for charge_point in charge_points:
            await charge_point.close()


async def tell(charge_point: ScriptedStation, life: Life, kind: str, **fields: Any) -> None:
    """Tell of the transaction at the time that it is for the site."""
    values = fields.pop("values", ())
    await charge_point.event(kind, *values, timestamp=life.now, **fields)


async def test_a_car_comes_charges_and_goes(dial2: Dial, life: Life) -> None:
    station = await dial2("2.0.1")
    await life.go_on()
    assert life.value("sensor", f"{ONE}_status") == "available"
    assert station.profiles[0].limit == 6

    await station.status("Occupied", timestamp=life.now)
    token = {"idToken": "CAFE", "type": "ISO14443"}
    await tell(station, life, "Started", values=[register(5000)], idToken=token)
    await life.go_on()
    assert life.value("sensor", f"{ONE}_status") == "preparing"

    await tell(station, life, "Updated", state="Charging")
    await life.until(lambda: station.leases[-1] == 32)
    drawn = [amps(31, phase) for phase in ("L1", "L2", "L3")]
    await tell(station, life, "Updated", values=[*drawn, register(5250)])
    await life.go_on()
    assert life.value("sensor", f"{ONE}_status") == "charging"
    assert life.value("sensor", f"{ONE}_session_energy") == "0.25"

    await life.act("button", "press", f"{ONE}_stop_session")
    stop = station.commands("RequestStopTransaction")[-1]
    assert stop.payload == {"transactionId": "T1"}
    await tell(station, life, "Ended")
    await station.status("Available", timestamp=life.now)
    await life.until(lambda: life.value("sensor", f"{ONE}_status") == "available")
    assert station.leases[-1] == 0


async def test_another_way_to_limit_is_chosen_while_a_charger_is_connected(
    hass: HomeAssistant, entry: MockConfigEntry, dial2: Dial, life: Life, site: SiteCoordinator
) -> None:
    station = await dial2("2.0.1")
    await life.go_on()
    await change_part(hass, entry, RIGHT, profile_unit="watt", profile_purpose="station")
    await life.go_on()
    profile = station.profiles[-1].profile
    assert profile["chargingProfilePurpose"] == "ChargingStationMaxProfile"
    assert profile["chargingSchedule"][0]["chargingRateUnit"] == "W"


async def test_another_version_is_chosen_while_a_charger_is_connected(
    hass: HomeAssistant, entry: MockConfigEntry, dial2: Dial, life: Life, site: SiteCoordinator
) -> None:
    station = await dial2("2.0.1")
    await life.go_on()
    await change_part(hass, entry, RIGHT, ocpp_version="v21")
    await station.until_closed()
    newer = await dial2("2.1")
    await life.go_on()
    assert newer.profiles[-1].profile["maxOfflineDuration"] == 180
    details = site.equipment.chargers[RIGHT].details
    assert (details["version"], details["limits_end_offline"]) == ("ocpp2.1", True)
