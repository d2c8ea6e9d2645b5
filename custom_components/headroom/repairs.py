"""Repair issues that a person can act on."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util

from .compliance.incident import Incident
from .const import DOMAIN
from .engine.currents import PHASE_NAMES
from .installation import DUPLICATE_ID, NO_METER, UNKNOWN_DIALECT, UNKNOWN_MODEL, InstallationFault
from .meters.quality.incident import Incident as MeterIncident

if TYPE_CHECKING:
    from .coordinator import HeadroomConfigEntry
    from .memory import StoreFault

EXPIRY_NOTICE: Final = timedelta(days=30)
"""A certificate is complained of so long before it expires."""

_TEXTS: Final = {
    DUPLICATE_ID: "station_twice",
    NO_METER: "no_meter",
    UNKNOWN_MODEL: "unknown_model",
    UNKNOWN_DIALECT: "unknown_dialect",
}
"""Issues that have a text of their own, by the key of the fault."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Issue:
    """A repair issue of one subentry."""

    text: str
    is_grave: bool
    figures: Mapping[str, str] = field(default_factory=dict)
    """What its text names besides the subentry and the site."""


def report_installation_faults(
    hass: HomeAssistant, entry: HeadroomConfigEntry, faults: Iterable[InstallationFault]
) -> None:
    """Keep one repair issue for each subentry that does not fit, and none for the others."""
    issues = {}
    for fault in faults:
        of_its_type = f"{entry.subentries[fault.subentry_id].subentry_type}_left_out"
        issues[fault.subentry_id] = _Issue(
            text=_TEXTS.get(fault.key, of_its_type), is_grave=fault.left_out
        )
    _keep(hass, entry, _issue_id, issues)


def report_unlimited_chargers(
    hass: HomeAssistant, entry: HeadroomConfigEntry, unlimited: Mapping[str, str | None]
) -> None:
    """Keep one repair issue for each charger that takes no limit, with a setting that may help.

    Chargers are given by subentry id.
    """
    issues = {
        key: _with_setting("charger_unlimited", setting, is_grave=True)
        for key, setting in unlimited.items()
    }
    _keep(hass, entry, _unlimited_id, issues)


def report_incidents(
    hass: HomeAssistant,
    entry: HeadroomConfigEntry,
    incidents: Mapping[str, tuple[Incident, str | None]],
) -> None:
    """Keep one repair issue for each charger with an incident, and a setting that may help.

    Chargers are given by subentry id.
    """
    issues = {
        key: _with_setting(
            f"charger_{incident.cause}",
            setting,
            is_grave=incident.cause.is_grave,
            **_figures(incident),
        )
        for key, (incident, setting) in incidents.items()
    }
    _keep(hass, entry, _incident_id, issues)


def report_meter_incidents(
    hass: HomeAssistant, entry: HeadroomConfigEntry, incidents: Mapping[str, MeterIncident]
) -> None:
    """Keep one repair issue for each meter with an incident; meters are given by subentry id."""
    issues = {
        key: _Issue(
            text=f"meter_{incident.cause}",
            is_grave=incident.cause.is_grave,
            figures={"phases": ", ".join(PHASE_NAMES[phase] for phase in incident.phases)},
        )
        for key, incident in incidents.items()
    }
    _keep(hass, entry, _quality_id, issues)


def report_lockouts(hass: HomeAssistant, entry: HeadroomConfigEntry, zones: Iterable[str]) -> None:
    """Keep one repair issue for each zone in which an agreed import has locked cars out."""
    issues = {zone: _Issue(text="g100_lockout", is_grave=True) for zone in zones}
    _keep(hass, entry, _lockout_id, issues)


def _with_setting(text: str, setting: str | None, *, is_grave: bool, **figures: str) -> _Issue:
    if setting is None:
        return _Issue(text=text, is_grave=is_grave, figures=figures)
    figures |= {"setting": setting}
    return _Issue(text=f"{text}_setting", is_grave=is_grave, figures=figures)


def _figures(incident: Incident) -> dict[str, str]:
    currents = {"drawn": incident.drawn, "allowed": incident.allowed}
    return {
        "connector": str(incident.connector or ""),
        **{name: f"{value:.1f}" for name, value in currents.items() if value is not None},
    }


