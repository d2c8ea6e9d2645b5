"""Charging schedules as messages carry them, alike in all versions."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from ..plant.ev import VOLTAGE
from .profiles import MAX_PERIODS, Period, ProfileError, Reason
from .times import parse_time

_DEFAULT_PHASES: Final = 3


def parse_periods(schedule: Mapping[str, Any]) -> tuple[Period, ...]:
    """Read the periods of a schedule, keys in snake case. Raises ProfileError."""
    if schedule["charging_rate_unit"] not in {"A", "W"}:
        raise ProfileError(Reason.UNIT, "unknown unit")
    periods: Sequence[Mapping[str, Any]] = schedule["charging_schedule_period"]
    if not 0 < len(periods) <= MAX_PERIODS:
        raise ProfileError(Reason.SCHEDULE, "number of periods")
    if any("limit" not in period for period in periods):
        raise ProfileError(Reason.SCHEDULE, "a period has no limit")
    starts = [period["start_period"] for period in periods]
    if starts != sorted(set(starts)) or starts[0] != 0:
        raise ProfileError(Reason.SCHEDULE, "periods begin at 0 and come in order")
    watts = schedule["charging_rate_unit"] == "W"
    return tuple(
        Period(
            period["start_period"],
            _per_phase(float(period["limit"]), period.get("number_phases"), watts=watts),
            _terminals(period),
        )
        for period in periods
    )


def _terminals(period: Mapping[str, Any]) -> tuple[int, ...] | None:
    """Return the terminals that a period names, counted from 0. Raises ProfileError."""
    count, only = period.get("number_phases"), period.get("phase_to_use")
    if only is None:
        return None if count is None else tuple(range(count))
    if count != 1:
        raise ProfileError(Reason.SCHEDULE, "phaseToUse goes with one phase")
    return (only - 1,)


def _per_phase(limit: float, phases: int | None, *, watts: bool) -> float:
    return limit / (VOLTAGE * (phases or _DEFAULT_PHASES)) if watts else limit


def parse_optional_time(text: str | None) -> datetime | None:
    """Read a time that may be absent. Raises ProfileError."""
    try:
        return None if text is None else parse_time(text)
    except ValueError as error:
        raise ProfileError(Reason.SCHEDULE, "time") from error
