"""Stations that dial in before anybody has added them."""

from types import MappingProxyType

from homeassistant.config_entries import (
    SOURCE_IGNORE,
    SOURCE_INTEGRATION_DISCOVERY,
    ConfigFlowResult,
    ConfigSubentry,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.headroom.const import DOMAIN

from .site import (
    AUTOMATIC,
    CONNECTOR,
    GARAGE,
    MAIN,
    nested_site,
    options,
    site,
    submit,
    suggested,
    zone,
    zone_data,
)


async def dial_in(
    hass: HomeAssistant, entry: MockConfigEntry, station_id: str, remote: str | None = "192.0.2.7"
) -> ConfigFlowResult:
    """Report an unknown station as the coordinator does."""
    return await hass.config_entries.flow.async_init(
        DOMAIN,
        context={"source": SOURCE_INTEGRATION_DISCOVERY},
        data={"entry_id": entry.entry_id, "station_id": station_id, "remote": remote},
    )


async def test_a_station_that_dialled_in_is_added(hass: HomeAssistant) -> None:
    entry = nested_site()
    entry.add_to_hass(hass)
    result = await dial_in(hass, entry, "CP2")
    assert result["step_id"] == "discovery_confirm"
    assert result["description_placeholders"] == {
        "station": "CP2",
        "site": "Home",
        "remote": "192.0.2.7",
    }
    (flow,) = hass.config_entries.flow.async_progress()
    assert flow["context"]["title_placeholders"] == {"name": "CP2"}

    result = await submit(hass, result)
    assert result["step_id"] == "charger"
    assert suggested(result) == {"connector_count": 1} | AUTOMATIC
    assert options(result, "zone") == [GARAGE]
    result = await submit(hass, result, zone=GARAGE, connector_count=1)
    assert result["step_id"] == "connector"

    result = await submit(hass, result, **CONNECTOR | {"fallback": 5.0})
    assert result["errors"] == {"base": "fallback_below_floor"}
    result = await submit(hass, result, **CONNECTOR)
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "charger_added"
    assert result["description_placeholders"] == {"station": "CP2"}
    stored = list(entry.subentries.values())[-1]
    assert (stored.subentry_type, stored.title) == ("charger", "CP2")
    assert stored.unique_id == "charger_CP2"
    assert stored.data == {"station_id": "CP2", "zone": GARAGE, "connectors": [CONNECTOR]}


async def test_a_charger_of_the_site_is_not_offered(hass: HomeAssistant) -> None:
    entry = nested_site()
    entry.add_to_hass(hass)
    result = await dial_in(hass, entry, "CP1")
    assert result["reason"] == "already_configured"


async def test_a_station_is_offered_once(hass: HomeAssistant) -> None:
    entry = nested_site()
    entry.add_to_hass(hass)
    await dial_in(hass, entry, "CP2")
    result = await dial_in(hass, entry, "CP2", "192.0.2.8")
    assert result["reason"] == "already_in_progress"


async def test_an_ignored_station_is_not_offered_again(hass: HomeAssistant) -> None:
    entry = nested_site()
    entry.add_to_hass(hass)
    result = await dial_in(hass, entry, "CP2")
    (flow,) = hass.config_entries.flow.async_progress()
    ignored = await hass.config_entries.flow.async_init(
        DOMAIN,
        context={"source": SOURCE_IGNORE},
        data={"unique_id": flow["context"]["unique_id"], "title": "CP2"},
    )
    assert ignored["type"] is FlowResultType.CREATE_ENTRY
    assert "next_flow" not in ignored

    result = await dial_in(hass, entry, "CP2")
    assert result["reason"] == "already_configured"
    result = await dial_in(hass, entry, "CP3")
    assert result["type"] is FlowResultType.FORM


async def test_the_offer_waits_for_the_first_zone(hass: HomeAssistant) -> None:
    entry = site()
    entry.add_to_hass(hass)
    result = await dial_in(hass, entry, "CP1", None)
    assert result["description_placeholders"] is not None
    assert result["description_placeholders"]["remote"] == "?"

    result = await submit(hass, result)
    assert result["errors"] == {"base": "no_zones"}

    hass.config_entries.async_add_subentry(
        entry,
        ConfigSubentry(
            data=MappingProxyType(zone_data()),
            subentry_type="zone",
            title="Main",
            unique_id="zone_main",
        ),
    )
    result = await submit(hass, result)
    assert result["step_id"] == "charger"


async def test_the_last_zone_may_vanish_meanwhile(hass: HomeAssistant) -> None:
    entry = site(zone(MAIN, "Main"))
    entry.add_to_hass(hass)
    result = await dial_in(hass, entry, "CP1")
    result = await submit(hass, result)
    hass.config_entries.async_remove_subentry(entry, MAIN)
    result = await submit(hass, result, zone=MAIN, connector_count=1)
    assert result["reason"] == "no_zones"


async def test_the_offer_ends_with_its_site(hass: HomeAssistant) -> None:
    entry = nested_site()
    entry.add_to_hass(hass)
    result = await dial_in(hass, entry, "CP2")
    await hass.config_entries.async_remove(entry.entry_id)
    result = await submit(hass, result)
    assert result["reason"] == "site_removed"


async def test_a_station_that_dialled_in_gets_a_password(hass: HomeAssistant) -> None:
    entry = nested_site()
    entry.add_to_hass(hass)
    result = await submit(hass, await dial_in(hass, entry, "CP2"))
    result = await submit(hass, result, zone=GARAGE, connector_count=1, password="Sesame-open")
    await submit(hass, result, **CONNECTOR)
    assert list(entry.subentries.values())[-1].data["password"] == "Sesame-open"
