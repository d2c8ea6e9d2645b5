"""Clock, plan, sun and delay together."""

from datetime import UTC, datetime

import pytest

from custom_components.headroom.engine.decision import ReasonCode
from custom_components.headroom.engine.when.permit import Bound, Permits, SunMode, permitted

FLOOR = 6.0
END = datetime(2026, 11, 22, 22, tzinfo=UTC)
PEAK = Bound(0.0, ReasonCode.PAUSED, END)
"""Stands for any rule that lets nothing come from the grid."""
FOLLOWERS = [SunMode.SUN_ONLY, SunMode.SUN_HYBRID, SunMode.MAX_HYBRID]


def sun(current: float) -> Bound:
    return Bound(current, ReasonCode.USER_LIMIT)


def plan(current: float) -> Bound:
    return Bound(current, ReasonCode.ZONE_LIMIT)


def test_without_rules_nothing_binds() -> None:
    assert permitted(SunMode.OFF, Permits(), FLOOR) is None
    assert permitted(SunMode.MAX_HYBRID, Permits(sun=sun(0)), FLOOR) is None


def test_who_does_not_follow_the_sun_takes_what_the_grid_may_give() -> None:
    assert permitted(SunMode.OFF, Permits(clock=PEAK, sun=sun(10)), FLOOR) == PEAK
    assert permitted(SunMode.OFF, Permits(clock=PEAK, plan=plan(16)), FLOOR) == PEAK
    assert permitted(SunMode.OFF, Permits(plan=plan(16)), FLOOR) == plan(16)


@pytest.mark.parametrize(
    ("mode", "surplus", "most"),
    [
        (SunMode.SUN_ONLY, 0, 0),
        (SunMode.SUN_ONLY, 9, 9),
        (SunMode.SUN_HYBRID, 3, FLOOR),
        (SunMode.SUN_HYBRID, 9, 9),
    ],
)
def test_how_much_each_mode_takes_of_sun_and_grid(
    mode: SunMode, surplus: float, most: float
) -> None:
    assert permitted(mode, Permits(sun=sun(surplus)), FLOOR) == sun(most)


@pytest.mark.parametrize("mode", FOLLOWERS)
def test_outside_the_cheap_hours_a_follower_charges_with_the_sun_alone(mode: SunMode) -> None:
    assert permitted(mode, Permits(clock=PEAK, sun=sun(9)), FLOOR) == sun(9)
    waits = permitted(mode, Permits(clock=PEAK, sun=sun(0)), FLOOR)
    assert waits is not None
    assert waits.current == 0


@pytest.mark.parametrize("mode", FOLLOWERS)
def test_a_plan_gives_what_its_goal_needs_and_the_sun_may_give_more(mode: SunMode) -> None:
    assert permitted(mode, Permits(plan=plan(10), sun=sun(0)), FLOOR) == plan(10)
    assert permitted(mode, Permits(plan=plan(10), sun=sun(12)), FLOOR) == sun(12)


def test_of_two_waits_the_one_with_an_end_is_told() -> None:
    for mode in (SunMode.SUN_HYBRID, SunMode.MAX_HYBRID):
        assert permitted(mode, Permits(clock=PEAK, sun=sun(0)), FLOOR) == PEAK
    assert permitted(SunMode.SUN_ONLY, Permits(clock=PEAK, sun=sun(0)), FLOOR) == sun(0)
