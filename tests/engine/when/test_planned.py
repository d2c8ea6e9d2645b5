"""What a plan lets a car draw, and for how long."""

from datetime import UTC, datetime, timedelta

from custom_components.headroom.engine.decision import ReasonCode
from custom_components.headroom.engine.when.permit import Bound
from custom_components.headroom.engine.when.planned import PlannedQuarter

NOW = datetime(2026, 11, 22, 22, tzinfo=UTC)
END = NOW + timedelta(minutes=15)
CHEAP = NOW + timedelta(hours=3)


def test_a_car_waits_until_the_next_quarter_that_is_planned() -> None:
    waits = PlannedQuarter(current=0.0, expires=END, until=CHEAP)
    assert waits.bound(NOW) == Bound(0.0, ReasonCode.WAITING_FOR_PLAN, CHEAP)


def test_a_car_charges_with_what_is_planned() -> None:
    planned = PlannedQuarter(current=9.5, expires=END, until=CHEAP)
    assert planned.bound(NOW) == Bound(9.5, ReasonCode.PLANNED, CHEAP)


def test_a_car_that_has_reached_its_goal_says_so() -> None:
    reached = PlannedQuarter(current=16.0, expires=END, reached=True)
    assert reached.bound(NOW) == Bound(0.0, ReasonCode.GOAL_REACHED)


def test_a_plan_that_is_too_old_binds_nobody() -> None:
    planned = PlannedQuarter(current=0.0, expires=END)
    assert planned.bound(END - timedelta(microseconds=1)) is not None
    assert planned.bound(END) is None
