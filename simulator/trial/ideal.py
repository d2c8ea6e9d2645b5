"""What the cars could have taken at best: the future known, and no delays."""

from collections.abc import Sequence
from math import floor
from typing import Final

from .clock import TICKS_PER_SECOND
from .controller import Installation
from .ev import FLOOR
from .filling import DECIAMPS, fill
from .house import dilated
from .world import Fate

HALF_CYCLE: Final = 15.0
"""s; who does not ride cycles of 30 s sees every load this much longer on both sides."""
_STEPS: Final = (10, 1)


def charge_at_best(installation: Installation, fate: Fate, seconds: float, reach: float) -> float:
    """Return the A*s, summed over phases, that cars take if nothing is ever above the limit.

    A gap of less than twice `reach`, in s, is not used; each second is looked at as a whole.
    The cars are the same as in the trial: they stay as far below what they are offered.
    """
    loads = dilated(fate.house, reach) if reach else fate.house
    peaks = [peak_of_each_second(phase) for phase in loads]
    sharer = _Sharer(installation, fate)
    return sum(
        sharer.taken(
            tuple(floor((installation.limit - peak[second]) * DECIAMPS) for peak in peaks),
            tuple(round(appetite[second] * DECIAMPS) for appetite in fate.appetites),
        )
        for second in range(int(seconds))
    )


def peak_of_each_second(loads: Sequence[float]) -> list[float]:
    """Return the highest current in A within each second."""
    seconds = range(0, len(loads), TICKS_PER_SECOND)
    return [max(loads[tick : tick + TICKS_PER_SECOND]) for tick in seconds]


class _Sharer:
    """Shares room at once and evenly; remembers what it has worked out."""

    def __init__(self, installation: Installation, fate: Fate) -> None:
        self._outlets = installation.outlets
        self._undershoots = [round(traits.undershoot * DECIAMPS) for traits in fate.traits]
        self._known: dict[tuple[tuple[int, ...], tuple[int, ...]], float] = {}

    def taken(self, room: tuple[int, ...], wishes: tuple[int, ...]) -> float:
        """Return the current that all cars take, in A summed over phases."""
        key = (room, wishes)
        if key not in self._known:
            self._known[key] = self._work_out(room, wishes)
        return self._known[key]

    def _work_out(self, room: tuple[int, ...], wishes: tuple[int, ...]) -> float:
        """Offer each car what it wishes, and no less than the floor."""
        least = round(FLOOR * DECIAMPS)
        caps = [
            max(least, min(wish + less, round(outlet.most * DECIAMPS)))
            for wish, less, outlet in zip(wishes, self._undershoots, self._outlets, strict=True)
        ]
        offers = fill(room, self._outlets, caps, _STEPS)
        taken = (
            len(outlet.phases) * min(wish, max(0, offer - less))
            for offer, wish, less, outlet in zip(
                offers, wishes, self._undershoots, self._outlets, strict=True
            )
        )
        return sum(taken) / DECIAMPS
