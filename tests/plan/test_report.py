"""How goals stand, and what each connector is to do now."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import inf

import pytest

from custom_components.headroom.engine.decision import ReasonCode
from custom_components.headroom.engine.when.permit import Bound, Permits, SunMode, permitted
from custom_components.headroom.engine.when.planned import PlannedQuarter
from custom_components.headroom.plan.goal_book import GoalOfCar
from custom_components.headroom.plan.goals import (
    Goal,
    GoalState,
    GoalStatus,
    Minimum,
    Progress,
    WhyNoPlan,
)
from custom_components.headroom.plan.report import TOO_OLD, PlanReport, status_of
from custom_components.headroom.plan.task import Wanted
from custom_components.headroom.planner.model import QUARTER, CarPlan, ChargingPlan, Quarter

NOW = datetime(2026, 3, 10, 21, tzinfo=UTC)
GOAL = Goal(deadline=NOW + timedelta(hours=8), energy=10.0, charge=None)
WANTED = Wanted(
    connector="a",
    deadline=GOAL.deadline,
    energy=10_000,
    phases=(0,),
    most=32,
    charging=False,
)
MOST = WANTED.power


def car(**changes: object) -> GoalOfCar:
    given = GoalOfCar(
        connector="a",
        goal=GOAL,
        present=True,
        progress=Progress(charged=0),
        met=False,
        needed=10_000,
    )
    return replace(given, **changes)  # type: ignore[arg-type]


def plan(*power: float, lacking: float = 0.0) -> CarPlan:
    return CarPlan(power=power, energy=sum(power) / 4, costs=(), lacking=(lacking,))


def status(given: GoalOfCar, made: CarPlan | None, *, priced: bool = True) -> GoalStatus:
    return status_of(given, made, WANTED, NOW, priced=priced)


def test_a_plan_without_anything_lacking_is_on_track() -> None:
    found = status(car(), plan(4000))
    assert (found.state, found.why_no_plan) == (GoalState.ON_TRACK, None)


def test_without_prices_it_is_on_track_and_nobody_waits() -> None:
    found = status(car(), plan(4000), priced=False)
    assert (found.state, found.why_no_plan) == (GoalState.ON_TRACK, WhyNoPlan.NO_PRICES)


def test_what_fits_into_the_reserve_does_not_lack() -> None:
    assert status(car(), plan(lacking=MOST / 4)).state is GoalState.ON_TRACK
    found = status(car(), plan(lacking=MOST / 4 + 500))
    assert (found.state, found.lacking) == (GoalState.CANNOT_BE_MET, 500)


SOON = replace(GOAL, minimum=Minimum(energy=5.0, by=NOW + timedelta(hours=3)))
AT_ONCE = replace(GOAL, minimum=Minimum(energy=5.0))
PAST = replace(GOAL, minimum=Minimum(energy=5.0, by=NOW))


@pytest.mark.parametrize(
    ("goal", "lacking", "state", "hurries"),
    [
        (SOON, (0.0, 0.0), GoalState.ON_TRACK, False),
        (SOON, (MOST / 4, 0.0), GoalState.ON_TRACK, False),
        (SOON, (MOST / 4 + 500, 0.0), GoalState.CANNOT_BE_MET, True),
        (AT_ONCE, (MOST / 4 + 500, 0.0), GoalState.ON_TRACK, True),
        (PAST, (MOST / 4 + 500, 0.0), GoalState.ON_TRACK, True),
        (AT_ONCE, (0.0, MOST / 4 + 500), GoalState.CANNOT_BE_MET, True),
    ],
)
def test_a_minimum_that_lacks_is_hurried(
    goal: Goal, lacking: tuple[float, ...], state: GoalState, *, hurries: bool
) -> None:
    found = status(car(goal=goal, minimum=5000.0), replace(plan(4000), lacking=lacking))
    assert (found.state, found.hurries) == (state, hurries)
    assert found.lacking == (500 if state is GoalState.CANNOT_BE_MET else 0)


def test_a_minimum_is_hurried_without_a_known_level_too() -> None:
    found = status(car(goal=AT_ONCE, minimum=5000.0, needed=None), None)
    assert (found.why_no_plan, found.hurries) == (WhyNoPlan.NO_LEVEL, True)
    assert status(car(goal=AT_ONCE), plan(4000)).hurries is False


def test_the_level_that_is_reached_in_time_is_told() -> None:
    progress = Progress(charged=0, level=20, capacity=50_000)
    found = status(car(progress=progress), plan(lacking=MOST / 4 + 5000))
    assert found.level == pytest.approx(20 + 100 * 5000 * 0.9 / 50_000)


@pytest.mark.parametrize(
    ("changes", "state", "why"),
    [
        ({"present": False}, GoalState.NO_CAR, None),
        ({"met": True}, GoalState.MET, None),
        ({"needed": None}, GoalState.ON_TRACK, WhyNoPlan.NO_LEVEL),
        ({"goal": replace(GOAL, deadline=NOW)}, GoalState.CANNOT_BE_MET, WhyNoPlan.OVERDUE),
    ],
)
def test_goals_without_a_plan(
    changes: dict[str, object], state: GoalState, why: WhyNoPlan | None
) -> None:
    found = status(car(**changes), None)
    assert (found.state, found.why_no_plan) == (state, why)


QUARTERS = tuple(
    Quarter(start=NOW + n * QUARTER, end=NOW + (n + 1) * QUARTER, price=0.1) for n in range(5)
)


def report(*power: float, state: GoalState = GoalState.ON_TRACK, **changes: object) -> PlanReport:
    found = replace(
        GoalStatus(state=state, plan=plan(*power)),
        **changes,  # type: ignore[arg-type]
    )
    return PlanReport(
        made_at=NOW,
        plan=ChargingPlan(quarters=QUARTERS),
        statuses={"a": found},
        wanted={"a": replace(WANTED, phases=(0, 1, 2))},
    )


def test_a_car_waits_until_its_next_block_and_charges_until_its_end() -> None:
    given = report(0, 0, 6900, 6900, 0)
    assert given.plans(NOW)["a"] == PlannedQuarter(
        current=0.0, expires=QUARTERS[0].end, until=QUARTERS[2].start
    )
    later = QUARTERS[2].start
    assert given.plans(later)["a"] == PlannedQuarter(
        current=10.0, expires=QUARTERS[2].end, until=QUARTERS[4].start
    )


def test_a_car_that_is_to_take_all_that_it_can_may_show_that_it_takes_more() -> None:
    given = replace(report(4600), wanted={"a": replace(WANTED, phases=(0, 1), most=10)})
    assert given.plans(NOW)["a"].current == inf


def test_the_end_of_a_plan_is_no_end_of_a_wait() -> None:
    assert report(0, 0, 0, 0, 0).plans(NOW)["a"].until is None


def test_a_plan_that_is_too_old_or_over_is_none() -> None:
    given = report(0, 0, 0, 0, 0)
    assert given.plans(NOW + TOO_OLD) == {}
    assert given.plans(NOW - QUARTER) == {}
    assert given.plans(NOW + timedelta(minutes=59)) != {}
    short = replace(given, plan=ChargingPlan(quarters=QUARTERS[:1]))
    assert short.plans(QUARTERS[1].start) == {}


def test_a_goal_that_is_reached_stops_its_car() -> None:
    assert report(state=GoalState.MET).plans(NOW)["a"].reached


@pytest.mark.parametrize(
    "given",
    [
        report(0, state=GoalState.NO_CAR),
        report(0, why_no_plan=WhyNoPlan.NO_PRICES),
        report(0, plan=None),
    ],
)
def test_who_must_not_wait_is_not_bound(given: PlanReport) -> None:
    assert given.plans(NOW) == {}


@pytest.mark.parametrize(
    "given",
    [
        report(0, state=GoalState.CANNOT_BE_MET),
        report(state=GoalState.CANNOT_BE_MET, plan=None, why_no_plan=WhyNoPlan.OVERDUE),
        report(6900, why_no_plan=WhyNoPlan.NO_PRICES),
        report(plan=plan(0, lacking=1000.0)),
        report(0, hurries=True),
    ],
)
def test_who_must_charge_now_takes_all_even_if_it_follows_the_sun(given: PlanReport) -> None:
    planned = given.plans(NOW)["a"]
    assert planned.current == inf
    permits = Permits(plan=planned.bound(NOW), sun=Bound(0.0, ReasonCode.WAITING_FOR_SUN))
    assert permitted(SunMode.SUN_ONLY, permits, 6.0) == Bound(inf, ReasonCode.PLANNED)


def test_a_connector_without_a_goal_has_a_status_too() -> None:
    assert report(0).status("b") == GoalStatus()
