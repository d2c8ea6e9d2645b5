"""Naming the sensors of what energy costs and how much CO2 it makes."""

from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er

from .site import site, suggested

CHOSEN = {
    "price_entity": "sensor.price",
    "export_price_entity": "input_number.export",
    "carbon_entity": "sensor.carbon",
}


@pytest.fixture(autouse=True)
def entities(hass: HomeAssistant) -> dict[str, str]:
    """Make entities; return the registry ids of the registered ones, by entity id."""
    registry = er.async_get(hass)
    registered = {
        f"sensor.{name}": registry.async_get_or_create(
            "sensor", platform, name, suggested_object_id=name
        ).id
        for platform, name in (("acme", "price"), ("acme", "away"), ("headroom", "own"))
    }
    units = {
        "sensor.price": "ct/kWh",
        "input_number.export": "EUR/kWh",
        "sensor.carbon": "gCO2eq/kWh",
        "sensor.power": "W",
        "sensor.bare": None,
        "switch.lamp": "EUR/kWh",
    }
    for entity, unit in units.items():
        hass.states.async_set(entity, "1", {} if unit is None else {"unit_of_measurement": unit})
    return registered


async def open_form(hass: HomeAssistant, entry_id: str) -> dict[str, Any]:
    """Start the flow that says what energy costs."""
    manager = hass.config_entries.options
    menu = await manager.async_init(entry_id)
    return dict(await manager.async_configure(menu["flow_id"], {"next_step_id": "energy"}))


async def submit(
    hass: HomeAssistant, result: dict[str, Any], values: dict[str, Any]
) -> dict[str, Any]:
    """Submit its form."""
    return dict(await hass.config_entries.options.async_configure(result["flow_id"], values))


async def test_sensors_are_chosen_shown_again_and_taken_away(
    hass: HomeAssistant, entities: dict[str, str]
) -> None:
    entry = site()
    entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(entry, options={"stops": 3})
    result = await open_form(hass, entry.entry_id)
    assert suggested(result) == {}

    await submit(hass, result, CHOSEN)
    kept = CHOSEN | {"price_entity": entities["sensor.price"]}
    assert entry.options == {"stops": 3, **kept}

    result = await open_form(hass, entry.entry_id)
    assert suggested(result) == CHOSEN
    await submit(hass, result, {"carbon_entity": "sensor.carbon"})
    assert entry.options == {"stops": 3, "carbon_entity": "sensor.carbon"}


@pytest.mark.parametrize(
    ("field", "entity", "error"),
    [
        ("price_entity", "sensor.nowhere", "entity_missing"),
        ("price_entity", "switch.lamp", "entity_of_wrong_kind"),
        ("price_entity", "sensor.own", "entity_of_headroom"),
        ("price_entity", "sensor.carbon", None),
        ("price_entity", "sensor.power", "no_price"),
        ("export_price_entity", "sensor.bare", "no_price"),
        ("carbon_entity", "sensor.price", "no_intensity"),
        ("carbon_entity", "sensor.away", None),
    ],
)
async def test_a_sensor_that_shows_something_else_is_refused(
    hass: HomeAssistant, field: str, entity: str, error: str | None
) -> None:
    entry = site()
    entry.add_to_hass(hass)
    result = await open_form(hass, entry.entry_id)
    result = await submit(hass, result, {field: entity})
    if error is None:
        assert result["type"] is FlowResultType.CREATE_ENTRY
        return
    assert result["errors"] == {field: error}
    assert suggested(result) == {field: entity}
    result = await submit(hass, result, CHOSEN)
    assert result["type"] is FlowResultType.CREATE_ENTRY
