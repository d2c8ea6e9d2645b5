"""What counts as kept, as stopped and as before."""

from dataclasses import replace

import pytest

from demo.blackout.judgement import (
    Fall,
    Guard,
    Held,
    Sample,
    arrivals,
    differences,
    fall,
    is_kept,
    stops,
)
from demo.blackout.report import fall_table

GUARD = Guard(kind="vestel", timeout=20.0, fallback=6.0)
NONE = replace(GUARD, kind="app", timeout=None)
BEFORE = {
    "A/1": Held(setpoint=13.0, fallback=6.0, session="7", arrived_at="10:00"),
    "B/1": Held(setpoint=12.5, fallback=None, session=None, arrived_at="10:05"),
}

DRAWN = {"A/1": 13.0, "B/1": 12.5}


def samples(*currents: float, every: float = 10.0) -> list[Sample]:
    return [Sample(index * every, current) for index, current in enumerate(currents)]


def test_a_fall_is_told_from_the_loss_on() -> None:
    seen = samples(13, 13, 13, 6.05, 6, 6)
    assert fall(seen, GUARD, lost_at=10) == Fall(13, 10, 6)


def test_a_current_that_comes_back_is_no_fall() -> None:
    fallen = fall(samples(13, 6, 6, 6, 9, 6), GUARD, lost_at=0)
    assert fallen == Fall(13, 40, 9)
    assert not is_kept(GUARD, fallen)


@pytest.mark.parametrize(
    ("fallen", "kept"),
    [
        (Fall(13, 25, 6.1), True),
        (Fall(13, 25.5, 6.0), False),
        (Fall(13, 20, 6.2), False),
    ],
)
def test_a_promise_has_a_time_and_a_current(fallen: Fall, kept: bool) -> None:
    assert is_kept(GUARD, fallen) is kept
    assert is_kept(NONE, fallen)


def test_stops_are_counted_after_the_loss() -> None:
    assert stops(samples(13, 0, 13, 0, 0, 6, 0), since=20) == 2
    assert stops(samples(0, 0, 6, 13), since=0) == 0


def test_what_is_as_before() -> None:
    assert not differences(BEFORE, BEFORE, DRAWN)
    near = BEFORE | {"A/1": replace(BEFORE["A/1"], setpoint=12.0)}
    assert not differences(BEFORE, near, DRAWN)


def test_what_is_not_as_before() -> None:
    after = {
        "A/1": replace(BEFORE["A/1"], setpoint=6.0, arrived_at="11:00"),
        "B/1": replace(BEFORE["B/1"], session="8"),
    }
    assert arrivals(BEFORE) == ["A/1", "B/1"]
    assert differences(BEFORE, after, DRAWN) == [
        "A/1 had 13 A, now it has 6 A and draws 13 A",
        "B/1 is in another session",
        "the order of arrival is B/1, A/1",
    ]


def test_a_car_that_does_not_draw_is_not_as_before() -> None:
    wrong = differences(BEFORE, BEFORE, DRAWN | {"A/1": 0.0})
    assert wrong == ["A/1 had 13 A, now it has 13 A and draws 0 A"]


def test_a_connector_that_is_missing_is_not_as_before() -> None:
    assert differences(BEFORE, {"A/1": BEFORE["A/1"]}, DRAWN) == ["B/1 is not known"]


def test_the_table_tells_all_of_it() -> None:
    guards = {"A/1": GUARD, "B/1": GUARD, "C/1": NONE}
    falls = {"A/1": Fall(13, 18, 6), "B/1": Fall(13, 30, 13), "C/1": Fall(13, 30, 13)}
    assert fall_table(guards, falls).splitlines()[2:] == [
        "| A/1 | vestel | 20 s | 6.0 A | 13.0 A | 18 s | 6.0 A | kept |",
        "| B/1 | vestel | 20 s | 6.0 A | 13.0 A | 30 s | 13.0 A | BROKEN |",
        "| C/1 | app | none | none | 13.0 A | - | 13.0 A | none |",
    ]
