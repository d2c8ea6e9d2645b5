"""Repair issues that a person can act on."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .installation import DUPLICATE_ID, NO_METER, UNKNOWN_DIALECT, UNKNOWN_MODEL, InstallationFault

if TYPE_CHECKING:
    from .coordinator import HeadroomConfigEntry

EXPIRY_NOTICE: Final = timedelta(days=30)
"""A certificate is complained of so long before it expires."""

_TEXTS: Final = {
    DUPLICATE_ID: "station_twice",
    NO_METER: "no_meter",
    UNKNOWN_MODEL: "unknown_model",
    UNKNOWN_DIALECT: "unknown_dialect",
}
"""Issues that have a text of their own, by the key of the fault."""


def report_installation_faults(
    hass: HomeAssistant, entry: HeadroomConfigEntry, faults: Iterable[InstallationFault]
) -> None:
    """Keep one repair issue for each subentry that does not fit, and none for the others."""
    reported = {_issue_id(entry.entry_id, fault.subentry_id): fault for fault in faults}
    for issue_id in _existing(hass, _issue_id(entry.entry_id, "")) - set(reported):
        ir.async_delete_issue(hass, DOMAIN, issue_id)
    for issue_id, fault in reported.items():
        subentry = entry.subentries[fault.subentry_id]
        ir.async_create_issue(
            hass,
            DOMAIN,
            issue_id,
            is_fixable=False,
            severity=ir.IssueSeverity.ERROR if fault.left_out else ir.IssueSeverity.WARNING,
            translation_key=_TEXTS.get(fault.key, f"{subentry.subentry_type}_left_out"),
            translation_placeholders={"name": subentry.title, "site": entry.title},
        )


def report_unlimited_chargers(
    hass: HomeAssistant, entry: HeadroomConfigEntry, unlimited: Mapping[str, str | None]
) -> None:
    """Keep one repair issue for each charger that takes no limit, with a setting that may help.

    Chargers are given by subentry id.
    """
    reported = {_unlimited_id(entry.entry_id, key): key for key in unlimited}
    for issue_id in _existing(hass, _unlimited_id(entry.entry_id, "")) - set(reported):
        ir.async_delete_issue(hass, DOMAIN, issue_id)
    for issue_id, key in reported.items():
        setting = unlimited[key]
        placeholders = {"name": entry.subentries[key].title, "site": entry.title}
        if setting is not None:
            placeholders["setting"] = setting
        ir.async_create_issue(
            hass,
            DOMAIN,
            issue_id,
            is_fixable=False,
            severity=ir.IssueSeverity.ERROR,
            translation_key=(
                "charger_unlimited" if setting is None else "charger_unlimited_setting"
            ),
            translation_placeholders=placeholders,
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


def forget_issues(hass: HomeAssistant, entry: HeadroomConfigEntry) -> None:
    """Remove the repair issues of a site."""
    for make_id in (_issue_id, _unlimited_id):
        for issue_id in _existing(hass, make_id(entry.entry_id, "")):
            ir.async_delete_issue(hass, DOMAIN, issue_id)
    forget_certificate(hass, entry)


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
