from dataclasses import replace

import pytest

from simulator.plant.ev import VOLTAGE, Car, CarModel, CarState
from simulator.plant.sleep import Waking

QUICK = CarModel(start_delay=0, reaction=0)


def drive(car: Car, offered: float, seconds: float, *, speed: float = 1.0) -> float:
    steps = round(seconds / 0.1)
    return sum(
        car.advance(offered, 0.1, phases=car.model.phases, speed=speed) for _ in range(steps)
    )


def test_ramp_reaches_the_onboard_limit_in_its_time() -> None:
    car = Car(replace(QUICK, onboard=16, ramp_up=4))
    drive(car, 32, 2)
    assert car.drawn == pytest.approx(8, abs=0.5)
    drive(car, 32, 2.2)
    assert car.drawn == pytest.approx(16)
    assert car.state is CarState.CHARGING


def test_lowering_is_followed_within_the_ramp_down() -> None:
    car = Car(replace(QUICK, onboard=16, ramp_down=2))
    drive(car, 32, 10)
    drive(car, 8, 0.5)
    assert 8 < car.drawn < 16
    drive(car, 8, 0.7)
    assert car.drawn == pytest.approx(8)


def test_below_its_floor_the_car_does_not_draw() -> None:
    car = Car(replace(QUICK, floor=8))
    drive(car, 7.9, 20)
    assert (car.drawn, car.state) == (0, CarState.CONNECTED)
    drive(car, 8, 20)
    assert car.drawn == pytest.approx(8)


def test_start_delay_and_reaction_come_first() -> None:
    car = Car(CarModel(start_delay=5, reaction=1))
    drive(car, 16, 5.9)
    assert (car.drawn, car.state) == (0, CarState.CONNECTED)
    drive(car, 16, 0.3)
    assert car.drawn > 0


def test_reaction_delays_every_change() -> None:
    car = Car(CarModel(start_delay=0, reaction=2))
    drive(car, 16, 10)
    drive(car, 6, 1.9)
    assert car.drawn == pytest.approx(16)
    drive(car, 6, 2)
    assert car.drawn == pytest.approx(6)


def test_start_delay_begins_again_after_a_pause() -> None:
    car = Car(CarModel(start_delay=5, reaction=0))
    drive(car, 16, 20)
    drive(car, 0, 2)
    drive(car, 16, 4)
    assert car.drawn == 0


def test_taper_then_full_is_state_b() -> None:
    car = Car(replace(QUICK, battery=10_000, stored=9_500, taper=0.9))
    drive(car, 16, 10)
    assert 0 < car.drawn < 10
    assert car.state is CarState.CHARGING
    drive(car, 16, 600, speed=60)
    assert car.full
    assert (car.drawn, car.state) == (0, CarState.CONNECTED)
    assert car.stored == car.model.battery


def test_energy_taken_is_power_times_time_of_the_day() -> None:
    car = Car(replace(QUICK, onboard=16, phases=2))
    drive(car, 16, 20)
    taken = drive(car, 16, 36, speed=10)
    assert taken == pytest.approx(16 * VOLTAGE * 2 * 0.1, rel=1e-6)


def paused(wakes: Waking, seconds: float = 40) -> Car:
    """Return a car that falls asleep after 30 s, after a pause and another offer."""
    car = Car(replace(QUICK, falls_asleep=30, wakes=wakes))
    for offered, duration in ((16, 10), (0, seconds), (16, 10)):
        drive(car, offered, duration)
    return car


def test_a_short_pause_leaves_a_car_awake() -> None:
    assert paused(Waking.NEVER, seconds=29).drawn == pytest.approx(16)


@pytest.mark.parametrize(
    ("wakes", "by_offer", "by_second_offer", "by_pilot"),
    [
        (Waking.OFFER, True, True, True),
        (Waking.OFFERED_AGAIN, False, True, True),
        (Waking.PILOT, False, False, True),
        (Waking.NEVER, False, False, False),
    ],
)
def test_what_wakes_a_car(
    wakes: Waking, by_offer: bool, by_second_offer: bool, by_pilot: bool
) -> None:
    car = paused(wakes)
    assert (car.state is CarState.CHARGING) is by_offer
    for offered in (0, 16):
        drive(car, offered, 5)
    assert (car.drawn > 0) is by_second_offer
    other = paused(wakes)
    other.interrupt_pilot()
    drive(other, 16, 10)
    assert (other.drawn > 0) is by_pilot


def test_a_car_can_be_asleep_from_the_start() -> None:
    car = Car(replace(QUICK, falls_asleep=0, wakes=Waking.PILOT))
    drive(car, 16, 60)
    assert car.drawn == 0
    car.interrupt_pilot()
    drive(car, 16, 10)
    assert car.drawn == pytest.approx(16)


@pytest.mark.parametrize(
    "wrong",
    [
        {"phases": 4},
        {"stored": 70_000.0},
        {"battery": 0.0, "stored": 0.0},
        {"ramp_up": 0.0},
        {"reaction": -1.0},
        {"taper": 1.0},
        {"falls_asleep": -1.0},
    ],
)
def test_impossible_cars_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"."):
        CarModel(**wrong)  # type: ignore[arg-type]
