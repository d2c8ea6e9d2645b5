"""What a house takes beside its cars, laid out in advance on the benchmark's grid of time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Final

import numpy as np

from custom_components.headroom.engine.currents import PHASES
from simulator.plant.ev import VOLTAGE
from simulator.plant.house import USUAL_SHARES, household_profile
from simulator.plant.profile import DAY
from simulator.trial.house import Appliance, boiler, dryer, heat_pump, hob, kettle, oven

from .grid import PER_DAY, TICK, Floats

_FLUTTER: Final = 0.15
"""A; standard deviation of what small loads add or take away."""
_FLUTTERS_FOR: Final = 15
"""Ticks."""
_COLD: Final = frozenset({11, 12, 1, 2, 3})


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """When people use an appliance: about how often a day, and within which hours."""

    appliance: Appliance
    per_day: float
    hours: tuple[tuple[float, float], ...]
    cold_only: bool = False
    """From November to March."""


HABITS: Final = (
    Habit(appliance=kettle(0), per_day=4, hours=((6, 9), (12, 22))),
    Habit(appliance=hob((1, 2)), per_day=1.2, hours=((11, 13), (17, 20))),
    Habit(appliance=oven(2), per_day=0.5, hours=((11, 12.5), (17, 19))),
    Habit(appliance=dryer(0), per_day=0.4, hours=((9, 18),)),
    Habit(appliance=boiler(1), per_day=1.5, hours=((5, 8), (18, 22))),
)
WARMING: Final = Habit(appliance=heat_pump(PHASES), per_day=22, hours=((0, 24),), cold_only=True)


def house_course(
    days: Sequence[date], yearly_kwh: float, habits: Sequence[Habit], random: Random
) -> Floats:
    """Draw the currents in A of days in a row, one line per phase."""
    base = np.concatenate([_base(day, yearly_kwh) for day in days])
    course = np.outer(tuple(USUAL_SHARES), base / VOLTAGE) + _flutter(len(base), random)
    for number, day in enumerate(days):
        for habit in habits:
            if day.month in _COLD or not habit.cold_only:
                _add_uses(course, habit, number * DAY, random)
    return np.maximum(course, 0.0)


def _base(day: date, yearly_kwh: float) -> Floats:
    """Return what runs unnoticed, in W."""
    quarters = household_profile(day, yearly_kwh)
    begins = np.linspace(0, PER_DAY, len(quarters), endpoint=False)
    base: Floats = np.interp(np.arange(PER_DAY), begins, quarters)
    return base


def _flutter(length: int, random: Random) -> Floats:
    chance = np.random.default_rng(random.getrandbits(64))
    values = chance.normal(0.0, _FLUTTER, (len(PHASES), -(-length // _FLUTTERS_FOR)))
    return np.repeat(values, _FLUTTERS_FOR, axis=1)[:, :length]


def _add_uses(course: Floats, habit: Habit, midnight: float, random: Random) -> None:
    appliance = habit.appliance
    for _ in range(int(habit.per_day + random.random())):
        first, last = random.choice(habit.hours)
        begin = midnight + 3600 * random.uniform(first, last)
        end = begin + random.uniform(*appliance.lasts)
        current = random.uniform(*appliance.current)
        for on, off in appliance.heats(begin, end, random):
            span = slice(round(on / TICK), round(off / TICK))
            course[list(appliance.phases), span] += current
