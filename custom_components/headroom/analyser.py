"""What a zone's other loads do, in the figures of a building analyser (A2.9).

The source gives no window for the average and no rule that tells alarms from pre-alarms: its only
example has 2 A, a margin of 10 %, and 1 A and 3 A for both. So both are the average less and plus
the margin, in whole amperes away from it.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil, floor
from typing import Final

from .engine.currents import PHASES, PerPhase
from .engine.decision import ZoneState

WINDOW: Final = timedelta(minutes=1)
DEFAULT_MARGIN: Final = 10
"""Percent (A2.9)."""
_PERCENT: Final = 100
_DIGITS: Final = 6
"""What binary fractions add to a whole number is not rounded up."""


class AnalyserStatus(StrEnum):
    """How the other loads stand against their thresholds."""

    OFFLINE = "offline"
    """The meter is silent."""
    ABOVE = "above"
    BELOW = "below"
    WITHIN = "within"


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """Currents in A that are worth a word."""

    min_alarm: float
    min_pre_alarm: float
    max_pre_alarm: float
    max_alarm: float

    @classmethod
    def around(cls, average: float, margin: float) -> Thresholds:
        """Return the thresholds around an average in A; the margin is in percent."""
        spread = abs(average) * margin / _PERCENT
        low = float(floor(round(average - spread, _DIGITS)))
        high = float(ceil(round(average + spread, _DIGITS)))
        return cls(min_alarm=low, min_pre_alarm=low, max_pre_alarm=high, max_alarm=high)

    def status_of(self, current: float) -> AnalyserStatus:
        """Return how a current in A stands against them."""
        if current > self.max_alarm:
            return AnalyserStatus.ABOVE
        return AnalyserStatus.BELOW if current < self.min_alarm else AnalyserStatus.WITHIN


@dataclass(frozen=True, slots=True)
class _Look:
    at: datetime
    current: PerPhase


class ZoneAnalyser:
    """The other loads of one zone over the last minute."""

    def __init__(self) -> None:
        self._looks: deque[_Look] = deque()

    @property
    def current(self) -> PerPhase | None:
        """Return what the other loads draw now, in A; None while that is not known."""
        return self._looks[-1].current if self._looks else None

    @property
    def average(self) -> PerPhase | None:
        """Return what they drew on average, in A."""
        looks = self._looks
        if not looks:
            return None
        return PerPhase(*(sum(look.current[p] for look in looks) / len(looks) for p in PHASES))

    def thresholds(self, phase: int, margin: float) -> Thresholds | None:
        """Return the thresholds of a phase; the margin is in percent."""
        average = self.average
        return None if average is None else Thresholds.around(average[phase], margin)

    def status(self, margin: float) -> AnalyserStatus:
        """Return how the worst phase stands against its thresholds."""
        current, average = self.current, self.average
        if current is None or average is None:
            return AnalyserStatus.OFFLINE
        found = {
            Thresholds.around(average[phase], margin).status_of(current[phase]) for phase in PHASES
        }
        return next(status for status in AnalyserStatus if status in found)

    def look(self, state: ZoneState, now: datetime) -> None:
        """Note what a zone's meter shows beside the draw of its EVs."""
        if state.measured is None or state.degraded:
            self._looks.clear()
            return
        if self._looks and now < self._looks[-1].at:
            self._looks.clear()
        self._looks.append(_Look(now, state.measured - state.drawn))
        while now - self._looks[0].at >= WINDOW:
            self._looks.popleft()


class SiteAnalyser:
    """The analysers of a site's zones."""

    def __init__(self) -> None:
        self._zones: dict[str, ZoneAnalyser] = {}

    def look(self, zones: Mapping[str, ZoneState], now: datetime) -> None:
        """Note what the zones show now."""
        self._zones = {key: self._zones.get(key) or ZoneAnalyser() for key in zones}
        for key, state in zones.items():
            self._zones[key].look(state, now)

    def zone(self, key: str) -> ZoneAnalyser:
        """Return the analyser of a zone."""
        return self._zones.get(key) or ZoneAnalyser()
