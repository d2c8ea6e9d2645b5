"""Changing the rules of a site."""

from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData

from .site import by_section, options, site, suggested

UNTOUCHED = {
    "shedding": "energy",
    "priority_hours": [],
    "stops": 4,
    "untested": "maximum",
    "state_b": True,
    "low_draw": False,
    "wait": 600,
    "retries": 3,
    "retry_period": 1800,
}
"""What the form shows for a site that has no rules of its own."""


async def open_form(hass: HomeAssistant, entry_id: str) -> dict[str, Any]:
    """Start the flow that changes the rules of a site."""
    manager = hass.config_entries.options
    menu = await manager.async_init(entry_id)
    return dict(await manager.async_configure(menu["flow_id"], {"next_step_id": "rules"}))


async def submit(
    hass: HomeAssistant, result: dict[str, Any], values: dict[str, Any]
) -> dict[str, Any]:
    """Submit its form."""
    submitted = by_section(result["data_schema"], values)
    manager = hass.config_entries.options
    return dict(await manager.async_configure(result["flow_id"], submitted))


async def test_rules_are_changed_and_shown_again(hass: HomeAssistant) -> None:
    entry = site()
    entry.add_to_hass(hass)
    result = await open_form(hass, entry.entry_id)
    assert result["type"] is FlowResultType.FORM
    assert suggested(result) == UNTOUCHED
    assert options(result, "priority_hours") == [str(hour) for hour in range(24)]

    rules = UNTOUCHED | {
        "shedding": "arrival",
        "priority_hours": ["7", "23"],
        "stops": 0,
        "low_draw": True,
        "wait": 60,
    }
    result = await submit(hass, result, rules)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert entry.options == rules
    assert entry.data == {"name": "Home", "port": 9000}

    result = await open_form(hass, entry.entry_id)
    assert suggested(result) == rules


@pytest.mark.parametrize(
    "changes",
    [
        {"shedding": "x"},
        {"priority_hours": ["24"]},
        {"priority_hours": "7"},
        {"stops": -1},
        {"wait": 9},
        {"retries": 101},
        {"retry_period": 86_401},
    ],
)
async def test_an_impossible_rule_is_invalid(hass: HomeAssistant, changes: dict[str, Any]) -> None:
    entry = site()
    entry.add_to_hass(hass)
    result = await open_form(hass, entry.entry_id)
    with pytest.raises(InvalidData):
        await submit(hass, result, UNTOUCHED | changes)

    result = await submit(hass, result, UNTOUCHED)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_rules_leave_the_inputs_as_they_are(hass: HomeAssistant) -> None:
    entry = site()
    entry.add_to_hass(hass)
    inputs = {"external_enable_entity": "switch.key"}
    hass.config_entries.async_update_entry(entry, options={"inputs": inputs})
    await submit(hass, await open_form(hass, entry.entry_id), UNTOUCHED)
    assert entry.options == UNTOUCHED | {"inputs": inputs}
