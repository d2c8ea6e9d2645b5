"""Saying what the plan goes by."""

from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er

from .site import site, suggested

UNTOUCHED: dict[str, Any] = {"plan_by": "price", "plan_entities": [], "plan_sun": True}


async def open_form(hass: HomeAssistant, entry_id: str) -> dict[str, Any]:
    """Start the flow that says what the plan goes by."""
    manager = hass.config_entries.options
    menu = await manager.async_init(entry_id)
    return dict(await manager.async_configure(menu["flow_id"], {"next_step_id": "plan"}))


async def submit(
    hass: HomeAssistant, result: dict[str, Any], values: dict[str, Any]
) -> dict[str, Any]:
    """Submit its form."""
    return dict(await hass.config_entries.options.async_configure(result["flow_id"], values))


async def test_forecasts_are_chosen_shown_again_and_taken_away(hass: HomeAssistant) -> None:
    rates = er.async_get(hass).async_get_or_create(
        "event", "octopus_energy", "rates", suggested_object_id="rates"
    )
    hass.states.async_set("sensor.prices", "0.1")
    entry = site()
    entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(entry, options={"stops": 3})
    result = await open_form(hass, entry.entry_id)
    assert suggested(result) == UNTOUCHED

    chosen = {
        "plan_by": "carbon",
        "plan_entities": ["event.rates", "sensor.prices"],
        "plan_sun": False,
    }
    result = await submit(hass, result, chosen)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    kept = chosen | {"plan_entities": [rates.id, "sensor.prices"]}
    assert entry.options == {"stops": 3, **kept}

    result = await open_form(hass, entry.entry_id)
    assert suggested(result) == chosen
    await submit(hass, result, {"plan_by": "price", "plan_sun": True})
    assert entry.options == {"stops": 3, **UNTOUCHED}


@pytest.mark.parametrize(
    ("entity", "error"),
    [
        ("sensor.gone", "entity_missing"),
        ("sensor.headroom_plan", "entity_of_headroom"),
    ],
)
async def test_a_forecast_is_refused_and_then_corrected(
    hass: HomeAssistant, entity: str, error: str
) -> None:
    er.async_get(hass).async_get_or_create(
        "sensor", "headroom", "plan", suggested_object_id="headroom_plan"
    )
    entry = site()
    entry.add_to_hass(hass)
    result = await open_form(hass, entry.entry_id)
    result = await submit(hass, result, UNTOUCHED | {"plan_entities": [entity]})
    assert result["errors"] == {"plan_entities": error}
    assert suggested(result)["plan_entities"] == [entity]
    await submit(hass, result, UNTOUCHED)
    assert entry.options == UNTOUCHED
