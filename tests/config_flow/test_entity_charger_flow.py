"""Adding and changing chargers that are made of the entities of other integrations."""

from typing import Any

import pytest
from homeassistant.config_entries import SOURCE_USER, SubentryFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity_registry import RegistryEntry
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.headroom.const import DOMAIN

from .site import (
    CONNECTOR,
    GARAGE,
    MAIN,
    add,
    change,
    choose,
    enter,
    nested_site,
    options,
    site,
    suggested,
    zone,
)

FORM: dict[str, Any] = {
    "zone": MAIN,
    "limit_entity": "number.limit",
    "switch_pauses": False,
    "power_entity": "sensor.power",
    "voltage": 230,
}


@pytest.fixture(autouse=True)
def states(hass: HomeAssistant) -> None:
    hass.states.async_set(
        "number.limit", "16", {"unit_of_measurement": "A", "friendly_name": "Wall limit"}
    )
    hass.states.async_set("sensor.power", "0", {"unit_of_measurement": "W"})
    for phase in "123":
        hass.states.async_set(f"sensor.l{phase}", "0", {"unit_of_measurement": "A"})


@pytest.fixture
def wallbox(hass: HomeAssistant) -> dict[str, RegistryEntry]:
    """Return the entities of a device of the Wallbox integration by their translation key."""
    return device(
        hass,
        "wallbox",
        "Pulsar",
        ("number", "max_charging_current-4711", "maximum_charging_current"),
        ("switch", "paused-4711", "pause_resume"),
        ("sensor", "status_description-4711", "status_description"),
        ("sensor", "charging_power-4711", "charging_power"),
        ("sensor", "added_energy-4711", "added_energy"),
    )


def device(
    hass: HomeAssistant, platform: str, name: str, *entities: tuple[str, str, str | None]
) -> dict[str, RegistryEntry]:
    """Register a device with entities that show something."""
    entry = MockConfigEntry(domain=platform)
    entry.add_to_hass(hass)
    found = dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id, identifiers={(platform, name)}, name=name
    )
    registered = {}
    for domain, unique_id, key in entities:
        registered[unique_id] = er.async_get(hass).async_get_or_create(
            domain,
            platform,
            unique_id,
            config_entry=entry,
            device_id=found.id,
            translation_key=key,
            original_device_class="current" if domain == "number" else None,
        )
        hass.states.async_set(registered[unique_id].entity_id, "1")
    return registered


async def begin(hass: HomeAssistant, entry: MockConfigEntry, **chosen: Any) -> SubentryFlowResult:
    """Go to the form of the entities."""
    entry.add_to_hass(hass)
    result = await hass.config_entries.subentries.async_init(
        (entry.entry_id, "charger"), context={"source": SOURCE_USER}
    )
    assert result["type"] is FlowResultType.MENU
    result = await choose(hass, result, "entities")
    assert result["step_id"] == "entities"
    return await enter(hass, result, **chosen)


async def test_a_charger_is_added_by_its_device(
    hass: HomeAssistant, wallbox: dict[str, RegistryEntry]
) -> None:
    entry = nested_site()
    limit = wallbox["max_charging_current-4711"]
    result = await begin(hass, entry, device_id=limit.device_id)
    assert options(result, "zone") == [GARAGE]
    shown = suggested(result)
    assert shown == {
        "limit_entity": limit.entity_id,
        "switch_entity": wallbox["paused-4711"].entity_id,
        "switch_pauses": False,
        "status_entity": wallbox["status_description-4711"].entity_id,
        "power_entity": wallbox["charging_power-4711"].entity_id,
        "session_entity": wallbox["added_energy-4711"].entity_id,
        "voltage": 230,
    }

    result = await enter(hass, result, **shown, zone=GARAGE)
    assert result["step_id"] == "connector"
    assert result["description_placeholders"] == {"station": "Pulsar", "number": "1", "count": "1"}
    result = await enter(hass, result, **CONNECTOR)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    stored = list(entry.subentries.values())[-1]
    assert (stored.title, stored.unique_id) == ("Pulsar", f"charger_entity_{limit.id}")
    assert stored.data == {
        "family": "entities",
        "preset": "wallbox",
        "limit_unit": "A",
        "zone": GARAGE,
        "limit_entity": limit.id,
        "switch_entity": wallbox["paused-4711"].id,
        "switch_pauses": False,
        "status_entity": wallbox["status_description-4711"].id,
        "power_entity": wallbox["charging_power-4711"].id,
        "session_entity": wallbox["added_energy-4711"].id,
        "voltage": 230,
        "connectors": [CONNECTOR],
    }


