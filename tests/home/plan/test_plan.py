"""A plan in a real Home Assistant: cars wait for cheap quarters, and are ready in time."""

from collections.abc import Collection
from datetime import datetime, timedelta
from threading import get_ident
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant, ServiceCall, ServiceResponse, SupportsResponse
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.headroom.coordinator import SiteCoordinator
from custom_components.headroom.diagnostics import async_get_config_entry_diagnostics
from custom_components.headroom.plan import planning
from custom_components.headroom.plan.outlook import Outlook
from custom_components.headroom.plan.task import Wanted, task_of
from custom_components.headroom.planner.model import Task
from tests.chargers.ocpp.charge_point import ScriptedChargePoint
from tests.home.life import Life
from tests.home.targets import device_of

from .conftest import (
    LEVEL,
    MINUTE,
    NIGHT,
    ONE,
    PRICE,
    TWO,
    come_to,
    planned,
    price_list,
    show_level,
    want,
    want_level,
)

pytestmark = pytest.mark.usefixtures("evening")


async def test_a_car_waits_for_the_cheap_hours_and_then_charges(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    charging: ScriptedChargePoint,
    life: Life,
) -> None:
    await want(hass, life, 20)
    assert life.value("sensor", f"{ONE}_goal") == "on_track"
    assert life.value("binary_sensor", f"{ONE}_goal_at_risk") == "off"
    assert life.value("sensor", f"{ONE}_planned_energy") == "20.0"
    assert life.value("sensor", f"{ONE}_planned_cost") == "2.0"
    assert life.state("sensor", f"{ONE}_planned_cost").attributes["unit_of_measurement"] == "EUR"
    await life.until(lambda: charging.lease(1) == 0)
    assert life.value("sensor", f"{ONE}_charging_starts") == "2026-03-11T00:00:00+00:00"
    reason = life.state("sensor", f"{ONE}_setpoint_reason")
    assert reason.state == "waiting_for_plan"
    assert reason.attributes["explanation"] == "Waiting for its planned hours, starts 00:00"

    await come_to(hass, freezer, charging, life, "11T00:00:00")
    await life.until(lambda: charging.lease(1) > 0)
    assert life.value("sensor", f"{ONE}_setpoint_reason") == "planned"


async def test_the_plan_is_shown_as_a_calendar_and_as_quarters(
    hass: HomeAssistant, charging: ScriptedChargePoint, life: Life
) -> None:
    await want(hass, life, 20)
    event = life.state("calendar", "01SITE_charging_plan")
    assert event.attributes["message"] == "LEFT-1 (1)"
    assert event.attributes["start_time"] == "2026-03-11 00:00:00"
    assert event.attributes["description"] == "20.0 kWh, 2.00 EUR"
    answer = await hass.services.async_call(
        "calendar",
        "get_events",
        {"entity_id": event.entity_id, "duration": {"hours": 12}},
        blocking=True,
        return_response=True,
    )
    assert answer is not None
    found: Any = answer[event.entity_id]
    assert [item["summary"] for item in found["events"]] == ["LEFT-1 (1)"]

    plan = life.state("sensor", "01SITE_plan")
    assert plan.state == "20.0"
    assert plan.attributes["prices_until"] == "2026-03-11T07:00:00+00:00"
    quarters = plan.attributes["quarters"]
    assert [row["start"][11:16] for row in quarters if row["LEFT-1 (1)"]] == [
        "00:00",
        "00:15",
        "00:30",
        "00:45",
    ]


async def test_a_goal_that_cannot_be_met_is_told_at_once_and_nobody_waits(
    hass: HomeAssistant, charging: ScriptedChargePoint, life: Life
) -> None:
    await want(hass, life, 200)
    assert life.value("binary_sensor", f"{ONE}_goal_at_risk") == "off"
    await life.act("time", "set_value", f"{ONE}_ready_by", time="22:00:00")
    await planned(hass, life)
    risk = life.state("binary_sensor", f"{ONE}_goal_at_risk")
    assert risk.state == "on"
    assert risk.attributes["lacking"] == pytest.approx(200 - 22.08, abs=0.5)
    assert life.value("sensor", f"{ONE}_goal") == "cannot_be_met"
    await life.until(lambda: charging.lease(1) == 32)


