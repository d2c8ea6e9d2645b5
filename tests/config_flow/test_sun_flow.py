"""Changing how a site follows the sun."""

from datetime import timedelta
from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
from homeassistant.helpers import entity_registry as er

from custom_components.headroom.engine.cars.wear import WearPolicy
from custom_components.headroom.engine.sun.rules import (
    BatteryPolicy,
    BatteryRules,
    Eater,
    Metering,
    SunRules,
)
from custom_components.headroom.sun.settings import PROPOSED, hold_entity_of, spared, sun_of

from .site import by_section, site, suggested


async def open_form(hass: HomeAssistant, entry_id: str) -> dict[str, Any]:
    """Start the flow that changes how a site follows the sun."""
    manager = hass.config_entries.options
    menu = await manager.async_init(entry_id)
    return dict(await manager.async_configure(menu["flow_id"], {"next_step_id": "sun"}))


async def enter(hass: HomeAssistant, result: dict[str, Any], **values: Any) -> dict[str, Any]:
    """Submit its form as it is proposed, but for some values."""
    manager = hass.config_entries.options
    submitted = by_section(result["data_schema"], {**PROPOSED, **values})
    return dict(await manager.async_configure(result["flow_id"], submitted))


async def test_the_defaults_are_proposed_and_kept(hass: HomeAssistant) -> None:
    entry = site()
    entry.add_to_hass(hass)
    result = await open_form(hass, entry.entry_id)
    assert suggested(result) == PROPOSED
    assert sun_of(entry.options) == SunRules()
    assert spared(WearPolicy(stops=2), entry.options) == WearPolicy(stops=2)

    result = await enter(hass, result)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert entry.options == {"sun": PROPOSED}
    assert sun_of(entry.options) == SunRules()
    assert hold_entity_of(entry.options) is None


async def test_all_of_it_can_be_changed_and_is_shown_again(hass: HomeAssistant) -> None:
    entry = site()
    entry.add_to_hass(hass)
    switch = er.async_get(hass).async_get_or_create(
        "switch", "acme", "hold", suggested_object_id="hold"
    )
    changes = {
        "metering": "per_phase",
        "reserve": 100,
        "allowed_import": 200,
        "hysteresis": 1.5,
        "start_delay": 30,
        "stop_delay": 120,
        "min_run": 60,
        "after_force": "sun_only",
        "more_phases_after": 600,
        "switches": 4,
        "switch_interval": 900,
        "battery_policy": "by_charge",
        "battery_low": 30,
        "battery_high": 70,
        "feed_above": 60,
        "feed_power": 1500,
        "feeds": ["sun_only", "others"],
        "hold_entity": "switch.hold",
    }
    await enter(hass, await open_form(hass, entry.entry_id), **changes)
    assert sun_of(entry.options) == SunRules(
        metering=Metering.PER_PHASE,
        reserve=100,
        allowed_import=200,
        hysteresis=1.5,
        start_delay=timedelta(seconds=30),
        stop_delay=timedelta(seconds=120),
        min_run=timedelta(seconds=60),
        more_phases_after=timedelta(seconds=600),
        battery=BatteryRules(
            policy=BatteryPolicy.BY_CHARGE,
            low=30,
            high=70,
            feed_above=60,
            feed_power=1500,
            feeds=frozenset({Eater.SUN_ONLY, Eater.OTHERS}),
        ),
    )
    assert spared(WearPolicy(), entry.options) == WearPolicy(
        switches=4, switch_interval=timedelta(seconds=900)
    )
    assert hold_entity_of(entry.options) == switch.id
    again = await open_form(hass, entry.entry_id)
    assert suggested(again) == changes


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"battery_low": 80}, "charges_out_of_order"),
        ({"hold_entity": "switch.missing"}, "entity_missing"),
        ({"hold_entity": "light.lamp"}, "entity_of_wrong_kind"),
        ({"hold_entity": "switch.own"}, "entity_of_headroom"),
    ],
)
async def test_what_cannot_be_is_refused_and_can_be_corrected(
    hass: HomeAssistant, values: dict[str, Any], error: str
) -> None:
    entry = site()
    entry.add_to_hass(hass)
    hass.states.async_set("light.lamp", "on")
    er.async_get(hass).async_get_or_create("switch", "headroom", "own", suggested_object_id="own")
    result = await enter(hass, await open_form(hass, entry.entry_id), **values)
    assert result["errors"] == {"battery": error}, "pages show no errors inside of sections"
    result = await enter(hass, result)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_a_number_out_of_range_is_refused(hass: HomeAssistant) -> None:
    entry = site()
    entry.add_to_hass(hass)
    result = await open_form(hass, entry.entry_id)
    with pytest.raises(InvalidData):
        await enter(hass, result, start_delay=3601)
