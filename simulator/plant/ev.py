"""A car as its charger sees it."""

from collections import deque
from dataclasses import dataclass
from enum import StrEnum
from math import inf
from typing import Final

from .sleep import Sleep, Waking

VOLTAGE: Final = 230.0
"""V between phase and neutral, everywhere in the plant."""

_SECONDS_PER_HOUR: Final = 3600.0
_TAPER_END: Final = 0.15
"""Share of the on-board limit that a car still draws just before it is full."""


class CarState(StrEnum):
    """States of IEC 61851 that a plugged-in car can show."""

    CONNECTED = "B"
    CHARGING = "C"


@dataclass(frozen=True, slots=True, kw_only=True)
class CarModel:
    """What kind of car it is; currents in A per phase, times in s, energies in Wh."""

    onboard: float = 16.0
    """Limit of the on-board charger."""
    phases: int = 3
    floor: float = 6.0
    """Offered less than this, the car does not draw."""
    ramp_up: float = 4.0
    """Time from 0 to the on-board limit."""
    ramp_down: float = 1.0
    start_delay: float = 5.0
    """Time between a usable offer and the first current."""
    reaction: float = 0.5
    """Time until the car follows a change of the offer."""
    battery: float = 60_000.0
    stored: float = 20_000.0
    taper: float = 0.9
    """State of charge above which the car draws less and less."""
    falls_asleep: float = inf
    """Time without a usable offer after which it sleeps; 0: it is asleep when it comes."""
    wakes: Waking = Waking.OFFER
    badge: str | None = None
    """Shown to the charger when the car is plugged in."""

    def __post_init__(self) -> None:
        """Refuse a car that cannot exist."""
        if self.phases not in {1, 2, 3}:
            msg = f"a car has 1, 2 or 3 phases, not {self.phases}"
            raise ValueError(msg)
        if not 0 <= self.stored <= self.battery or self.battery <= 0:
            msg = f"a battery of {self.battery:g} Wh cannot hold {self.stored:g} Wh"
            raise ValueError(msg)
        delays = (self.start_delay, self.reaction, self.falls_asleep)
        if min(self.ramp_up, self.ramp_down) <= 0 or min(delays) < 0:
            raise ValueError("ramps are longer than 0 s and delays are not negative")
        if not 0 < self.taper < 1:
            raise ValueError("a taper begins between 0 and 1")


class Car:
    """A plugged-in car that follows the current it is offered."""

    def __init__(self, model: CarModel) -> None:
        self.model = model
        self.stored = model.stored
        self.drawn = 0.0
        """Current in A on each phase that it uses."""
        self._time = 0.0
        self._offers: deque[tuple[float, float]] = deque()
        self._newest_offer = 0.0
        self._offer = 0.0
        self._ready_at: float | None = None
        self._sleep = Sleep(falls_asleep=model.falls_asleep, wakes=model.wakes)

    @property
    def state_of_charge(self) -> float:
        """Return the filled share of the battery."""
        return self.stored / self.model.battery

    @property
    def full(self) -> bool:
        """Return whether the battery takes nothing more."""
        return self.stored >= self.model.battery

    @property
    def state(self) -> CarState:
        """Return whether the car asks for energy and may have it."""
        started = self._ready_at is not None and self._time >= self._ready_at
        return CarState.CHARGING if started and not self.full else CarState.CONNECTED

    def interrupt_pilot(self) -> None:
        """Let the charger interrupt the pilot signal, which wakes most cars."""
        self._sleep.interrupt_pilot()

    def fall_asleep(self) -> None:
        """Fall asleep now."""
        self._sleep.fall_asleep()

    def advance(self, offered: float, dt: float, *, phases: int, speed: float = 1.0) -> float:
        """Live through `dt` seconds and return the energy taken in Wh.

        `phases` is how many of its phases are connected; `speed` only fills the battery faster.
        """
        self._time += dt
        self._notice(offered)
        self._follow(self._target(), dt)
        taken = self.drawn * phases * VOLTAGE * dt * speed / _SECONDS_PER_HOUR
        taken = min(taken, self.model.battery - self.stored)
        self.stored += taken
        if self.full:
            self.drawn = 0.0
        return taken

    def _notice(self, offer: float) -> None:
        if offer != self._newest_offer:
            self._newest_offer = offer
            self._offers.append((self._time + self.model.reaction, offer))
        while self._offers and self._offers[0][0] <= self._time + 1e-9:
            self._offer = self._offers.popleft()[1]
        offered = self._offer >= self.model.floor
        self._sleep.notice(offered=offered, time=self._time)
        if not offered or self._sleep.asleep:
            self._ready_at = None
        elif self._ready_at is None:
            self._ready_at = self._time + self.model.start_delay

    def _target(self) -> float:
        if self.state is CarState.CONNECTED:
            return 0.0
        return min(self._offer, self.model.onboard * self._appetite())

    def _appetite(self) -> float:
        taper = self.model.taper
        if self.state_of_charge <= taper:
            return 1.0
        left = (1 - self.state_of_charge) / (1 - taper)
        return max(left, _TAPER_END)

    def _follow(self, target: float, dt: float) -> None:
        rise = self.model.onboard * dt / self.model.ramp_up
        fall = self.model.onboard * dt / self.model.ramp_down
        self.drawn = min(max(target, self.drawn - fall), self.drawn + rise)
