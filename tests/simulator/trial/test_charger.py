"""A charger takes commands late, in order, and says what it may follow."""

from array import array
from itertools import pairwise
from random import Random

import pytest

from simulator.trial.charger import Charger
from simulator.trial.ev import Car, CarTraits
from simulator.trial.outlet import Outlet

QUICK = CarTraits(reaction=0, ramp_up=100, ramp_down=100, start_delay=0, undershoot=0)


def charger_of(seed: int = 1) -> Charger:
    car = Car(QUICK, array("d", [16.0] * 1000))
    return Charger(car, Outlet(phases=(0,), most=16), Random(seed))


def advance(charger: Charger, begin: float, end: float) -> list[float]:
    """Return when there was news."""
    ticks = range(round(begin * 10), round(end * 10))
    return [tick / 10 for tick in ticks if charger.advance(tick)]


@pytest.mark.parametrize("seed", range(5))
def test_a_command_is_accepted_1_to_5_s_later(seed: int) -> None:
    charger = charger_of(seed)
    charger.command(10, 0)
    advance(charger, 0, 1)
    assert charger.report().accepted == 0
    advance(charger, 1, 5.1)
    assert charger.report().accepted == 10


@pytest.mark.parametrize("seed", range(5))
def test_commands_never_overtake_each_other(seed: int) -> None:
    charger = charger_of(seed)
    charger.command(10, 0)
    charger.command(8, 1)
    charger.command(12, 2)
    accepted = []
    for tick in range(60):
        charger.advance(tick)
        accepted.append(charger.report().accepted)
    seen = list(dict.fromkeys(accepted))
    assert seen == [current for current in (0, 10, 8, 12) if current in seen]
    assert seen[-1] == 12


def test_what_it_may_follow_rises_at_once_and_falls_when_accepted() -> None:
    charger = charger_of()
    charger.command(10, 0)
    assert (charger.report().confirmed, charger.report().confirmed_at) == (10, 0)
    advance(charger, 0, 6)
    charger.command(6, 60)
    assert charger.report().confirmed == 10
    (accepted_at, *_) = advance(charger, 6, 11.1)
    assert charger.report().confirmed == 6
    assert charger.report().confirmed_at >= accepted_at


def test_changes_and_pauses_are_counted_and_repetitions_are_not() -> None:
    charger = charger_of()
    for tick, current in enumerate((10, 10, 0, 0, 6, 0)):
        charger.command(current, tick)
    assert (charger.commands, charger.pauses) == (4, 2)


def test_it_reports_the_draw_every_5_to_10_s() -> None:
    charger = charger_of()
    charger.command(10, 0)
    samples = set()
    for tick in range(1000):
        charger.advance(tick)
        samples.add(charger.report().drawn_at)
    times = sorted(samples)
    assert all(4.99 < after - before < 10.01 for before, after in pairwise(times[1:]))
    assert charger.report().drawn == 10
    assert charger.report().offers
    assert charger.report().charging
