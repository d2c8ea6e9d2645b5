"""The report of a charger: who it is, how it is, and what happened in the last 24 hours."""

from datetime import datetime, timedelta
from typing import Any, Final

from homeassistant.config_entries import ConfigEntryState, ConfigSubentry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.event import async_track_time_change
from homeassistant.util import dt as dt_util

from .chargers.base import ChargerLink
from .chargers.maintenance import NoticeKind
from .const import DOMAIN, SUBENTRY_CHARGER
from .coordinator import HeadroomConfigEntry, SiteCoordinator
from .journal import SPAN, EntryKind, JournalEntry, SessionRecord
from .log_files import delete_old_logs, list_logs
from .origin.parts import Parts
from .parts import connector_id
from .plain import plain

EVENT_REPORT: Final = "headroom_report"
_G_PER_KG: Final = 1000
_HOUR: Final = 6
"""Of the local day: before people come to look."""


@callback
def async_report_daily(hass: HomeAssistant, entry: HeadroomConfigEntry) -> None:
    """Fire an event with the report of each charger once a day, and delete old logs."""

    async def report(_: datetime) -> None:
        await hass.async_add_executor_job(delete_old_logs, hass, dt_util.utcnow())
        for item in entry.get_subentries_of_type(SUBENTRY_CHARGER):
            if entry.state is not ConfigEntryState.LOADED:
                return
            hass.bus.async_fire(EVENT_REPORT, await async_report_of(entry.runtime_data, item))

    entry.async_on_unload(async_track_time_change(hass, report, hour=_HOUR, minute=0, second=0))


async def async_report_of(coordinator: SiteCoordinator, item: ConfigSubentry) -> dict[str, Any]:
    """Return the report of a charger as JSON."""
    hass = coordinator.hass
    logs = await hass.async_add_executor_job(list_logs, hass, item.subentry_id)
    return {**_report(coordinator, item, dt_util.utcnow()), "logs": plain(logs)}


def _report(coordinator: SiteCoordinator, item: ConfigSubentry, now: datetime) -> dict[str, Any]:
    charger = coordinator.equipment.charger(item.subentry_id)
    journal, since = coordinator.journal.of(item.subentry_id), now - SPAN
    entries = tuple(entry for entry in journal.entries if entry.at >= since)
    return {
        "site": coordinator.config_entry.title,
        "charger": item.title,
        "device_id": _device_id(coordinator, item),
        "from": since.isoformat(),
        "to": now.isoformat(),
        "contact": _contact(journal.entries, since, now),
        "sessions": [_session(session) for session in journal.sessions],
        "energy": sum(_kwh(session.energy) or 0.0 for session in journal.sessions),
        "errors": [plain(entry) for entry in entries if entry.kind == EntryKind.ERROR],
        "events": [plain(entry) for entry in entries if entry.kind != EntryKind.ERROR],
        **({"online": False} if charger is None else _charger(coordinator, item, charger)),
    }


def _charger(
    coordinator: SiteCoordinator, item: ConfigSubentry, charger: ChargerLink
) -> dict[str, Any]:
    return {
        "online": charger.online,
        "identity": plain(charger.info),
        "capabilities": plain(charger.capabilities),
        "refused_settings": sorted(charger.refused_settings),
        "takes_limits": charger.limitable,
        "connectors": {
            str(number): _connector(coordinator, item, number, charger)
            for number in charger.connectors
        },
    }


def _connector(
    coordinator: SiteCoordinator, item: ConfigSubentry, number: int, charger: ChargerLink
) -> dict[str, Any]:
    identifier = connector_id(item.subentry_id, number)
    data, site = charger.connectors[number], coordinator.data.site
    installed = site.connector_by_id.get(identifier)
    setpoint = coordinator.data.decision.setpoints.get(identifier)
    return {
        "status": data.status.value,
        "error": data.error,
        "setpoint": None if setpoint is None else setpoint.current,
        "confirmed": data.confirmed,
        "max_current": None if installed is None else installed.max_current,
        "fallback": None if installed is None else site.fallback_of[identifier],
        "last_session": _origin(coordinator.origin.ledger.of(identifier).session),
    }


def _origin(parts: Parts) -> dict[str, Any]:
    """Return where the energy of a session came from in kWh, its cost, and CO2 in kg."""
    return {
        "solar": _kwh(parts.solar),
        "battery": _kwh(parts.battery),
        "grid": _kwh(parts.grid),
        "assumed": _kwh(parts.assumed),
        "cost": round(parts.cost, 2),
        "carbon": round(parts.carbon / _G_PER_KG, 3),
    }


def _contact(entries: tuple[JournalEntry, ...], since: datetime, now: datetime) -> dict[str, Any]:
    """Return how often and for how long contact was lost, and how often the charger booted.

    The first entry may be older: then contact was lost already.
    """
    without, lost_at = timedelta(), None
    for entry in entries:
        if entry.kind == EntryKind.CONTACT_LOST:
            lost_at = max(entry.at, since)
        elif entry.kind == EntryKind.CONTACT and lost_at is not None:
            without += entry.at - lost_at
            lost_at = None
    if lost_at is not None:
        without += now - lost_at
    kinds = [entry.kind for entry in entries if entry.at >= since]
    return {
        "lost": kinds.count(EntryKind.CONTACT_LOST),
        "without_contact": round(without.total_seconds()),
        "boots": kinds.count(NoticeKind.BOOT),
    }


def _session(session: SessionRecord) -> dict[str, Any]:
    return {**plain(session), "energy": _kwh(session.energy)}


def _kwh(energy: float | None) -> float | None:
    return None if energy is None else round(energy / 1000, 3)


def _device_id(coordinator: SiteCoordinator, item: ConfigSubentry) -> str:
    return dr.async_get_device_id_by_identifier(
        coordinator.hass,
        (DOMAIN, item.subentry_id),
        config_entry_id=coordinator.config_entry.entry_id,
    )
