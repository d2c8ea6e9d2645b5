from random import Random

import pytest

from custom_components.headroom.engine.site.wiring import Wiring
from simulator.plant.ev import CarModel
from simulator.plant.house import ApplianceKind, House
from simulator.plant.outlet import Outlet
from simulator.plant.park import CarPark, Visit
from simulator.plant.sun import Sun

from .conftest import START

QUICK = CarModel(start_delay=0, reaction=0)


def free(outlet: Outlet) -> None:
    outlet.limit = lambda _now: 32.0


def test_wiring_turns_terminals_to_grid_phases(park: CarPark) -> None:
    free(park.outlets["one"])
    park.arrive("one", CarModel(phases=2, onboard=10))
    park.advance(30)
    assert tuple(park.outlets["one"].terminals) == pytest.approx((10, 10, 0))
    assert tuple(park.currents("garage")) == pytest.approx((0, 10, 10))
    assert park.currents("building") == park.currents("garage")


def test_one_phase_outlet_limits_a_three_phase_car(park: CarPark) -> None:
    free(park.outlets["two"])
    park.arrive("two", CarModel(phases=3, onboard=32))
    park.advance(30)
    assert tuple(park.currents("building")) == pytest.approx((0, 0, 20))


def test_less_than_the_smallest_pilot_signal_is_nothing(park: CarPark) -> None:
    park.outlets["one"].limit = lambda _now: 5.9
    park.arrive("one", CarModel(floor=1))
    park.advance(30)
    assert park.outlets["one"].offered == 0
    assert tuple(park.currents("garage")) == (0, 0, 0)


def test_zones_add_up_house_cars_and_sun() -> None:
    outlet = Outlet(id="a", zone="garage", wiring=Wiring.MONO1, limit=lambda _now: 10.0)
    park = CarPark(
        zones={"building": None, "garage": "building"},
        outlets=[outlet],
        start=START,
        houses={"building": House(random=Random(1), profile=(690.0,))},
        suns={"building": [Sun(profile=(3450.0,), random=Random(2))]},
    )
    park.arrive("a", QUICK)
    park.advance(30)
    assert tuple(park.currents("garage")) == pytest.approx((10, 0, 0))
    expected = (3 * 0.4 + 10 - 5, 3 * 0.35 - 5, 3 * 0.25 - 5)
    assert tuple(park.currents("building")) == pytest.approx(expected)


def test_energies_balance(park: CarPark) -> None:
    free(park.outlets["one"])
    car = park.arrive("one", CarModel(stored=0))
    park.houses["building"].step(-4.0, 0, 1e9)
    park.advance(600)
    outlet, garage, building = park.outlets["one"], park.zone("garage"), park.zone("building")
    assert outlet.energy == pytest.approx(car.stored)
    assert garage.imported == pytest.approx(outlet.energy)
    exported = 4 * 230 * 600 / 3600
    assert building.imported - building.exported == pytest.approx(outlet.energy - exported)


def test_speed_moves_the_day_and_not_the_ramp() -> None:
    def plant(speed: float) -> CarPark:
        park = CarPark(
            zones={"z": None},
            outlets=[Outlet(id="a", zone="z", limit=lambda _now: 32.0)],
            start=START,
            speed=speed,
            day_start=12 * 3600,
        )
        park.arrive("a", CarModel(start_delay=0, reaction=0, ramp_up=10, stored=0))
        park.advance(5)
        return park

    slow, fast = plant(1), plant(600)
    assert fast.currents("z") == slow.currents("z")
    assert fast.now == slow.now
    assert (slow.time_of_day, fast.time_of_day) == ("12:00", "12:50")
    assert fast.outlets["a"].energy == pytest.approx(600 * slow.outlets["a"].energy)


def test_visits_come_and_go(park: CarPark) -> None:
    visits = [Visit(outlet="one", car=QUICK, arrives=5, stays=600)]
    park = CarPark(
        zones={"garage": None},
        outlets=[Outlet(id="one", zone="garage")],
        start=START,
        visits=visits,
        speed=60,
    )
    present = []
    for seconds in (4.9, 0.1, 10):
        park.advance(seconds)
        present.append(park.outlets["one"].car is not None)
    assert present == [False, True, False]


def test_a_visit_finds_its_place_taken(park: CarPark) -> None:
    park = CarPark(
        zones={"garage": None},
        outlets=[Outlet(id="one", zone="garage")],
        start=START,
        visits=[Visit(outlet="one", car=QUICK, arrives=1)],
    )
    first = park.arrive("one", QUICK)
    park.advance(2)
    assert park.outlets["one"].car is first
    with pytest.raises(ValueError, match="a car at one already"):
        park.arrive("one", QUICK)


def test_who_leaves_early_is_not_sent_away_again(park: CarPark) -> None:
    park.arrive("one", QUICK, stays=10)
    assert park.leave("one") is not None
    assert park.leave("one") is None
    second = park.arrive("one", QUICK)
    park.advance(20)
    assert park.outlets["one"].car is second


def day(seed: int, *steps: float) -> list[tuple[float, ...]]:
    random = Random(seed)
    park = CarPark(
        zones={"z": None},
        outlets=[],
        start=START,
        houses={"z": House(random=random, appliances=list(ApplianceKind))},
        suns={"z": [Sun(profile=(3000.0,), random=random)]},
        speed=10,
    )
    course = []
    for step in steps:
        park.advance(step)
        course.append(tuple(park.currents("z")))
    return course


def test_the_same_seed_gives_the_same_plant() -> None:
    steps = [30.0] * 60
    assert day(1, *steps) == day(1, *steps)
    assert day(1, *steps) != day(2, *steps)


def test_how_time_is_cut_does_not_matter() -> None:
    whole = day(1, 600.0)[-1]
    assert day(1, 100.0, 0.1, 250.25, 249.65)[-1] == pytest.approx(whole, abs=1e-6)