async def test_without_prices_cars_share_at_once_and_the_goal_tells_why(
    hass: HomeAssistant,
    charging: ScriptedChargePoint,
    life: Life,
    caplog: pytest.LogCaptureFixture,
) -> None:
    hass.states.async_set(PRICE, STATE_UNAVAILABLE)
    await want(hass, life, 20)
    goal = life.state("sensor", f"{ONE}_goal")
    assert (goal.state, goal.attributes["why_no_plan"]) == ("on_track", "no_prices")
    assert life.value("sensor", f"{ONE}_planned_cost") == "unknown"
    assert caplog.text.count("The forecast of price shows nothing") == 1
    assert charging.lease(1) == 32

    hass.states.async_set(PRICE, "0.4", price_list(*NIGHT))
    await planned(hass, life, MINUTE)
    assert caplog.text.count("The forecast of price can be read again") == 1
    await life.until(lambda: charging.lease(1) == 0)


async def test_prices_that_cannot_be_asked_for_are_asked_for_again(
    hass: HomeAssistant, charging: ScriptedChargePoint, life: Life, entry: MockConfigEntry
) -> None:
    config = MockConfigEntry(domain="tibber")
    config.add_to_hass(hass)
    tibber = er.async_get(hass).async_get_or_create(
        "sensor", "tibber", "price", config_entry=config
    )
    hass.config_entries.async_update_entry(
        entry, options={**entry.options, "price_entity": tibber.id}
    )
    await want(hass, life, 20)
    assert life.state("sensor", f"{ONE}_goal").attributes["why_no_plan"] == "no_prices"

    async def prices(_: ServiceCall) -> ServiceResponse:
        return {"prices": {"Home": price_list(*NIGHT)["raw_today"]}}

    hass.services.async_register(
        "tibber", "get_prices", prices, supports_response=SupportsResponse.ONLY
    )
    await planned(hass, life, MINUTE)
    assert life.state("sensor", f"{ONE}_goal").attributes["why_no_plan"] is None


async def test_a_plan_by_carbon_counts_grams_and_a_switch_ends_it(
    hass: HomeAssistant, charging: ScriptedChargePoint, life: Life, entry: MockConfigEntry
) -> None:
    await want(hass, life, 20)
    carbon = price_list(*NIGHT) | {"unit_of_measurement": "g/kWh"}
    hass.states.async_set("sensor.carbon", "400", carbon)
    options = {**entry.options, "plan_by": "carbon", "carbon_entity": "sensor.carbon"}
    hass.config_entries.async_update_entry(entry, options=options)
    await planned(hass, life)
    assert life.state("sensor", f"{ONE}_planned_cost").attributes["unit_of_measurement"] == "g"
    assert life.value("sensor", f"{ONE}_planned_cost") == "2.0"

    await life.act("switch", "turn_off", f"{ONE}_plan_charging")
    await planned(hass, life)
    assert life.value("sensor", f"{ONE}_goal") == "no_goal"
    await life.until(lambda: charging.lease(1) == 32)


async def test_a_lost_charger_keeps_its_goal_and_its_deadline(
    hass: HomeAssistant, charging: ScriptedChargePoint, life: Life
) -> None:
    await want(hass, life, 20)
    before = life.state("sensor", f"{ONE}_goal").attributes["deadline"]
    await charging.close()
    await planned(hass, life)
    goal = life.state("sensor", f"{ONE}_goal")
    assert (goal.state, goal.attributes["deadline"]) == ("on_track", before)


async def test_prices_that_are_past_are_none(
    hass: HomeAssistant, charging: ScriptedChargePoint, life: Life
) -> None:
    hass.states.async_set(PRICE, "0.4", {"raw_today": [{"start": "2026-03-09", "value": 0.1}]})
    await want(hass, life, 20)
    assert life.state("sensor", f"{ONE}_goal").attributes["why_no_plan"] == "no_prices"


