"""Actions of energy managers and grid operators on a site."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

import probatio
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import ServiceResponse
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers import device_registry as dr
from homeassistant.util import dt as dt_util

from ..const import DOMAIN, SUBENTRY_ZONE
from ..coordinator import SiteCoordinator
from ..engine.grid.manager import MIN_PERIOD, MOST, ManagedSetpoint, Verdict

ATTR_CONTROLLER: Final = "controller"
ATTR_CURRENT: Final = "current"
ATTR_DURATION: Final = "duration"
ATTR_ONLY_CHARGERS: Final = "only_chargers"
ATTR_POWER: Final = "power"
ATTR_ZONE: Final = "zone"

_LONGEST_NAME: Final = 64

_number = probatio.All(probatio.Coerce(float), probatio.Range(min=0, max=MOST))
_duration = probatio.All(
    cv.positive_time_period, probatio.Range(min=timedelta(seconds=1), max=timedelta(days=366))
)
_controller = probatio.All(cv.string, probatio.Length(min=1, max=_LONGEST_NAME))

SETPOINT_FIELDS: Final[Mapping[probatio.Marker, object]] = {
    probatio.Required(ATTR_ZONE): cv.string,
    probatio.Required(ATTR_CONTROLLER): _controller,
    probatio.Optional(ATTR_CURRENT): _number,
    probatio.Optional(ATTR_POWER): _number,
    probatio.Optional(ATTR_ONLY_CHARGERS, default=False): cv.boolean,
    probatio.Optional(ATTR_DURATION): _duration,
}
RELEASE_FIELDS: Final[Mapping[probatio.Marker, object]] = {
    probatio.Required(ATTR_ZONE): cv.string,
    probatio.Required(ATTR_CONTROLLER): _controller,
}
LIMIT_FIELDS: Final[Mapping[probatio.Marker, object]] = {
    probatio.Required(ATTR_POWER): _number,
    probatio.Optional(ATTR_DURATION): _duration,
    probatio.Optional(ATTR_ZONE): cv.string,
}
END_LIMIT_FIELDS: Final[Mapping[probatio.Marker, object]] = {
    probatio.Optional(ATTR_ZONE): cv.string,
}


def set_zone_setpoint(site: SiteCoordinator, data: Mapping[str, Any]) -> ServiceResponse:
    """Take a setpoint of an energy manager; one that comes too soon is dropped (A9.6)."""
    zone, now = _zone(site, data[ATTR_ZONE]), dt_util.utcnow()
    current, power = data.get(ATTR_CURRENT), data.get(ATTR_POWER)
    if current is None and power is None:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="no_setpoint")
    lasts: timedelta | None = data.get(ATTR_DURATION)
    setpoint = ManagedSetpoint(
        controller=data[ATTR_CONTROLLER],
        at=now,
        current=current,
        power=power,
        for_evs=data[ATTR_ONLY_CHARGERS],
        expires=None if lasts is None else now + lasts,
    )
    verdict = site.grid.write(zone.subentry_id, setpoint)
    _require_writer(site, verdict, zone)
    held = site.grid.managers.setpoints[zone.subentry_id]
    if verdict is Verdict.ACCEPTED:
        site.async_wishes_changed()
    return {
        "status": verdict.value,
        "controller": held.controller,
        "current": held.current,
        "power": held.power,
        "lapses": held.lapses_at(site.grid.manager_policy).isoformat(),
        "next_update": (held.at + MIN_PERIOD).isoformat(),
    }


def release_zone(site: SiteCoordinator, data: Mapping[str, Any]) -> ServiceResponse:
    """Take away a setpoint of an energy manager."""
    zone = _zone(site, data[ATTR_ZONE])
    verdict = site.grid.release(zone.subentry_id, data[ATTR_CONTROLLER])
    _require_writer(site, verdict, zone)
    site.async_wishes_changed()
    return {"status": "released" if verdict is Verdict.ACCEPTED else "free"}


def limit_consumption(site: SiteCoordinator, data: Mapping[str, Any]) -> ServiceResponse:
    """Limit what cars draw from the grid, as its operator wants."""
    site.grid.limit(data[ATTR_POWER], data.get(ATTR_DURATION), _zone_if_any(site, data))
    site.async_wishes_changed()
    return None


def end_consumption_limit(site: SiteCoordinator, data: Mapping[str, Any]) -> ServiceResponse:
    """End the limits of the grid operator that actions have set."""
    site.grid.end_limit(_zone_if_any(site, data))
    site.async_wishes_changed()
    return None


def _require_writer(site: SiteCoordinator, verdict: Verdict, zone: ConfigSubentry) -> None:
    """Raise ServiceValidationError if another controller holds a zone."""
    if verdict is Verdict.REFUSED:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="zone_is_controlled",
            translation_placeholders={
                "zone": zone.title,
                "controller": site.grid.managers.setpoints[zone.subentry_id].controller,
            },
        )


def _zone_if_any(site: SiteCoordinator, data: Mapping[str, Any]) -> str | None:
    return _zone(site, data[ATTR_ZONE]).subentry_id if ATTR_ZONE in data else None


def _zone(site: SiteCoordinator, wanted: str) -> ConfigSubentry:
    """Return a zone by its name or the id of its device. Raises ServiceValidationError."""
    device = dr.async_get(site.hass).async_get(wanted)
    ids = set() if device is None else {identifier[1] for identifier in device.identifiers}
    for item in site.config_entry.get_subentries_of_type(SUBENTRY_ZONE):
        if item.subentry_id in ids or item.title == wanted:
            return item
    raise ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key="no_zone",
        translation_placeholders={"zone": wanted},
    )
