"""How near a circuit breaker comes to tripping."""

from bisect import bisect_right
from itertools import pairwise
from math import exp, inf, log
from typing import Final

from .clock import TICK

_DECAY: Final = exp(-TICK / 300.0)
_MAGNETIC: Final = 0.1
"""s"""
_ANCHORS: Final = (
    (1.13, 1440.0),
    (1.3, 80.0),
    (1.45, 28.0),
    (2.0, 8.0),
    (2.55, 4.0),
    (3.0, 2.4),
)
"""Multiples of the rated current and the s until a warm and sensitive breaker opens.

Fast edge of the band of IEC 60898-1 type B, at 0.4 of the times from cold.
"""
_FROM: Final = [multiple for multiple, _ in _ANCHORS]
_SLOPES: Final = [log(t1 / t0) / log(m1 / m0) for (m0, t0), (m1, t1) in pairwise(_ANCHORS)]


def trip_time(multiple: float) -> float:
    """Return the s that a multiple of the rated current may last, on log-log lines."""
    if multiple < _FROM[0]:
        return inf
    if multiple >= _FROM[-1]:
        return _MAGNETIC
    number = bisect_right(_FROM, multiple) - 1
    begin, seconds = _ANCHORS[number]
    return seconds * float((multiple / begin) ** _SLOPES[number])


class Breaker:
    """One pole; `damage` of 1 opens it. What was done wears off within minutes."""

    def __init__(self, rated: float) -> None:
        self.damage = 0.0
        self.worst = 0.0
        self._rated = rated
        self._holds = rated * _FROM[0]

    def carry(self, current: float) -> None:
        """Carry a current in A for one tick."""
        if current >= self._holds:
            self.damage += TICK / trip_time(current / self._rated)
            self.worst = max(self.worst, self.damage)
        self.damage *= _DECAY
