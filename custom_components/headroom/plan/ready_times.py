"""At which time of day a car is to be ready, weekday by weekday."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import Any, Final

from ..engine.when.weekly import WEEKEND
from ..tariffs.settings import Weekday

DAYS: Final = tuple(day.value for day in Weekday)
"""As `date.weekday` counts them."""
WEEKEND_DAYS: Final = tuple(DAYS[day] for day in sorted(WEEKEND))
DEFAULT_READY_BY: Final = time(7)
_DAY: Final = timedelta(days=1)
_HORIZON: Final = 9
"""Days: a time that comes once a week, from after it on its own day."""
_REMEMBERED: Final = 1024
"""Goals are looked at every second, and their deadlines change once a day."""

type Times = tuple[time | None, ...]
"""Of each weekday; None: the car need not be ready."""
type SpecialDays = dict[str, str | None]
"""Times of day in ISO 8601 by weekday."""


def ready_times(usual: str | None, special: Mapping[str, str | None]) -> Times:
    """Return the times of a week from the usual one and those of special days."""
    default = DEFAULT_READY_BY.isoformat() if usual is None else usual
    texts = (special.get(day, default) for day in DAYS)
    return tuple(None if text is None else time.fromisoformat(text) for text in texts)


@lru_cache(maxsize=_REMEMBERED)
def next_time(times: Times, after: datetime, zone: tzinfo) -> datetime | None:
    """Return when the clock on the wall next shows one of the times of a week; None: never.

    Of two moments at which it shows it the earlier one counts. A time that it skips is taken to be
    as long after midnight as on other days: too early is better than too late.
    """
    first = after.astimezone(zone).date()
    days = (first + ahead * _DAY for ahead in range(_HORIZON))
    moments = (_moment(day, at, zone) for day in days if (at := times[day.weekday()]) is not None)
    return next((moment for moment in moments if moment > after), None)


def _moment(day: date, at: time, zone: tzinfo) -> datetime:
    """Return the first moment at which the clock shows, or skips, a time of a day."""
    moments = (datetime.combine(day, at.replace(fold=fold), zone) for fold in (0, 1))
    return min(moment.astimezone(UTC) for moment in moments)


def read_special_days(stored: Mapping[str, Any]) -> SpecialDays:
    """Return stored times of special days. Raises TypeError or ValueError."""
    if not stored.keys() <= set(DAYS):
        raise ValueError(f"not days of a week: {sorted(stored)}")
    return {
        day: None if text is None else time.fromisoformat(text).isoformat()
        for day, text in stored.items()
    }