async def test_entities_without_a_device_keep_their_names(hass: HomeAssistant) -> None:
    entry = site(zone(MAIN, "Main"))
    result = await begin(hass, entry)
    assert suggested(result) == {"switch_pauses": False, "voltage": 230}
    currents = ["sensor.l1", "sensor.l2", "sensor.l3"]
    result = await enter(hass, result, **FORM, current_entities=currents)
    result = await enter(hass, result, **CONNECTOR)
    stored = list(entry.subentries.values())[-1]
    assert (stored.title, stored.unique_id) == ("Wall limit", "charger_entity_number.limit")
    assert stored.data["current_entities"] == currents
    assert "preset" not in stored.data


async def test_a_limit_in_w_is_stored_as_such(hass: HomeAssistant) -> None:
    hass.states.async_set("number.limit", "1000", {"unit_of_measurement": "W"})
    entry = site(zone(MAIN, "Main"))
    result = await enter(hass, await begin(hass, entry), **FORM)
    await enter(hass, result, **CONNECTOR)
    assert list(entry.subentries.values())[-1].data["limit_unit"] == "W"


async def test_entities_of_an_unknown_integration_are_proposed_by_their_class(
    hass: HomeAssistant,
) -> None:
    known = device(hass, "acme", "Box", ("number", "a", None), ("sensor", "b", None))
    result = await begin(hass, site(zone(MAIN, "Main")), device_id=known["a"].device_id)
    assert suggested(result)["limit_entity"] == known["a"].entity_id
    assert "power_entity" not in suggested(result)


async def test_currents_are_proposed_together_or_not_at_all(hass: HomeAssistant) -> None:
    keys = [f"current_phase_{phase}" for phase in (1, 2, 3)]
    known = device(
        hass,
        "peblar",
        "Rocksolid",
        ("number", "4711_charge_current_limit", None),
        *(("sensor", f"4711_{key}", None) for key in keys),
    )
    device_id = known["4711_charge_current_limit"].device_id
    result = await begin(hass, site(zone(MAIN, "Main")), device_id=device_id)
    expected = [known[f"4711_{key}"].entity_id for key in keys]
    assert suggested(result)["current_entities"] == expected

    er.async_get(hass).async_remove(expected[1])
    result = await begin(hass, site(zone(MAIN, "Main")), device_id=device_id)
    assert "current_entities" not in suggested(result)


