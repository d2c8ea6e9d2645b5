"""An outlet of a charger: its terminals, its limit and the car plugged into it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.engine.site.wiring import Wiring

from .ev import Car

MINIMUM_OFFER: Final = 6.0
"""A; the pilot signal of IEC 61851 cannot offer less."""


@dataclass(slots=True, kw_only=True)
class Outlet:
    """Where a car plugs in; currents in A per phase.

    `limit` is asked at every step what the charger allows at that moment.
    """

    id: str
    zone: str
    wiring: Wiring = Wiring.TRI123
    max_current: float = 32.0
    limit: Callable[[datetime], float] = field(default=lambda _now: 0.0, repr=False)
    switched: tuple[int, ...] | None = None
    """Terminals, counted from 0, that the charger has switched on; None: all that are wired."""
    car: Car | None = None
    offered: float = 0.0
    energy: float = 0.0
    """Reading of the energy register in Wh."""

    @property
    def _connected(self) -> tuple[int, ...]:
        """Return the terminals, counted from 0, that the car can draw from."""
        wired = range(len(self.wiring.phases))
        usable = tuple(t for t in wired if self.switched is None or t in self.switched)
        return usable[: self.car.model.phases] if self.car else ()

    @property
    def connected_phases(self) -> int:
        """Return how many phases the car and the terminals have in common."""
        return len(self._connected)

    @property
    def terminals(self) -> PerPhase:
        """Return the currents at the terminals 1 to 3."""
        drawn = self.car.drawn if self.car else 0.0
        return PerPhase.on(self._connected, drawn)

    @property
    def currents(self) -> PerPhase:
        """Return the currents on the phases of the grid."""
        return self.wiring.to_grid(self.terminals)

    def plug(self, car: Car) -> None:
        """Plug a car in. Raises ValueError if there is one already."""
        if self.car:
            msg = f"there is a car at {self.id} already"
            raise ValueError(msg)
        self.car = car

    def unplug(self) -> Car | None:
        """Take the car away and return it."""
        car, self.car = self.car, None
        return car

    def advance(self, now: datetime, dt: float, speed: float) -> None:
        """Offer what the charger allows and let the car follow for `dt` seconds."""
        offered = self.offer(now)
        if self.car:
            self.energy += self.car.advance(offered, dt, phases=self.connected_phases, speed=speed)

    def offer(self, now: datetime) -> float:
        """Set the pilot signal to what the charger allows now and return it."""
        allowed = min(self.limit(now), self.max_current)
        self.offered = allowed if allowed >= MINIMUM_OFFER else 0.0
        return self.offered
