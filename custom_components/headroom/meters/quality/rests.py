"""What a meter showed while chargers rested, and between two such rests."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Final, NamedTuple

from ...engine.currents import PHASES, PerPhase
from .draws import Quiet
from .thresholds import Thresholds

_FEWEST: Final = 3
"""Readings from which a median hides one that is off."""


class _Shown(NamedTuple):
    at: datetime
    currents: PerPhase


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """A while in which the chargers did not change; currents in A per phase."""

    since: datetime
    until: datetime
    drawn: PerPhase
    """By the chargers, as they measure it."""
    shown: PerPhase
    """By the meter."""
    swing: PerPhase
    """How far its readings are apart."""


class Readings:
    """The last minutes of a meter."""

    def __init__(self, thresholds: Thresholds) -> None:
        self._thresholds = thresholds
        self._shown: deque[_Shown] = deque()

    def note(self, at: datetime, currents: PerPhase) -> None:
        """Take over a reading."""
        if self._shown and at <= self._shown[-1].at:
            self.forget()
        self._shown.append(_Shown(at, currents))
        memory = self._thresholds.apart + 2 * self._thresholds.stale
        while at - self._shown[0].at > memory:
            self._shown.popleft()

    def forget(self) -> None:
        """Know nothing of before."""
        self._shown.clear()

    def rest(self, quiet: Quiet) -> Rest | None:
        """Return the end of a quiet time; None if the meter showed too little within it."""
        lag = self._thresholds.lag
        within = self._between(quiet.since + lag, quiet.until - lag)
        if len(within) < _FEWEST:
            return None
        begin = within[-1].at - self._thresholds.rest
        count = max(_FEWEST, sum(shown.at >= begin for shown in within))
        looked_at = within[-count:]
        currents = [shown.currents for shown in looked_at]
        return Rest(
            since=looked_at[0].at,
            until=looked_at[-1].at,
            drawn=quiet.drawn,
            shown=PerPhase(*(median(one[phase] for one in currents) for phase in PHASES)),
            swing=_swing(currents),
        )

    def swing(self, since: datetime, until: datetime) -> PerPhase:
        """Return how far the readings between two moments are apart, in A per phase."""
        return _swing([shown.currents for shown in self._between(since, until)])

    def longest_gap(self, since: datetime, until: datetime) -> timedelta:
        """Return the longest time between two readings that follow each other."""
        moments = [shown.at for shown in self._between(since, until)]
        return max((later - at for at, later in pairwise(moments)), default=timedelta.max)

    def _between(self, since: datetime, until: datetime) -> list[_Shown]:
        return [shown for shown in self._shown if since <= shown.at <= until]


def _swing(currents: Sequence[PerPhase]) -> PerPhase:
    return PerPhase(
        *(
            max(one[phase] for one in currents) - min(one[phase] for one in currents)
            for phase in PHASES
        )
    )