async def test_a_car_that_has_what_it_needs_stops_until_the_goal_is_raised(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    charging: ScriptedChargePoint,
    life: Life,
) -> None:
    answer = await charging.call(
        "StartTransaction",
        {"connectorId": 1, "idTag": "A", "meterStart": 1000, "timestamp": life.now},
    )
    await want(hass, life, 2)
    freezer.tick(600)
    await charging.meter(
        {"measurand": "Energy.Active.Import.Register", "unit": "Wh", "value": "3000"},
        transactionId=answer["transactionId"],
    )
    await planned(hass, life)
    assert life.value("sensor", f"{ONE}_goal") == "met"
    await life.until(lambda: life.value("sensor", f"{ONE}_setpoint_reason") == "goal_reached")
    assert charging.lease(1) == 0

    await life.act("number", "set_value", f"{ONE}_target_energy", value=4)
    await planned(hass, life)
    assert life.value("sensor", f"{ONE}_goal") == "on_track"
    assert life.state("sensor", f"{ONE}_goal").attributes["needed"] == 2

    await life.act("number", "set_value", f"{ONE}_target_energy", value=0)
    await planned(hass, life)
    assert life.value("sensor", f"{ONE}_goal") == "no_goal"
    await life.until(lambda: charging.lease(1) > 0)


async def test_a_sensor_that_changes_all_the_time_leads_to_a_plan_a_minute(
    hass: HomeAssistant, charging: ScriptedChargePoint, life: Life, site: SiteCoordinator
) -> None:
    await want(hass, life, 20)
    made_at = site.planner.report.made_at
    for second in range(50):
        hass.states.async_set(PRICE, str(second), price_list(*NIGHT))
        await life.go_on()
    assert site.planner.report.made_at == made_at
    await life.act("number", "set_value", f"{ONE}_target_energy", value=10)
    await planned(hass, life)
    assert site.planner.report.made_at > made_at


async def test_plans_are_made_beside_the_event_loop(
    hass: HomeAssistant,
    charging: ScriptedChargePoint,
    life: Life,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    threads: set[int] = set()

    def watched(outlook: Outlook, wanted: Collection[Wanted]) -> Task:
        threads.add(get_ident())
        return task_of(outlook, wanted)

    monkeypatch.setattr(planning, "task_of", watched)
    await want(hass, life, 20)
    assert threads
    assert get_ident() not in threads


async def test_a_limit_of_the_grid_operator_is_planned_with_until_its_end(
    hass: HomeAssistant, charging: ScriptedChargePoint, life: Life, site: SiteCoordinator
) -> None:
    site.grid.limit(4200, timedelta(hours=3), None)
    await want(hass, life, 20)
    plan = site.planner.report.plan
    powers = zip(plan.quarters, plan.cars[ONE].power, strict=True)
    by_hour = {quarter.start.hour: watts for quarter, watts in powers if watts}
    assert by_hour[23] <= 4200
    assert by_hour[0] > 4200


async def test_two_cars_with_the_same_cheap_hours_behind_one_fuse_are_both_ready(
    hass: HomeAssistant, charging: ScriptedChargePoint, life: Life, site: SiteCoordinator
) -> None:
    await charging.status("Charging", 2)
    await want(hass, life, 20, ONE)
    await want(hass, life, 20, TWO)
    assert {life.value("sensor", f"{key}_goal") for key in (ONE, TWO)} == {"on_track"}
    plan = site.planner.report.plan
    totals = [sum(car.power[n] for car in plan.cars.values()) for n in range(len(plan.quarters))]
    assert max(totals) <= 32 * 690 + 1
    cheap = {
        quarter.start.hour for quarter, watts in zip(plan.quarters, totals, strict=True) if watts
    }
    assert cheap == {23, 0}


async def test_a_goal_that_is_overdue_is_met_as_soon_as_can_be(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    charging: ScriptedChargePoint,
    life: Life,
) -> None:
    await want(hass, life, 20)
    await come_to(hass, freezer, charging, life, "11T07:00:00")
    goal = life.state("sensor", f"{ONE}_goal")
    assert (goal.state, goal.attributes["why_no_plan"]) == ("cannot_be_met", "overdue")
    await life.until(lambda: charging.lease(1) == 32)


async def test_an_action_sets_a_goal_for_one_session(
    hass: HomeAssistant, charging: ScriptedChargePoint, life: Life, site: SiteCoordinator
) -> None:
    data = {"device_id": device_of(hass, ONE), "energy": 10, "ready_by": "2026-03-11 05:00:00"}
    await hass.services.async_call("headroom", "set_goal", data, blocking=True)
    await planned(hass, life)
    goal = life.state("sensor", f"{ONE}_goal")
    assert (goal.state, goal.attributes["deadline"]) == ("on_track", "2026-03-11T05:00:00+00:00")

    target = {"device_id": device_of(hass, ONE)}
    await hass.services.async_call("headroom", "clear_goal", target, blocking=True)
    await planned(hass, life)
    assert life.value("sensor", f"{ONE}_goal") == "no_goal"

    await hass.services.async_call("headroom", "set_goal", data, blocking=True)
    await planned(hass, life)
    await charging.status("Available")
    await planned(hass, life)
    assert life.value("sensor", f"{ONE}_goal") == "no_goal"
    assert site.wishes.session_goals == {}


LATER = {"energy": 10, "ready_by": "2026-03-11 05:00:00"}


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ({"energy": 10, "ready_by": "2026-03-10 05:00:00"}, "time_is_past"),
        ({"ready_by": "2026-03-11 05:00:00"}, "goal_is_empty"),
        ({"charge": 80, "ready_by": "2026-03-11 05:00:00"}, "no_charge_sensor"),
        (LATER | {"minimum_charge": 80}, "no_charge_sensor"),
        (LATER | {"minimum_by": "2026-03-11 03:00:00"}, "minimum_is_empty"),
        (LATER | {"minimum_energy": 5, "minimum_by": "2026-03-10 03:00:00"}, "time_is_past"),
        (LATER | {"minimum_energy": 5, "minimum_by": "2026-03-11 06:00:00"}, "minimum_is_late"),
        (LATER | {"minimum_energy": 11}, "minimum_is_more"),
    ],
)
async def test_a_goal_that_makes_no_sense_is_refused(
    hass: HomeAssistant, charging: ScriptedChargePoint, data: dict[str, Any], error: str
) -> None:
    data = data | {"device_id": device_of(hass, ONE)}
    with pytest.raises(ServiceValidationError) as caught:
        await hass.services.async_call("headroom", "set_goal", data, blocking=True)
    assert caught.value.translation_key == error


