"""A site for the flows to work on, and short ways through them."""

from collections.abc import Iterator, Mapping
from typing import Any

import probatio
from homeassistant.config_entries import (
    SOURCE_USER,
    ConfigFlowResult,
    ConfigSubentryData,
    SubentryFlowResult,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, section
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.headroom.const import (
    CONF_CONNECTORS,
    CONF_PARENT,
    CONF_STATION_ID,
    CONF_ZONE,
    DOMAIN,
    SUBENTRY_CHARGER,
    SUBENTRY_METER,
    SUBENTRY_TARIFF,
    SUBENTRY_ZONE,
)

MAIN = "01MAIN"
GARAGE = "01GARAGE"
METER = "01METER"
CHARGER = "01CHARGER"

AUTOMATIC = dict.fromkeys(("ocpp_version", "profile_purpose", "profile_unit"), "automatic")

CONNECTOR = {
    "wiring": "tri123",
    "max_current": 32.0,
    "floor": 6.0,
    "offline": "fallback",
    "fallback": 0.0,
    "vip": False,
    "priority": False,
}
METER_DATA = {
    "connection": "tcp",
    "zone": MAIN,
    "model": "schneider_iem3000",
    "host": "192.0.2.10",
    "port": 502,
    "unit": 255,
    "period": 500,
    "role": "supply",
    "wiring": "tri123",
    "inverted": False,
    "spread": "worst",
}


def zone_data(limit: float = 63.0, **changes: Any) -> dict[str, Any]:
    """Return what a zone's subentry keeps, or a form's input without the name."""
    return {
        "limit_l1": limit,
        "limit_l2": limit,
        "limit_l3": limit,
        "supply": "static",
        "sharing": "inherit",
        "fifo_percent": 50,
        "protection": "hard",
        "margin": 0,
        "degraded": 0.0,
        "scale_fallback": False,
        "external_age": 600,
        "external_otherwise": 0.0,
        "analyser_margin": 10,
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


def tariff_data(percent: float = 80, *hours: tuple[str, str], **changes: Any) -> dict[str, Any]:
    """Return what a tariff period's subentry keeps, or a form's input without the name."""
    slots = [{"start": start, "end": end} for start, end in hours or (("10:30", "12:00"),)]
    return {"slots": slots, "weekdays": ["mon", "tue"], "percent": percent} | changes


def tariff(
    subentry_id: str, title: str, percent: float = 80, *hours: tuple[str, str], **data: Any
) -> ConfigSubentryData:
    """Return a stored tariff period."""
    unique_id = f"tariff_period_{title.lower()}"
    return part(
        subentry_id, SUBENTRY_TARIFF, title, unique_id, tariff_data(percent, *hours, **data)
    )


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
    """Start the flow that adds a part to a site; a charger speaks OCPP, a meter Modbus."""
    entry.add_to_hass(hass)
    subentries = hass.config_entries.subentries
    result = await subentries.async_init(
        (entry.entry_id, subentry_type), context={"source": SOURCE_USER}
    )
    if result["type"] is FlowResultType.MENU:
        return await choose(hass, result, "modbus" if subentry_type == SUBENTRY_METER else "ocpp")
    return result


async def choose(hass: HomeAssistant, result: SubentryFlowResult, step: str) -> SubentryFlowResult:
    """Choose from the menu of a subentry flow."""
    return await hass.config_entries.subentries.async_configure(
        result["flow_id"], {"next_step_id": step}
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
    submitted = by_section(result["data_schema"], values)
    return await hass.config_entries.subentries.async_configure(result["flow_id"], submitted)


async def submit(hass: HomeAssistant, result: ConfigFlowResult, **values: Any) -> ConfigFlowResult:
    """Submit the form of a flow."""
    submitted = by_section(result["data_schema"], values)
    return await hass.config_entries.flow.async_configure(result["flow_id"], submitted)


def by_section(schema: probatio.Schema | None, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as a browser sends them: those of each section by themselves."""
    submitted = dict(values)
    for name, part in () if schema is None else schema.schema.items():
        if isinstance(part, section):
            inner = [str(field) for field in part.schema.schema]
            submitted[name] = {key: submitted.pop(key) for key in inner if key in submitted}
    return submitted


def fields(schema: probatio.Schema) -> Iterator[tuple[Any, Any]]:
    """Yield all fields of a form with their selectors, those in sections too."""
    for field, selector in schema.schema.items():
        if isinstance(selector, section):
            yield from fields(selector.schema)
        else:
            yield field, selector


def suggested(result: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a form shows: suggested values, else defaults."""
    shown = {}
    for field, _ in fields(result["data_schema"]):
        if field.description:
            shown[str(field)] = field.description["suggested_value"]
        elif callable(field.default):
            shown[str(field)] = field.default()
    return shown


def options(result: Mapping[str, Any], field: str) -> list[str]:
    """Return the values that a form offers for a field."""
    config = dict(fields(result["data_schema"]))[field].config["options"]
    return [option if isinstance(option, str) else option["value"] for option in config]
