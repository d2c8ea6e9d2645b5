"""Diagnostics with everything that helps and nothing that identifies."""

from typing import Any

from homeassistant.components.diagnostics import async_redact_data
from homeassistant.const import CONF_HOST, CONF_NAME, CONF_PASSWORD
from homeassistant.core import HomeAssistant

from .const import (
    CONF_CERTIFICATE,
    CONF_CLIENT_CA,
    CONF_PRIVATE_KEY,
    CONF_SERIAL_PORT,
    CONF_STATION_ID,
)
from .coordinator import HeadroomConfigEntry, LoadTable, SiteCoordinator
from .decision_text import load_state_of
from .engine.acting.load_table import LoadGroup
from .engine.currents import PHASE_NAMES, PHASES
from .engine.when.tariff_caps import table_of
from .log_files import list_logs
from .plain import plain
from .tariffs.settings import switched_off

_SECRETS = frozenset(
    {
        "badge",
        CONF_CERTIFICATE,
        CONF_CLIENT_CA,
        CONF_HOST,
        CONF_NAME,
        CONF_PASSWORD,
        CONF_PRIVATE_KEY,
        CONF_SERIAL_PORT,
        CONF_STATION_ID,
        "ended",
        "path",
        "serial",
        "session",
        "signature",
        "title",
        "url",
    }
)


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: HeadroomConfigEntry
) -> dict[str, Any]:
    """Return what a site is, what it last saw and what it last decided."""
    coordinator = entry.runtime_data
    content = {
        "entry": dict(entry.data),
        "options": dict(entry.options),
        "subentries": {
            key: {"type": item.subentry_type, "data": dict(item.data)}
            for key, item in entry.subentries.items()
        },
        "faults": [fault.key for fault in coordinator.data.faults],
        "decision": plain(coordinator.data.decision),
        "load_tables": {
            zone: _load_table(coordinator.load_table(zone))
            for zone in coordinator.data.decision.zones
        },
        "tariff_table": _tariff_table(coordinator),
        "wishes": plain(coordinator.wishes),
        "limitations": plain(coordinator.grid.operator.record),
        "zone_setpoints": plain(coordinator.grid.managers.setpoints),
        "plan": plain(coordinator.planner.report),
        "meters": _meters(coordinator),
        "chargers": _chargers(coordinator),
        "logs": await hass.async_add_executor_job(_logs, hass, coordinator),
    }
    redacted: dict[str, Any] = async_redact_data(content, _SECRETS)
    return redacted


def _tariff_table(coordinator: SiteCoordinator) -> dict[str, Any]:
    """Return what each period leaves to each zone, by their ids; null where it does not apply."""
    site, entry = coordinator.data.site, coordinator.config_entry
    off = switched_off(coordinator.wishes.tariffs_off, entry.entry_id, site)
    return {zone: plain(periods) for zone, periods in table_of(site, off).items()}


def _load_table(table: LoadTable) -> dict[str, Any]:
    """Return a table by group and name of the phase."""
    return {
        group.value: {
            PHASE_NAMES[phase]: {
                **plain(table[group, phase]),
                "state": load_state_of(table[group, phase].state),
            }
            for phase in PHASES
        }
        for group in LoadGroup
    }


def _meters(coordinator: SiteCoordinator) -> dict[str, Any]:
    return {
        key: {
            "data": plain(meter.data),
            "missed": meter.missed,
            "fault": None if meter.fault is None else type(meter.fault).__name__,
            "incidents": plain(coordinator.quality.incidents(key)),
        }
        for key, meter in coordinator.equipment.meters.items()
    }


def _chargers(coordinator: SiteCoordinator) -> dict[str, Any]:
    return {
        key: {
            "online": charger.online,
            "info": plain(charger.info),
            "capabilities": plain(charger.capabilities),
            "refused_settings": sorted(charger.refused_settings),
            "limitable": charger.limitable,
            "details": plain(charger.details),
            "incidents": plain(coordinator.compliance.incidents(key)),
            "upkeep": plain(charger.upkeep),
            "journal": plain(coordinator.journal.of(key).entries),
            "firmware": plain(coordinator.firmware.get(key)),
            "connectors": {
                str(number): {"data": plain(data), "reading": plain(charger.reading(number))}
                for number, data in charger.connectors.items()
            },
        }
        for key, charger in coordinator.equipment.chargers.items()
    }


def _logs(hass: HomeAssistant, coordinator: SiteCoordinator) -> dict[str, Any]:
    return {key: plain(list_logs(hass, key)) for key in coordinator.equipment.chargers}
