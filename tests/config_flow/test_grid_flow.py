"""What a person says of capacity tariff, grid operator, energy manager and agreed import."""

from typing import Any

import pytest
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.common import MockConfigEntry

from .site import site, suggested, zone

MAIN = "01MAIN"
STATIC = "01STATIC"
LOWER = "01LOWER"

TARIFF = {
    "guarded_zone": MAIN,
    "peak_target": 4.0,
    "peak_period": "hour",
    "follow_month": False,
    "net_phases": True,
}
OPERATOR = {
    "operator_contact": "normally_open",
    "heartbeat": 120,
    "repeats": False,
    "failsafe_hours": 2,
    "surplus_on_top": True,
    "other_devices": 0,
}
MANAGER = {"heartbeat": 300, "when_silent": "no_limit", "fallback_current": 8.0}
AGREED = {"guarded_zone": MAIN, "import_limit": 60.0, "premises": "domestic"}


def parts(limit: float = 63.0, **data: Any) -> list[ConfigSubentryData]:
    return [
        zone(MAIN, "Main", limit=limit, supply="dynamic", **data),
        zone(STATIC, "Static"),
        zone(LOWER, "Lower", parent=MAIN),
    ]


def entry_of(hass: HomeAssistant, subentries: list[ConfigSubentryData]) -> MockConfigEntry:
    entry = site(*subentries)
    entry.add_to_hass(hass)
    return entry


async def open_step(hass: HomeAssistant, entry_id: str, step: str) -> dict[str, Any]:
    """Walk through the menus to a step."""
    manager = hass.config_entries.options
    menu = await manager.async_init(entry_id)
    menu = await manager.async_configure(menu["flow_id"], {"next_step_id": "grid"})
    assert menu["type"] is FlowResultType.MENU
    return dict(await manager.async_configure(menu["flow_id"], {"next_step_id": step}))


async def submit(
    hass: HomeAssistant, result: dict[str, Any], values: dict[str, Any]
) -> dict[str, Any]:
    return dict(await hass.config_entries.options.async_configure(result["flow_id"], values))


@pytest.mark.parametrize(
    ("step", "values"),
    [
        ("capacity_tariff", TARIFF),
        ("capacity_tariff", {k: v for k, v in TARIFF.items() if k != "guarded_zone"}),
        ("grid_operator", OPERATOR | {"dimmed_power": 4.2, "failsafe_power": 5.0}),
        ("grid_operator", OPERATOR | {"operator_entity": "binary_sensor.dim"}),
        ("energy_manager", MANAGER),
        ("g100", AGREED | {"export_limit": 16.0}),
        ("g100", {"premises": "commercial"}),
        ("g100", AGREED | {"import_limit": 250.0, "premises": "commercial"}),
    ],
)
async def test_what_was_said_is_kept_and_shown_again(
    hass: HomeAssistant, step: str, values: dict[str, Any]
) -> None:
    entry = entry_of(hass, parts())
    hass.states.async_set("binary_sensor.dim", "off")
    hass.config_entries.async_update_entry(entry, options={"stops": 3})
    result = await open_step(hass, entry.entry_id, step)
    result = await submit(hass, result, values)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert entry.options == {"stops": 3, step: values}
    assert values.items() <= suggested(await open_step(hass, entry.entry_id, step)).items()


async def test_a_rename_of_the_operators_entity_is_followed(hass: HomeAssistant) -> None:
    entry = entry_of(hass, parts())
    registry = er.async_get(hass)
    relay = registry.async_get_or_create("sensor", "acme", "lpc", suggested_object_id="lpc")
    result = await open_step(hass, entry.entry_id, "grid_operator")
    await submit(hass, result, OPERATOR | {"operator_entity": "sensor.lpc"})
    assert entry.options["grid_operator"]["operator_entity"] == relay.id
    registry.async_update_entity("sensor.lpc", new_entity_id="sensor.grid")
    shown = suggested(await open_step(hass, entry.entry_id, "grid_operator"))
    assert shown["operator_entity"] == "sensor.grid"


@pytest.mark.parametrize(
    ("step", "wrong", "right", "errors"),
    [
        (
            "capacity_tariff",
            TARIFF | {"guarded_zone": STATIC},
            TARIFF,
            {"guarded_zone": "zone_not_metered"},
        ),
        (
            "g100",
            {"guarded_zone": MAIN, "premises": "domestic"},
            AGREED,
            {"import_limit": "import_limit_missing"},
        ),
        ("g100", AGREED | {"import_limit": 101}, AGREED, {"import_limit": "domestic_limit"}),
        (
            "grid_operator",
            OPERATOR | {"operator_entity": "light.lamp"},
            OPERATOR,
            {"operator_entity": "entity_of_wrong_kind"},
        ),
    ],
    ids=str,
)
async def test_what_cannot_be_is_refused_and_then_corrected(
    hass: HomeAssistant,
    step: str,
    wrong: dict[str, Any],
    right: dict[str, Any],
    errors: dict[str, str],
) -> None:
    entry = entry_of(hass, parts())
    hass.states.async_set("light.lamp", "on")
    result = await submit(hass, await open_step(hass, entry.entry_id, step), wrong)
    assert result["errors"] == errors
    result = await submit(hass, result, right)
    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize(
    ("subentries", "accepted"),
    [(parts(limit=125.0), False), (parts(limit=125.0, cluster_max=80.0), True)],
)
async def test_the_chargers_of_a_home_have_at_most_100_a(
    hass: HomeAssistant, subentries: list[ConfigSubentryData], accepted: bool
) -> None:
    """A9.7"""
    entry = entry_of(hass, subentries)
    result = await submit(hass, await open_step(hass, entry.entry_id, "g100"), AGREED)
    assert (result["type"] is FlowResultType.CREATE_ENTRY) is accepted


async def test_only_roots_are_offered(hass: HomeAssistant) -> None:
    entry = entry_of(hass, parts())
    result = await open_step(hass, entry.entry_id, "capacity_tariff")
    field = next(key for key in result["data_schema"].schema if key == "guarded_zone")
    options = result["data_schema"].schema[field].config["options"]
    assert {option["value"] for option in options} == {MAIN, STATIC}


async def test_a_site_that_does_not_run_has_no_lockout(hass: HomeAssistant) -> None:
    entry = entry_of(hass, parts())
    result = await open_step(hass, entry.entry_id, "g100_reset")
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "not_running")
