"""Contacts and sensors of a building in a real Home Assistant: chargers obey in the same second."""

from typing import Any

import pytest
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.headroom.coordinator import SiteCoordinator
from tests.chargers.ocpp.charge_point import ScriptedChargePoint

from .conftest import GARAGE, LEFT, change_part
from .life import Life

ONE = f"{LEFT}:1"
RELAY = "binary_sensor.relay"


async def connect(hass: HomeAssistant, entry: MockConfigEntry, **inputs: Any) -> None:
    """Name inputs of the site."""
    options = {**entry.options, "inputs": inputs}
    hass.config_entries.async_update_entry(entry, options=options)
    await hass.async_block_till_done()


def shedding(entity: str) -> dict[str, Any]:
    return {
        "load_shedding_entity": entity,
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
