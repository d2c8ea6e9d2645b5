"""A capacity tariff in closed loop: what counts as above its target, and a few hours of it."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.capacity.__main__ import row
from benchmarks.capacity.month import Month, Outcome, Period, Task, World, draw_month
from benchmarks.capacity.sites import SITES, Tariffed
from benchmarks.solar.grid import PER_DAY, ticks
from benchmarks.solar.households import Household, Stay
from custom_components.headroom.engine.grid.peak import PeakPolicy
from simulator.plant.sun import Panels
from tests.benchmarks.solar.weeks import car

QUARTER = 900.0
TASK = Task(site="one car, 2.5 kW", seed=1, days=1)


def stretch(hours: float, house: float, target: float, *, follow: bool = False) -> Month:
    """Return hours of a building that takes some A on each phase, with a car that stays hungry."""
    plan = car(switchable=False, phases=1)
    household = Household(cars=(plan,), panels=Panels(peak_kw=0.0), yearly_kwh=0)
    return Month(
        site=Tariffed(household=household, policy=PeakPolicy(target=target, follow=follow)),
        house=np.full((3, ticks(hours)), house),
        stays=((Stay(0, ticks(hours), 0.0),),),
        seed=1,
    )


def test_a_period_above_its_target_counts_as_the_cars_unless_the_building_alone_was() -> None:
    outcome = Outcome(seconds=QUARTER)
    for house, cars in ((2000, 400), (2000, 600), (2600, 100)):
        outcome.periods.append(
            Period(
                house=house * QUARTER, cars=cars * QUARTER, wanted=1000 * QUARTER, allowed=2500.0
            )
        )
    assert [outcome.above(one) for one in outcome.periods] == [-100, 100, 200]
    assert outcome.exceeded == [outcome.periods[1]]
    assert outcome.use == pytest.approx(900 / 1000)
    told = row(TASK, outcome)
    assert told.startswith("| one car, 2.5 kW | 1 | 3 | 1 | 1 | 100 | 4.0 | 90.0 | 2.70 |")


def test_a_month_without_an_exceeded_period_says_so() -> None:
    outcome = Outcome(seconds=QUARTER, periods=[Period(cars=1.0, wanted=1.0, allowed=2500.0)])
    assert "| 0 | 0 | 0 | 0.0 | 100.0 |" in row(TASK, outcome)


def test_a_car_uses_its_quarters_and_exceeds_none() -> None:
    outcome = World(stretch(1.5, 1.0, 3500.0)).run()
    assert len(outcome.periods) == 6
    assert outcome.exceeded == []
    assert outcome.use > 0.9
    assert outcome.starts == 1
    assert outcome.setpoints > 5


def test_what_the_month_has_seen_may_be_drawn_again() -> None:
    month = stretch(1.0, 1.0, 2500.0, follow=True)
    month.house[:, : ticks(0.25)] = 6.0
    outcome = World(month).run()
    first, second = (one.allowed for one in outcome.periods[:2])
    assert first == 2500.0
    assert second == pytest.approx(4140.0)


def test_all_that_chance_decides_comes_from_the_seed() -> None:
    site = replace(SITES[TASK.site])
    one, again = draw_month(site, TASK), draw_month(site, TASK)
    assert np.array_equal(one.house, again.house)
    assert one.stays == again.stays
    assert one.house.shape == (3, PER_DAY)
    other = draw_month(site, replace(TASK, seed=2))
    assert not np.array_equal(one.house, other.house)
