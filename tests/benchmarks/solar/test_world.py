"""The plant: chargers that obey late, what counts as wear, and where the energy came from."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import override

import numpy as np
import pytest

from benchmarks.solar.charger import Charger
from benchmarks.solar.grid import PER_DAY, TICK, Floats, ticks
from benchmarks.solar.households import Stay
from benchmarks.solar.rule import Order, Rule, View
from benchmarks.solar.tally import Energies, Wear
from benchmarks.solar.world import World, recent_most
from custom_components.headroom.engine.when.permit import SunMode
from simulator.plant.ev import Car
from tests.benchmarks.solar.weeks import car, stretch

STOP, ONE, THREE = Order(0, 3), Order(10, 1), Order(10, 3)


class Bench:
    """A charger with a hungry car, stepped tick by tick."""

    def __init__(self) -> None:
        self.charger = Charger(car(), Random(1))
        self.wear = Wear()
        self.tick = 0
        self.under_load = 0.0
        self.charger.plug(Car(car().model))
        self.wear.plug(0)

    def follow(self, order: Order, count: int) -> None:
        """Give an order and let time pass."""
        for _ in range(count):
            self.charger.follow(order, self.tick)
            self.tick += 1
            before, phases = self.charger.power, self.charger.drawn_on
            self.charger.advance(self.tick, 1)
            if self.charger.drawn_on != phases:
                self.under_load = max(self.under_load, before)
            self.wear.note(self.charger, self.tick)


def test_a_command_takes_seconds_and_counts_at_once_as_possible() -> None:
    bench = Bench()
    bench.charger.follow(THREE, 0)
    assert bench.charger.view().confirmed == 10
    assert bench.charger.view().offered == 0
    bench.follow(THREE, 15)
    assert bench.charger.power == pytest.approx(10 * 3 * 230)
    bench.charger.follow(Order(6, 3), bench.tick)
    assert bench.charger.view().confirmed == 10
    bench.follow(Order(6, 3), 4)
    assert bench.charger.view().confirmed == 6
    assert bench.charger.commands == 2


def test_phases_are_switched_at_rest_and_a_short_pause_for_it_is_no_stop() -> None:
    bench = Bench()
    bench.follow(THREE, 20)
    bench.follow(ONE, 30)
    assert bench.under_load == 0
    assert bench.charger.power == pytest.approx(10 * 230)
    assert (bench.charger.switches, bench.wear.switches.total()) == (1, 1)
    assert (bench.wear.starts, bench.wear.stops) == (1, [0])


def test_a_long_pause_is_a_stop_even_with_a_switch_in_it() -> None:
    bench = Bench()
    bench.follow(THREE, 20)
    bench.follow(STOP, 200)
    bench.follow(ONE, 30)
    assert (bench.wear.starts, bench.wear.stops) == (2, [1])


def test_what_is_not_resumed_was_stopped_unless_the_car_is_full() -> None:
    bench = Bench()
    bench.follow(THREE, 20)
    bench.follow(STOP, 10)
    bench.wear.unplug()
    assert bench.wear.stops == [1]
    bench.wear.plug(bench.tick)
    bench.follow(THREE, 20)
    assert bench.charger.car
    bench.charger.car.stored = bench.charger.car.model.battery
    bench.follow(STOP, 10)
    bench.wear.unplug()
    assert bench.wear.stops == [1, 0]


def test_a_stop_at_sunset_belongs_to_the_day_that_ends() -> None:
    bench = Bench()
    bench.follow(THREE, 20)
    bench.follow(STOP, 200)
    bench.tick += PER_DAY
    bench.follow(THREE, 20)
    assert bench.wear.stops == [1, 0]
    assert bench.wear.starts == 2


def test_a_charger_without_a_switch_stays_on_its_phases() -> None:
    charger = Charger(car(switchable=False), Random(1))
    charger.follow(ONE, 0)
    for tick in range(20):
        charger.advance(tick, 1)
    assert (charger.view().phases, charger.switches) == (3, 0)
    assert charger.view().session is None


def test_what_the_grid_gives_is_late_if_there_was_not_enough_sun_for_a_while() -> None:
    energies = Energies()
    an_hour = ticks(1)
    energies.add(5000, 3000, 4000, an_hour)
    assert (energies.solar, energies.grid, energies.late) == pytest.approx((3, 2, 1))
    energies.add(1000, -500, -200, an_hour)
    assert (energies.solar, energies.grid, energies.late) == pytest.approx((3, 3, 2))
    energies.join(energies)
    assert energies.grid == pytest.approx(6)


def test_recent_is_the_most_of_now_and_just_before() -> None:
    values = np.array([1.0, 5, 2, 1, 1, 3])
    assert recent_most(values, 2).tolist() == [1, 5, 5, 5, 2, 3]


class Constant(Rule):
    """Gives the same order for ever, and remembers what it saw."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.views: list[View] = []

    @override
    def decide(self, view: View) -> Sequence[Order]:
        self.views.append(view)
        return [self.order] * len(view.cars)


