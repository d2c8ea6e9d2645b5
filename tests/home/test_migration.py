"""What older releases have stored."""

from typing import Any

import pytest
from homeassistant.config_entries import ConfigEntryState, ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component

from custom_components.headroom.config_flow import HeadroomConfigFlow
from tests.config_flow.site import part, zone

from .conftest import BUILDING, METER, site_entry

OLD: dict[str, Any] = {
    "zone": BUILDING,
    "model": "schneider_iem3000",
    "host": "127.0.0.1",
    "port": 1,
    "unit": 255,
    "period": 60_000,
}


@pytest.mark.parametrize(
    ("reporting", "role"),
    [({}, "supply"), ({"reporting": False}, "supply"), ({"reporting": True}, "outlet")],
)
async def test_a_meter_that_only_reports_gets_a_role(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    port: int,
    reporting: dict[str, bool],
    role: str,
) -> None:
    parts: list[ConfigSubentryData] = [
        zone(BUILDING, "Building"),
        part(METER, "meter", "iEM3155", "meter_1", OLD | reporting),
    ]
    entry = site_entry(parts, port, minor_version=1)
    entry.add_to_hass(hass)
    assert await async_setup_component(hass, "http", {})
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    assert entry.minor_version == HeadroomConfigFlow.MINOR_VERSION
    assert entry.subentries[METER].data == OLD | {"role": role}
    assert entry.subentries[BUILDING].data == zone(BUILDING, "Building")["data"]
    await hass.config_entries.async_unload(entry.entry_id)


async def test_a_site_of_a_newer_release_is_left_alone(hass: HomeAssistant) -> None:
    entry = site_entry([], version=2)
    entry.add_to_hass(hass)
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.MIGRATION_ERROR
