"""What is counted while a week passes."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final, Self

from .charger import Charger
from .grid import PER_DAY, TICK

_WATT_SECONDS_PER_KWH: Final = 3.6e6
_QUICK: Final = 150
"""Ticks; a pause that is longer is a stop, even if phases were switched in it."""


@dataclass(slots=True, kw_only=True)
class Energies:
    """Into the cars, in kWh."""

    solar: float = 0.0
    grid: float = 0.0
    late: float = 0.0
    """The part from the grid that no delay of meter, charger and car excuses."""

    def add(self, power: float, surplus: float, recent: float, ticks: int) -> None:
        """Count what cars draw in W, against the surplus of now and the best of just before."""
        hours = ticks * TICK / _WATT_SECONDS_PER_KWH
        solar = min(power, max(0.0, surplus))
        self.solar += solar * hours
        self.grid += (power - solar) * hours
        self.late += max(0.0, power - max(0.0, recent)) * hours

    def join(self, other: Self) -> None:
        """Add what was counted elsewhere."""
        self.solar += other.solar
        self.grid += other.grid
        self.late += other.late


@dataclass(frozen=True, slots=True)
class _Pause:
    """Of a car that waits and had current before."""

    begin: int
    """Tick"""
    switches: int
    """By then."""
    count: int
    """Index of the plug-in and day that it is a stop of."""


@dataclass(slots=True)
class Wear:
    """Of one charger and its cars."""

    starts: int = 0
    stops: list[int] = field(default_factory=list)
    """Of each plug-in, and each day of it."""
    switches: Counter[int] = field(default_factory=Counter)
    """Of the number of phases, by day."""
    _seen: int = 0
    """Switches so far."""
    _on: bool = False
    _pause: _Pause | None = None
    _day: int = 0

    def plug(self, tick: int) -> None:
        """Begin a plug-in."""
        self.stops.append(0)
        self._on, self._pause, self._day = False, None, tick // PER_DAY

    def unplug(self) -> None:
        """End it; what was not resumed was stopped."""
        if self._pause is not None:
            self.stops[self._pause.count] += 1

    def note(self, charger: Charger, tick: int) -> None:
        """Look at the charger after a tick."""
        self.switches[tick // PER_DAY] += charger.switches - self._seen
        self._seen = charger.switches
        if charger.car is None:
            return
        if tick // PER_DAY > self._day:
            self._day = tick // PER_DAY
            self.stops.append(0)
        on = charger.offered > 0
        if on and not self._on:
            self._resume(tick)
        elif self._on and not on and charger.takes:
            self._pause = _Pause(tick, charger.switches, len(self.stops) - 1)
        self._on = on

    def _resume(self, tick: int) -> None:
        """Count a start; a short pause in which phases were switched is neither stop nor start."""
        pause, self._pause = self._pause, None
        if pause is not None:
            if tick - pause.begin <= _QUICK and pause.switches != self._seen:
                return
            self.stops[pause.count] += 1
        self.starts += 1
