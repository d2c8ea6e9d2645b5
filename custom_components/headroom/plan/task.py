"""From a site, its goals and what is expected of the next hours to a task for the planner."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from ..engine.known.power import NOMINAL_VOLTAGE
from ..planner.model import HOUR, QUARTER, Car, Milestone, Quarter, Task
from .goals import RESERVE
from .limits import Limits
from .outlook import Outlook

LONGEST: Final = timedelta(hours=48)
"""Nothing is planned farther ahead."""
SUN_SAFETY: Final = 0.8
"""Part of the expected sun that is counted on: forecasts are right only in the mean."""
FLAT_PRICE: Final = 1.0
"""Of every quarter, where no price is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A car with a goal."""

    connector: str
    deadline: datetime
    energy: float
    """Wh at the charger that lack."""
    phases: Collection[int]
    """Grid phases that it charges on."""
    most: float
    """A per phase."""
    charging: bool
    minimum: float = 0.0
    """Wh of it that come before the rest."""
    minimum_by: datetime | None = None
    """None: at once."""

    @property
    def power(self) -> float:
        """Return the most that it can take, in W."""
        return self.most * len(self.phases) * NOMINAL_VOLTAGE


def task_of(outlook: Outlook, wanted: Collection[Wanted]) -> Task:
    """Return the task of planning for some cars."""
    deadlines = (car.deadline for car in wanted)
    end = min(max(deadlines, default=outlook.now), outlook.now + LONGEST)
    quarters = tuple(_quarter(outlook, start, end) for start, end in spans(outlook.now, end))
    dear, waiting = _dear(outlook, quarters), outlook.restrictions.off_peak
    limits = Limits(outlook, quarters, (car.connector for car in wanted))
    return Task(
        quarters=quarters,
        limits=limits.limits,
        cars=tuple(
            _car(outlook, limits, car, dear if car.connector in waiting else frozenset())
            for car in wanted
        ),
    )


def _dear(outlook: Outlook, quarters: tuple[Quarter, ...]) -> frozenset[int]:
    """Return the quarters outside the cheap hours of the site."""
    cheap = outlook.site.rules.clock.times(outlook.zone)
    return frozenset(n for n, quarter in enumerate(quarters) if not cheap.contains(quarter.start))


def spans(now: datetime, end: datetime) -> Iterable[tuple[datetime, datetime]]:
    """Yield the quarters of an hour from a moment, the first one cut, as long as they fit."""
    start = now.astimezone(UTC)
    while (until := _quarter_after(start)) <= end:
        yield start, until
        start = until


def _quarter_after(moment: datetime) -> datetime:
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + ((moment - midnight) // QUARTER + 1) * QUARTER


def _quarter(outlook: Outlook, start: datetime, end: datetime) -> Quarter:
    forecasts = outlook.forecasts
    price = forecasts.price.expected(start, end)
    sun = SUN_SAFETY * sum(roof.mean(start, end) or 0.0 for roof in forecasts.sun)
    house = outlook.loads.house.expected(start, outlook.zone)
    return Quarter(
        start=start,
        end=end,
        price=FLAT_PRICE if price is None else price,
        export_value=forecasts.export.expected(start, end) or 0.0,
        surplus=0.0 if house is None else max(0.0, sun - house),
    )


def _car(outlook: Outlook, limits: Limits, car: Wanted, barred: frozenset[int]) -> Car:
    phases = sorted(car.phases)
    watts = NOMINAL_VOLTAGE * len(phases)
    floor = outlook.site.connector_by_id[car.connector].entry
    most = max(floor, car.most) * watts
    return Car(
        id=car.connector,
        milestones=_milestones(car, most, outlook.now),
        floor=floor * watts,
        most=most,
        shares=limits.shares(car.connector, phases),
        barred=barred,
        charging=car.charging,
    )


def _milestones(car: Wanted, most: float, now: datetime) -> tuple[Milestone, ...]:
    """Return the minimum, if it is due first, and the goal; `most` is in W."""
    goal = Milestone(by=car.deadline - RESERVE, energy=car.energy)
    first = min(car.minimum, car.energy)
    at_once = now + first / most * HOUR + QUARTER
    by = at_once if car.minimum_by is None else car.minimum_by - RESERVE
    if not first or by >= goal.by:
        return (goal,)
    return Milestone(by=by, energy=first), goal


def amperes_of(watts: float, phases: int) -> float:
    """Return the current per phase of a power; rounding must not fall below a floor."""
    return round(watts / (NOMINAL_VOLTAGE * phases), 3)
