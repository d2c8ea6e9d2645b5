"""The best that could have been had."""

from array import array

import pytest

from simulator.trial.controller import Installation
from simulator.trial.ev import CarTraits
from simulator.trial.filling import fill
from simulator.trial.ideal import charge_at_best
from simulator.trial.outlet import Outlet
from simulator.trial.world import Fate

ALL = Outlet(phases=(0, 1, 2), most=16)
ONE = Outlet(phases=(0,), most=32)


def best(house: list[float], *, wish: float = 16, undershoot: float = 0, reach: float = 0) -> float:
    seconds = len(house)
    loads = array("d", [load for load in house for _ in range(10)])
    traits = CarTraits(reaction=1, ramp_up=1, ramp_down=4, start_delay=9, undershoot=undershoot)
    fate = Fate(
        house=(loads, loads, loads),
        traits=(traits,),
        appetites=(array("d", [wish] * (seconds + 1)),),
        seed=1,
    )
    site = Installation(
        limit=25, outlets=(ALL,), meter_period=1, meter_latency=0, mean_meter_latency=0
    )
    return charge_at_best(site, fate, seconds, reach)


def test_all_room_is_used_up_to_what_the_car_takes() -> None:
    assert best([15, 5]) == pytest.approx(3 * (10 + 16))
    assert best([15, 5], wish=8) == pytest.approx(3 * 16)


def test_below_the_floor_there_is_nothing() -> None:
    assert best([19.1, 19]) == pytest.approx(3 * 6)


def test_the_car_stays_as_far_below_its_offer_as_it_does_anyway() -> None:
    assert best([15], undershoot=0.5) == pytest.approx(3 * 9.5)
    assert best([15], undershoot=0.5, wish=4) == pytest.approx(3 * 4)


def test_short_gaps_can_be_left_out() -> None:
    house = [15.0] * 20 + [5.0] * 10 + [15.0] * 20
    assert best(house, reach=2) == pytest.approx(3 * (44 * 10 + 6 * 16))
    assert best(house, reach=15) == pytest.approx(3 * 50 * 10)


def test_room_is_shared_evenly_and_floors_come_first() -> None:
    assert fill([300, 300, 300], [ALL, ONE], [160, 320], (10, 1)) == [150, 150]
    assert fill([200, 300, 300], [ALL, ONE], [160, 320], (10, 1)) == [100, 100]
    assert fill([115, 300, 300], [ALL, ONE], [160, 320], (10, 1)) == [115, 0]
    assert fill([500, 300, 300], [ALL, ONE], [160, 320], (10, 1)) == [160, 320]
    assert fill([-5, 300, 300], [ALL], [160], (10, 1)) == [0]
