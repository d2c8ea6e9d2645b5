"""Contacts and sensors of a building in a real Home Assistant: chargers obey in the same second."""

from typing import Any

import probatio
import pytest
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.headroom.const import DOMAIN
from custom_components.headroom.coordinator import SiteCoordinator
from tests.chargers.ocpp.charge_point import ScriptedChargePoint

from .conftest import GARAGE, LEFT, Dial, arrive, change_part
from .life import Life

ONE = f"{LEFT}:1"
SITE = "01SITE"
SHED = f"{SITE}_load_shedding"
RELAY = "binary_sensor.relay"


async def connect(hass: HomeAssistant, entry: MockConfigEntry, **inputs: Any) -> None:
    """Name inputs of the site."""
    options = {**entry.options, "inputs": inputs}
    hass.config_entries.async_update_entry(entry, options=options)
    await hass.async_block_till_done()


def shedding(*entities: str) -> dict[str, Any]:
    return {
        "load_shedding_entity": list(entities),
        "load_shedding_contact": "normally_open",
        "load_shedding_current": 8.0,
    }


@pytest.fixture
async def charging(left: ScriptedChargePoint, life: Life) -> ScriptedChargePoint:
    """Let a car charge with all that there is."""
    await left.status("Charging")
    await life.until(lambda: left.leases[-1] == 32)
    return left


async def test_a_contact_sheds_load_without_a_tick_of_the_clock(
    hass: HomeAssistant,
    site: SiteCoordinator,
    entry: MockConfigEntry,
    charging: ScriptedChargePoint,
    life: Life,
) -> None:
    hass.states.async_set(RELAY, "off")
    await connect(hass, entry, **shedding(RELAY))
    assert charging.leases[-1] == 32
    assert entry.runtime_data is site

    hass.states.async_set(RELAY, "on")
    await life.settle()
    assert charging.leases[-1] == 8
    assert life.value("sensor", f"{ONE}_setpoint_reason") == "load_shedding"

    hass.states.async_set(RELAY, "off")
    await life.until(lambda: charging.leases[-1] == 32)


async def test_an_unavailable_contact_counts_as_active_and_is_named(
    hass: HomeAssistant,
    site: SiteCoordinator,
    entry: MockConfigEntry,
    charging: ScriptedChargePoint,
    life: Life,
    caplog: pytest.LogCaptureFixture,
) -> None:
    hass.states.async_set(RELAY, "off")
    await connect(hass, entry, **shedding(RELAY))
    hass.states.async_set(RELAY, STATE_UNAVAILABLE)
    await life.go_on(3)
    assert charging.leases[-1] == 8
    assert life.value("sensor", f"{ONE}_setpoint_reason") == "input_silent"
    assert caplog.text.count("Input load shedding shows nothing") == 1

    await connect(hass, entry)
    await life.until(lambda: charging.leases[-1] == 32)


async def test_a_rename_of_a_contact_is_followed(
    hass: HomeAssistant,
    site: SiteCoordinator,
    entry: MockConfigEntry,
    charging: ScriptedChargePoint,
    life: Life,
) -> None:
    registry = er.async_get(hass)
    relay = registry.async_get_or_create(
        "binary_sensor", "acme", "relay", suggested_object_id="relay"
    )
    hass.states.async_set(RELAY, "off")
    await connect(hass, entry, **shedding(relay.id))
    registry.async_update_entity(RELAY, new_entity_id="binary_sensor.grid")
    hass.states.async_set("binary_sensor.grid", "on")
    await hass.async_block_till_done()
    await life.settle()
    assert charging.leases[-1] == 8