def _keep(
    hass: HomeAssistant,
    entry: HeadroomConfigEntry,
    make_id: Callable[[str, str], str],
    issues: Mapping[str, _Issue],
) -> None:
    """Keep the issues of one kind, by subentry id, and none for other subentries."""
    kept = {make_id(entry.entry_id, key): key for key in issues}
    for issue_id in _existing(hass, make_id(entry.entry_id, "")) - set(kept):
        ir.async_delete_issue(hass, DOMAIN, issue_id)
    for issue_id, key in kept.items():
        issue = issues[key]
        ir.async_create_issue(
            hass,
            DOMAIN,
            issue_id,
            is_fixable=False,
            severity=ir.IssueSeverity.ERROR if issue.is_grave else ir.IssueSeverity.WARNING,
            translation_key=issue.text,
            translation_placeholders={
                "name": entry.subentries[key].title,
                "site": entry.title,
                **issue.figures,
            },
        )


def report_certificate(
    hass: HomeAssistant, entry: HeadroomConfigEntry, expires: datetime | None
) -> None:
    """Keep a repair issue while the certificate of a site's port expires soon."""
    if expires is None or expires - dt_util.utcnow() > EXPIRY_NOTICE:
        forget_certificate(hass, entry)
        return
    ir.async_create_issue(
        hass,
        DOMAIN,
        _certificate_issue_id(entry),
        is_fixable=False,
        severity=ir.IssueSeverity.WARNING,
        translation_key="certificate_expires",
        translation_placeholders={"site": entry.title, "date": expires.date().isoformat()},
    )


def forget_certificate(hass: HomeAssistant, entry: HeadroomConfigEntry) -> None:
    """Remove the repair issue of a site's certificate."""
    ir.async_delete_issue(hass, DOMAIN, _certificate_issue_id(entry))


def _certificate_issue_id(entry: HeadroomConfigEntry) -> str:
    return f"certificate_{entry.entry_id}"


def report_storing(hass: HomeAssistant, entry: ConfigEntry, fault: StoreFault | None) -> None:
    """Keep a repair issue while what must survive a restart cannot be stored."""
    error = None if fault is None else fault.error
    issue, severity = _storing_issue_id(entry), ir.IssueSeverity.ERROR
    _report_error(hass, entry, issue, "state_not_stored", severity=severity, error=error)


def report_battery(hass: HomeAssistant, entry: ConfigEntry, error: str | None) -> None:
    """Keep a repair issue while the switch that holds the house battery does not follow."""
    issue, severity = _battery_issue_id(entry), ir.IssueSeverity.WARNING
    _report_error(hass, entry, issue, "battery_not_held", severity=severity, error=error)


def _report_error(
    hass: HomeAssistant,
    entry: ConfigEntry,
    issue: str,
    key: str,
    *,
    severity: ir.IssueSeverity,
    error: str | None,
) -> None:
    """Keep a repair issue of a site while there is an error."""
    if error is None:
        ir.async_delete_issue(hass, DOMAIN, issue)
        return
    ir.async_create_issue(
        hass,
        DOMAIN,
        issue,
        is_fixable=False,
        severity=severity,
        translation_key=key,
        translation_placeholders={"site": entry.title, "error": error},
    )


def _battery_issue_id(entry: ConfigEntry) -> str:
    return f"battery_{entry.entry_id}"


def _storing_issue_id(entry: ConfigEntry) -> str:
    return f"store_{entry.entry_id}"


def forget_issues(hass: HomeAssistant, entry: HeadroomConfigEntry) -> None:
    """Remove the repair issues of a site."""
    for make_id in (_issue_id, _unlimited_id, _incident_id, _quality_id, _lockout_id):
        for issue_id in _existing(hass, make_id(entry.entry_id, "")):
            ir.async_delete_issue(hass, DOMAIN, issue_id)
    forget_certificate(hass, entry)
    report_storing(hass, entry, None)
    report_battery(hass, entry, None)


def _existing(hass: HomeAssistant, prefix: str) -> set[str]:
    return {
        issue_id
        for domain, issue_id in ir.async_get(hass).issues
        if domain == DOMAIN and issue_id.startswith(prefix)
    }


def _issue_id(entry_id: str, subentry_id: str) -> str:
    return f"installation_{entry_id}_{subentry_id}"


def _unlimited_id(entry_id: str, subentry_id: str) -> str:
    return f"unlimited_{entry_id}_{subentry_id}"


def _incident_id(entry_id: str, subentry_id: str) -> str:
    return f"incident_{entry_id}_{subentry_id}"


def _quality_id(entry_id: str, subentry_id: str) -> str:
    return f"quality_{entry_id}_{subentry_id}"


def _lockout_id(entry_id: str, subentry_id: str) -> str:
    return f"lockout_{entry_id}_{subentry_id}"
