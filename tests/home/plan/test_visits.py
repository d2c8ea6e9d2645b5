"""What a plan knows of the car that is there, and no longer than it is there."""

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.headroom.coordinator import SiteCoordinator
from tests.chargers.ocpp.charge_point import ScriptedChargePoint
from tests.home.conftest import Dial, arrive
from tests.home.life import Life
from tests.home.targets import device_of

from .conftest import LEVEL, MINUTE, ONE, planned, show_level, want, want_level

pytestmark = pytest.mark.usefixtures("evening")


async def draw(
    life: Life, charger: ScriptedChargePoint, *amps: float, seconds: int = 70, step: int = 5
) -> None:
    """Let a car draw currents on L1, L2 and L3 for a time."""
    for _ in range(0, seconds, step):
        await charger.meter(
            *(
                {
                    "measurand": "Current.Import",
                    "unit": "A",
                    "phase": f"L{phase}",
                    "value": str(current),
                }
                for phase, current in enumerate(amps, start=1)
            ),
            timestamp=life.now,
        )
        await life.go_on(step)


async def test_a_level_from_before_the_car_came_meets_no_goal(
    hass: HomeAssistant,
    site: SiteCoordinator,
    left: ScriptedChargePoint,
    life: Life,
    entry: MockConfigEntry,
) -> None:
    await show_level(hass, entry, "80")
    await want_level(hass, life, 80)
    await life.go_on(10)
    await left.status("Charging")
    await planned(hass, life)
    goal = life.state("sensor", f"{ONE}_goal")
    assert (goal.state, goal.attributes["why_no_plan"]) == ("on_track", "no_level")

    hass.states.async_set(LEVEL, "50")
    await planned(hass, life, MINUTE)
    assert life.state("sensor", f"{ONE}_goal").attributes["needed"] == 20


async def test_a_car_that_clearly_has_less_than_before_charges_again(
    hass: HomeAssistant, charging: ScriptedChargePoint, life: Life, entry: MockConfigEntry
) -> None:
    await show_level(hass, entry, "80")
    await want_level(hass, life, 80)
    assert life.value("sensor", f"{ONE}_goal") == "met"
    for level, state in (("78", "met"), ("unknown", "met"), ("70", "on_track")):
        hass.states.async_set(LEVEL, level)
        await planned(hass, life, MINUTE)
        assert life.value("sensor", f"{ONE}_goal") == state


async def test_a_car_that_lost_what_it_had_is_ready_for_the_next_deadline(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    charging: ScriptedChargePoint,
    life: Life,
    entry: MockConfigEntry,
) -> None:
    await show_level(hass, entry, "80")
    await want_level(hass, life, 80)
    freezer.move_to("2026-03-11T09:00:00+00:00")
    await charging.call("Heartbeat")
    hass.states.async_set(LEVEL, "70")
    await planned(hass, life, MINUTE)
    goal = life.state("sensor", f"{ONE}_goal")
    assert goal.state == "on_track"
    assert goal.attributes["deadline"] == "2026-03-12T07:00:00+00:00"


async def test_a_deadline_outlives_a_restart(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    charging: ScriptedChargePoint,
    life: Life,
    entry: MockConfigEntry,
) -> None:
    await want(hass, life, 20)
    await charging.close()
    await hass.config_entries.async_unload(entry.entry_id)
    freezer.move_to("2026-03-11T07:10:00+00:00")
    assert await hass.config_entries.async_setup(entry.entry_id)
    await planned(hass, life)
    goal = life.state("sensor", f"{ONE}_goal")
    assert (goal.state, goal.attributes["why_no_plan"]) == ("cannot_be_met", "overdue")
    assert goal.attributes["deadline"] == "2026-03-11T07:00:00+00:00"


async def test_a_goal_of_a_session_ends_with_a_car_that_leaves_during_a_restart(
    hass: HomeAssistant,
    left: ScriptedChargePoint,
    life: Life,
    entry: MockConfigEntry,
    dial: Dial,
) -> None:
    data = {"device_id": device_of(hass, ONE), "energy": 10, "ready_by": "2026-03-11 05:00:00"}
    await hass.services.async_call("headroom", "set_goal", data, blocking=True)
    await planned(hass, life)
    assert life.value("sensor", f"{ONE}_goal") == "no_car"
    await left.status("Charging")
    await planned(hass, life)
    await left.close()
    assert await hass.config_entries.async_reload(entry.entry_id)
    await planned(hass, life)
    assert life.value("sensor", f"{ONE}_goal") == "on_track"
    await arrive(dial, "LEFT-1", 1, 2)
    await planned(hass, life)
    assert life.value("sensor", f"{ONE}_goal") == "no_goal"


async def test_a_goal_of_a_session_ends_if_no_car_comes_in_time(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    site: SiteCoordinator,
    left: ScriptedChargePoint,
    life: Life,
) -> None:
    data = {"device_id": device_of(hass, ONE), "energy": 10, "ready_by": "2026-03-11 05:00:00"}
    await hass.services.async_call("headroom", "set_goal", data, blocking=True)
    freezer.move_to("2026-03-11T05:00:01+00:00")
    await planned(hass, life, MINUTE)
    assert site.wishes.session_goals == {}


async def test_a_plan_goes_by_what_the_car_is_seen_to_take(
    hass: HomeAssistant, charging: ScriptedChargePoint, life: Life, site: SiteCoordinator
) -> None:
    await draw(life, charging, 10, 0, 0, seconds=130)
    await want(hass, life, 20)
    status = site.planner.report.status(ONE)
    assert status.plan is not None
    assert max(status.plan.power) == pytest.approx(2300)
    assert life.value("sensor", f"{ONE}_goal") == "on_track"
    await life.act("number", "set_value", f"{ONE}_target_energy", value=30)
    await planned(hass, life)
    goal = life.state("sensor", f"{ONE}_goal")
    assert goal.state == "cannot_be_met"
    assert goal.attributes["lacking"] == pytest.approx(30 - 23, abs=0.2)


async def test_the_next_visit_begins_with_what_the_last_car_took(
    hass: HomeAssistant, charging: ScriptedChargePoint, life: Life, site: SiteCoordinator
) -> None:
    await draw(life, charging, 10, 10, 10, seconds=130)
    await charging.status("Available")
    await want(hass, life, 20)
    await charging.status("Preparing")
    await planned(hass, life)
    status = site.planner.report.status(ONE)
    assert status.plan is not None
    assert max(status.plan.power) == pytest.approx(6900)
