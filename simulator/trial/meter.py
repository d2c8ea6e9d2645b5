"""A meter at the supply: samples now and then, and what it says arrives late."""

from collections import deque
from dataclasses import dataclass
from math import sqrt
from random import Random

from .clock import TICK, TICKS_PER_SECOND, ticks


@dataclass(frozen=True, slots=True)
class Sample:
    """Currents in A per phase, RMS over the second before a time in s."""

    currents: tuple[float, float, float]
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterKind:
    """How often a meter looks and how late its news is, in s."""

    period: float
    latency: tuple[float, float]


class Meter:
    """Resolution 0.1 A."""

    def __init__(self, kind: MeterKind, random: Random) -> None:
        self._latency = kind.latency
        self._period = ticks(kind.period)
        self._random = random
        self._next = random.randrange(self._period) + TICKS_PER_SECOND
        self._squares = [0.0, 0.0, 0.0]
        self._on_its_way: deque[tuple[int, Sample]] = deque()

    def see(self, currents: tuple[float, float, float], tick: int) -> Sample | None:
        """Look at the true currents of a tick; return a sample that arrives now."""
        if tick > self._next - TICKS_PER_SECOND:
            squares = self._squares
            squares[0] += currents[0] * currents[0]
            squares[1] += currents[1] * currents[1]
            squares[2] += currents[2] * currents[2]
            if tick >= self._next:
                self._take(tick)
        if self._on_its_way and self._on_its_way[0][0] <= tick:
            return self._on_its_way.popleft()[1]
        return None

    def _take(self, tick: int) -> None:
        one, two, three = (round(sqrt(s / TICKS_PER_SECOND), 1) for s in self._squares)
        self._squares = [0.0, 0.0, 0.0]
        self._next = tick + self._period
        arrives = tick + ticks(self._random.uniform(*self._latency))
        if self._on_its_way:
            arrives = max(arrives, self._on_its_way[-1][0] + 1)
        self._on_its_way.append((arrives, Sample((one, two, three), tick * TICK)))
