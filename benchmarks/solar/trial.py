"""One week of a household under several rules, and what each of them came to."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Self

import numpy as np

from custom_components.headroom.engine.when.permit import SunMode

from .budgeted import with_holds, without_grid
from .grid import DAYS_PER_WEEK, TICK
from .households import HOUSEHOLDS
from .optimum import kwh_at_best
from .options import topped_up, unhindered
from .rules.line_up import RULES
from .sky import Weather
from .tally import Energies
from .world import World
from .year import Week, draw_week

_TICKS_PER_HOUR = 3600 / TICK
_DAYS_PER_YEAR = 365


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What is to be lived through."""

    household: str
    mode: SunMode
    rules: tuple[str, ...]
    begin: date
    seed: int
    weather: Weather | None = None
    """One that stays; None: as it comes."""


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What one rule came to in one or more weeks; kWh."""

    rule: str
    weeks: int = 0
    energies: Energies = field(default_factory=Energies)
    best: float = 0.0
    """Sun for a clairvoyant with budgets of stops and switches who never draws from the grid."""
    holding: float = 0.0
    """Sun for one whose cars the grid may hold at their floors."""
    usable: float = 0.0
    """Sun for one who never draws from the grid and whom nothing wears out."""
    sun: float = 0.0
    used: float = 0.0
    """The part of the sun that stayed in the house."""
    unmet: float = 0.0
    """Missing when cars had to leave."""
    starts: int = 0
    stops: list[int] = field(default_factory=list)
    """Of each plug-in."""
    switches: list[int] = field(default_factory=list)
    """Of each day and charger."""
    setpoints: int = 0
    plugged: float = 0.0
    """h"""

    def add(self, other: Self) -> None:
        """Add other weeks of the same rule."""
        self.weeks += other.weeks
        self.energies.join(other.energies)
        self.best += other.best
        self.holding += other.holding
        self.usable += other.usable
        self.sun += other.sun
        self.used += other.used
        self.unmet += other.unmet
        self.starts += other.starts
        self.stops += other.stops
        self.switches += other.switches
        self.setpoints += other.setpoints
        self.plugged += other.plugged

    def yearly(self, amount: float) -> float:
        """Return what an amount of these weeks is in a year."""
        return amount * _DAYS_PER_YEAR / (DAYS_PER_WEEK * self.weeks)


def joined(outcomes: Iterable[Outcome]) -> dict[str, Outcome]:
    """Return the sum of all weeks of each rule."""
    sums: dict[str, Outcome] = {}
    for outcome in outcomes:
        sums.setdefault(outcome.rule, Outcome(rule=outcome.rule)).add(outcome)
    return sums


def run(task: Task) -> list[Outcome]:
    """Live through a week once with each rule."""
    week = draw_week(HOUSEHOLDS[task.household], task.begin, task.seed, task.weather)
    sun_only = task.mode is SunMode.SUN_ONLY
    best, holding = (
        (kwh_at_best(week, without_grid), kwh_at_best(week, with_holds)) if sun_only else (0.0, 0.0)
    )
    usable = kwh_at_best(week, unhindered if sun_only else topped_up)
    outcomes = []
    for rule in task.rules:
        outcome = live(week, rule, task.mode)
        outcome.best, outcome.holding, outcome.usable = best, holding, usable
        outcomes.append(outcome)
    return outcomes


def live(week: Week, rule: str, mode: SunMode) -> Outcome:
    """Live through a week with one rule."""
    world = World(week, RULES[rule](week.household, mode, week.begin), mode)
    world.run()
    sun, house = week.sun, week.sun - week.surplus
    solar = world.energies.solar
    return Outcome(
        rule=rule,
        weeks=1,
        energies=world.energies,
        sun=_kwh(float(sun.sum())),
        used=_kwh(float(np.minimum(sun, house).sum())) + solar,
        unmet=sum(place.unmet for place in world.places) / 1000,
        starts=sum(place.wear.starts for place in world.places),
        stops=[stops for place in world.places for stops in place.wear.stops],
        switches=[
            place.wear.switches[day] for place in world.places for day in range(DAYS_PER_WEEK)
        ],
        setpoints=sum(place.charger.commands for place in world.places),
        plugged=sum(
            (stay.end - stay.begin) / _TICKS_PER_HOUR for stays in week.stays for stay in stays
        ),
    )


def _kwh(watts: float) -> float:
    """Return the energy of powers in W that were summed over ticks."""
    return watts / _TICKS_PER_HOUR / 1000
