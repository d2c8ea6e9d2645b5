"""The clairvoyants: what they get is possible, and nobody gets more within the budgets."""

from itertools import product
from random import Random

import numpy as np
import pytest

from benchmarks.solar.budgeted import with_holds, without_grid
from benchmarks.solar.grid import Floats, ticks
from benchmarks.solar.households import Stay
from benchmarks.solar.optimum import kwh_at_best
from benchmarks.solar.options import ranges, topped_up, unhindered
from tests.benchmarks.solar.weeks import car, stretch

ONE = car(phases=1, switchable=False)
FIXED = car(switchable=False)
ANY = car()


def test_a_charger_that_switches_has_a_gap_between_what_one_phase_takes_and_three_need() -> None:
    assert [(option.least, option.most) for option in ranges(ANY)] == [(1380, 3680), (4140, 11040)]
    assert [option.least for option in ranges(FIXED)] == [4140]
    assert unhindered(ANY, np.array([1000.0, 2000, 4000, 5000, 20_000])).tolist() == [
        0,
        2000,
        3680,
        5000,
        11_040,
    ]
    assert topped_up(ANY, np.array([1000.0, 20_000])).tolist() == [1000, 11_040]


def test_a_start_takes_a_bin_which_may_be_a_dark_one() -> None:
    later = without_grid(ONE, np.array([0.0, 0, 2000, 2000, 2000, 0]))
    assert later.tolist() == [0, 0, 2000, 2000, 2000, 0]
    at_once = without_grid(ONE, np.array([2000.0, 2000, 2000, 0]))
    assert at_once.tolist() == [0, 2000, 2000, 0]


def test_the_smallest_of_too_many_gaps_between_clouds_are_left_out() -> None:
    sizes = [3, 8, 4, 9, 5, 7]
    power = np.concatenate([[2000.0] * size + [0.0] * 2 for size in sizes])
    used = [
        bool(part.any())
        for part in np.split(without_grid(ONE, power), np.cumsum([size + 2 for size in sizes])[:-1])
    ]
    assert used == [False, True, False, True, True, True]


def test_phases_are_switched_where_it_is_worth_the_pause() -> None:
    short, long = np.array([3000.0] * 20 + [6000] * 3), np.array([3000.0] * 20 + [6000] * 30)
    assert without_grid(ANY, short)[20:].max() == 3680
    assert without_grid(ANY, long)[-1] == 6000
    assert without_grid(ANY, long)[:20].sum() == 15 * 3000


@pytest.mark.parametrize("seed", range(5))
def test_nothing_is_better_than_the_best_course_for_one_option(seed: int) -> None:
    random = Random(seed)
    power = np.array([random.choice([0.0, 1500.0, 3000.0]) for _ in range(14)])
    usable = np.where(power >= 1380, power, -np.inf)
    best = max(
        worth
        for course in product((False, True), repeat=len(power))
        if (worth := _worth(course, usable)) is not None
    )
    assert without_grid(ONE, power).sum() == best


def _worth(course: tuple[bool, ...], usable: Floats) -> float | None:
    """Return what a course gets, with at most 4 stops and 2 bins or more before a new start."""
    begins = [now for now in range(len(course)) if course[now] and not any(course[:now][-1:])]
    too_soon = any(now == 0 or any(course[max(0, now - 2) : now]) for now in begins)
    if len(begins) > 4 or too_soon:
        return None
    worth = float(usable[list(course)].sum())
    return worth if np.isfinite(worth) else None


def test_the_grid_holds_a_car_through_a_short_cloud_where_it_may() -> None:
    power = np.array([0.0, *[2000] * 5, 1000, *[2000] * 5])
    assert without_grid(ONE, power).tolist() == [0, *[2000] * 5, 0, 0, *[2000] * 4]
    assert with_holds(ONE, power).tolist() == power.tolist()
    dark = np.array([0.0, *[2000] * 5, *[100] * 20, *[2000] * 5])
    assert with_holds(ONE, dark)[8:24].max() == 0


def test_in_the_dark_nothing_is_drawn() -> None:
    assert without_grid(ANY, np.zeros(5)).tolist() == [0] * 5


def test_no_more_goes_in_than_fits_and_trips_make_room() -> None:
    week = stretch((2, 3000), cars=[car(battery=2000, stored=500)])
    assert kwh_at_best(week, unhindered) == pytest.approx(1.5)
    stays = [Stay(0, ticks(1), 700), Stay(ticks(1), ticks(2), 0)]
    week = stretch((2, 3000), cars=[car(battery=2000, stored=500)], stays=[stays])
    assert kwh_at_best(week, unhindered) == pytest.approx(2.2)


def test_a_second_car_has_what_the_first_leaves() -> None:
    week = stretch((1, 5000), cars=[ONE, ONE], house=1)
    assert kwh_at_best(week, unhindered) == pytest.approx(3.68)
    week = stretch((1, 6000), cars=[ONE, ONE], house=1)
    assert kwh_at_best(week, unhindered) == pytest.approx(6 - 0.69)
