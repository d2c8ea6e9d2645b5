"""Naming the contacts of a site, and the sensors that limit its zones."""

from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
from homeassistant.helpers import entity_registry as er

from .site import add, by_section, change, enter, site, suggested, zone_data

UNTOUCHED = {
    "load_shedding_contact": "normally_open",
    "load_shedding_current": 8.0,
    "external_enable_contact": "normally_open",
    **{
        f"digital_{number}_{field}": value
        for number in (1, 2, 3)
        for field, value in (("enabled", False), ("contact", "normally_open"))
    },
}
"""What the form shows for a site without inputs."""

HALF = {
    "digital_1_enabled": True,
    "digital_1_name": "Half",
    "digital_1_entity": "switch.half",
    "digital_1_percent": 50,
}


@pytest.fixture(autouse=True)
def entities(hass: HomeAssistant) -> dict[str, str]:
    """Make entities; return the registry ids of those that have one, by entity id."""
    registry = er.async_get(hass)
    known = {
        f"{domain}.{name}": registry.async_get_or_create(
            domain, platform, name, suggested_object_id=name
        ).id
        for domain, platform, name in (
            ("binary_sensor", "acme", "relay"),
            ("sensor", "acme", "limit"),
            ("switch", "headroom", "own"),
        )
    }
    for entity in ("input_boolean.key", "switch.half", "light.lamp"):
        hass.states.async_set(entity, "on")
    return known


async def open_form(hass: HomeAssistant, entry_id: str) -> dict[str, Any]:
    """Start the flow that changes the inputs of a site."""
    manager = hass.config_entries.options
    menu = await manager.async_init(entry_id)
    assert menu["type"] is FlowResultType.MENU
    return dict(await manager.async_configure(menu["flow_id"], {"next_step_id": "inputs"}))


async def submit(
    hass: HomeAssistant, result: dict[str, Any], values: dict[str, Any]
) -> dict[str, Any]:
    """Submit its form."""
    sections: dict[str, Any] = {str(name): {} for name in result["data_schema"].schema}
    submitted = sections | by_section(result["data_schema"], values)
    manager = hass.config_entries.options
    return dict(await manager.async_configure(result["flow_id"], submitted))


async def test_inputs_are_chosen_and_shown_again(
    hass: HomeAssistant, entities: dict[str, str]
) -> None:
    entry = site()
    entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(entry, options={"stops": 3})
    result = await open_form(hass, entry.entry_id)
    assert suggested(result) == UNTOUCHED

    chosen = UNTOUCHED | HALF
    chosen |= {
        "load_shedding_entity": ["binary_sensor.relay", "input_boolean.key"],
        "load_shedding_contact": "normally_closed",
        "load_shedding_current": 0.0,
        "external_enable_entity": "input_boolean.key",
        "digital_2_percent": 0,
    }
    result = await submit(hass, result, chosen)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    contacts = [entities["binary_sensor.relay"], "input_boolean.key"]
    registered = {"load_shedding_entity": contacts}
    assert entry.options == {"stops": 3, "inputs": chosen | registered}

    er.async_get(hass).async_update_entity(
        "binary_sensor.relay", new_entity_id="binary_sensor.grid"
    )
    result = await open_form(hass, entry.entry_id)
    renamed = {"load_shedding_entity": ["binary_sensor.grid", "input_boolean.key"]}
    assert suggested(result) == chosen | renamed

    result = await submit(hass, result, UNTOUCHED)
    assert entry.options == {"stops": 3, "inputs": UNTOUCHED}


@pytest.mark.parametrize(
    ("wrong", "errors"),
    [
        (
            {"load_shedding_entity": ["input_boolean.key", "binary_sensor.nowhere"]},
            {"load_shedding": "entity_missing"},
        ),
        (
            {"external_enable_entity": "switch.own"},
            {"external_enable": "entity_of_headroom"},
        ),
        (HALF | {"digital_1_percent": None}, {"digital_1": "input_incomplete"}),
        (HALF | {"digital_1_entity": None}, {"digital_1": "input_incomplete"}),
        (HALF | {"digital_1_name": None}, {"digital_1": "input_incomplete"}),
        (HALF | {"digital_1_name": ""}, {"digital_1": "input_incomplete"}),
    ],
    ids=str,
)
async def test_an_input_is_refused_and_then_corrected(
    hass: HomeAssistant, wrong: dict[str, Any], errors: dict[str, str]
) -> None:
    entry = site()
    entry.add_to_hass(hass)
    result = await open_form(hass, entry.entry_id)
    values = {key: value for key, value in (UNTOUCHED | wrong).items() if value is not None}
    result = await submit(hass, result, values)
    assert result["errors"] == errors
    assert suggested(result) == values

    result = await submit(hass, result, UNTOUCHED | HALF)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_the_contact_of_the_first_release_is_one_of_several(hass: HomeAssistant) -> None:
    entry = site()
    entry.add_to_hass(hass)
    first = UNTOUCHED | {"load_shedding_entity": "input_boolean.key"}
    hass.config_entries.async_update_entry(entry, options={"inputs": first})
    result = await open_form(hass, entry.entry_id)
    assert suggested(result) == first | {"load_shedding_entity": ["input_boolean.key"]}


@pytest.mark.parametrize(
    "changes",
    [
        {"digital_1_percent": 100},
        {"digital_1_percent": -1},
        {"load_shedding_current": 81},
        {"load_shedding_contact": "x"},
    ],
    ids=str,
)
async def test_an_impossible_input_is_invalid(hass: HomeAssistant, changes: dict[str, Any]) -> None:
    entry = site()
    entry.add_to_hass(hass)
    result = await open_form(hass, entry.entry_id)
    with pytest.raises(InvalidData):
        await submit(hass, result, UNTOUCHED | changes)


async def test_the_sensor_of_a_zone_is_kept_by_its_registry_id(
    hass: HomeAssistant, entities: dict[str, str]
) -> None:
    entry = site()
    chosen = zone_data(external_entity="sensor.limit", external_age=60, external_otherwise=10.0)
    await enter(hass, await add(hass, entry, "zone"), name="Main", **chosen)
    (stored,) = entry.subentries.values()
    assert stored.data == chosen | {"external_entity": entities["sensor.limit"]}

    result = await change(hass, entry, stored.subentry_id)
    assert suggested(result) == {"name": "Main", **chosen}
    await enter(hass, result, name="Main", **zone_data())
    assert entry.subentries[stored.subentry_id].data == zone_data()


@pytest.mark.parametrize(
    ("entity", "error"),
    [("sensor.nowhere", "entity_missing"), ("sensor.heat", "limit_unit_unusable")],
)
async def test_a_sensor_that_cannot_limit_a_zone_is_refused(
    hass: HomeAssistant, entity: str, error: str
) -> None:
    hass.states.async_set("sensor.heat", "20", {"unit_of_measurement": "°C"})
    hass.states.async_set("input_number.power", "11", {"unit_of_measurement": "kW"})
    entry = site()
    result = await add(hass, entry, "zone")
    result = await enter(hass, result, name="Main", **zone_data(external_entity=entity))
    assert result["errors"] == {"external_limit": error}

    right = zone_data(external_entity="input_number.power")
    result = await enter(hass, result, name="Main", **right)
    assert result["type"] is FlowResultType.CREATE_ENTRY
