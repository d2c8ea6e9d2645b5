"""Tariff periods in a real Home Assistant, from the form to the charger."""

from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import SOURCE_USER, ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.headroom.const import DOMAIN
from custom_components.headroom.coordinator import SiteCoordinator
from custom_components.headroom.diagnostics import async_get_config_entry_diagnostics
from tests.chargers.ocpp.charge_point import ScriptedChargePoint
from tests.config_flow.site import part, tariff, tariff_data, zone

from .conftest import (
    BUILDING,
    GARAGE,
    LEFT,
    Dial,
    add_part,
    arrive,
    change_part,
    remove_part,
    set_up,
    site_entry,
    small_site,
)
from .life import Life

ONE = f"{LEFT}:1"
SITE = "01SITE"
PEAK = "01PEAK"
NIGHT = "01NIGHT"
MONDAY_10_29_50 = "2026-06-22T17:29:50+00:00"
"""In the time zone of the tests, which is seven hours behind."""
STARTS, ENDS = "2026-06-22T17:30:00+00:00", "2026-06-22T19:00:00+00:00"


@pytest.fixture
def subentries() -> list[ConfigSubentryData]:
    """Return the small site with a period of 50 %, Monday and Tuesday from 10:30 to 12:00."""
    return [*small_site(), tariff(PEAK, "Peak", 50)]


@pytest.fixture(autouse=True)
def ten_seconds_before(freezer: FrozenDateTimeFactory) -> None:
    freezer.move_to(MONDAY_10_29_50)


async def charge(charge_point: ScriptedChargePoint, life: Life) -> ScriptedChargePoint:
    """Let a car charge with what there is in the peak."""
    await life.go_on(10)
    await charge_point.status("Charging")
    await life.until(lambda: charge_point.leases[-1] == 16)
    return charge_point


async def table(hass: HomeAssistant, **data: Any) -> dict[str, Any]:
    answer = await hass.services.async_call(
        DOMAIN, "tariff_table", data, blocking=True, return_response=True
    )
    assert answer is not None
    zones: Any = answer["zones"]
    return {
        zone: {name: (cell["current"]["L1"], cell["applies"]) for name, cell in row.items()}
        for zone, row in ((zone, part["periods"]) for zone, part in zones.items())
    }


async def test_a_period_lowers_the_cars_when_it_begins_and_says_until_when(
    left: ScriptedChargePoint, freezer: FrozenDateTimeFactory, life: Life
) -> None:
    await left.status("Charging")
    assert life.value("binary_sensor", f"{PEAK}_active") == "off"
    assert life.state("binary_sensor", f"{PEAK}_active").attributes["next_change"] == STARTS
    assert life.value("sensor", f"{SITE}_tariff_period") == "none"

    await life.go_on(11)
    assert left.leases[-1] <= 16
    assert life.value("binary_sensor", f"{PEAK}_active") == "on"
    assert life.state("binary_sensor", f"{PEAK}_active").attributes["next_change"] == ENDS
    period = life.state("sensor", f"{SITE}_tariff_period")
    assert period.state == "Peak"
    assert (period.attributes["percent"], period.attributes["next_change"]) == (50, ENDS)
    reason = life.state("sensor", f"{GARAGE}_budget_reason")
    assert reason.state == "tariff_period"
    assert reason.attributes["reasons"][0]["until"] == ENDS

    freezer.move_to(ENDS)
    await life.until(lambda: left.leases[-1] == 32)
    assert life.value("sensor", f"{SITE}_tariff_period") == "none"


async def test_the_part_is_a_number_and_a_setting_of_the_form(
    hass: HomeAssistant, entry: MockConfigEntry, left: ScriptedChargePoint, life: Life
) -> None:
    await charge(left, life)
    percent = life.state("number", f"{PEAK}_percent")
    assert percent.state == "50.0"
    assert percent.attributes["unit_of_measurement"] == "%"

    await life.act("number", "set_value", f"{PEAK}_percent", value=25)
    await life.settle()
    assert left.leases[-1] == 8
    assert life.value("number", f"{PEAK}_percent") == "25.0"
    assert entry.subentries[PEAK].data["percent"] == 25

    await life.act("number", "set_value", f"{PEAK}_percent", value=0)
    await life.go_on(2)
    assert left.leases[-1] == 0
    assert life.value("sensor", f"{ONE}_setpoint_reason") == "tariff_period"


@pytest.mark.parametrize("off", [f"{PEAK}_enabled", f"{SITE}_tariffs", f"{GARAGE}_tariffs"])
async def test_a_switch_takes_tariffs_away_and_loses_no_setting(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    left: ScriptedChargePoint,
    life: Life,
    dial: Dial,
    off: str,
) -> None:
    await charge(left, life)
    assert life.value("switch", off) == "on"
    await life.act("switch", "turn_off", off)
    await life.until(lambda: left.leases[-1] > 30)
    assert life.value("switch", off) == "off"

    await left.close()
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert life.value("switch", off) == "off"
    assert life.value("number", f"{PEAK}_percent") == "50.0"
    again = await arrive(dial, "LEFT-1", 1, 2)
    await again.status("Charging")
    await life.until(lambda: again.leases[-1] > 30)

    await life.act("switch", "turn_on", off)
    await life.settle()
    assert again.leases[-1] == 16


