"""Every name, state and icon that people see has its text, and no text is left over."""

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity_registry import RegistryEntry
from pytest_homeassistant_custom_component.common import MockConfigEntry

import custom_components.headroom
from custom_components.headroom.coordinator import SiteCoordinator
from tests.config_flow.site import CONNECTOR, charger, part, tariff, zone

from .conftest import BUILDING, GARAGE, meter, site_entry, small_site
from .test_entity_charger import entity_charger
from .test_modbus_charger import modbus_charger

FOLDER = Path(custom_components.headroom.__file__).parent
ICONS: dict[str, Any] = json.loads((FOLDER / "icons.json").read_text())["entity"]
TEXTS: dict[str, Any] = json.loads((FOLDER / "translations" / "en.json").read_text())["entity"]


@pytest.fixture
def subentries(port: int) -> list[ConfigSubentryData]:
    """Return a site with every kind of part."""
    dialect = modbus_charger(port, "alfen_ng9")
    switching = entity_charger("01POST", "number.post", phases_entity="switch.post_phases")
    building = zone(BUILDING, "Building", limit=63.0, supply="dynamic")
    roles = [
        part(role, "meter", role.title(), role, meter(port, role=role)["data"])
        for role in ("solar", "battery", "outlet")
    ]
    parts = [meter(port), *roles, dialect, switching, tariff("01PEAK", "Peak")]
    known_car = CONNECTOR | {"car_charge_entity": "sensor.car", "car_capacity": 60}
    return [building, *small_site()[1:], charger("01THIRD", "THIRD-1", GARAGE, known_car), *parts]


@pytest.fixture
def entry(subentries: list[ConfigSubentryData], port: int) -> MockConfigEntry:
    """Return the entry of a site with everything that options can bring."""
    inputs = {
        f"{name}_{field}": value
        for name in ("external_enable", "digital_1", "digital_2", "digital_3")
        for field, value in (
            ("entity", "switch.contact"),
            ("contact", "normally_open"),
            ("name", name),
            ("percent", 50),
        )
    }
    tariff = {"guarded_zone": BUILDING, "peak_target": 4.0, "peak_period": "quarter"}
    agreed = {"guarded_zone": BUILDING, "import_limit": 60.0, "premises": "domestic"}
    switches = {"follow_month": True, "net_phases": True}
    costs = {f"{cost}_entity": f"sensor.{cost}" for cost in ("price", "export_price", "carbon")}
    grid = {"capacity_tariff": tariff | switches, "g100": agreed}
    return site_entry(subentries, port, options={"inputs": inputs, **grid, **costs})


@pytest.fixture
def entities(hass: HomeAssistant, site: SiteCoordinator) -> list[RegistryEntry]:
    """Return all entities, the disabled ones too."""
    entry = site.config_entry
    return er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)


def keys(entities: list[RegistryEntry]) -> dict[str, set[str]]:
    """Return the translation keys that are in use by platform."""
    used = defaultdict[str, set[str]](set)
    for entity in entities:
        assert entity.translation_key is not None
        used[entity.domain].add(entity.translation_key)
    return dict(used)


def options(entities: list[RegistryEntry]) -> Iterator[tuple[str, set[str]]]:
    """Yield the key and the states of each entity that has a choice of them."""
    for entity in entities:
        if entity.capabilities and "options" in entity.capabilities:
            yield str(entity.translation_key), set(entity.capabilities["options"])


def test_every_entity_has_a_name_and_no_name_is_left_over(entities: list[RegistryEntry]) -> None:
    named = {platform: set(texts) for platform, texts in TEXTS.items()}
    assert named == keys(entities)
    assert all(text["name"] for texts in TEXTS.values() for text in texts.values())


def test_every_state_has_a_text_and_none_is_left_over(entities: list[RegistryEntry]) -> None:
    found = dict(options(entities))
    assert found.keys() == {
        "analyser_status",
        "budget_reason",
        "fallback",
        "goal",
        "import_scheme",
        "load_state",
        "outlet_status",
        "phases",
        "setpoint_reason",
        "ready_at_weekends",
        "site_sun_mode",
        "status",
        "sun_mode",
    }
    for key, states in found.items():
        texts = TEXTS["select" if key in TEXTS["select"] else "sensor"]
        assert set(texts[key]["state"]) == states


def test_no_state_means_something_else_to_home_assistant(entities: list[RegistryEntry]) -> None:
    for _, states in options(entities):
        assert not states & {"unknown", "unavailable"}


def test_every_entity_has_an_icon_and_no_icon_is_left_over(entities: list[RegistryEntry]) -> None:
    used = keys(entities)
    for entity in entities:
        has_icon = entity.translation_key in ICONS.get(entity.domain, {})
        assert has_icon or entity.original_device_class, entity.entity_id
    for platform, icons in ICONS.items():
        assert set(icons) <= used[platform]


def test_icons_of_states_are_icons_of_states_that_exist(entities: list[RegistryEntry]) -> None:
    states = dict(options(entities))
    for icons in ICONS.values():
        for key, icon in icons.items():
            assert set(icon.get("state", {})) <= states.get(key, {"on", "off"})


def test_names_are_shown(hass: HomeAssistant, entities: list[RegistryEntry]) -> None:
    names = {er.async_get_full_entity_name(hass, entity) for entity in entities}
    assert len(names) == len(entities)
    assert {
        "Home Charging power",
        "Garage Current limit",
        "LEFT-1 Contact",
        "LEFT-1 Connector 2 Setpoint bound by",
        "iEM3155 Current L1",
    } <= names
