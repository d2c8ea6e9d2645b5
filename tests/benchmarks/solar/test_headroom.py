"""Headroom's engine under the sun: it follows, and its budgets hold on a day that flickers."""

from dataclasses import replace
from random import Random

import numpy as np
import pytest

from benchmarks.solar.budgeted import without_grid
from benchmarks.solar.grid import TICK
from benchmarks.solar.households import CarPlan
from benchmarks.solar.optimum import kwh_at_best
from benchmarks.solar.rules.headroom import Headroom
from benchmarks.solar.sky import Weather, passing_clouds
from benchmarks.solar.world import World
from benchmarks.solar.year import Week
from custom_components.headroom.engine.cars.wear import WearPolicy
from custom_components.headroom.engine.when.permit import SunMode
from tests.benchmarks.solar.weeks import car, stretch

BUDGET = WearPolicy()
FIXED = car(switchable=False)


def live(week: Week, mode: SunMode = SunMode.SUN_ONLY) -> World:
    world = World(week, Headroom(week.household, mode, week.begin))
    world.run()
    return world


def flickering(seed: int, plan: CarPlan) -> Week:
    """Return three hours of clouds that come and go."""
    week = stretch((3, 7000), cars=[plan])
    clouds = passing_clouds(170, 3 * 3600, Random(seed), Weather.BROKEN)
    times, shares = zip(*clouds, strict=True)
    return replace(week, sun=week.sun * np.interp(np.arange(len(week.sun)) * TICK, times, shares))


def test_a_car_on_three_phases_follows_the_sun() -> None:
    energies = live(stretch((1, 8000), cars=[FIXED])).energies
    assert energies.solar == pytest.approx(8, rel=0.06)
    assert energies.late < 0.02


def test_too_little_sun_starts_nothing() -> None:
    assert live(stretch((1, 4000), cars=[FIXED])).places[0].wear.starts == 0


def test_in_hybrid_mode_the_grid_gives_the_floor() -> None:
    energies = live(stretch((1, 1000), cars=[FIXED]), SunMode.SUN_HYBRID).energies
    assert energies.solar == pytest.approx(1, rel=0.05)
    assert energies.grid == pytest.approx(3.14, rel=0.05)


def test_a_charger_that_switches_goes_up_with_the_sun_and_down_again() -> None:
    (place,) = live(stretch((0.5, 2500), (0.5, 8000), (0.5, 2500))).places
    assert place.charger.drawn_on == 1
    assert place.charger.switches == 3
    assert place.wear.stops == [0]


def test_two_cars_share_what_there_is() -> None:
    world = live(stretch((1, 12_000), cars=[FIXED, FIXED]))
    assert all(place.car.stored > 3000 for place in world.places)
    assert world.energies.solar == pytest.approx(12, rel=0.1)


@pytest.mark.parametrize("seed", range(2))
def test_the_budgets_hold_under_clouds_that_come_and_go(seed: int) -> None:
    week = flickering(seed, car())
    world = live(week)
    (place,) = world.places
    assert max(place.wear.stops) <= BUDGET.stops
    assert place.wear.switches.total() <= BUDGET.switches
    assert world.energies.solar > 0.6 * kwh_at_best(week, without_grid)
    assert world.energies.late < 0.03 * world.energies.solar
