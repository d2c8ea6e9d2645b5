"""A part of a goal that a car is to have before the rest."""

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.headroom.coordinator import SiteCoordinator
from tests.chargers.ocpp.charge_point import ScriptedChargePoint
from tests.home.life import Life
from tests.home.targets import device_of

from .conftest import LEVEL, MINUTE, ONE, planned, show_level, want, want_level

pytestmark = pytest.mark.usefixtures("evening")


async def test_a_minimum_energy_comes_at_once_and_the_rest_waits(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    charging: ScriptedChargePoint,
    life: Life,
) -> None:
    answer = await charging.call(
        "StartTransaction",
        {"connectorId": 1, "idTag": "A", "meterStart": 0, "timestamp": life.now},
    )
    await life.act("number", "set_value", f"{ONE}_minimum_energy", value=3)
    await want(hass, life, 20)
    goal = life.state("sensor", f"{ONE}_goal")
    assert (goal.state, goal.attributes["minimum_needed"]) == ("on_track", 3)
    assert charging.lease(1) == 32

    freezer.tick(600)
    await charging.meter(
        {"measurand": "Energy.Active.Import.Register", "unit": "Wh", "value": "3000"},
        transactionId=answer["transactionId"],
    )
    await planned(hass, life)
    goal = life.state("sensor", f"{ONE}_goal")
    assert (goal.attributes["needed"], goal.attributes["minimum_needed"]) == (17, 0)
    await life.until(lambda: charging.lease(1) == 0)


async def test_a_minimum_charge_comes_at_once(
    hass: HomeAssistant, charging: ScriptedChargePoint, life: Life, entry: MockConfigEntry
) -> None:
    await show_level(hass, entry, "10")
    await life.act("number", "set_value", f"{ONE}_minimum_charge", value=25)
    await want_level(hass, life, 80)
    goal = life.state("sensor", f"{ONE}_goal")
    assert goal.attributes["minimum_needed"] == 10
    assert charging.lease(1) == 32
    hass.states.async_set(LEVEL, "25")
    await planned(hass, life, MINUTE)
    await life.until(lambda: charging.lease(1) == 0)


async def test_a_minimum_by_a_time_is_planned_before_the_rest(
    hass: HomeAssistant, charging: ScriptedChargePoint, life: Life, site: SiteCoordinator
) -> None:
    data = {
        "device_id": device_of(hass, ONE),
        "energy": 20,
        "ready_by": "2026-03-11 07:00:00",
        "minimum_energy": 5,
        "minimum_by": "2026-03-10 23:15:00",
    }
    await hass.services.async_call("headroom", "set_goal", data, blocking=True)
    await planned(hass, life)
    plan = site.planner.report.plan
    energies = dict.fromkeys(range(24), 0.0)
    for quarter, watts in zip(plan.quarters, plan.cars[ONE].power, strict=True):
        energies[quarter.start.hour] += watts * quarter.hours
    assert energies[22] == pytest.approx(5000)
    assert energies[23] + energies[0] == pytest.approx(15_000)
    await life.until(lambda: charging.lease(1) == 0)
