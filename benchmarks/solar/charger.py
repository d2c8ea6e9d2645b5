"""A charger: takes commands late and in order, and switches phases only without load."""

from collections import deque
from random import Random
from typing import Final

from simulator.plant.ev import VOLTAGE, Car

from .grid import TICK
from .households import CarPlan
from .rule import FLOOR, MOST, CarView, Order

_LATENCY: Final = (1, 3)
"""Ticks between a command and the charger acting on it."""
_REPORTS_EVERY: Final = 2
"""Ticks."""
_AT_REST: Final = 5
"""Ticks without current before the contactor switches phases, and again after it."""
_NOISE: Final = 0.03
"""A; standard deviation of what it measures."""


class Charger:
    """One outlet; currents in A per phase, times in ticks."""

    def __init__(self, plan: CarPlan, random: Random) -> None:
        self.car: Car | None = None
        self.sessions = 0
        self.commands = 0
        self.switches = 0
        self.offered = 0.0
        self._most_phases = plan.model.phases
        self._switchable = plan.switchable
        self._random = random
        self._phases = self._wanted_phases = 3 if plan.model.phases > 1 else 1
        self._setpoint = self._accepted = 0.0
        self._on_its_way: deque[tuple[int, float]] = deque()
        self._confirmed = 0.0
        self._confirmed_at = 0
        self._rested = 0
        self._energy = 0.0
        self._report = (0.0, 0)
        self._acts_at = 0

    @property
    def drawn_on(self) -> int:
        """Return how many phases the car uses."""
        return min(self._phases, self._most_phases)

    @property
    def power(self) -> float:
        """Return what the car draws, in W."""
        return 0.0 if self.car is None else self.car.drawn * self.drawn_on * VOLTAGE

    @property
    def takes(self) -> bool:
        """Return whether there is a car that is not full."""
        return self.car is not None and not self.car.full

    def plug(self, car: Car) -> None:
        """Begin a session."""
        self.car = car
        self.sessions += 1
        self._energy = 0.0

    def unplug(self) -> None:
        """End a session."""
        self.car = None

    def follow(self, order: Order, tick: int) -> None:
        """Take an order; a current that does not differ from the last one is not sent."""
        if self._switchable and order.phases != self._wanted_phases:
            self._wanted_phases = order.phases
            self._rested = 0
        current = min(order.current, MOST)
        if current == self._setpoint:
            return
        self.commands += 1
        self._setpoint = current
        self._acts_at = max(self._acts_at, tick + self._random.randint(*_LATENCY))
        self._on_its_way.append((self._acts_at, current))
        self._confirm(tick)

    def advance(self, tick: int, stride: int) -> None:
        """Live through some ticks."""
        while self._on_its_way and self._on_its_way[0][0] <= tick:
            self._accepted = self._on_its_way.popleft()[1]
            self._confirm(tick)
        self._switch_phases(stride)
        allowed = 0.0 if self._rested or self._switches_now else self._accepted
        self.offered = allowed if allowed >= FLOOR and self.car is not None else 0.0
        if self.car is not None:
            self._energy += self.car.advance(self.offered, stride * TICK, phases=self.drawn_on)
        if tick - self._report[1] >= _REPORTS_EVERY:
            drawn = 0.0 if self.car is None else self.car.drawn
            noise = self._random.gauss(0.0, _NOISE) if drawn else 0.0
            self._report = (max(0.0, drawn + noise), tick)

    def view(self) -> CarView:
        """Return what it has said so far."""
        drawn, at = self._report
        return CarView(
            session=None if self.car is None else self.sessions,
            asks=self.takes,
            drawn=drawn,
            drawn_at=at * TICK,
            phases=self._phases,
            drawn_on=self.drawn_on,
            confirmed=self._confirmed,
            confirmed_at=self._confirmed_at * TICK,
            offered=self.offered,
            setpoint=self._setpoint,
            energy=self._energy,
        )

    @property
    def _switches_now(self) -> bool:
        return self._wanted_phases != self._phases

    def _switch_phases(self, stride: int) -> None:
        """Count the rest before a switch up from 0, and the one after it back to 0."""
        if self._switches_now:
            at_rest = self.car is None or self.car.drawn == 0
            self._rested = self._rested + stride if at_rest else 0
            if self._rested >= _AT_REST:
                self._phases = self._wanted_phases
                self._rested = _AT_REST
                self.switches += 1
        else:
            self._rested = max(0, self._rested - stride)

    def _confirm(self, tick: int) -> None:
        highest = max((current for _, current in self._on_its_way), default=0.0)
        confirmed = max(self._accepted, highest)
        if confirmed != self._confirmed:
            self._confirmed, self._confirmed_at = confirmed, tick
