"""What is usual at a time of day, learnt from what is seen."""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from math import isfinite
from typing import Any, Final, Self

from ..engine.when.weekly import WEEKEND

_SLOTS: Final = 96
_MINUTES: Final = 15
_WEIGHT: Final = 0.05
"""Of one sample: 15 of a quarter of an hour make about half of what is remembered of it."""


class DailyProfile:
    """The mean of a value for each quarter of an hour, of weekdays and of weekends."""

    def __init__(self) -> None:
        self._means: list[float | None] = [None] * (2 * _SLOTS)
        self._latest: float | None = None

    def note(self, now: datetime, value: float, zone: tzinfo) -> None:
        """Add a sample; about one a minute is wanted."""
        self._latest = self._moved(self._latest, value)
        slot, _ = _slots(now, zone)
        self._means[slot] = self._moved(self._means[slot], value)

    def expected(self, at: datetime, zone: tzinfo) -> float | None:
        """Return what is usual at a time, on such days or else on others; None: nothing was seen.

        A time of day that was never seen is taken to be as it is now.
        """
        means = (self._means[slot] for slot in _slots(at, zone))
        return next((mean for mean in means if mean is not None), self._latest)

    def to_json(self) -> dict[str, Any]:
        """Return a JSON object that `from_json` reads; A and W to a tenth are enough."""
        return {"means": [_rounded(mean) for mean in self._means], "latest": _rounded(self._latest)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Return a stored profile. Raises KeyError, TypeError or ValueError."""
        profile, means = cls(), [_read(mean) for mean in stored["means"]]
        if len(means) != len(profile._means):
            raise ValueError(f"not two days of quarters: {len(means)}")
        profile._means, profile._latest = means, _read(stored["latest"])
        return profile

    @staticmethod
    def _moved(mean: float | None, value: float) -> float:
        return value if mean is None else mean + _WEIGHT * (value - mean)


def _slots(at: datetime, zone: tzinfo) -> tuple[int, int]:
    """Return the place of a moment on days of its kind, and on the others."""
    local = at.astimezone(zone)
    slot = (local.hour * 60 + local.minute) // _MINUTES
    places = slot, slot + _SLOTS
    return places[::-1] if local.weekday() in WEEKEND else places


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def _read(value: float | None) -> float | None:
    number = None if value is None else float(value)
    if number is not None and not isfinite(number):
        raise ValueError(f"not a number: {value!r}")
    return number
