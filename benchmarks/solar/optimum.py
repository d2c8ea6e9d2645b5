"""What somebody who knows the sun and the house in advance gets into the cars without the grid.

One car after the other, so with two cars it is good but not proven best.
"""

from collections.abc import Callable, Iterator
from typing import Final

import numpy as np

from .grid import PER_DAY, TICK, Floats
from .households import CarPlan
from .year import Week

_PER_BIN: Final = 5
"""Ticks of a step of the optimum."""
_WH_PER_BIN: Final = _PER_BIN * TICK / 3600

type Fill = Callable[[CarPlan, Floats], Floats]
"""Returns what goes into a car in W, at each bin, given what there is."""


def kwh_at_best(week: Week, fill: Fill) -> float:
    """Return what goes into the cars of a week."""
    length = len(week.surplus) // _PER_BIN
    power: Floats = week.surplus.reshape(length, _PER_BIN).mean(axis=1)
    power = np.maximum(power, 0.0)
    total = 0.0
    for plan, stays in zip(week.household.cars, week.stays, strict=True):
        stored = plan.model.stored
        for stay in stays:
            room = plan.model.battery - stored
            for begin, end in _days(stay.begin, stay.end):
                part = slice(-(-begin // _PER_BIN), end // _PER_BIN)
                drawn = _until_full(fill(plan, power[part]), room)
                taken = float(drawn.sum()) * _WH_PER_BIN
                power[part] -= drawn
                room -= taken
                stored += taken
                total += taken
            stored = max(0.0, stored - stay.leaves_for)
    return total / 1000


def _days(begin: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut a stay at midnight, in ticks."""
    while begin < end:
        midnight = (begin // PER_DAY + 1) * PER_DAY
        yield begin, min(midnight, end)
        begin = midnight


def _until_full(drawn: Floats, room: float) -> Floats:
    """Return what is drawn until so many Wh have gone in."""
    before = np.concatenate([[0.0], np.cumsum(drawn)[:-1]]) * _WH_PER_BIN
    left = np.maximum(room - before, 0.0) / _WH_PER_BIN
    filled: Floats = np.minimum(drawn, left)
    return filled
