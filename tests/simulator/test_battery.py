"""A house battery that keeps what flows at the grid near nothing."""

from random import Random

import pytest

from simulator.plant.battery import BatteryModel, HouseBattery
from simulator.plant.house import House
from simulator.plant.park import CarPark, Measured
from simulator.plant.sun import Sun

from .conftest import START

MODEL = BatteryModel(capacity=10_000, stored=5_000, power=5_000)


def follow(battery: HouseBattery, others: float, seconds: int) -> None:
    for _ in range(seconds * 10):
        battery.advance(others, 0.1)


@pytest.mark.parametrize(
    ("others", "power"), [(-2000, 2000), (3000, -3000), (-9000, 5000), (9000, -5000)]
)
def test_it_takes_what_is_left_and_gives_what_is_lacking(others: float, power: float) -> None:
    battery = HouseBattery(MODEL)
    follow(battery, others, 30)
    assert battery.power == pytest.approx(power, rel=1e-3)
    assert sum(battery.currents) * 230 == pytest.approx(battery.power)


def test_it_follows_with_a_lag() -> None:
    battery = HouseBattery(MODEL)
    follow(battery, 3000, 3)
    assert battery.power == pytest.approx(-3000 * 0.632, rel=0.01)


def test_what_is_stored_loses_on_both_ways() -> None:
    battery = HouseBattery(BatteryModel(capacity=10_000, stored=5_000, power=5_000, lag=1e-3))
    follow(battery, -3600, 100)
    assert battery.stored == pytest.approx(5000 + 100 * 0.95, rel=1e-4)
    follow(battery, 3600, 100)
    assert battery.stored == pytest.approx(5095 - 100 / 0.95, rel=1e-4)


def test_it_is_full_once_and_keeps_a_reserve() -> None:
    battery = HouseBattery(BatteryModel(capacity=100, stored=99.9, power=5_000))
    follow(battery, -5000, 30)
    assert (battery.power, battery.state_of_charge) == (0, 1)
    follow(battery, 5000, 300)
    assert battery.power == 0
    assert battery.state_of_charge == pytest.approx(0.05, abs=0.01)


def test_while_it_is_held_it_gives_nothing_but_takes() -> None:
    battery = HouseBattery(MODEL)
    follow(battery, 3000, 30)
    battery.held = True
    follow(battery, 3000, 30)
    assert battery.power == pytest.approx(0, abs=1)
    follow(battery, -3000, 30)
    assert battery.power == pytest.approx(3000, rel=1e-3)
    battery.held = False
    follow(battery, 3000, 30)
    assert battery.power == pytest.approx(-3000, rel=1e-3)


def test_the_day_of_the_store_passes_as_fast_as_told() -> None:
    slow, fast = HouseBattery(MODEL), HouseBattery(MODEL)
    slow.advance(-1000, 1.0)
    fast.advance(-1000, 1.0, speed=60)
    assert fast.power == slow.power
    assert fast.stored - 5000 == pytest.approx(60 * (slow.stored - 5000))


def test_a_battery_cannot_hold_more_than_it_can() -> None:
    with pytest.raises(ValueError, match="cannot hold"):
        BatteryModel(capacity=100, stored=101, power=1)


def test_zones_feel_the_battery_and_meters_see_each_source() -> None:
    park = CarPark(
        zones={"grid": None, "house": "grid"},
        outlets=[],
        start=START,
        houses={"house": House(random=Random(1), profile=(690.0,))},
        suns={"house": [Sun(profile=(3450.0,), random=Random(2))]},
        batteries={"house": HouseBattery(MODEL)},
    )
    park.advance(60)
    surplus = 3450 - 690
    assert sum(park.zone("house", Measured.SOLAR).powers) == pytest.approx(-3450)
    assert sum(park.zone("house", Measured.BATTERY).powers) == pytest.approx(surplus, rel=1e-3)
    assert sum(park.zone("house").powers) == pytest.approx(0, abs=1)
    assert sum(park.zone("grid").powers) == pytest.approx(0, abs=1)
    solar, battery = park.zone("house", Measured.SOLAR), park.zone("house", Measured.BATTERY)
    assert (solar.imported, battery.exported) == (0, 0)
    assert solar.exported == pytest.approx(3450 / 60)
    assert battery.imported == pytest.approx(surplus / 60, rel=0.1)
