"""How long a controller looks back before it raises, and what it sees there."""

from bisect import bisect_left
from math import inf
from typing import Final

_PROVOKED: Final = 180.0
_QUIET: Final = 300.0
_FACTOR: Final = 1.6
_LONGEST: Final = 240.0
"""s"""


class Peaks:
    """Highest values of the last so many s."""

    def __init__(self, kept: float) -> None:
        self._kept = kept
        self._times: list[float] = []
        self._values: list[float] = []

    def note(self, now: float, value: float) -> None:
        """Remember a value, and forget those that no longer matter."""
        while self._values and self._values[-1] <= value:
            self._times.pop()
            self._values.pop()
        self._times.append(now)
        self._values.append(value)
        old = bisect_left(self._times, now - self._kept)
        del self._times[:old], self._values[:old]

    def highest(self, since: float) -> float:
        """Return the highest value from a time on; the newest one if all are older."""
        return self._values[min(bisect_left(self._times, since), len(self._values) - 1)]


class Patience:
    """Looks back further when a cut soon follows a raise, and less far again in quiet times."""

    def __init__(self, shortest: float) -> None:
        self.window = shortest
        """s"""
        self._shortest = shortest
        self._raised_at = -inf
        self._quiet_since = -inf

    def note_raise(self, now: float) -> None:
        """Remember when the last raise was."""
        self._raised_at = self._quiet_since = now

    def note_cut(self, now: float) -> None:
        """Lengthen the window if a raise may have provoked this."""
        self._quiet_since = now
        if now - self._raised_at <= _PROVOKED:
            self.window = min(_LONGEST, self.window * _FACTOR)

    def relax(self, now: float) -> None:
        """Shorten the window a little after every while without raises and cuts."""
        if now - self._quiet_since >= _QUIET:
            self.window = max(self._shortest, self.window / _FACTOR)
            self._quiet_since = now
