"""What the steps of chargers tell of their meter."""

import pytest

from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.engine.site.wiring import Wiring
from custom_components.headroom.meters.quality.incident import Cause

from .house import House


def inverted(*phases: int):
    return lambda true: PerPhase(*(-c if p in phases else c for p, c in enumerate(true)))


def test_a_meter_that_follows_is_believed() -> None:
    house = House(Wiring.TRI231)
    house.go_on(60)
    for _ in range(6):
        reading = house.charge(6.0, 16.0)
        assert reading.lost == frozenset()
    assert house.causes == {}


def test_a_meter_that_is_turned_is_not_believed_after_one_session_on_three_phases() -> None:
    house = House(Wiring.TRI123)
    house.shown = inverted(0, 1, 2)
    house.go_on(60)
    assert house.charge(6.0).lost == frozenset(), "one step may be chance"
    reading = house.charge(6.0)
    assert house.causes == {Cause.SIGN: (0, 1, 2)}
    assert reading.lost == {0, 1, 2}
    assert reading.currents == PerPhase()


def test_one_transformer_that_is_turned_costs_one_phase() -> None:
    house = House(Wiring.TRI123)
    house.shown = inverted(1)
    house.go_on(60)
    for _ in range(3):
        assert house.causes == {}
        reading = house.charge(10.0)
    assert house.causes == {Cause.SIGN: (1,)}
    assert reading.lost == {1}
    assert reading.currents.l1 == pytest.approx(4.0, abs=1.0)


def test_phases_in_another_order() -> None:
    house = House(Wiring.MONO1, Wiring.TRI123)
    house.shown = lambda true: PerPhase(true.l2, true.l1, true.l3)
    house.go_on(60)
    for _ in range(3):
        assert house.causes == {}
        house.charge(16.0, connector="c1")
        reading = house.charge(10.0)
    assert house.causes == {Cause.ORDER: (0, 1)}
    assert reading.lost == {0, 1}


def test_steps_on_all_phases_say_nothing_of_their_order() -> None:
    house = House(Wiring.TRI123)
    house.shown = lambda true: PerPhase(true.l3, true.l1, true.l2)
    house.go_on(60)
    for _ in range(5):
        house.charge(6.0, 16.0)
    assert house.causes == {}


def test_a_meter_of_another_feed() -> None:
    house = House(Wiring.TRI123)
    house.shown = lambda _: house.loads
    house.go_on(60)
    house.charge(6.0)
    reading = house.charge(6.0)
    assert house.causes == {Cause.ABSENT: (0, 1, 2)}
    assert reading.lost == {0, 1, 2}


def test_good_steps_take_it_back() -> None:
    house = House(Wiring.TRI123)
    house.shown = inverted(0, 1, 2)
    house.go_on(60)
    house.charge(6.0)
    house.charge(6.0)
    assert Cause.SIGN in house.causes
    house.shown = inverted()
    house.go_on(60)
    house.charge(6.0)
    house.charge(6.0)
    assert house.causes == {}
