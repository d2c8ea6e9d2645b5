"""Energy by a counter that may begin anew, fall for a moment or show nonsense."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.headroom.chargers.counted import Counted

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
START = Counted(count=1000.0, at=NOON - timedelta(hours=1))


def follow(*counts: float, start: Counted = START, every: timedelta = MINUTE) -> float:
    """Let the counter show counts; return the energy by then."""
    for number, count in enumerate(counts, start=1):
        start = start.after(count, NOON + number * every)
    return start.energy


def test_what_the_counter_rises_by_is_energy() -> None:
    assert follow(1000, 1500, 1500, 3000) == 2000


def test_a_count_that_falls_for_a_moment_is_no_energy() -> None:
    assert follow(6000, 0) == 5000
    assert follow(6000, 0, 0, 6010) == 5010


def test_a_count_that_goes_to_and_fro_is_no_energy() -> None:
    assert follow(6000, 5990, 6000, 5990, 6010) == 5010


def test_a_count_that_begins_anew_goes_on_from_there() -> None:
    assert follow(6000, 0, 10) == 5010
    assert follow(6000, 0, 10, 1500) == 6500
    assert follow(6000, 0, 7000, every=timedelta(hours=1)) == 12_000, "it tells but once an hour"


@pytest.mark.parametrize("nonsense", [4_294_967_295.0, 1e12])
def test_what_no_car_can_take_is_no_energy(nonsense: float) -> None:
    assert follow(6000, nonsense) == 5000
    assert follow(6000, nonsense, 6010, 6020) == 5020


def test_a_leap_that_no_power_explains_is_no_energy() -> None:
    start, second = Counted(count=100_000.0, at=NOON), timedelta(seconds=1)
    assert follow(100_000, 900_000, 900_000, 101_000, start=start, every=second) == 1000
    assert follow(101_000, 900_000, 0, 900_000, 101_000, start=start, every=second) == 1000


def test_a_leap_that_stays_is_another_counter() -> None:
    assert follow(6000, *[100_000] * 9, 100_500) == 5500


def test_a_count_that_comes_late_is_made_up_for() -> None:
    late = START.after(1100, NOON)
    assert late.energy == 100
    assert follow(5000, start=late) == 100
    assert follow(5000, 5000, 5000, start=late) == 4000


def test_a_register_that_is_told_once_an_hour_may_leap() -> None:
    assert follow(45_000, 89_000, every=timedelta(hours=1)) == 88_000


def test_the_next_session_begins_with_what_the_counter_shows_anew() -> None:
    following = Counted(count=6000.0, energy=5000.0, at=NOON).anew(30, NOON)
    assert following.energy == 30
    assert follow(80, start=following) == 80
    assert follow(6000, start=following) == 30, "it had only fallen for a moment"


@given(st.lists(st.floats(0, 1e13)))
def test_energy_never_falls(counts: Sequence[float]) -> None:
    counted = START
    for count in counts:
        after = counted.after(count, NOON)
        assert after.energy >= counted.energy
        counted = after
