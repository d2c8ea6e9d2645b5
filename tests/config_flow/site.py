"""A site for the flows to work on, and short ways through them."""

from collections.abc import Mapping
from typing import Any

from homeassistant.config_entries import SOURCE_USER, ConfigSubentryData, SubentryFlowResult
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.headroom.const import (
    CONF_CONNECTORS,
    CONF_PARENT,
    CONF_STATION_ID,
    CONF_ZONE,
    DOMAIN,
    SUBENTRY_CHARGER,
    SUBENTRY_METER,
    SUBENTRY_ZONE,
)

MAIN = "01MAIN"
GARAGE = "01GARAGE"
METER = "01METER"
CHARGER = "01CHARGER"

CONNECTOR = {"wiring": "tri123", "max_current": 32.0, "floor": 6.0, "fallback": 0.0}
METER_DATA = {
    "zone": MAIN,
    "model": "schneider_iem3000",
    "host": "192.0.2.10",
    "port": 502,
    "unit": 255,
    "period": 500,
}


def zone_data(limit: float = 63.0, **changes: Any) -> dict[str, Any]:
    """Return what a zone's subentry keeps, or a form's input without the name."""
    return {
        "limit_l1": limit,
        "limit_l2": limit,
        "limit_l3": limit,
        "supply": "static",
        "degraded": 0.0,
    } | changes


def part(
    subentry_id: str, subentry_type: str, title: str, unique_id: str, data: Mapping[str, Any]
) -> ConfigSubentryData:
    """Return stored subentry data; MockConfigEntry takes the id along."""
    return {  # type: ignore[typeddict-unknown-key]
        "subentry_id": subentry_id,
        "subentry_type": subentry_type,
        "title": title,
        "unique_id": unique_id,
        "data": data,
    }


def zone(subentry_id: str, title: str, **data: Any) -> ConfigSubentryData:
    """Return a stored zone."""
    unique_id = f"zone_{title.lower()}"
    return part(subentry_id, SUBENTRY_ZONE, title, unique_id, zone_data(**data))


def charger(
    subentry_id: str, station_id: str, zone: str, *connectors: Mapping[str, Any]
) -> ConfigSubentryData:
    """Return a stored charger."""
    data = {
        CONF_STATION_ID: station_id,
        CONF_ZONE: zone,
        CONF_CONNECTORS: [dict(c) for c in connectors or (CONNECTOR,)],
    }
    return part(subentry_id, SUBENTRY_CHARGER, station_id, f"charger_{station_id}", data)


def meter() -> ConfigSubentryData:
    """Return a stored meter of the main zone."""
    return part(METER, SUBENTRY_METER, "iEM3155", "meter_192.0.2.10:502:255", METER_DATA)


def site(*parts: ConfigSubentryData) -> MockConfigEntry:
    """Return the entry of a site."""
    return MockConfigEntry(
        domain=DOMAIN,
        title="Home",
        data={"name": "Home", "port": 9000},
        subentries_data=parts,
    )


def nested_site() -> MockConfigEntry:
    """Return a site whose garage has a charger and is fed by the main board."""
    return site(
        zone(MAIN, "Main"),
        zone(GARAGE, "Garage", limit=32.0, **{CONF_PARENT: MAIN}),
        charger(CHARGER, "CP1", GARAGE),
    )


async def add(
    hass: HomeAssistant, entry: MockConfigEntry, subentry_type: str
) -> SubentryFlowResult:
    """Start the flow that adds a part to a site."""
    entry.add_to_hass(hass)
    return await hass.config_entries.subentries.async_init(
        (entry.entry_id, subentry_type), context={"source": SOURCE_USER}
    )


async def change(
    hass: HomeAssistant, entry: MockConfigEntry, subentry_id: str
) -> SubentryFlowResult:
    """Start the flow that changes a part of a site."""
    entry.add_to_hass(hass)
    result: SubentryFlowResult = await entry.start_subentry_reconfigure_flow(hass, subentry_id)
    return result


async def enter(
    hass: HomeAssistant, result: SubentryFlowResult, **values: Any
) -> SubentryFlowResult:
    """Submit the form of a subentry flow."""
    return await hass.config_entries.subentries.async_configure(result["flow_id"], values)


def suggested(result: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a form shows: suggested values, else defaults."""
    shown = {}
    for field in result["data_schema"].schema:
        if field.description:
            shown[str(field)] = field.description["suggested_value"]
        elif callable(field.default):
            shown[str(field)] = field.default()
    return shown


def options(result: Mapping[str, Any], field: str) -> list[str]:
    """Return the values that a form offers for a field."""
    config = result["data_schema"].schema[field].config["options"]
    return [option if isinstance(option, str) else option["value"] for option in config]
