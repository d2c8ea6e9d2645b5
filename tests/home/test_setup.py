"""Setting up a site: its devices and entities."""

from collections import Counter

import pytest
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.device_registry import ChildDeviceEntry, DeviceEntry, DeviceEntryType

from custom_components.headroom.const import DOMAIN
from custom_components.headroom.coordinator import SiteCoordinator

from .conftest import BUILDING, GARAGE, LEFT, METER, RIGHT, meter, small_site

SITE = "01SITE"


@pytest.fixture
def subentries(port: int) -> list[ConfigSubentryData]:
    """Return a site with every kind of part, the zones not in the order in which they hang."""
    building, garage, *rest = small_site()
    return [meter(port), *rest, garage, building]


def device(hass: HomeAssistant, identifier: str) -> DeviceEntry:
    found = dr.async_get(hass).async_get_device_by_identifier((DOMAIN, identifier), SITE)
    assert found is not None
    return found


def connector(hass: HomeAssistant, identifier: str) -> ChildDeviceEntry:
    found = dr.async_get(hass).async_get_child_device_by_identifier((DOMAIN, identifier), SITE)
    assert found is not None
    return found


def test_every_part_has_its_device(hass: HomeAssistant, site: SiteCoordinator) -> None:
    home = device(hass, SITE)
    assert (home.name, home.model, home.entry_type) == ("Home", "Site", DeviceEntryType.SERVICE)
    assert home.config_subentry_id is None
    for subentry_id, name in {
        BUILDING: "Building",
        GARAGE: "Garage",
        METER: "iEM3155",
        LEFT: "LEFT-1",
        RIGHT: "RIGHT-1",
    }.items():
        part = device(hass, subentry_id)
        assert (part.name, part.config_subentry_id) == (name, subentry_id)


def test_devices_hang_under_what_feeds_them(hass: HomeAssistant, site: SiteCoordinator) -> None:
    fed_by = {part: device(hass, part).via_device_id for part in (BUILDING, GARAGE, METER, LEFT)}
    assert fed_by == {
        BUILDING: device(hass, SITE).id,
        GARAGE: device(hass, BUILDING).id,
        METER: device(hass, BUILDING).id,
        LEFT: device(hass, GARAGE).id,
    }


def test_connectors_are_parts_of_their_charger(hass: HomeAssistant, site: SiteCoordinator) -> None:
    for number in (1, 2):
        outlet = connector(hass, f"{LEFT}:{number}")
        assert outlet.name == f"Connector {number}"
        assert outlet.parent_device_id == device(hass, LEFT).id
        assert outlet.config_subentry_id == LEFT
    assert len(dr.async_get(hass).child_devices) == 3


def test_entities_belong_to_the_device_of_their_part(
    hass: HomeAssistant, site: SiteCoordinator
) -> None:
    devices = {
        **{part: device(hass, part).id for part in (SITE, BUILDING, GARAGE, METER, LEFT, RIGHT)},
        **{part: connector(hass, part).id for part in (f"{LEFT}:1", f"{LEFT}:2", f"{RIGHT}:1")},
    }
    entities = er.async_entries_for_config_entry(er.async_get(hass), SITE)
    for entity in entities:
        part, _, _ = entity.unique_id.partition("_")
        assert entity.device_id == devices[part], entity.unique_id
        subentry_id, _, _ = part.partition(":")
        assert entity.config_subentry_id == (None if part == SITE else subentry_id)
    counted = Counter(entity.unique_id.partition("_")[0] for entity in entities)
    assert counted == {
        SITE: 16,
        BUILDING: 20,
        GARAGE: 20,
        METER: 14,
        LEFT: 9,
        RIGHT: 9,
        f"{LEFT}:1": 39,
        f"{LEFT}:2": 39,
        f"{RIGHT}:1": 39,
    }


def test_details_are_disabled_at_first(hass: HomeAssistant, site: SiteCoordinator) -> None:
    disabled = {
        entity.unique_id
        for entity in er.async_entries_for_config_entry(er.async_get(hass), SITE)
        if entity.disabled_by
    }
    phases = ("l1", "l2", "l3")
    assert {i for i in disabled if i.startswith((GARAGE, METER, f"{RIGHT}:1"))} == {
        *(f"{GARAGE}_committed_{phase}" for phase in phases),
        f"{GARAGE}_load_state",
        *(f"{METER}_{kind}_{phase}" for phase in phases for kind in ("power", "voltage")),
        *(f"{RIGHT}:1_voltage_{phase}" for phase in phases),
        f"{RIGHT}:1_offered",
        f"{RIGHT}:1_error",
    }
