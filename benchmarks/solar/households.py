"""Who lives in a house: its roof, its cars, and when they are plugged in."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Final

from simulator.plant.ev import CarModel
from simulator.plant.sun import Panels

from .building import HABITS, WARMING, Habit
from .grid import DAYS_PER_WEEK, PER_DAY, ticks

_SATURDAY: Final = 5
_ENDLESS: Final = 1e9


@dataclass(frozen=True, slots=True, kw_only=True)
class Trip:
    """An absence by chance: how likely it is on such a day, its hours of the day and its Wh."""

    likely: float
    leaves: tuple[float, float]
    returns: tuple[float, float]
    energy: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class CarPlan:
    """A car, its charger and its habits."""

    model: CarModel
    weekday: Trip
    weekend: Trip
    switchable: bool = True
    """Whether its charger switches between one phase and three."""

    def trip_on(self, day: date) -> Trip:
        """Return what may happen on a day."""
        return self.weekend if day.weekday() >= _SATURDAY else self.weekday


@dataclass(frozen=True, slots=True, kw_only=True)
class Household:
    """One house."""

    cars: tuple[CarPlan, ...]
    panels: Panels
    yearly_kwh: float
    """Without its cars and the appliances of its habits."""
    habits: Sequence[Habit] = HABITS
    metered_every: int = 2
    """Ticks between two readings of the meter."""


@dataclass(frozen=True, slots=True)
class Stay:
    """From when to when, in ticks, a car is plugged in, and what it uses afterwards in Wh."""

    begin: int
    end: int
    leaves_for: float
    """Wh."""


def stays(plan: CarPlan, days: Sequence[date], random: Random) -> Iterator[Stay]:
    """Draw the stays of a week of days in a row; the car is there when it begins."""
    begin = 0
    for number, day in enumerate(days):
        trip = plan.trip_on(day)
        if random.random() >= trip.likely:
            continue
        midnight = number * PER_DAY
        end = midnight + ticks(random.uniform(*trip.leaves))
        yield Stay(begin, end, random.uniform(*trip.energy))
        begin = midnight + ticks(random.uniform(*trip.returns))
    yield Stay(begin, len(days) * PER_DAY, 0.0)


_THREE_PHASES: Final = CarModel(battery=60_000, stored=25_000, taper=0.97)
_ONE_PHASE: Final = CarModel(
    battery=40_000, stored=15_000, taper=0.97, phases=1, ramp_up=6.0, start_delay=8.0
)
_HUNGRY: Final = CarModel(battery=_ENDLESS, stored=0.0)

_TO_WORK: Final = Trip(likely=0.85, leaves=(7.4, 8.2), returns=(16.5, 17.6), energy=(7e3, 12e3))
_SOMEWHERE: Final = Trip(likely=0.6, leaves=(9, 14), returns=(15, 20), energy=(4e3, 25e3))
_TO_WORK_AT_TIMES: Final = Trip(likely=0.3, leaves=(7, 9), returns=(15, 18), energy=(8e3, 16e3))
_SHOPPING: Final = Trip(likely=0.7, leaves=(15, 16), returns=(16.5, 18), energy=(3e3, 7e3))
_ROUND_THE_BLOCK: Final = Trip(likely=1, leaves=(2, 2), returns=(2.5, 2.5), energy=(0, 0))

COMMUTER: Final = CarPlan(model=_THREE_PHASES, weekday=_TO_WORK, weekend=_SOMEWHERE)
AT_HOME: Final = CarPlan(model=_THREE_PHASES, weekday=_TO_WORK_AT_TIMES, weekend=_SOMEWHERE)
SECOND: Final = CarPlan(model=_ONE_PHASE, weekday=_SHOPPING, weekend=_SHOPPING, switchable=False)
HUNGRY: Final = CarPlan(model=_HUNGRY, weekday=_ROUND_THE_BLOCK, weekend=_ROUND_THE_BLOCK)

HOUSEHOLDS: Final[Mapping[str, Household]] = {
    "commuter": Household(cars=(COMMUTER,), panels=Panels(peak_kw=10), yearly_kwh=2000),
    "home-office": Household(
        cars=(AT_HOME,),
        panels=Panels(peak_kw=9, azimuth=220, tilt=35),
        yearly_kwh=2500,
        habits=(*HABITS, WARMING),
    ),
    "two-cars": Household(cars=(COMMUTER, SECOND), panels=Panels(peak_kw=14), yearly_kwh=2800),
    "hungry": Household(cars=(HUNGRY,), panels=Panels(peak_kw=10), yearly_kwh=2000),
}
"""`hungry` has a car that is never full and hardly ever away: every missed ray counts."""


def week_from(begin: date) -> list[date]:
    """Return seven days in a row."""
    return [begin + timedelta(days=number) for number in range(DAYS_PER_WEEK)]