@dataclass(frozen=True, slots=True)
class Steps:
    """Of the time at which a rule was asked, in s."""

    times: Floats

    def within(self, begin: float, end: float) -> Floats:
        """Return the steps that end in a span of time."""
        after = self.times[1:]
        steps: Floats = np.diff(self.times)[(after > begin) & (after < end)]
        return steps


def steps_of(rule: Constant) -> Steps:
    return Steps(np.array([view.now for view in rule.views]))


def test_time_leaps_where_no_car_is_and_in_the_dark() -> None:
    week = stretch((1, 0), (1, 3000), (1, 3000), stays=[[Stay(0, ticks(2), 0)]])
    rule = Constant(STOP)
    World(week, rule).run()
    steps = steps_of(rule)
    assert set(steps.within(600, 3200)) == {150 * TICK}
    assert set(steps.within(3300, 3560)) == {10 * TICK}
    assert set(steps.within(3700, 7200)) == {TICK}
    assert 7200 < rule.views[-1].now < 7500


def test_who_charges_is_watched_in_the_dusk() -> None:
    week = stretch((1, 900), (1, 0))
    for order, step in ((THREE, TICK), (STOP, 150 * TICK)):
        rule = Constant(order)
        World(week, rule).run()
        assert set(steps_of(rule).within(1000, 3000)) == {step}


def test_who_may_begin_by_the_grid_is_watched_while_it_waits() -> None:
    rule = Constant(STOP)
    World(stretch((1, 0)), rule, SunMode.SUN_HYBRID).run()
    assert set(steps_of(rule).within(700, 3000)) == {10 * TICK}


def test_who_comes_or_goes_in_the_dark_does_so_on_time() -> None:
    week = stretch((2, 0), stays=[[Stay(ticks(0.5), ticks(1), 0)]])
    rule = Constant(STOP)
    World(week, rule).run()
    there = [view.now for view in rule.views if view.cars[0].session is not None]
    assert there[0] == pytest.approx(1800, abs=10 * TICK)
    assert there[-1] == pytest.approx(3600, abs=10 * TICK)


def test_time_leaps_past_a_full_car() -> None:
    rule = Constant(THREE)
    World(stretch((1, 3000), cars=[car(battery=1000)]), rule).run()
    assert len(rule.views) < 600


def test_energy_is_shared_out_to_sun_and_grid_and_the_meter_sees_the_car() -> None:
    week = stretch((1, 3000), house=1)
    rule = Constant(Order(10, 3))
    world = World(week, rule)
    world.run()
    assert world.energies.solar == pytest.approx(3 - 0.69, rel=0.03)
    assert world.energies.grid == pytest.approx(6.9 - 3 + 0.69, rel=0.03)
    assert rule.views[-1].grid == pytest.approx(6900 - 3000 + 690, abs=60)
    assert rule.views[-1].cars[0].power == pytest.approx(6900, abs=60)


def test_a_car_that_leaves_too_empty_charges_elsewhere() -> None:
    stays = [Stay(0, ticks(0.5), 2500), Stay(ticks(0.6), ticks(1), 0)]
    week = stretch((1, 0), cars=[car(battery=5000, stored=2000)], stays=[stays])
    world = World(week, Constant(STOP))
    world.run()
    (place,) = world.places
    assert place.unmet == 500
    assert place.car.stored == 0
    assert place.wear.stops == [0, 0]
