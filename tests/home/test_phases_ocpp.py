"""One phase or three at a charger that speaks OCPP, from the choice to the profile."""

from typing import Any

import pytest
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.headroom.const import DOMAIN
from custom_components.headroom.coordinator import SiteCoordinator
from tests.chargers.ocpp.charge_point import ACCEPTED, REJECTED, ScriptedChargePoint
from tests.chargers.ocpp.conftest import settled
from tests.chargers.ocpp.test_phases import phases
from tests.chargers.ocpp.test_probe import settings
from tests.config_flow.site import CONNECTOR, charger, zone

from .conftest import BUILDING, RIGHT, Dial, change_part
from .life import Life

ONE = f"{RIGHT}:1"


@pytest.fixture
def subentries() -> list[ConfigSubentryData]:
    return [
        zone(BUILDING, "Building", limit=32.0),
        charger(RIGHT, "RIGHT-1", BUILDING, CONNECTOR | {"fallback": 6.0}),
    ]


async def plug_in(dial: Dial, life: Life, says: str = "true") -> ScriptedChargePoint:
    """Connect a charger that says whether it can switch, with a car that waits for current."""
    charge_point = await dial("RIGHT-1")
    charge_point.script["GetConfiguration"] = settings(ConnectorSwitch3to1PhaseSupported=says)
    await charge_point.boot()
    await charge_point.status("Preparing")
    await settled(charge_point)
    await life.go_on()
    return charge_point


def has_choice(hass: HomeAssistant) -> bool:
    return er.async_get(hass).async_get_entity_id("select", DOMAIN, f"{ONE}_phases") is not None


async def charge(charge_point: ScriptedChargePoint, life: Life) -> None:
    """Let the car draw what it is offered for a second, on the phases that it was told."""
    offered = charge_point.leases[-1]
    used = phases(charge_point.profiles[-1]) or 3
    await charge_point.status("Charging" if offered else "SuspendedEVSE", timestamp=life.now)
    values: list[dict[str, Any]] = [
        {
            "value": str(offered if number <= used else 0),
            "measurand": "Current.Import",
            "phase": f"L{number}",
        }
        for number in (1, 2, 3)
    ]
    await charge_point.meter(*values, timestamp=life.now)
    await life.go_on()


async def test_the_choice_appears_once_the_charger_has_said_that_it_can(
    hass: HomeAssistant, site: SiteCoordinator, dial: Dial, life: Life, entry: MockConfigEntry
) -> None:
    assert not has_choice(hass)
    await plug_in(dial, life)
    await life.until(lambda: has_choice(hass))
    assert life.value("select", f"{ONE}_phases") == "unknown"
    await change_part(hass, entry, RIGHT, connectors=[CONNECTOR | {"fallback": 8.0}])
    assert life.value("select", f"{ONE}_phases") == "unknown"
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert life.value("select", f"{ONE}_phases") == "unknown"


async def test_a_charger_that_cannot_has_no_choice(
    hass: HomeAssistant, site: SiteCoordinator, dial: Dial, life: Life
) -> None:
    await plug_in(dial, life, says="false")
    await life.go_on(20)
    assert not has_choice(hass)


async def test_a_car_is_paused_and_goes_on_with_one_phase(
    hass: HomeAssistant, site: SiteCoordinator, dial: Dial, life: Life
) -> None:
    charge_point = await plug_in(dial, life)
    await life.until(lambda: has_choice(hass))
    for _ in range(60):
        await charge(charge_point, life)
    assert charge_point.profiles[-1].limit == 32
    await life.act("select", "select_option", f"{ONE}_phases", option="one_phase")
    assert life.value("sensor", f"{ONE}_setpoint_reason") == "switching_phases"
    for _ in range(90):
        await charge(charge_point, life)
    counts = [phases(command) for command in charge_point.profiles]
    switched = counts.index(1)
    assert charge_point.profiles[switched - 1].limit == 0
    assert set(counts[switched:]) == {1}
    assert charge_point.leases[-1] == 32
    assert life.value("sensor", f"{ONE}_current_l1") == "32.0"
    assert life.value("sensor", f"{ONE}_current_l2") == "0.0"


async def test_a_charger_that_refuses_goes_on_with_all_phases(
    hass: HomeAssistant,
    site: SiteCoordinator,
    dial: Dial,
    life: Life,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def answer(payload: dict[str, Any]) -> dict[str, str]:
        schedule = payload["csChargingProfiles"]["chargingSchedule"]
        named = "numberPhases" in schedule["chargingSchedulePeriod"][0]
        return REJECTED if named else ACCEPTED

    charge_point = await plug_in(dial, life)
    await life.until(lambda: has_choice(hass))
    charge_point.script["SetChargingProfile"] = answer
    await life.act("select", "select_option", f"{ONE}_phases", option="one_phase")
    for _ in range(90):
        await charge(charge_point, life)
    assert "Connector 1 of RIGHT-1 does not switch phases" in caplog.text
    assert phases(charge_point.profiles[-1]) is None
    assert charge_point.leases[-1] == 32
    assert life.value("sensor", f"{ONE}_current_l3") == "32.0"
