"""From a site, its goals and what is expected of the next hours to a task for the planner."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from math import inf
from typing import Final

from ..engine.currents import PHASES
from ..engine.known.power import NOMINAL_VOLTAGE
from ..engine.site.model import Site, Zone
from ..engine.when.tariff_caps import table_of
from ..engine.when.weekly import WeeklyTimes
from ..forecasts.series import Series
from ..planner.model import QUARTER, Car, Limit, Milestone, Quarter, Task
from .loads import Loads

LONGEST: Final = timedelta(hours=48)
"""Nothing is planned farther ahead."""
RESERVE: Final = QUARTER
"""Plans end so long before a deadline, because cars and houses do not keep to plans."""
SUN_SAFETY: Final = 0.8
"""Part of the expected sun that is counted on: forecasts are right only in the mean."""
FLAT_PRICE: Final = 1.0
"""Of every quarter, where no price is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecasts:
    """What is expected of the next hours; prices per kWh in one unit, power in W."""

    price: Series = field(default_factory=Series)
    export: Series = field(default_factory=Series)
    sun: tuple[Series, ...] = ()
    """Of each roof; their slots may differ."""


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

    @property
    def power(self) -> float:
        """Return the most that it can take, in W."""
        return self.most * len(self.phases) * NOMINAL_VOLTAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class Restrictions:
    """What people have set that leaves cars less."""

    zones: Mapping[str, float] = field(default_factory=dict)
    """A per phase, by zone id."""
    tariffs_off: Collection[str] = ()
    """See Snapshot.tariffs_off."""
    averages: Mapping[str, float] = field(default_factory=dict)
    """W that zones with a capacity tariff may import in the mean of a period, by zone id."""
    off_peak: Collection[str] = ()
    """Connectors whose cars charge in cheap hours only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """Everything that a task is made of."""

    now: datetime
    zone: tzinfo
    site: Site
    forecasts: Forecasts
    loads: Loads
    restrictions: Restrictions = field(default_factory=Restrictions)


def task_of(outlook: Outlook, wanted: Collection[Wanted]) -> Task:
    """Return the task of planning for some cars."""
    deadlines = (car.deadline for car in wanted)
    end = min(max(deadlines, default=outlook.now), outlook.now + LONGEST)
    quarters = tuple(_quarter(outlook, start, end) for start, end in spans(outlook.now, end))
    dear, waiting = _dear(outlook, quarters), outlook.restrictions.off_peak
    return Task(
        quarters=quarters,
        limits=tuple(_limits(outlook, quarters, wanted)),
        cars=tuple(
            _car(outlook, car, dear if car.connector in waiting else frozenset()) for car in wanted
        ),
    )


def _dear(outlook: Outlook, quarters: tuple[Quarter, ...]) -> frozenset[int]:
    """Return the quarters outside the cheap hours of the site."""
    cheap = outlook.site.rules.clock.times(outlook.zone)
    return frozenset(n for n, quarter in enumerate(quarters) if not cheap.contains(quarter.start))


def _limits(
    outlook: Outlook, quarters: tuple[Quarter, ...], wanted: Iterable[Wanted]
) -> Iterator[Limit]:
    """Yield the limits of every zone on the way of a car, by phase and for its average."""
    tariffs = _Tariffs(outlook)
    ids = {zone for car in wanted for zone in _path(outlook.site, car.connector)}
    for zone in (zone for zone in outlook.site.zones if zone.id in ids):
        for phase in PHASES:
            rooms = (_room(outlook, tariffs, zone, phase, quarter.start) for quarter in quarters)
            yield Limit(id=_limit_id(zone.id, phase), power=tuple(rooms))
        if zone.id in outlook.restrictions.averages:
            yield _average_limit(outlook, zone.id, quarters)


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


class _Tariffs:
    """What tariff periods leave to the cars of zones."""

    def __init__(self, outlook: Outlook) -> None:
        self._parts = table_of(outlook.site, outlook.restrictions.tariffs_off)
        self._times = {
            period.id: WeeklyTimes(period.slots, outlook.zone) for period in outlook.site.tariffs
        }

    def most(self, zone: str, phase: int, at: datetime) -> float:
        """Return the A that cars may have; the lowest counts."""
        parts = self._parts[zone].items()
        return min(
            (part[phase] for key, part in parts if part and self._times[key].contains(at)),
            default=inf,
        )


def _room(outlook: Outlook, tariffs: _Tariffs, zone: Zone, phase: int, at: datetime) -> float:
    """Return the W that cars may draw on a phase of a zone at a time."""
    wished = outlook.restrictions.zones.get(zone.id, inf)
    room = min(zone.net[phase], zone.contracted(None)[phase], wished)
    if (profiles := outlook.loads.zones.get(zone.id)) is not None:
        room -= max(0.0, profiles[phase].expected(at, outlook.zone) or 0.0)
    most = inf if zone.cluster_max is None else zone.cluster_max
    return max(0.0, min(room, most, tariffs.most(zone.id, phase, at))) * NOMINAL_VOLTAGE


def _average_limit(outlook: Outlook, zone: str, quarters: tuple[Quarter, ...]) -> Limit:
    """Return what a capacity tariff leaves to cars beside the usual other loads."""
    profiles = outlook.loads.zones.get(zone, ())
    most = outlook.restrictions.averages[zone]

    def others(at: datetime) -> float:
        currents = (profile.expected(at, outlook.zone) or 0.0 for profile in profiles)
        return NOMINAL_VOLTAGE * sum(max(0.0, current) for current in currents)

    return Limit(
        id=_average_id(zone),
        power=tuple(max(0.0, most - others(quarter.start)) for quarter in quarters),
    )


def _car(outlook: Outlook, car: Wanted, barred: frozenset[int]) -> Car:
    phases = sorted(car.phases)
    watts = NOMINAL_VOLTAGE * len(phases)
    path = _path(outlook.site, car.connector)
    floor = outlook.site.connector_by_id[car.connector].entry
    return Car(
        id=car.connector,
        milestones=(Milestone(by=car.deadline - RESERVE, energy=car.energy),),
        floor=floor * watts,
        most=max(floor, car.most) * watts,
        shares={_limit_id(zone, phase): 1 / len(phases) for zone in path for phase in phases}
        | {_average_id(zone): 1.0 for zone in path if zone in outlook.restrictions.averages},
        barred=barred,
        charging=car.charging,
    )


def _path(site: Site, connector: str) -> tuple[str, ...]:
    return site.path(site.zone_of[connector])


def _limit_id(zone: str, phase: int) -> str:
    return f"{zone}/{phase}"


def _average_id(zone: str) -> str:
    return f"{zone}/average"


def amperes_of(watts: float, phases: int) -> float:
    """Return the current per phase of a power; rounding must not fall below a floor."""
    return round(watts / (NOMINAL_VOLTAGE * phases), 3)
