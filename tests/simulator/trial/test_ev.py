"""A car reacts late, ramps, stays below its offer and tapers."""

from array import array
from random import Random

import pytest

from simulator.trial.ev import Car, CarTraits, appetites

TRAITS = CarTraits(reaction=1, ramp_up=2, ramp_down=8, start_delay=5, undershoot=0.5)


def driven(car: Car, begin: float, end: float) -> float:
    for tick in range(round(begin * 10), round(end * 10) + 1):
        car.advance(tick)
    return car.drawn


def car_of(appetite: float = 16, traits: CarTraits = TRAITS) -> Car:
    return Car(traits, array("d", [appetite] * 1000))


def test_a_car_starts_after_reaction_and_delay_and_ramps_to_a_little_below_its_offer() -> None:
    car = car_of()
    car.offer(10, 0)
    assert driven(car, 0, 5.9) == 0
    waiting = not car.ready
    assert driven(car, 6, 7) == pytest.approx(2.2)
    assert waiting
    assert car.ready
    assert driven(car, 7.1, 20) == 9.5


def test_a_lower_offer_is_followed_after_the_reaction_at_the_downward_ramp() -> None:
    car = car_of()
    car.offer(16, 0)
    driven(car, 0, 30)
    car.offer(6, 300)
    assert driven(car, 30.1, 30.9) == 15.5
    assert driven(car, 31, 31.4) == pytest.approx(15.5 - 5 * 0.8)
    assert driven(car, 31.5, 40) == 5.5


def test_below_the_floor_a_car_stops_and_starts_anew_later() -> None:
    car = car_of()
    car.offer(6, 0)
    driven(car, 0, 30)
    car.offer(5.9, 300)
    assert driven(car, 30.1, 40) == 0
    car.offer(6, 400)
    assert driven(car, 40.1, 45.9) == 0
    assert driven(car, 46, 60) == 5.5


def test_a_car_takes_no_more_than_it_wants() -> None:
    car = car_of(appetite=7)
    car.offer(16, 0)
    assert driven(car, 0, 60) == 7


def test_appetites_are_full_first_and_fall_to_4_a_before_the_next_car() -> None:
    course = appetites(16, Random(1), 4 * 3600)
    assert len(course) == 4 * 3600 + 1
    assert list(course[:3600]) == [16.0] * 3600
    assert min(course) == 4
    taper = list(course).index(4)
    assert 16 in course[taper:]


def test_cars_of_the_same_chance_are_the_same() -> None:
    assert CarTraits.drawn_by_chance(Random(1)) == CarTraits.drawn_by_chance(Random(1))
    assert CarTraits.drawn_by_chance(Random(1)) != CarTraits.drawn_by_chance(Random(2))
