"""Knows all that has begun: what it cannot do, no controller of a real house can be asked to do.

It knows at every moment how each use of an appliance goes on that had begun when the meter took its
newest sample, the base load with its noise for all time, and the traits and wishes of the cars.
Only a use that begins later takes it by surprise. Its commands travel as slowly as anybody's.

What is above the limit then comes from surprises alone, and a constant reserve trades it for
energy. That is no proof for each and every rule: who knows when people cook, and holds a reserve
at such times only, could do with less. No real controller knows as much about the rest.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor
from typing import Final, override

from simulator.trial.clock import ticks
from simulator.trial.controller import Controller, Installation, View
from simulator.trial.filling import DECIAMPS, fill
from simulator.trial.world import Fate

from .common import FLOOR
from .foresight import Foresight
from .reference.patience import Peaks

SHORTEST_GAP: Final = 30.0
"""s; the clairvoyant that energy is compared with uses no shorter gaps either."""
_QUICKEST: Final = 1.0
_SLOWEST: Final = 5.0
"""s until a charger acts on a command."""
_NEXT_CHANCE: Final = 1.0
"""s until the next command can be sent."""
_SETTLING: Final = 2.0
"""s in which cars ramp down, but for the largest cuts of the slowest."""
_WORTHWHILE: Final = 0.5
"""A; smaller raises would keep cuts waiting in line."""
_STEPS: Final = (10, 1)
_ROUNDING: Final = 1e-6


@dataclass(frozen=True, slots=True)
class _Wish:
    """What a car makes of an offer, in A."""

    cap: float
    """More is of no use."""
    slack: float
    """It takes at least so much less than it is offered."""


_NOTHING: Final = _Wish(0.0, 0.0)


class Prescient(Controller):
    """Shares what the known house leaves, less a constant reserve in A on every phase.

    Floors come first and may use the reserve. A car is paused at once when its floor does not
    fit: bearing that for 10 s left more above the limit at the same energy. With a time in s to
    look back, a load that has ended counts for so much longer, as it must for somebody who does
    not know whether it comes again.
    """

    def __init__(
        self,
        installation: Installation,
        fate: Fate,
        reserve: float = 0.0,
        shortest_gap: float = SHORTEST_GAP,
        look_back: float = 0.0,
    ) -> None:
        reactions = [traits.reaction for traits in fate.traits]
        self._limit = installation.limit
        self._outlets = installation.outlets
        self._reserve = reserve
        self._house = Foresight(fate, shortest_gap)
        self._appetites = fate.appetites
        self._undershoots = [traits.undershoot for traits in fate.traits]
        self._soonest = _QUICKEST + min(reactions) - look_back
        self._latest = _NEXT_CHANCE + _SLOWEST + max(reactions) + _SETTLING
        self._followed = [Peaks(_NEXT_CHANCE + reaction + _SETTLING) for reaction in reactions]

    @override
    def decide(self, view: View) -> Sequence[float]:
        self._house.learn(ticks(view.sample.at) if view.sample else 0)
        for followed, report in zip(self._followed, view.reports, strict=True):
            followed.note(view.now, report.confirmed)
        rooms, targets = self._share(view.now)
        setpoints = [min(pair) for pair in zip(view.setpoints, targets, strict=True)]
        for number in sorted(range(len(setpoints)), key=setpoints.__getitem__):
            self._raise(number, setpoints, targets[number], rooms)
        return setpoints

    def _share(self, now: float) -> tuple[list[float], list[float]]:
        """Return what all offers on each phase may add up to, and what each outlet is to have."""
        wishes = [self._wish(number, now) for number in range(len(self._outlets))]
        rooms = self._rooms(now, wishes)
        floors = self._fill(rooms, [FLOOR] * len(wishes))
        wishes = [
            wish if admitted else _NOTHING for wish, admitted in zip(wishes, floors, strict=True)
        ]
        rooms = [
            max(room - self._reserve, used)
            for room, used in zip(self._rooms(now, wishes), self._per_phase(floors), strict=True)
        ]
        return rooms, self._fill(rooms, [wish.cap for wish in wishes])

    def _wish(self, number: int, now: float) -> _Wish:
        appetite, less = self._appetites[number], self._undershoots[number]
        later = min(int(now + self._latest), len(appetite) - 1)
        most = max(appetite[int(now)], appetite[later])
        cap = max(FLOOR, ceil(most + less))
        return _Wish(min(cap, self._outlets[number].most), max(less, FLOOR - most))

    def _rooms(self, now: float, wishes: Sequence[_Wish]) -> list[float]:
        """Return what offers may add up to at all times at which a command of now may count."""
        loads = self._house.highest(max(0.0, now + self._soonest), now + self._latest)
        slacks = self._per_phase([wish.slack for wish in wishes])
        return [self._limit - load + slack for load, slack in zip(loads, slacks, strict=True)]

    def _fill(self, rooms: Sequence[float], caps: Sequence[float]) -> list[float]:
        whole = [floor(room * DECIAMPS + _ROUNDING) for room in rooms]
        given = fill(whole, self._outlets, [floor(cap * DECIAMPS) for cap in caps], _STEPS)
        return [current / DECIAMPS for current in given]

    def _raise(
        self, number: int, setpoints: list[float], target: float, rooms: Sequence[float]
    ) -> None:
        """Raise one as far as the others have truly come down."""
        outlet, before = self._outlets[number], setpoints[number]
        held = [
            max(setpoint, followed.highest(0.0))
            for setpoint, followed in zip(setpoints, self._followed, strict=True)
        ]
        held[number] = 0.0
        used = self._per_phase(held)
        room = min(rooms[phase] - used[phase] for phase in outlet.phases)
        new = floor(min(target, room) * DECIAMPS + _ROUNDING) / DECIAMPS
        if new >= max(FLOOR, before + _WORTHWHILE) or new == outlet.most > before:
            setpoints[number] = new

    def _per_phase(self, currents: Sequence[float]) -> list[float]:
        sums = [0.0, 0.0, 0.0]
        for outlet, current in zip(self._outlets, currents, strict=True):
            for phase in outlet.phases:
                sums[phase] += current
        return sums
