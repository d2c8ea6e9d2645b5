"""Bringing what older releases have stored up to date."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from .const import CONF_ROLE, SUBENTRY_METER
from .engine.site.model import MeterRole

VERSION: Final = 1
MINOR_VERSION: Final = 2
"""2: meters have a role."""

_REPORTING: Final = "reporting"
"""What meters had before: whether they only report."""


async def async_migrate_entry(hass: HomeAssistant, entry: ConfigEntry) -> bool:
    """Bring a site's entry up to date; return False for one of a newer release."""
    if entry.version > VERSION:
        return False
    if entry.minor_version < MINOR_VERSION:
        for item in entry.get_subentries_of_type(SUBENTRY_METER):
            data = _with_role(item.data)
            hass.config_entries.async_update_subentry(entry, item, data=data)
        hass.config_entries.async_update_entry(entry, minor_version=MINOR_VERSION)
    return True


def _with_role(data: Mapping[str, Any]) -> dict[str, Any]:
    role = MeterRole.OUTLET if data.get(_REPORTING) else MeterRole.SUPPLY
    kept = {key: value for key, value in data.items() if key != _REPORTING}
    return {CONF_ROLE: role.value, **kept}
