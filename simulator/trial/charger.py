"""A charger: takes commands late and in order, and reports what its car draws."""

from collections import deque
from dataclasses import dataclass
from random import Random
from typing import Final

from .clock import TICK, ticks
from .ev import FLOOR, Car
from .outlet import Outlet

_LATENCY: Final = (1.0, 5.0)
"""s between sending a command and the charger acting on it."""
_PERIOD: Final = (5.0, 10.0)
"""s between two reports."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What is known of a charger; A and s."""

    drawn: float
    drawn_at: float
    confirmed: float
    """Highest setpoint that it may follow: the accepted one or a higher one on its way."""
    confirmed_at: float
    accepted: float
    offers: bool
    """It offers the car at least its floor."""
    charging: bool
    """The car takes what it is offered."""


class Charger:
    """One outlet with its car."""

    def __init__(self, car: Car, outlet: Outlet, random: Random) -> None:
        self.car = car
        self.phases = outlet.phases
        self.most = outlet.most
        self.setpoint = 0.0
        """Newest command, in A."""
        self.commands = 0
        self.pauses = 0
        self._random = random
        self._accepted = 0.0
        self._accepted_at = 0
        self._confirmed = 0.0
        self._confirmed_at = 0
        self._on_its_way: deque[tuple[int, float]] = deque()
        self._next_report = ticks(random.uniform(0, _PERIOD[1]))
        self._sample = (0.0, 0)
        self._was_ready = False

    def command(self, setpoint: float, tick: int) -> None:
        """Send a setpoint; what does not differ from the last one is not sent."""
        if setpoint == self.setpoint:
            return
        self.commands += 1
        if setpoint < FLOOR <= self.setpoint:
            self.pauses += 1
        self.setpoint = setpoint
        arrives = tick + ticks(self._random.uniform(*_LATENCY))
        if self._on_its_way:
            arrives = max(arrives, self._on_its_way[-1][0])
        self._on_its_way.append((arrives, setpoint))
        self._confirm(tick)

    def advance(self, tick: int) -> bool:
        """Live through one tick; return whether there is news."""
        news = False
        while self._on_its_way and self._on_its_way[0][0] <= tick:
            self._accepted = self._on_its_way.popleft()[1]
            self.car.offer(self._accepted, tick)
            self._confirm(tick)
            news = True
        drawn = self.car.advance(tick)
        if self.car.ready is not self._was_ready:
            self._was_ready = self.car.ready
            news = True
        if tick >= self._next_report:
            self._sample = (drawn, tick)
            self._next_report = tick + ticks(self._random.uniform(*_PERIOD))
            news = True
        return news

    def report(self) -> Report:
        """Return what it has said so far."""
        return Report(
            drawn=self._sample[0],
            drawn_at=self._sample[1] * TICK,
            confirmed=self._confirmed,
            confirmed_at=self._confirmed_at * TICK,
            accepted=self._accepted,
            offers=self._accepted >= FLOOR,
            charging=self.car.ready,
        )

    def _confirm(self, tick: int) -> None:
        highest = max((value for _, value in self._on_its_way), default=0.0)
        confirmed = max(self._accepted, highest)
        if confirmed != self._confirmed:
            self._confirmed = confirmed
            self._confirmed_at = tick
