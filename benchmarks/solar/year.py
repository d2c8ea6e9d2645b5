"""The weeks of a year that are lived through, and what nobody can change in them."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from random import Random
from typing import Final

import numpy as np

from simulator.plant.ev import VOLTAGE
from simulator.plant.profile import DAY
from simulator.plant.sun import Place, clear_sky_profile

from .building import house_course
from .grid import DAYS_PER_WEEK, PER_DAY, TICK, Floats
from .households import Household, Stay, stays, week_from
from .sky import Weather, passing_clouds

PLACE: Final = Place(latitude=49.0, longitude=9.0, timezone="Europe/Berlin")
_FIRST_MONDAY: Final = date(2025, 1, 6)
_WEEKS: Final = 52


@dataclass(frozen=True, kw_only=True)  # no slots, for what is worked out once is kept
class Week:
    """Seven days of one household; W, A and ticks."""

    household: Household
    begin: date
    sun: Floats
    """W that the panels give."""
    house: Floats
    """A of each phase that the building takes beside its cars."""
    stays: tuple[tuple[Stay, ...], ...]
    """Of each car."""
    seed: int

    @cached_property
    def surplus(self) -> Floats:
        """Return what the building leaves of the sun, in W; below 0 it is short of it."""
        taken: Floats = self.house.sum(axis=0) * VOLTAGE
        return self.sun - taken


def mondays(days: int) -> list[date]:
    """Return on which days the weeks begin that stand for a year: evenly spread, all alike."""
    number = min(_WEEKS, max(1, round(days / DAYS_PER_WEEK)))
    places = [int((place + 0.5) * _WEEKS / number) for place in range(number)]
    return [_FIRST_MONDAY + timedelta(weeks=place) for place in places]


def draw_week(household: Household, begin: date, seed: int, only: Weather | None = None) -> Week:
    """Return what a seed decides of a week, whoever controls the chargers."""
    random = Random(f"{seed} {begin.isoformat()}")
    days = week_from(begin)
    clear = np.concatenate([_clear_sky(day, household) for day in days])
    clouds = passing_clouds(begin.timetuple().tm_yday, len(days) * DAY, random, only)
    times, shares = zip(*clouds, strict=True)
    return Week(
        household=household,
        begin=begin,
        sun=clear * np.interp(np.arange(len(clear)) * TICK, times, shares),
        house=house_course(days, household.yearly_kwh, household.habits, random),
        stays=tuple(tuple(stays(plan, days, random)) for plan in household.cars),
        seed=random.getrandbits(64),
    )


def _clear_sky(day: date, household: Household) -> Floats:
    profile = clear_sky_profile(day, PLACE, household.panels)
    begins = np.linspace(0, PER_DAY, len(profile), endpoint=False)
    power: Floats = np.interp(np.arange(PER_DAY), begins, profile)
    return power
