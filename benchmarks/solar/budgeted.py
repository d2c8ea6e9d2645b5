"""The best use of the sun with budgets of stops and switches, by dynamic programming.

A state is whether the car charges, which phases the charger has on, and what is left of both
budgets. The car is stopped in the end.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import Final

import numpy as np

from custom_components.headroom.engine.cars.wear import WearPolicy

from .grid import Floats
from .households import CarPlan
from .options import Range, ranges

_START: Final = 1
"""Bins from the decision to charge to the first current."""
_SWITCH: Final = 3
"""Bins without current while phases are switched."""
_BUDGET: Final = WearPolicy()
_OFF, _ON = 0, 1


@dataclass(frozen=True, slots=True)
class _Move:
    """What may be done in a state: how many bins it takes, where it leads, what it costs."""

    bins: int
    on: int
    option: int
    stops: int = 0
    switches: int = 0
    draws: bool = False

    def value(self, later: Floats) -> Floats:
        """Return what it is worth for each rest of the budgets, given what states are later."""
        stops, switches = later.shape[2:]
        value = np.full((stops, switches), -inf)
        value[self.stops :, self.switches :] = later[
            self.on, self.option, : stops - self.stops, : switches - self.switches
        ]
        return value


def without_grid(plan: CarPlan, power: Floats) -> Floats:
    """Return the sun that a car draws in W in each bin of a day; it never draws from the grid."""
    return _at_best(plan, power, inf)


def with_holds(plan: CarPlan, power: Floats) -> Floats:
    """Return the same if the grid may hold it at its floor, at the loss of as much sun."""
    return _at_best(plan, power, 1.0)


def _at_best(plan: CarPlan, power: Floats, cost: float) -> Floats:
    """Return the best course if what the grid gives costs so many times what sun is worth."""
    options = ranges(plan)
    gains = [_gain(option, power, cost) for option in options]
    drawn = np.zeros(len(power))
    bright = np.flatnonzero(np.max(gains, axis=0) > 0)
    if len(bright):
        part = slice(max(0, bright[0] - _START), bright[-1] + 1)
        sun = [np.minimum(power[part], option.most) for option in options]
        drawn[part] = _Day([gain[part] for gain in gains]).drawn(sun)
    return drawn


def _gain(option: Range, power: Floats, cost: float) -> Floats:
    missing = np.maximum(option.least - power, 0.0)
    paid = np.multiply(missing, cost, where=missing > 0, out=np.zeros(len(power)))
    gain: Floats = np.minimum(power, option.most) - paid
    return gain


class _Day:
    """The values of all states at all bins."""

    def __init__(self, gains: Sequence[Floats]) -> None:
        self._options = range(len(gains))
        self._gains = gains
        self._length = len(gains[0])
        self._moves = {
            (on, option): _moves(on, option, [other for other in self._options if other != option])
            for on in (_OFF, _ON)
            for option in self._options
        }
        budgets = (_BUDGET.stops + 1, _BUDGET.switches + 1)
        self._values = np.zeros((self._length + _START + _SWITCH, 2, len(gains), *budgets))
        self._values[self._length :, _ON, :, 0] = -inf
        self._look_back()

    def drawn(self, sun: Sequence[Floats]) -> Floats:
        """Return the best course of what is drawn of `sun`, whichever phases it begins with."""
        begin = self._values[0, _OFF, :, -1, -1]
        on, option = _OFF, int(begin.argmax())
        stops, switches = _BUDGET.stops, _BUDGET.switches
        drawn, now = np.zeros(self._length), 0
        while now < self._length:
            move = max(
                self._moves[on, option],
                key=lambda move: self._worth(move, now, option)[stops, switches],
            )
            if move.draws:
                drawn[now] = sun[option][now]
            now += move.bins
            on, option = move.on, move.option
            stops, switches = stops - move.stops, switches - move.switches
        return drawn

    def _look_back(self) -> None:
        for now in reversed(range(self._length)):
            for (on, option), moves in self._moves.items():
                worths = [self._worth(move, now, option) for move in moves]
                self._values[now, on, option] = np.max(worths, axis=0)

    def _worth(self, move: _Move, now: int, option: int) -> Floats:
        worth = move.value(self._values[now + move.bins])
        return worth + self._gains[option][now] if move.draws else worth


def _moves(on: int, option: int, others: Sequence[int]) -> list[_Move]:
    if on:
        return [
            _Move(1, _ON, option, draws=True),
            _Move(1, _OFF, option, stops=1),
            *(_Move(_SWITCH + _START, _ON, other, switches=1) for other in others),
        ]
    return [
        _Move(1, _OFF, option),
        _Move(_START, _ON, option),
        *(_Move(_SWITCH, _OFF, other, switches=1) for other in others),
    ]