async def test_what_is_off_is_not_active(life: Life, site: SiteCoordinator) -> None:
    await life.go_on(11)
    await life.act("switch", "turn_off", f"{SITE}_tariffs")
    active = life.state("binary_sensor", f"{PEAK}_active")
    assert (active.state, active.attributes["next_change"]) == ("off", None)
    period = life.state("sensor", f"{SITE}_tariff_period")
    assert (period.state, period.attributes["next_change"]) == ("none", None)


async def test_a_period_is_added_by_its_form_to_a_site_that_had_none(
    hass: HomeAssistant, entry: MockConfigEntry, site: SiteCoordinator, life: Life
) -> None:
    await remove_part(hass, entry, PEAK)
    flows = hass.config_entries.subentries
    form = await flows.async_init((SITE, "tariff_period"), context={"source": SOURCE_USER})
    filled = {"name": "Night", **tariff_data(40, ("22:00", "06:00"), weekdays=["sun", "mon"])}
    await flows.async_configure(form["flow_id"], filled)
    await hass.async_block_till_done()
    (night,) = entry.get_subentries_of_type("tariff_period")
    assert life.value("binary_sensor", f"{night.subentry_id}_active") == "off"
    next_change = life.state("sensor", f"{SITE}_tariff_period").attributes["next_change"]
    assert next_change == "2026-06-23T05:00:00+00:00"

    devices = dr.async_get(hass)
    device = devices.async_get_device_by_identifier((DOMAIN, night.subentry_id), SITE)
    root = devices.async_get_device_by_identifier((DOMAIN, SITE), SITE)
    assert device is not None
    assert root is not None
    assert (device.name, device.model, device.via_device_id) == ("Night", "Tariff period", root.id)


async def test_entities_come_with_the_first_period_and_with_new_zones(
    hass: HomeAssistant, socket_enabled: None, port: int
) -> None:
    entry = site_entry(small_site(), port)
    await set_up(hass, entry)
    registry = er.async_get(hass)

    def switches() -> set[str]:
        entities = er.async_entries_for_config_entry(registry, SITE)
        return {e.unique_id for e in entities if e.unique_id.endswith("_tariffs")}

    assert switches() == set()
    await add_part(hass, entry, tariff(PEAK, "Peak", 50))
    known = {f"{key}_tariffs" for key in (SITE, BUILDING, GARAGE)}
    assert switches() == known
    await add_part(hass, entry, zone("01YARD", "Yard", limit=10.0, parent=BUILDING))
    assert switches() == known | {"01YARD_tariffs"}
    await hass.config_entries.async_unload(SITE)


async def test_a_damaged_period_is_left_out_with_a_repair(
    hass: HomeAssistant, entry: MockConfigEntry, site: SiteCoordinator, life: Life
) -> None:
    """A13.6: blank never means 0."""
    blank = tariff_data(0, ("00:00", "00:00")) | {"percent": None}
    await add_part(hass, entry, part(NIGHT, "tariff_period", "Night", "tariff_period_night", blank))
    issues = ir.async_get(hass)
    issue = issues.async_get_issue(DOMAIN, f"installation_{SITE}_{NIGHT}")
    assert issue is not None
    assert issue.translation_key == "tariff_period_left_out"
    assert life.value("number", f"{NIGHT}_percent") == "unavailable"
    assert await table(hass) == {"Building": {"Peak": (31.5, True)}, "Garage": {"Peak": (16, True)}}

    await change_part(hass, entry, NIGHT, percent=90)
    assert issues.async_get_issue(DOMAIN, f"installation_{SITE}_{NIGHT}") is None
    await life.go_on()
    assert life.value("number", f"{NIGHT}_percent") == "90.0"


async def test_the_table_shows_what_there_is_in_each_period(
    hass: HomeAssistant, entry: MockConfigEntry, site: SiteCoordinator, life: Life
) -> None:
    await add_part(hass, entry, tariff(NIGHT, "Night", 0, ("22:00", "06:00"), zones=[BUILDING]))
    expected = {
        "Building": {"Peak": (31.5, True), "Night": (0, True)},
        "Garage": {"Peak": (16, True), "Night": (32, False)},
    }
    assert await table(hass) == expected
    assert await table(hass, config_entry_id=SITE) == expected
    diagnostics = await async_get_config_entry_diagnostics(hass, site.config_entry)
    assert diagnostics["tariff_table"] == {
        BUILDING: {PEAK: {"l1": 31.5, "l2": 31.5, "l3": 31.5}, NIGHT: {"l1": 0, "l2": 0, "l3": 0}},
        GARAGE: {PEAK: {"l1": 16, "l2": 16, "l3": 16}, NIGHT: None},
    }

    await life.act("switch", "turn_off", f"{SITE}_tariffs")
    assert await table(hass) == {
        "Building": {"Peak": (63, False), "Night": (63, False)},
        "Garage": {"Peak": (32, False), "Night": (32, False)},
    }


async def test_a_site_that_is_not_there_has_no_table(
    hass: HomeAssistant, site: SiteCoordinator
) -> None:
    with pytest.raises(ServiceValidationError):
        await table(hass, config_entry_id="01NOWHERE")


async def test_what_is_set_is_forgotten_with_the_period(
    hass: HomeAssistant, entry: MockConfigEntry, site: SiteCoordinator, life: Life
) -> None:
    for switch in (f"{PEAK}_enabled", f"{SITE}_tariffs"):
        await life.act("switch", "turn_off", switch)
    assert site.wishes.tariffs_off == {PEAK, SITE}
    await remove_part(hass, entry, PEAK)
    assert site.wishes.tariffs_off == {SITE}
    assert life.value("sensor", f"{SITE}_tariff_period") == "none"