async def test_zones_show_what_their_inputs_ask_for(
    hass: HomeAssistant,
    site: SiteCoordinator,
    entry: MockConfigEntry,
    charging: ScriptedChargePoint,
    life: Life,
) -> None:
    hass.states.async_set("sensor.limit", "6.9", {"unit_of_measurement": "kW"})
    external = {"external_entity": "sensor.limit", "external_age": 600, "external_otherwise": 0.0}
    await change_part(hass, entry, GARAGE, **external)
    await life.go_on(2)
    assert charging.leases[-1] == 10
    assert life.value("sensor", f"{GARAGE}_budget_l1") == "10.0"
    assert life.value("sensor", f"{GARAGE}_budget_reason") == "external_limit"

    hass.states.async_set("switch.key", "off")
    key = {"external_enable_entity": "switch.key", "external_enable_contact": "normally_open"}
    await connect(hass, entry, **key)
    await life.go_on(2)
    assert charging.leases[-1] == 0
    assert life.value("sensor", f"{GARAGE}_budget_reason") == "external_enable"
    assert life.value("sensor", f"{ONE}_setpoint_reason") == "external_enable"


async def shed(hass: HomeAssistant, **data: Any) -> None:
    """Shed load by the action."""
    await hass.services.async_call(DOMAIN, "shed_load", data, blocking=True)


async def test_a_switch_sheds_load_with_the_number_beside_it(
    hass: HomeAssistant, entry: MockConfigEntry, charging: ScriptedChargePoint, life: Life
) -> None:
    assert life.value("number", f"{SHED}_current") == "8.0"
    await life.act("switch", "turn_on", SHED)
    await life.settle()
    assert charging.leases[-1] == 8
    assert life.value("binary_sensor", SHED) == "on"
    assert life.value("sensor", f"{ONE}_setpoint_reason") == "load_shedding"

    await life.act("number", "set_value", f"{SHED}_current", value=6)
    await life.settle()
    assert charging.leases[-1] == 6
    assert entry.options["inputs"] == {"load_shedding_current": 6}
    assert life.value("number", f"{SHED}_current") == "6.0"
    assert life.state("binary_sensor", SHED).attributes["current"] == 6

    await life.act("switch", "turn_off", SHED)
    assert life.value("binary_sensor", SHED) == "off"
    await life.until(lambda: charging.leases[-1] == 32)


async def test_an_action_sheds_load_for_a_time(
    hass: HomeAssistant, charging: ScriptedChargePoint, life: Life
) -> None:
    await shed(hass, current=7, duration={"seconds": 30})
    await life.settle()
    assert charging.leases[-1] == 7
    until = life.state("binary_sensor", SHED).attributes["until"]
    reasons = life.state("sensor", f"{ONE}_setpoint_reason").attributes["reasons"]
    assert reasons[0] == {"code": "load_shedding", "current": 7.0, "until": until}
    assert life.value("switch", SHED) == "on"

    await life.go_on(29)
    assert charging.leases[-1] == 7
    await life.go_on(2)
    assert life.value("switch", SHED) == "off"
    assert life.state("binary_sensor", SHED).attributes["until"] is None
    await life.until(lambda: charging.leases[-1] == 32)


async def test_the_lowest_of_contact_switch_and_action_counts(
    hass: HomeAssistant, entry: MockConfigEntry, charging: ScriptedChargePoint, life: Life
) -> None:
    for entity in (RELAY, "switch.second"):
        hass.states.async_set(entity, "off")
    await connect(hass, entry, **shedding(RELAY, "switch.second"))
    await shed(hass, current=10)
    await life.settle()
    assert charging.leases[-1] == 10

    hass.states.async_set("switch.second", "on")
    await life.settle()
    assert charging.leases[-1] == 8
    await shed(hass, current=6)
    await life.settle()
    assert charging.leases[-1] == 6

    await hass.services.async_call(DOMAIN, "end_load_shedding", {}, blocking=True)
    await life.until(lambda: charging.leases[-1] == 8)
    assert life.value("switch", SHED) == "off"
    assert life.value("binary_sensor", SHED) == "on"


async def test_shedding_goes_on_after_a_restart_for_the_rest_of_its_time(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    charging: ScriptedChargePoint,
    life: Life,
    dial: Dial,
) -> None:
    await shed(hass, current=7, duration={"minutes": 5})
    await life.settle()
    until = life.state("binary_sensor", SHED).attributes["until"]
    await charging.close()
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()

    again = await arrive(dial, "LEFT-1", 1, 2)
    await again.status("Charging")
    await life.until(lambda: again.leases[-1] == 7)
    assert life.state("binary_sensor", SHED).attributes["until"] == until
    life.pass_by(300)
    await life.until(lambda: again.leases[-1] == 32)


