"""The whole plant: zones that nest, outlets, houses and suns, on one clock."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random
from typing import Final

from custom_components.headroom.engine.currents import PerPhase

from .battery import HouseBattery
from .ev import VOLTAGE, Car, CarModel
from .house import House
from .outlet import Outlet
from .profile import DAY
from .sun import Sun

MAX_STEP: Final = 0.1
"""s; longer steps are cut."""

_SECONDS_PER_HOUR: Final = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A car that comes to an outlet and goes again."""

    outlet: str
    car: CarModel
    arrives: float
    """Real seconds after the start."""
    stays: float = math.inf
    """Seconds of the day's clock."""


class Measured(StrEnum):
    """What of a zone a meter sees."""

    SUPPLY = "supply"
    """Everything that flows into it."""
    SOLAR = "solar"
    """What its photovoltaic plant takes, which is below 0."""
    BATTERY = "battery"
    """What its house battery takes."""


@dataclass(slots=True)
class ZoneTotals:
    """What a meter sees: currents in A, energies in Wh."""

    currents: PerPhase = field(default_factory=PerPhase)
    imported: float = 0.0
    exported: float = 0.0

    @property
    def powers(self) -> PerPhase:
        """Return the powers in W; negative ones are fed in."""
        return PerPhase(*(current * VOLTAGE for current in self.currents))

    def count(self, hours: float) -> None:
        """Add the present power to the energy register of its direction."""
        energy = sum(self.powers) * hours
        self.imported += max(energy, 0.0)
        self.exported += max(-energy, 0.0)


class CarPark:
    """The plant. It has no timers: `advance` moves its clock.

    Two times run in it. Electrical dynamics, appliances and arrivals follow real seconds;
    load and sun profiles, stays and energies follow the clock of the day, which is `speed`
    times as fast.
    """

    def __init__(
        self,
        *,
        zones: Mapping[str, str | None],
        outlets: Sequence[Outlet],
        start: datetime,
        houses: Mapping[str, House] | None = None,
        suns: Mapping[str, Sequence[Sun]] | None = None,
        batteries: Mapping[str, HouseBattery] | None = None,
        visits: Iterable[Visit] = (),
        speed: float = 1.0,
        day_start: float = 0.0,
        random: Random | None = None,
    ) -> None:
        """Build a plant from zones with their parents; `day_start` is in s after midnight."""
        random = random or Random(0)
        self.speed = speed
        self.elapsed = 0.0
        self.outlets = {outlet.id: outlet for outlet in outlets}
        self._parents = dict(zones)
        self._bottom_up = sorted(self._parents, key=self._depth, reverse=True)
        self._start = start
        self._day_start = day_start
        given = houses or {}
        self.houses = {
            zone: given.get(zone) or House(random=Random(random.getrandbits(64))) for zone in zones
        }
        self._suns = suns or {}
        self.batteries = dict(batteries or {})
        self._coming = sorted(visits, key=lambda visit: visit.arrives)
        self._staying: list[tuple[float, str, Car]] = []
        self._totals = {(zone, measured): ZoneTotals() for zone in zones for measured in Measured}
        self._come_and_go()
        self._measure(0.0)

    @property
    def now(self) -> datetime:
        """Return the plant's real time."""
        return self._start + timedelta(seconds=self.elapsed)

    @property
    def day_seconds(self) -> float:
        """Return the clock of the day in s; it counts on over midnight."""
        return self._day_start + self.elapsed * self.speed

    @property
    def time_of_day(self) -> str:
        """Return the clock of the day as HH:MM."""
        minutes = int(self.day_seconds % DAY) // 60
        return f"{minutes // 60:02}:{minutes % 60:02}"

    def zone(self, zone: str, measured: Measured = Measured.SUPPLY) -> ZoneTotals:
        """Return what a meter in a zone sees."""
        return self._totals[zone, measured]

    def currents(self, zone: str) -> PerPhase:
        """Return the true currents of a zone and everything under it, in A."""
        return self.zone(zone).currents

    def arrive(self, outlet: str, model: CarModel, *, stays: float = math.inf) -> Car:
        """Plug a car in for some seconds of the day's clock."""
        car = Car(model)
        self.outlets[outlet].plug(car)
        if stays < math.inf:
            self._staying.append((self.day_seconds + stays, outlet, car))
        return car

    def leave(self, outlet: str) -> Car | None:
        """Unplug the car of an outlet, if there is one."""
        return self.outlets[outlet].unplug()

    def advance(self, seconds: float) -> None:
        """Move the clock, in steps of at most 0.1 s."""
        steps = max(math.ceil(seconds / MAX_STEP - 1e-9), 0)
        begin = self.elapsed
        for step in range(1, steps + 1):
            self.elapsed = begin + seconds * step / steps
            self._come_and_go()
            for outlet in self.outlets.values():
                outlet.advance(self.now, seconds / steps, self.speed)
            self._measure(seconds / steps)

    def _come_and_go(self) -> None:
        for leaves, outlet, car in list(self._staying):
            if self.day_seconds >= leaves:
                self._staying.remove((leaves, outlet, car))
                if self.outlets[outlet].car is car:
                    self.leave(outlet)
        while self._coming and self._coming[0].arrives <= self.elapsed + 1e-9:
            visit = self._coming.pop(0)
            if self.outlets[visit.outlet].car is None:
                self.arrive(visit.outlet, visit.car, stays=visit.stays)

    def _measure(self, dt: float) -> None:
        currents = {zone: self._own_currents(zone) for zone in self._parents}
        for outlet in self.outlets.values():
            currents[outlet.zone] += outlet.currents
        for zone in self._bottom_up:
            if battery := self.batteries.get(zone):
                others = sum(currents[zone]) * VOLTAGE
                battery.advance(others, dt, speed=self.speed)
                currents[zone] += battery.currents
                self._totals[zone, Measured.BATTERY].currents = battery.currents
            parent = self._parents[zone]
            if parent is not None:
                currents[parent] += currents[zone]
        for zone in self._parents:
            self.zone(zone).currents = currents[zone]
        for totals in self._totals.values():
            totals.count(dt * self.speed / _SECONDS_PER_HOUR)

    def _own_currents(self, zone: str) -> PerPhase:
        fed_in = PerPhase()
        for sun in self._suns.get(zone, ()):
            fed_in += sun.advance(self.day_seconds)
        self._totals[zone, Measured.SOLAR].currents = PerPhase() - fed_in
        return self.houses[zone].advance(self.elapsed, self.day_seconds) - fed_in

    def _depth(self, zone: str) -> int:
        parent = self._parents[zone]
        return 0 if parent is None else 1 + self._depth(parent)
