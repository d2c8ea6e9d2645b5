"""What came of a plan: how each goal stands, and what each connector is to do now."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import inf
from typing import Final

from ..engine.when.planned import PlannedQuarter
from ..planner.model import HOUR, CarPlan, ChargingPlan
from .goal_book import GoalOfCar
from .goals import GoalState, GoalStatus, WhyNoPlan, level_after
from .task import RESERVE, Wanted, amperes_of

TOO_OLD: Final = timedelta(hours=1)
"""A plan is made anew every quarter of an hour; one that was not counts for nothing."""

_ROUNDING: Final = 1.0
"""W"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanReport:
    """The last plan, and what came of each goal."""

    made_at: datetime
    plan: ChargingPlan = field(default_factory=ChargingPlan)
    statuses: Mapping[str, GoalStatus] = field(default_factory=dict)
    """By connector id; those that are missing have no goal."""
    wanted: Mapping[str, Wanted] = field(default_factory=dict)
    """What the plan takes the cars for, by connector id."""
    prices_until: datetime | None = None
    """Up to when prices are known; after that they are taken to be as a day before."""

    def status(self, connector: str) -> GoalStatus:
        """Return how the goal of a connector stands."""
        return self.statuses.get(connector, GoalStatus())

    def plans(self, now: datetime) -> dict[str, PlannedQuarter]:
        """Return what is planned for connectors now; the others share as if there were no plan."""
        if not timedelta() <= now - self.made_at < TOO_OLD:
            return {}
        planned = {key: self._planned(key, status, now) for key, status in self.statuses.items()}
        return {key: quarter for key, quarter in planned.items() if quarter is not None}

    def _planned(self, key: str, status: GoalStatus, now: datetime) -> PlannedQuarter | None:
        """Return what is planned for a connector now.

        Nothing holds back who will not be ready, or only in the reserve before the deadline that no
        plan uses, nor who has to begin where no price says when:
        whoever else would follow the sun charges from the grid too.
        """
        if status.state is GoalState.MET:
            return PlannedQuarter(current=0.0, expires=self.made_at + TOO_OLD, reached=True)
        plan, all_it_gets = status.plan, PlannedQuarter(current=inf, expires=self.made_at + TOO_OLD)
        if status.state is GoalState.CANNOT_BE_MET:
            return all_it_gets
        if status.state is not GoalState.ON_TRACK or plan is None:
            return None
        return all_it_gets if plan.unmet > 0 else self._in_plan(key, plan, status, now)

    def _in_plan(
        self, key: str, plan: CarPlan, status: GoalStatus, now: datetime
    ) -> PlannedQuarter | None:
        """Return what the plan has for a connector in the present quarter of an hour."""
        quarters, power = self.plan.quarters, plan.power
        here = next((i for i, q in enumerate(quarters) if q.start <= now < q.end), None)
        if here is None:
            return None
        if status.why_no_plan is not None:
            return PlannedQuarter(current=inf, expires=quarters[here].end) if power[here] else None
        turns = (i for i in range(here, len(power)) if bool(power[i]) != bool(power[here]))
        turn = next(turns, None)
        return PlannedQuarter(
            current=self._current(key, power[here]),
            expires=quarters[here].end,
            until=None if turn is None else quarters[turn].start,
        )

    def _current(self, key: str, power: float) -> float:
        """Return the current of a power; a car that is to take all that it can may take more.

        Otherwise it could never be seen that it takes more than it took so far.
        """
        car = self.wanted[key]
        return inf if power >= car.power - _ROUNDING else amperes_of(power, len(car.phases))


def status_of(
    car: GoalOfCar,
    plan: CarPlan | None,
    wanted: Wanted | None,
    now: datetime,
    *,
    priced: bool,
) -> GoalStatus:
    """Return how a goal stands.

    Plans end before the deadline: what they lack can still be charged in that reserve.
    """
    if not car.present:
        return GoalStatus(state=GoalState.NO_CAR, goal=car.goal)
    if car.met:
        return GoalStatus(state=GoalState.MET, goal=car.goal, level=car.progress.level)
    if car.needed is None:
        return GoalStatus(state=GoalState.ON_TRACK, goal=car.goal, why_no_plan=WhyNoPlan.NO_LEVEL)
    if plan is None or wanted is None or car.goal.deadline <= now:
        return GoalStatus(
            state=GoalState.CANNOT_BE_MET,
            goal=car.goal,
            needed=car.needed,
            lacking=car.needed,
            level=car.progress.level,
            why_no_plan=WhyNoPlan.OVERDUE,
        )
    lacking = max(0.0, plan.unmet - wanted.power * (RESERVE / HOUR))
    return GoalStatus(
        state=GoalState.CANNOT_BE_MET if lacking > 0 else GoalState.ON_TRACK,
        goal=car.goal,
        needed=car.needed,
        lacking=lacking,
        level=level_after(car.progress, car.needed - lacking),
        plan=plan,
        why_no_plan=None if priced else WhyNoPlan.NO_PRICES,
    )
