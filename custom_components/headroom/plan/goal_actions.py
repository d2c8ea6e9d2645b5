"""Actions that set and drop goals."""

from collections.abc import Mapping
from datetime import time
from typing import Any, Final

import probatio
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util

from ..charger_target import Target
from ..const import CONF_CAR_CHARGE_ENTITY, CONF_CONNECTORS, DOMAIN
from ..parts import connector_id
from .session_goal import SessionGoal

ATTR_CHARGE: Final = "charge"
ATTR_ENERGY: Final = "energy"
ATTR_READY_BY: Final = "ready_by"
ATTR_TIME: Final = "time"
ATTR_WEEKDAYS: Final = "weekdays"

_MOST_ENERGY: Final = 1000
"""kWh; more than any car's battery."""

GOAL_FIELDS: Final[Mapping[probatio.Marker, object]] = {
    probatio.Optional(ATTR_ENERGY): probatio.All(
        probatio.Coerce(float), probatio.Range(min=0.1, max=_MOST_ENERGY)
    ),
    probatio.Optional(ATTR_CHARGE): probatio.All(
        probatio.Coerce(float), probatio.Range(min=1, max=100)
    ),
    probatio.Required(ATTR_READY_BY): cv.datetime,
}

READY_BY_FIELDS: Final[Mapping[probatio.Marker, object]] = {
    probatio.Required(ATTR_WEEKDAYS): cv.weekdays,
    probatio.Optional(ATTR_TIME): cv.time,
}


async def set_goal(target: Target, data: Mapping[str, Any]) -> None:
    """Plan for a goal until the car leaves. Raises ServiceValidationError."""
    ready_by = dt_util.as_utc(data[ATTR_READY_BY])
    if ready_by <= dt_util.utcnow():
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="time_is_past")
    energy, charge = data.get(ATTR_ENERGY), data.get(ATTR_CHARGE)
    if energy is None and charge is None:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="goal_is_empty")
    connector = target.item.data[CONF_CONNECTORS][target.number - 1]
    if charge is not None and CONF_CAR_CHARGE_ENTITY not in connector:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="no_charge_sensor")
    key = connector_id(target.item.subentry_id, target.number)
    target.coordinator.wishes.session_goals[key] = SessionGoal(
        ready_by=ready_by, energy=energy, charge=charge
    )
    target.coordinator.planner.async_goal_changed(key)


async def set_ready_by(target: Target, data: Mapping[str, Any]) -> None:
    """Let cars be ready by a time on some weekdays; without a time they need not be."""
    at: time | None = data.get(ATTR_TIME)
    text = None if at is None else at.isoformat()
    key = connector_id(target.item.subentry_id, target.number)
    days = target.coordinator.wishes.ready_on.get(key, {}) | dict.fromkeys(
        data[ATTR_WEEKDAYS], text
    )
    target.coordinator.wishes.ready_on[key] = days
    target.coordinator.planner.async_goal_changed(key)


async def clear_goal(target: Target, _: Mapping[str, Any]) -> None:
    """Drop the goal of a session; that for every day counts again."""
    key = connector_id(target.item.subentry_id, target.number)
    target.coordinator.wishes.session_goals.pop(key, None)
    target.coordinator.planner.async_goal_changed(key)
