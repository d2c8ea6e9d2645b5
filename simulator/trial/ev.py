"""A car and the charger's contactor, as the grid sees them."""

from array import array
from dataclasses import dataclass
from random import Random
from typing import Final, Self

from .clock import TICK, TICKS_PER_SECOND, ticks

FLOOR: Final = 6.0
"""A; a car that is offered less does not draw."""
_TAPERED: Final = 4.0
"""A that a car still draws before it is full."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CarTraits:
    """How a car follows what it is offered; A, s, A/s."""

    reaction: float
    ramp_up: float
    ramp_down: float
    start_delay: float
    undershoot: float

    @classmethod
    def drawn_by_chance(cls, random: Random) -> Self:
        """Return one of the cars that are on the road."""
        return cls(
            reaction=random.uniform(0.3, 2.5),
            ramp_up=random.uniform(1, 6),
            ramp_down=random.uniform(4, 16),
            start_delay=random.uniform(5, 20),
            undershoot=random.uniform(0, 0.6),
        )


def appetites(most: float, random: Random, seconds: float) -> array[float]:
    """Return what cars of one outlet would take at every second, in A.

    One car after the other: an hour or more of all they can take, then a taper to 4 A.
    """
    course = array("d")
    while len(course) < seconds:
        course.extend([most] * int(random.uniform(3600, 9000)))
        taper = int(random.uniform(600, 1500))
        course.extend(most + (_TAPERED - most) * second / taper for second in range(taper))
        course.extend([_TAPERED] * int(random.uniform(60, 300)))
    return course[: int(seconds) + 1]


class Car:
    """A plugged-in car; `drawn` is its current in A on each of its phases."""

    def __init__(self, traits: CarTraits, appetite: array[float]) -> None:
        self.drawn = 0.0
        self.ready = False
        """Whether it takes what it is offered; False before its start delay is over."""
        self._traits = traits
        self._appetite = appetite
        self._reaction = ticks(traits.reaction)
        self._delay = ticks(traits.start_delay)
        self._up = traits.ramp_up * TICK
        self._down = traits.ramp_down * TICK
        self._offer = 0.0
        self._noticed: list[tuple[int, float]] = []
        self._ready_at = 0

    def offer(self, current: float, tick: int) -> None:
        """Change what the charger's pilot signal says."""
        self._noticed.append((tick + self._reaction, current if current >= FLOOR else 0.0))

    def advance(self, tick: int) -> float:
        """Live through one tick and return the current in A."""
        while self._noticed and self._noticed[0][0] <= tick:
            current = self._noticed.pop(0)[1]
            if current and not self._offer:
                self._ready_at = tick + self._delay
            self._offer = current
        self.ready = self._offer > 0 and tick >= self._ready_at
        goal = self._goal(tick)
        if self.drawn < goal:
            self.drawn = min(goal, self.drawn + self._up)
        elif self.drawn > goal:
            self.drawn = max(goal, self.drawn - self._down)
        return self.drawn

    def _goal(self, tick: int) -> float:
        if not self.ready:
            return 0.0
        appetite = self._appetite[tick // TICKS_PER_SECOND]
        return min(appetite, self._offer - self._traits.undershoot)
