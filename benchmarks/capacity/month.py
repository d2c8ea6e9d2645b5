"""A month of one building: every step of the engine, every answer of chargers and cars."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Final

from benchmarks.solar.building import house_course
from benchmarks.solar.charger import Charger
from benchmarks.solar.grid import TICK, Floats
from benchmarks.solar.households import Stay, stays
from benchmarks.solar.places import Place, obey, with_cars
from benchmarks.solar.rule import Rule, most_power
from benchmarks.solar.rules.headroom import ZONE, Headroom
from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.engine.site.model import Rules
from custom_components.headroom.engine.when.permit import SunMode
from simulator.plant.ev import VOLTAGE

from .sites import SITES, Tariffed

_BEGIN: Final = date(2026, 1, 1)
"""Of a month in which people heat."""
_NOISE: Final = 0.04
"""A; standard deviation of what the meter shows."""
_METERED_EVERY: Final = 2
"""Ticks between two readings, which arrive one tick later."""
_IDLY_EVERY: Final = 7
"""The same while no car takes anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What is to be lived through."""

    site: str
    seed: int
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """What nobody can change in it."""

    site: Tariffed
    house: Floats
    """A of each phase that the building takes beside its cars."""
    stays: tuple[tuple[Stay, ...], ...]
    """Of each car."""
    seed: int


@dataclass(slots=True, kw_only=True)
class Period:
    """What flowed in a quarter or hour; Ws."""

    house: float = 0.0
    cars: float = 0.0
    wanted: float = 0.0
    """What cars would have taken that were not nearly full."""
    allowed: float = 0.0
    """W that its average might reach, as its guard told when it began."""


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What a month came to."""

    seconds: float
    """Of each period."""
    periods: list[Period] = field(default_factory=list)
    stops: int = 0
    starts: int = 0
    unmet: float = 0.0
    """kWh that cars lacked when they left."""
    setpoints: int = 0
    switches: int = 0
    """Of the number of phases: the most that one charger made on one day."""

    def above(self, period: Period) -> float:
        """Return by how much the average of a period was above what was allowed, in W."""
        return (period.house + period.cars) / self.seconds - period.allowed

    def by_house(self, period: Period) -> bool:
        """Return whether the building alone was above it."""
        return period.house / self.seconds > period.allowed

    @property
    def exceeded(self) -> list[Period]:
        """Return the periods above what was allowed that would not have been without cars."""
        return [one for one in self.periods if self.above(one) > 0 and not self.by_house(one)]

    @property
    def use(self) -> float:
        """Return the part of what was free and wanted that cars got."""
        free = [
            min(one.wanted, max(0.0, one.allowed * self.seconds - one.house))
            for one in self.periods
        ]
        got = sum(min(one.cars, room) for one, room in zip(self.periods, free, strict=True))
        return got / sum(free)


def run(task: Task) -> Outcome:
    """Live through a month."""
    return World(draw_month(SITES[task.site], task)).run()


def draw_month(site: Tariffed, task: Task) -> Month:
    """Return what a seed decides, whoever controls the chargers."""
    random = Random(task.seed)
    dates = [_BEGIN + timedelta(days=number) for number in range(task.days)]
    household = site.household
    return Month(
        site=site,
        house=house_course(dates, household.yearly_kwh, household.habits, random),
        stays=tuple(tuple(stays(plan, dates, random)) for plan in household.cars),
        seed=random.getrandbits(64),
    )


class World:
    """The plant of a month under Headroom's engine."""

    def __init__(self, month: Month) -> None:
        site, random = month.site, Random(month.seed)
        policy, rules = site.policy, Rules(peaks={ZONE: site.policy})
        self._rule: Rule = Headroom(site.household, SunMode.OFF, _BEGIN, rules)
        self._places = [
            Place.of(plan, came, Random(random.getrandbits(64)))
            for plan, came in zip(site.household.cars, month.stays, strict=True)
        ]
        self._month = month
        self._random = random
        self._outcome = Outcome(seconds=policy.period.total_seconds())
        self._reading = self._sample = (PerPhase(), 0)

    def run(self) -> Outcome:
        """Live through all of it."""
        for tick, house in enumerate(self._month.house.T):
            for place in self._places:
                place.live(tick)
                place.charger.advance(tick, 1)
                place.wear.note(place.charger, tick)
            currents: list[float] = house.tolist()
            self._count(tick, currents)
            self._measure(tick, currents)
            obey(self._rule, self._places, self._reading, tick)
        for place in self._places:
            self._outcome.stops += sum(place.wear.stops)
            self._outcome.starts += place.wear.starts
            self._outcome.unmet += place.unmet / 1000
            self._outcome.setpoints += place.charger.commands
            days = place.wear.switches.values()
            self._outcome.switches = max(self._outcome.switches, *days)
        return self._outcome

    def _count(self, tick: int, house: Sequence[float]) -> None:
        outcome = self._outcome
        if tick % round(outcome.seconds / TICK) == 0:
            outcome.periods.append(Period(allowed=self._allowed()))
        period = outcome.periods[-1]
        period.house += sum(house) * VOLTAGE * TICK
        for place in self._places:
            period.cars += place.charger.power * TICK
            period.wanted += _appetite(place.charger) * TICK

    def _allowed(self) -> float:
        """Return the target, or what the month has seen already if that may be drawn again."""
        policy, outcome = self._month.site.policy, self._outcome
        seen = [(one.house + one.cars) / outcome.seconds for one in outcome.periods]
        return max([policy.target, *seen]) if policy.follow else policy.target

    def _measure(self, tick: int, house: Sequence[float]) -> None:
        """Look at the grid now and then; what was seen arrives one tick later."""
        self._reading = self._sample
        takes = any(place.charger.takes for place in self._places)
        if tick % (_METERED_EVERY if takes else _IDLY_EVERY):
            return
        currents = [load + self._random.gauss(0.0, _NOISE) for load in house]
        self._sample = with_cars(currents, self._places), tick


def _appetite(charger: Charger) -> float:
    """Return what a car would take in W if it might, unless it is nearly full."""
    car = charger.car
    if car is None or car.state_of_charge >= car.model.taper:
        return 0.0
    return most_power(charger.drawn_on)
