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
ATTR_MINIMUM_BY: Final = "minimum_by"
ATTR_MINIMUM_CHARGE: Final = "minimum_charge"
ATTR_MINIMUM_ENERGY: Final = "minimum_energy"
ATTR_READY_BY: Final = "ready_by"
ATTR_TIME: Final = "time"
ATTR_WEEKDAYS: Final = "weekdays"

_MOST_ENERGY: Final = 1000
"""kWh; more than any car's battery."""
_ENERGY: Final = probatio.All(probatio.Coerce(float), probatio.Range(min=0.1, max=_MOST_ENERGY))
_CHARGE: Final = probatio.All(probatio.Coerce(float), probatio.Range(min=1, max=100))

GOAL_FIELDS: Final[Mapping[probatio.Marker, object]] = {
    probatio.Optional(ATTR_ENERGY): _ENERGY,
    probatio.Optional(ATTR_CHARGE): _CHARGE,
    probatio.Required(ATTR_READY_BY): cv.datetime,
    probatio.Optional(ATTR_MINIMUM_ENERGY): _ENERGY,
    probatio.Optional(ATTR_MINIMUM_CHARGE): _CHARGE,
    probatio.Optional(ATTR_MINIMUM_BY): cv.datetime,
}

READY_BY_FIELDS: Final[Mapping[probatio.Marker, object]] = {
    probatio.Required(ATTR_WEEKDAYS): cv.weekdays,
    probatio.Optional(ATTR_TIME): cv.time,
}


async def set_goal(target: Target, data: Mapping[str, Any]) -> None:
    """Plan for a goal until the car leaves. Raises ServiceValidationError."""
    by = data.get(ATTR_MINIMUM_BY)
    goal = SessionGoal(
        ready_by=dt_util.as_utc(data[ATTR_READY_BY]),
        energy=data.get(ATTR_ENERGY),
        charge=data.get(ATTR_CHARGE),
        minimum_energy=data.get(ATTR_MINIMUM_ENERGY),
        minimum_charge=data.get(ATTR_MINIMUM_CHARGE),
        minimum_by=None if by is None else dt_util.as_utc(by),
    )
    connector = target.item.data[CONF_CONNECTORS][target.number - 1]
    if (wrong := _wrong(goal, knows_charge=CONF_CAR_CHARGE_ENTITY in connector)) is not None:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key=wrong)
    key = connector_id(target.item.subentry_id, target.number)
    target.coordinator.wishes.session_goals[key] = goal
    target.coordinator.planner.async_goal_changed(key)


def _wrong(goal: SessionGoal, *, knows_charge: bool) -> str | None:
    """Return the name of what is wrong with a goal."""
    times = [goal.ready_by] if goal.minimum_by is None else [goal.ready_by, goal.minimum_by]
    has_minimum = goal.minimum_energy is not None or goal.minimum_charge is not None
    percents = goal.charge, goal.minimum_charge
    faults = {
        "time_is_past": min(times) <= dt_util.utcnow(),
        "goal_is_empty": goal.energy is None and goal.charge is None,
        "no_charge_sensor": not knows_charge and percents != (None, None),
        "minimum_is_empty": goal.minimum_by is not None and not has_minimum,
        "minimum_is_late": max(times) > goal.ready_by,
        "minimum_is_more": _exceeds(goal.minimum_energy, goal.energy)
        or _exceeds(goal.minimum_charge, goal.charge),
    }
    return next((name for name, is_so in faults.items() if is_so), None)


def _exceeds(part: float | None, whole: float | None) -> bool:
    return part is not None and whole is not None and part > whole


async def set_ready_by(target: Target, data: Mapping[str, Any]) -> None:
    """Let cars be ready by a time on some weekdays; without a time they need not be.

    Raises ServiceValidationError.
    """
    if not data[ATTR_WEEKDAYS]:
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="no_weekdays")
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