@pytest.mark.parametrize(
    "wrong",
    [{"current": -1}, {"current": 81}, {"duration": 0}, {"duration": {"days": 8}}],
    ids=str,
)
async def test_shedding_that_makes_no_sense_is_refused(
    hass: HomeAssistant, site: SiteCoordinator, wrong: dict[str, Any]
) -> None:
    with pytest.raises(probatio.Invalid):
        await shed(hass, **wrong)
    assert not site.snapshots.load_shedding.is_ordered(dt_util.utcnow())


async def test_a_site_must_be_there_to_shed_load(
    hass: HomeAssistant, site: SiteCoordinator
) -> None:
    with pytest.raises(ServiceValidationError):
        await shed(hass, config_entry_id="01NOWHERE")


HALF = {
    "digital_1_enabled": True,
    "digital_1_name": "Half",
    "digital_1_entity": RELAY,
    "digital_1_contact": "normally_open",
    "digital_1_percent": 50,
}
ONE_ACTIVE = f"{SITE}_digital_1_active"


async def test_a_digital_input_is_shown_switched_and_set(
    hass: HomeAssistant, entry: MockConfigEntry, charging: ScriptedChargePoint, life: Life
) -> None:
    hass.states.async_set(RELAY, "on")
    await connect(hass, entry, **HALF)
    await life.settle()
    assert charging.leases[-1] == 16
    active = life.state("binary_sensor", ONE_ACTIVE)
    assert (active.state, active.attributes["input"]) == ("on", "Half")

    await life.act("number", "set_value", f"{SITE}_digital_1_percent", value=25)
    await life.settle()
    assert charging.leases[-1] == 8
    assert entry.options["inputs"] == HALF | {"digital_1_percent": 25}

    await life.act("switch", "turn_off", f"{SITE}_digital_1")
    await life.until(lambda: charging.leases[-1] == 32)
    assert life.value("binary_sensor", ONE_ACTIVE) == "on"
    await life.act("switch", "turn_on", f"{SITE}_digital_1")
    await life.settle()
    assert charging.leases[-1] == 8

    hass.states.async_set(RELAY, STATE_UNAVAILABLE)
    await life.go_on()
    assert life.value("binary_sensor", ONE_ACTIVE) == "unknown"


async def test_entities_of_an_input_come_when_it_is_set_up_and_rest_when_it_is_not(
    hass: HomeAssistant, entry: MockConfigEntry, site: SiteCoordinator, life: Life
) -> None:
    ids = [f"{SITE}_digital_1", f"{SITE}_digital_1_percent", ONE_ACTIVE, f"{SITE}_external_enable"]
    registry = er.async_get(hass)

    def known() -> set[str]:
        entities = er.async_entries_for_config_entry(registry, SITE)
        return {entity.unique_id for entity in entities} & set(ids)

    incomplete = {key: value for key, value in HALF.items() if key != "digital_1_percent"}
    await connect(hass, entry, **incomplete | {"digital_1_enabled": False})
    assert known() == set()

    hass.states.async_set(RELAY, "off")
    enable = {"external_enable_entity": RELAY, "external_enable_contact": "normally_open"}
    await connect(hass, entry, **HALF, **enable)
    await life.go_on()
    assert known() == set(ids)
    assert life.value("binary_sensor", f"{SITE}_external_enable") == "off"
    assert life.state("binary_sensor", f"{SITE}_external_enable").attributes["input"] is None

    await connect(hass, entry)
    await life.go_on()
    assert life.value("switch", f"{SITE}_digital_1") == "unavailable"
    assert life.value("binary_sensor", f"{SITE}_external_enable") == "unavailable"


async def test_nothing_is_watched_after_the_end(
    hass: HomeAssistant, site: SiteCoordinator, entry: MockConfigEntry
) -> None:
    hass.states.async_set(RELAY, "off")
    await connect(hass, entry, **shedding(RELAY))
    await hass.config_entries.async_unload(entry.entry_id)
    decision = site.data.decision
    hass.states.async_set(RELAY, "on")
    await hass.async_block_till_done()
    assert site.data.decision is decision
