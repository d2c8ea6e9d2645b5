"""What is usual at a time of day, learnt from what is seen."""

from datetime import datetime, tzinfo
from typing import Final

_SLOTS: Final = 96
_MINUTES: Final = 15
_WEIGHT: Final = 0.05
"""Of one sample: 15 of a quarter of an hour make about half of what is remembered of it."""


class DailyProfile:
    """The mean of a value for each quarter of an hour of the day."""

    def __init__(self) -> None:
        self._means: list[float | None] = [None] * _SLOTS
        self._latest: float | None = None

    def note(self, now: datetime, value: float, zone: tzinfo) -> None:
        """Add a sample; about one a minute is wanted."""
        self._latest = self._moved(self._latest, value)
        slot = _slot(now, zone)
        self._means[slot] = self._moved(self._means[slot], value)

    def expected(self, at: datetime, zone: tzinfo) -> float | None:
        """Return what is usual at a time, else what is usual now; None: nothing was seen yet."""
        mean = self._means[_slot(at, zone)]
        return self._latest if mean is None else mean

    @staticmethod
    def _moved(mean: float | None, value: float) -> float:
        return value if mean is None else mean + _WEIGHT * (value - mean)


def _slot(at: datetime, zone: tzinfo) -> int:
    local = at.astimezone(zone)
    return (local.hour * 60 + local.minute) // _MINUTES
