"""Rules like those of other projects do what those are known for."""

from collections.abc import Callable

import pytest

from benchmarks.solar.households import CarPlan, Household
from benchmarks.solar.rule import Rule
from benchmarks.solar.rules.delay import Delay
from benchmarks.solar.rules.evcc import Evcc
from benchmarks.solar.rules.openwb import OpenWb
from benchmarks.solar.world import World
from custom_components.headroom.engine.when.permit import SunMode
from tests.benchmarks.solar.weeks import car, stretch

type Make = Callable[[Household, SunMode], Rule]

FIXED = car(switchable=False)
both = pytest.mark.parametrize("make", [Evcc, OpenWb])


def live(
    make: Make,
    *pieces: tuple[float, float],
    mode: SunMode = SunMode.SUN_ONLY,
    plan: CarPlan = FIXED,
) -> World:
    week = stretch(*pieces, cars=[plan])
    world = World(week, make(week.household, mode))
    world.run()
    return world


def test_a_delay_begins_anew_when_what_it_waits_for_goes_away() -> None:
    delay = Delay(60)
    assert not delay.passes(0, holds=True)
    assert not delay.passes(50, holds=False)
    assert not delay.passes(70, holds=True)
    assert delay.runs
    assert delay.passes(130, holds=True)


@both
def test_a_car_on_three_phases_follows_the_sun(make: Make) -> None:
    energies = live(make, (1, 8000)).energies
    assert energies.solar == pytest.approx(8, rel=0.06)
    assert energies.late < 0.05


@both
def test_too_little_sun_starts_nothing(make: Make) -> None:
    assert live(make, (1, 4000)).places[0].wear.starts == 0


@pytest.mark.parametrize(("make", "stops"), [(Evcc, 0), (OpenWb, 10)])
def test_one_bears_clouds_of_two_minutes_and_the_other_stops_at_each(
    make: Make, stops: int
) -> None:
    clouds = [(0.1, 8000.0), (0.035, 1000.0)] * 10
    assert live(make, *clouds).places[0].wear.stops == [stops]


@pytest.mark.parametrize(("make", "seconds"), [(Evcc, 200), (OpenWb, 80)])
def test_both_stop_after_their_delay_and_pay_for_it_with_grid_energy(
    make: Make, seconds: float
) -> None:
    world = live(make, (0.5, 6000), (0.5, 0.001))
    assert world.places[0].wear.stops == [1]
    assert world.energies.late == pytest.approx(4.14 * seconds / 3600, rel=0.4)


@both
def test_in_hybrid_mode_the_grid_gives_the_floor(make: Make) -> None:
    world = live(make, (1, 1000), mode=SunMode.SUN_HYBRID)
    assert world.energies.solar == pytest.approx(1, rel=0.05)
    assert world.energies.grid == pytest.approx(3.14, rel=0.05)
    assert world.places[0].wear.stops == [0]


@both
def test_in_max_hybrid_mode_the_car_gets_all(make: Make) -> None:
    world = live(make, (1, 1000), mode=SunMode.MAX_HYBRID, plan=car())
    assert world.energies.solar + world.energies.grid == pytest.approx(11.04, rel=0.05)


@both
def test_a_charger_that_switches_goes_up_with_the_sun_and_down_again(make: Make) -> None:
    world = live(make, (0.5, 2500), (0.5, 8000), (0.5, 2500), plan=car())
    (place,) = world.places
    assert place.charger.switches == 3
    assert place.charger.drawn_on == 1
    assert world.energies.solar == pytest.approx(6.5, rel=0.15)


def test_sun_that_flickers_wears_a_contactor_out_without_a_budget() -> None:
    flicker = [(0.03, 8000.0), (0.07, 2500.0)] * 10
    assert live(Evcc, *flicker, plan=car()).places[0].charger.switches > 10
    assert live(OpenWb, *flicker, plan=car()).places[0].charger.switches < 10


@both
def test_a_full_car_gets_nothing_more(make: Make) -> None:
    world = live(make, (0.6, 8000), plan=car(switchable=False, battery=2000))
    (place,) = world.places
    assert place.car.full
    assert place.charger.offered == 0
    assert place.wear.stops == [0]


@pytest.mark.parametrize("make", [Evcc, OpenWb])
def test_two_cars_share_what_there_is(make: Make) -> None:
    week = stretch((1, 12_000), cars=[FIXED, FIXED])
    world = World(week, make(week.household, SunMode.SUN_ONLY))
    world.run()
    assert all(place.car.stored > 3000 for place in world.places)
    assert world.energies.solar == pytest.approx(12, rel=0.1)


def test_what_waits_to_start_holds_its_floor_against_the_next() -> None:
    week = stretch((0.2, 5000), cars=[FIXED, FIXED])
    world = World(week, OpenWb(week.household, SunMode.SUN_ONLY))
    world.run()
    assert [place.wear.starts for place in world.places] == [1, 0]
