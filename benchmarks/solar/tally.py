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


@dataclass(slots=True)
class Wear:
    """Of one charger and its cars."""

    starts: int = 0
    stops: list[int] = field(default_factory=list)
    """Of each plug-in."""
    switches: Counter[int] = field(default_factory=Counter)
    """Of the number of phases, by day."""
    _seen: int = 0
    """Switches so far."""
    _on: bool = False
    _paused: tuple[int, int] | None = None
    """Since which tick a car waits that had current before, and the switches by then."""

    def plug(self) -> None:
        """Begin a plug-in."""
        self.stops.append(0)
        self._on, self._paused = False, None

    def unplug(self) -> None:
        """End it; what was not resumed was stopped."""
        self.stops[-1] += self._paused is not None

    def note(self, charger: Charger, tick: int) -> None:
        """Look at the charger after a tick."""
        self.switches[tick // PER_DAY] += charger.switches - self._seen
        self._seen = charger.switches
        on = charger.offered > 0
        if on and not self._on:
            self._resume(tick)
        elif self._on and not on and charger.takes:
            self._paused = tick, charger.switches
        self._on = on

    def _resume(self, tick: int) -> None:
        """Count a start; a short pause in which phases were switched is neither stop nor start."""
        if self._paused is not None:
            since, switches = self._paused
            if tick - since <= _QUICK and switches != self._seen:
                self._paused = None
                return
            self.stops[-1] += 1
        self.starts += 1
        self._paused = None