async def test_a_goal_in_percent_follows_the_level_of_the_car(
    hass: HomeAssistant, charging: ScriptedChargePoint, life: Life, entry: MockConfigEntry
) -> None:
    await show_level(hass, entry, "50")
    await want_level(hass, life, 80)
    goal = life.state("sensor", f"{ONE}_goal")
    assert goal.state == "on_track"
    assert goal.attributes["needed"] == 20
    assert goal.attributes["expected_charge"] == 80

    hass.states.async_set(LEVEL, "unknown")
    await planned(hass, life, MINUTE)
    assert life.state("sensor", f"{ONE}_goal").attributes["why_no_plan"] == "no_level"
    await life.until(lambda: charging.lease(1) == 32)

    hass.states.async_set(LEVEL, "80")
    await planned(hass, life, MINUTE)
    assert life.value("sensor", f"{ONE}_goal") == "met"


async def test_diagnostics_have_the_last_plan(
    hass: HomeAssistant, charging: ScriptedChargePoint, life: Life, entry: MockConfigEntry
) -> None:
    await want(hass, life, 20)
    found = await async_get_config_entry_diagnostics(hass, entry)
    assert found["plan"]["statuses"][ONE]["state"] == "on_track"
    assert found["plan"]["plan"]["cars"][ONE]["energy"] == pytest.approx(20_000)


async def test_a_car_that_is_not_there_has_no_plan(
    hass: HomeAssistant, site: SiteCoordinator, left: ScriptedChargePoint, life: Life
) -> None:
    await want(hass, life, 20)
    assert life.value("sensor", f"{ONE}_goal") == "no_car"
    await left.status("Preparing")
    await planned(hass, life)
    assert life.value("sensor", f"{ONE}_goal") == "on_track"
    assert life.state("sensor", f"{ONE}_goal").attributes["deadline"] == (
        "2026-03-11T07:00:00+00:00"
    )
    assert dt_util.utcnow() < datetime.fromisoformat("2026-03-10T22:00:00+00:00")
