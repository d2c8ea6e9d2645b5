"""What chargers say of what they draw, and when that tells nothing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.engine.site.wiring import Wiring
from custom_components.headroom.engine.snapshot import ConnectorReading
from custom_components.headroom.meters.quality.incident import Cause

from .house import House

type Tell = Callable[[ConnectorReading], ConnectorReading]


def late(reading: ConnectorReading) -> ConnectorReading:
    at = reading.drawn_at
    return replace(reading, drawn_at=None if at is None else at - timedelta(minutes=2))


@pytest.mark.parametrize(
    "tell",
    [
        lambda reading: replace(reading, online=False),
        lambda reading: replace(reading, drawn=None),
        lambda reading: replace(reading, per_phase=False),
        late,
    ],
)
def test_chargers_whose_draw_is_not_known_tell_nothing_of_a_meter(tell: Tell) -> None:
    house = House(Wiring.TRI123)
    house.told = tell
    house.shown = lambda true: PerPhase(-true.l1, -true.l2, -true.l3)
    house.go_on(60)
    for _ in range(3):
        house.charge(16.0)
    assert house.causes == {}


def test_on_one_wired_phase_it_is_known_which() -> None:
    house = House(Wiring.MONO2)
    house.told = lambda reading: replace(reading, per_phase=False)
    house.shown = lambda true: PerPhase(-true.l1, -true.l2, -true.l3)
    house.go_on(60)
    for _ in range(3):
        house.charge(16.0)
    assert house.causes == {Cause.SIGN: (1,)}


def test_a_charger_that_draws_unknown_currents_hides_the_steps_of_others() -> None:
    house = House(Wiring.TRI123, Wiring.TRI123)
    house.shown = lambda true: PerPhase(-true.l1, -true.l2, -true.l3)
    house.told = lambda reading: replace(reading, per_phase=False)
    house.draw(10.0, "c1")
    house.go_on(60)
    house.told = lambda reading: replace(reading, per_phase=reading.drawn != PerPhase.same(10.0))
    for _ in range(3):
        house.charge(16.0)
    assert house.causes == {}


def test_where_a_load_comes_and_goes_steps_wait_for_a_pause() -> None:
    house = House(Wiring.MONO1)
    house.shown = lambda true: PerPhase(-true.l1, -true.l2, -true.l3)
    house.go_on(30)
    for _ in range(4):
        house.draw(16.0)
        for second in range(30):
            house.loads = PerPhase(4.0 + 8.0 * (second % 4 < 2), 5.0, 6.0)
            house.go_on(1)
        assert house.causes == {}
        house.draw(0.0)
        house.go_on(130)


def test_a_load_on_the_way_between_is_neither_for_nor_against() -> None:
    house = House(Wiring.MONO1)
    house.go_on(30)
    for _ in range(5):
        house.draw(10.0)
        house.loads = PerPhase(9.0, 5.0, 6.0)
        house.go_on(50)
        house.draw(0.0)
        house.loads = PerPhase(4.0, 5.0, 6.0)
        house.go_on(50)
    assert house.causes == {}


def test_another_kind_of_doubt_begins_anew() -> None:
    house = House(Wiring.MONO1)
    house.go_on(30)
    for shown in (
        lambda true: PerPhase(-true.l1, true.l2, true.l3),
        lambda true: PerPhase(true.l2, true.l1, true.l3),
    ) * 3:
        house.shown = shown
        house.go_on(50)
        house.charge(10.0)
    assert house.causes == {}
