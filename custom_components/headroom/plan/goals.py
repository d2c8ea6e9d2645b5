"""What people want of a car: how much, and by when."""

from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from enum import StrEnum
from typing import Final, Self

from ..planner.model import QUARTER, CarPlan
from ..wishes import Wishes
from .ready_times import next_time, ready_times
from .session_goal import SessionGoal

RESERVE: Final = QUARTER
"""Plans end so long before a deadline, because cars and houses do not keep to plans."""
AC_EFFICIENCY: Final = 0.9
"""What reaches a battery of what a meter shows; on-board chargers lose about a tenth."""
_EASE_ENERGY: Final = 0.5
"""kWh"""
_EASE_CHARGE: Final = 3.0
"""Percent"""
_WH_PER_KWH: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """What a car is to have."""

    energy: float | None = None
    """kWh of the session."""
    charge: float | None = None
    """Percent of the car's battery."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Minimum(Amount):
    """What a car is to have before the rest, whatever it costs."""

    by: datetime | None = None
    """None: as soon as possible."""

    def is_due(self, now: datetime) -> bool:
        """Return whether there is no time left to plan it."""
        return self.by is None or self.by - RESERVE <= now


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal(Amount):
    """What a car is to have by a time."""

    deadline: datetime
    minimum: Minimum = Minimum()

    @property
    def eased(self) -> Self:
        """Return what a car may lose after it was ready before it charges again.

        Batteries that cool down, heating and rounding make sensors waver.
        """
        return replace(
            self,
            energy=self.energy and max(0.0, self.energy - _EASE_ENERGY),
            charge=self.charge and max(0.0, self.charge - _EASE_CHARGE),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What is known of a car that has a goal."""

    charged: float
    """Wh in this session, at the charger."""
    level: float | None = None
    """Percent of its battery."""
    capacity: float | None = None
    """Wh of its battery."""


class GoalState(StrEnum):
    """How a goal stands."""

    NO_GOAL = "no_goal"
    NO_CAR = "no_car"
    ON_TRACK = "on_track"
    CANNOT_BE_MET = "cannot_be_met"
    MET = "met"


class WhyNoPlan(StrEnum):
    """Why cars with a goal charge at once, without waiting for anything."""

    NO_PRICES = "no_prices"
    NO_LEVEL = "no_level"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalStatus:
    """How the goal of one connector stands, for people."""

    state: GoalState = GoalState.NO_GOAL
    goal: Goal | None = None
    needed: float = 0.0
    """Wh that the car still lacks, at the charger."""
    lacking: float = 0.0
    """Wh of it that the plan does not reach in time."""
    minimum: float = 0.0
    """Wh that lack of what comes before the rest."""
    hurries: bool = False
    """That is to come at once."""
    level: float | None = None
    """Percent that its battery is expected to have at the deadline."""
    plan: CarPlan | None = None
    why_no_plan: WhyNoPlan | None = None


def goal_of(wishes: Wishes, connector: str, since: datetime, zone: tzinfo) -> Goal | None:
    """Return the goal of a connector for the session that runs since a time; None: it has none.

    A goal for every day is due at the next time of day after the car came, or after the goal
    was changed.
    """
    minimum = Minimum(
        energy=wishes.minimum_energies.get(connector),
        charge=wishes.minimum_charges.get(connector),
    )
    if (session := wishes.session_goals.get(connector)) is not None:
        return Goal(
            deadline=session.ready_by,
            energy=session.energy,
            charge=session.charge,
            minimum=_minimum_of_session(session) or minimum,
        )
    energy = wishes.goal_energies.get(connector)
    charge = wishes.goal_charges.get(connector)
    if connector not in wishes.planned or not (energy or charge):
        return None
    times = ready_times(wishes.ready_by.get(connector), wishes.ready_on.get(connector, {}))
    deadline = next_time(times, since, zone)
    if deadline is None:
        return None
    return Goal(deadline=deadline, energy=energy, charge=charge, minimum=minimum)


def _minimum_of_session(session: SessionGoal) -> Minimum | None:
    energy, charge = session.minimum_energy, session.minimum_charge
    if energy is None and charge is None:
        return None
    return Minimum(energy=energy, charge=charge, by=session.minimum_by)


def needed(goal: Amount, progress: Progress) -> float | None:
    """Return the Wh at the charger that lack; None: nobody knows, for the level is not known."""
    wanted = 0.0
    if goal.energy:
        wanted = max(0.0, goal.energy * _WH_PER_KWH - progress.charged)
    if goal.charge:
        if progress.level is None or progress.capacity is None:
            return wanted or None
        missing = max(0.0, goal.charge - progress.level) / 100 * progress.capacity
        wanted = max(wanted, missing / AC_EFFICIENCY)
    return wanted


def level_after(progress: Progress, energy: float) -> float | None:
    """Return the percent that a battery has after more Wh at the charger, if that is known."""
    if progress.level is None or not progress.capacity:
        return None
    return min(100.0, progress.level + 100 * energy * AC_EFFICIENCY / progress.capacity)
