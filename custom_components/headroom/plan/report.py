"""What came of a plan: how each goal stands, and what each connector is to do now."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from math import inf
from typing import Final

from ..engine.when.planned import PlannedQuarter
from ..planner.model import HOUR, CarPlan, ChargingPlan
from .goal_book import GoalOfCar
from .goals import RESERVE, GoalState, GoalStatus, WhyNoPlan, level_after
from .task import Wanted, amperes_of

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
        if status.state is GoalState.CANNOT_BE_MET or status.hurries:
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
    """Return how a goal stands."""
    known = GoalStatus(goal=car.goal, level=car.progress.level)
    if not car.present:
        return replace(known, state=GoalState.NO_CAR, level=None)
    if car.met:
        return replace(known, state=GoalState.MET)
    due = car.minimum > 0 and car.goal.minimum.is_due(now)
    known = replace(known, needed=car.needed or 0.0, minimum=car.minimum, hurries=due)
    if car.needed is None:
        no_level = WhyNoPlan.NO_LEVEL
        return replace(known, state=GoalState.ON_TRACK, level=None, why_no_plan=no_level)
    if plan is None or wanted is None or car.goal.deadline <= now:
        return replace(
            known,
            state=GoalState.CANNOT_BE_MET,
            lacking=car.needed,
            why_no_plan=WhyNoPlan.OVERDUE,
        )
    late, lacking = (_lacking(plan, wanted, part) for part in (0, -1))
    return replace(
        known,
        state=GoalState.CANNOT_BE_MET if lacking or (late and not due) else GoalState.ON_TRACK,
        lacking=lacking if due else max(late, lacking),
        hurries=due or late > 0,
        level=level_after(car.progress, car.needed - lacking),
        plan=plan,
        why_no_plan=None if priced else WhyNoPlan.NO_PRICES,
    )


def _lacking(plan: CarPlan, wanted: Wanted, milestone: int) -> float:
    """Return the Wh that lack at a milestone.

    Plans end before the deadline: what they lack can still be charged in that reserve.
    """
    return max(0.0, plan.lacking[milestone] - wanted.power * (RESERVE / HOUR))
