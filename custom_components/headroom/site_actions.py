"""Actions on a whole site."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any, Final

import probatio
from homeassistant.const import ATTR_CONFIG_ENTRY_ID
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.service import async_get_config_entry
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .coordinator import HeadroomConfigEntry, SiteCoordinator
from .grid.actions import (
    END_LIMIT_FIELDS,
    LIMIT_FIELDS,
    RELEASE_FIELDS,
    SETPOINT_FIELDS,
    end_consumption_limit,
    limit_consumption,
    release_zone,
    set_zone_setpoint,
)
from .inputs.load_shedding import ShedOrder
from .subentry_flows.connector import HIGHEST_CURRENT
from .tariffs.table import tariff_table

ATTR_CURRENT: Final = "current"
ATTR_DURATION: Final = "duration"

_SHORTEST: Final = timedelta(seconds=1)
_LONGEST: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteAction:
    """An action that everybody may call; it needs to name the site only where there are several."""

    name: str
    handle: Callable[[SiteCoordinator, Mapping[str, Any]], ServiceResponse]
    fields: Mapping[probatio.Marker, object] = field(default_factory=dict)
    answers: SupportsResponse = SupportsResponse.NONE

    @property
    def schema(self) -> probatio.Schema:
        """Return what can be passed."""
        return probatio.Schema({probatio.Optional(ATTR_CONFIG_ENTRY_ID): cv.string, **self.fields})


@callback
def async_register_site_actions(hass: HomeAssistant) -> None:
    """Register the actions, which find their site when they are called."""
    for action in SITE_ACTIONS:
        hass.services.async_register(
            DOMAIN,
            action.name,
            partial(_run, hass, action),
            schema=action.schema,
            supports_response=action.answers,
        )


@callback
def _run(hass: HomeAssistant, action: SiteAction, call: ServiceCall) -> ServiceResponse:
    entry: HeadroomConfigEntry = async_get_config_entry(
        hass, DOMAIN, call.data.get(ATTR_CONFIG_ENTRY_ID)
    )
    return action.handle(entry.runtime_data, call.data)


def _tariff_table(site: SiteCoordinator, _: Mapping[str, Any]) -> ServiceResponse:
    return {"zones": tariff_table(site)}


def _shed_load(site: SiteCoordinator, data: Mapping[str, Any]) -> ServiceResponse:
    duration = data.get(ATTR_DURATION)
    site.snapshots.load_shedding.order = ShedOrder(
        current=data.get(ATTR_CURRENT),
        until=None if duration is None else dt_util.utcnow() + duration,
    )
    site.async_wishes_changed()
    return None


def _end_load_shedding(site: SiteCoordinator, _: Mapping[str, Any]) -> ServiceResponse:
    site.snapshots.load_shedding.order = None
    site.async_wishes_changed()
    return None


_AMPERES: Final = probatio.All(probatio.Coerce(float), probatio.Range(min=0, max=HIGHEST_CURRENT))
_DURATION: Final = probatio.All(
    cv.positive_time_period, probatio.Range(min=_SHORTEST, max=_LONGEST)
)

SITE_ACTIONS: Final = (
    SiteAction(
        name="shed_load",
        handle=_shed_load,
        fields={
            probatio.Optional(ATTR_CURRENT): _AMPERES,
            probatio.Optional(ATTR_DURATION): _DURATION,
        },
    ),
    SiteAction(name="end_load_shedding", handle=_end_load_shedding),
    SiteAction(name="tariff_table", handle=_tariff_table, answers=SupportsResponse.ONLY),
    SiteAction(
        name="set_zone_setpoint",
        handle=set_zone_setpoint,
        fields=SETPOINT_FIELDS,
        answers=SupportsResponse.OPTIONAL,
    ),
    SiteAction(
        name="release_zone",
        handle=release_zone,
        fields=RELEASE_FIELDS,
        answers=SupportsResponse.OPTIONAL,
    ),
    SiteAction(name="limit_consumption", handle=limit_consumption, fields=LIMIT_FIELDS),
    SiteAction(name="end_consumption_limit", handle=end_consumption_limit, fields=END_LIMIT_FIELDS),
)