@pytest.mark.parametrize(
    ("platform", "limit", "status", "others"),
    [
        ("goecharger_mqtt", "go-e/1-number-amp-", "go-e/1-sensor-car-car", ["go-e/1-sensor-car-"]),
        ("ocpp", "number.cp.maximum_current", "ocpp.cp.Status.Connector.sensor", []),
        ("lektrico", "47_dynamic_limit", "47_state", ["47_long_state"]),
    ],
)
async def test_entities_are_known_by_their_unique_ids(
    hass: HomeAssistant, platform: str, limit: str, status: str, others: list[str]
) -> None:
    sensors: list[tuple[str, str, str | None]] = [
        ("sensor", unique_id, None) for unique_id in (*others, status)
    ]
    known = device(hass, platform, "Box", ("number", limit, None), *sensors)
    result = await begin(hass, site(zone(MAIN, "Main")), device_id=known[limit].device_id)
    assert suggested(result)["limit_entity"] == known[limit].entity_id
    assert suggested(result)["status_entity"] == known[status].entity_id


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"limit_entity": "number.gone"}, {"limit_entity": "entity_missing"}),
        ({"limit_entity": "sensor.power"}, {"limit_entity": "entity_of_wrong_kind"}),
        ({"limit_entity": "number.speed"}, {"limit_entity": "limit_unit_unusable"}),
        ({"limit_entity": "number.own"}, {"limit_entity": "entity_of_headroom"}),
        ({"switch_entity": "number.limit"}, {"switch_entity": "entity_of_wrong_kind"}),
        ({"power_entity": ""}, {"base": "no_sign_of_a_car"}),
        (
            {"current_entities": ["sensor.l1", "sensor.l2"]},
            {"current_entities": "one_or_three_currents"},
        ),
    ],
)
async def test_entities_are_refused_and_then_corrected(
    hass: HomeAssistant, changes: dict[str, Any], errors: dict[str, str]
) -> None:
    hass.states.async_set("number.speed", "16", {"unit_of_measurement": "km/h"})
    own = er.async_get(hass).async_get_or_create("number", DOMAIN, "own")
    er.async_get(hass).async_update_entity(own.entity_id, new_entity_id="number.own")
    entry = site(zone(MAIN, "Main"))
    result = await begin(hass, entry)
    form = {key: value for key, value in (FORM | changes).items() if value}

    result = await enter(hass, result, **form, switch_pauses=False)
    assert result["errors"] == errors
    result = await enter(hass, result, **FORM)
    result = await enter(hass, result, **CONNECTOR)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_two_chargers_do_not_share_an_entity(hass: HomeAssistant) -> None:
    hass.states.async_set("switch.one", "on")
    hass.states.async_set("input_number.two", "16")
    entry = site(zone(MAIN, "Main"))
    result = await enter(hass, await begin(hass, entry), **FORM, switch_entity="switch.one")
    await enter(hass, result, **CONNECTOR)

    result = await enter(hass, await begin(hass, entry), **FORM)
    assert result["errors"] == {"limit_entity": "entity_taken"}
    form = FORM | {"limit_entity": "input_number.two"}
    result = await enter(hass, result, **form, switch_entity="switch.one")
    assert result["errors"] == {"switch_entity": "entity_taken"}
    result = await enter(hass, result, **form)
    result = await enter(hass, result, **CONNECTOR)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_a_charger_is_changed_in_its_own_form(
    hass: HomeAssistant, wallbox: dict[str, RegistryEntry]
) -> None:
    entry = site(zone(MAIN, "Main"), zone(GARAGE, "Garage"))
    limit = wallbox["max_charging_current-4711"]
    form = FORM | {"limit_entity": limit.entity_id}
    result = await enter(hass, await begin(hass, entry), **form)
    await enter(hass, result, **CONNECTOR)
    stored = list(entry.subentries.values())[-1]
    er.async_get(hass).async_update_entity(limit.entity_id, new_entity_id="number.renamed")
    hass.states.async_set("number.renamed", "16")

    result = await change(hass, entry, stored.subentry_id)
    assert result["step_id"] == "entity_charger"
    assert suggested(result) == form | {"limit_entity": "number.renamed"}
    result = await enter(hass, result, **suggested(result) | {"zone": GARAGE, "voltage": 240})
    assert suggested(result) == CONNECTOR
    result = await enter(hass, result, **CONNECTOR)
    assert result["reason"] == "reconfigure_successful"
    changed = entry.subentries[stored.subentry_id]
    assert changed.data == stored.data | {"zone": GARAGE, "voltage": 240}
    assert (changed.title, changed.unique_id) == (stored.title, stored.unique_id)


async def test_the_zones_may_go_meanwhile(hass: HomeAssistant) -> None:
    entry = site(zone(MAIN, "Main"))
    entry.add_to_hass(hass)
    result = await hass.config_entries.subentries.async_init(
        (entry.entry_id, "charger"), context={"source": SOURCE_USER}
    )
    result = await choose(hass, result, "entities")
    hass.config_entries.async_remove_subentry(entry, MAIN)
    result = await enter(hass, result)
    assert result["reason"] == "no_zones"


async def test_a_charger_without_a_zone_gets_no_menu(hass: HomeAssistant) -> None:
    result = await add(hass, site(), "charger")
    assert result["reason"] == "no_zones"


async def test_a_limit_that_shows_nothing_yet_has_the_name_of_its_entity(
    hass: HomeAssistant,
) -> None:
    er.async_get(hass).async_get_or_create("number", "acme", "late", suggested_object_id="late")
    entry = site(zone(MAIN, "Main"))
    result = await enter(hass, await begin(hass, entry), **FORM | {"limit_entity": "number.late"})
    await enter(hass, result, **CONNECTOR)
    assert list(entry.subentries.values())[-1].title == "number.late"
