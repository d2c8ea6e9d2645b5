"""What is planned, and the plan; power in W, energy in Wh, prices per kWh, times in aware UTC."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final

QUARTER: Final = timedelta(minutes=15)
HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)  # no slots, for what is worked out once is kept
class Quarter:
    """A part of the future in which nothing is expected to change; the first may be cut short."""

    start: datetime
    end: datetime
    price: float
    """Of what comes from the grid; money, or grams of CO2."""
    export_value: float = 0.0
    """What surplus would bring if it were given to the grid; in the price's unit."""
    surplus: float = 0.0
    """What the sun is expected to leave."""
    peak: float | None = None
    """Above this power of all cars the penalty is paid as well."""
    peak_penalty: float = 0.0

    @cached_property
    def hours(self) -> float:
        """Return its length in hours."""
        return (self.end - self.start) / HOUR

    @cached_property
    def tiers(self) -> tuple[tuple[float, float], ...]:
        """Return up to which power of all cars which price holds; no later price is lower.

        Where export brings more than import costs, own surplus counts as import: a meter that
        sees the sum of both would make the first watts dearer than the last.
        """
        peak = float("inf") if self.peak is None else max(0.0, self.peak)
        sun = min(max(0.0, self.surplus), peak)
        tiers = (
            (sun, min(self.price, self.export_value)),
            (peak, self.price),
            (float("inf"), self.price + max(0.0, self.peak_penalty)),
        )
        bounds = (0.0, sun, peak)
        return tuple(tier for tier, below in zip(tiers, bounds, strict=True) if tier[0] > below)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """What cars behind one bottleneck may take together, quarter by quarter."""

    id: str
    power: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone:
    """Energy that a car is to have taken by a time, counted from now."""

    by: datetime
    energy: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Car:
    """A car that is to be ready; it takes nothing, or at least its floor."""

    id: str
    milestones: tuple[Milestone, ...]
    """In order of time; the last is the goal."""
    floor: float
    most: float
    shares: Mapping[str, float]
    """How much of its power goes through each limit, by the limit's id."""
    barred: frozenset[int] = frozenset()
    """Quarters in which it may not charge, by the hours of the day."""
    efficiency: float = 1.0
    """What reaches the battery of what the meter shows."""
    charging: bool = False
    """It charges already, so that to go on is no new start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Everything that a plan is made from."""

    quarters: tuple[Quarter, ...]
    limits: tuple[Limit, ...] = ()
    cars: tuple[Car, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CarPlan:
    """When one car charges; energies are those that reach its battery."""

    power: tuple[float, ...]
    """By quarter; 0, or from the floor up."""
    energy: float
    costs: tuple[float, ...]
    """By quarter; in each of them every kWh is as dear as any other."""
    lacking: tuple[float, ...]
    """What lacks at each milestone."""
    ready_at: datetime | None = None
    """When it has what its goal asks for; None: not in time."""

    @property
    def cost(self) -> float:
        """Return what all of it costs."""
        return sum(self.costs)

    @property
    def unmet(self) -> float:
        """Return what lacks at the goal."""
        return self.lacking[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargingPlan:
    """The plan for all cars of a site."""

    quarters: tuple[Quarter, ...] = ()
    cars: Mapping[str, CarPlan] = field(default_factory=dict)

    @property
    def cost(self) -> float:
        """Return what all cars cost together."""
        return sum(car.cost for car in self.cars.values())

    @property
    def unmet(self) -> float:
        """Return what all cars lack together, in Wh."""
        return sum(car.unmet for car in self.cars.values())
