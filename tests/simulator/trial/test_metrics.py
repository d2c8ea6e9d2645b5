"""What is counted, on cases small enough to count by hand."""

import pytest

from simulator.trial.metrics import Tally


def tally_of(*seconds: tuple[float, float]) -> Tally:
    """Return the tally of total and car currents on L1, each for one second."""
    tally = Tally(25)
    for total, car in seconds:
        for _ in range(10):
            tally.note((total, 10, 10), (car, 0, 0))
    tally.finish()
    return tally


def test_nothing_above_the_limit_counts_as_nothing() -> None:
    tally = tally_of((25, 10), (20, 10))
    assert tally.ampere_seconds == 0
    assert tally.episodes == []
    assert tally.damage == 0
    assert tally.charge == pytest.approx(20)


def test_only_what_cars_could_have_avoided_counts() -> None:
    tally = tally_of((30, 10), (30, 2), (60, 0))
    assert tally.ampere_seconds == pytest.approx(5 + 2)


def test_an_excursion_is_all_that_is_above_the_limit_while_a_car_draws() -> None:
    assert tally_of((30, 10), (60, 0)).excursion == pytest.approx(5)
    assert tally_of((30, 10), (40, 6)).excursion == pytest.approx(15)


def test_an_episode_lasts_as_long_as_the_excursion_can_be_noticed() -> None:
    tally = tally_of((30, 10), (30, 10), (25.4, 10), (30, 10))
    assert tally.episodes == [2, 1]


def test_a_breaker_is_spared_what_the_house_does_alone() -> None:
    assert tally_of((50, 0), (50, 0)).damage == 0
    assert tally_of((50, 8), (50, 8)).damage == pytest.approx(2 / 8, abs=0.01)


def test_phases_add_up() -> None:
    tally = Tally(25)
    for _ in range(10):
        tally.note((26, 27, 20), (6, 6, 6))
    assert tally.ampere_seconds == pytest.approx(3)
    assert tally.charge == pytest.approx(18)
