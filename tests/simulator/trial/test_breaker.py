"""A breaker stands little overloads for long and large ones hardly."""

from math import inf

import pytest

from simulator.trial.breaker import Breaker, trip_time


@pytest.mark.parametrize(
    ("multiple", "seconds"),
    [(1.0, inf), (1.12, inf), (1.13, 1440), (1.3, 80), (1.45, 28), (2.0, 8), (2.55, 4), (3.0, 0.1)],
)
def test_trip_times_at_the_anchors(multiple: float, seconds: float) -> None:
    assert trip_time(multiple) == pytest.approx(seconds)


def test_trip_times_fall_between_the_anchors() -> None:
    times = [trip_time(1.13 + step / 100) for step in range(190)]
    assert times == sorted(times, reverse=True)


def test_a_constant_overload_opens_it_after_its_trip_time() -> None:
    breaker = Breaker(25)
    for _ in range(80):
        breaker.carry(50)
    assert breaker.worst == pytest.approx(1, abs=0.02)


def test_damage_wears_off_and_the_worst_is_remembered() -> None:
    breaker = Breaker(25)
    for _ in range(40):
        breaker.carry(50)
    for _ in range(3000):
        breaker.carry(20)
    assert breaker.worst == pytest.approx(0.5, abs=0.01)
    assert breaker.damage == pytest.approx(0.5 / 2.718, abs=0.01)
