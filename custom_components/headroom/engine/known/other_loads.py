"""What a zone's other loads may soon draw again, learned from what they have drawn.

Raising may fill only what has been free for a window of time. A thermostat rests for longer than
that. Once a load is seen to come back after a rest, its level is kept free through further rests.
"""

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ..currents import PHASES, PerPhase

_ALIKE: Final = 1.5
"""A; loads that differ by no more may be the same one."""
_LONGEST_REST: Final = timedelta(seconds=150)
"""A load that stays away for longer is not waited for."""
_SHORTEST_HOLD: Final = timedelta(seconds=75)
"""Thermostats of ovens and hobs rest about a minute: expected from the first return on."""
_LATE: Final = 1.25
"""The next rest may be so many times as long as the longest one seen."""
_LEARNED_FOR: Final = timedelta(minutes=10)
"""A load that has not come back for so long is done."""
_LOOKS: Final = 3
"""A window covers so many looks of a meter, however slow it is."""
_MEMORY: Final = _LONGEST_REST * _LATE


class OtherLoads:
    """The loads of one zone beside its connectors, over the last minutes."""

    def __init__(self) -> None:
        self._phases = tuple(_PhaseLoads() for _ in PHASES)
        self._since: datetime | None = None
        self._newest: datetime | None = None
        self._looked_at: datetime | None = None
        self._between_looks = timedelta(0)
        self._silent_since: datetime | None = None
        self._lost: frozenset[int] = frozenset()
        self._lost_since: datetime | None = None

    def silent_for(self, now: datetime) -> timedelta:
        """Start anew with the next reading; return how long there has been none."""
        self.forget()
        if self._silent_since is None or self._silent_since > now:
            self._silent_since = now
        return now - self._silent_since

    def lost_for(self, lost: frozenset[int], now: datetime) -> timedelta:
        """Start anew when other phases are lost than before; return for how long these are."""
        if lost != self._lost:
            self.forget()
        if lost != self._lost or self._lost_since is None or self._lost_since > now:
            self._lost, self._lost_since = lost, now
        return now - self._lost_since

    def forget(self) -> None:
        """Start anew after a gap or a leap of the clock."""
        self._since = self._newest = self._looked_at = None
        for phase in self._phases:
            phase.forget()

    def add(
        self,
        least: PerPhase,
        most: PerPhase,
        now: datetime,
        *,
        looked_at: datetime,
        window: timedelta,
    ) -> None:
        """Note what the loads at least and at most were, in A, when the meter last looked."""
        self._silent_since = None
        if self._newest is None or not timedelta(0) <= now - self._newest <= window:
            self.forget()
        if self._since is None:
            self._since = now
        self._newest = now
        self._note_look(looked_at)
        window = self._stretched(window)
        for phase, low, high in zip(self._phases, least, most, strict=True):
            phase.add(low, high, now, window)

    def peak(self, now: datetime, window: timedelta) -> PerPhase | None:
        """Return what the loads may reach again, in A; None while the window is not yet full."""
        window = self._stretched(window)
        if self._since is None or now - self._since < window:
            return None
        return PerPhase(*(phase.peak(now, window) for phase in self._phases))

    def _stretched(self, window: timedelta) -> timedelta:
        return min(max(window, _LOOKS * self._between_looks), _MEMORY)

    def _note_look(self, looked_at: datetime) -> None:
        if self._looked_at is not None and looked_at > self._looked_at:
            self._between_looks = looked_at - self._looked_at
        self._looked_at = looked_at


class _Peaks:
    """Values that no later one has reached, the oldest and highest first."""

    def __init__(self) -> None:
        self._peaks: deque[tuple[datetime, float]] = deque()

    def clear(self) -> None:
        self._peaks.clear()

    def add(self, value: float, now: datetime, memory: timedelta) -> None:
        while self._peaks and self._peaks[-1][1] <= value:
            self._peaks.pop()
        self._peaks.append((now, value))
        while now - self._peaks[0][0] > memory:
            self._peaks.popleft()

    def highest_since(self, moment: datetime) -> float:
        """Return the highest value not older than a moment, 0 if there is none."""
        return next((value for at, value in self._peaks if at >= moment), 0.0)

    def last_time_at(self, value: float) -> datetime | None:
        """Return when a value was last reached."""
        return next((at for at, peak in reversed(self._peaks) if peak >= value), None)


@dataclass(frozen=True, slots=True)
class _Return:
    """A level in A that was reached again after a rest."""

    level: float
    rest: timedelta
    at: datetime

    @property
    def hold(self) -> timedelta:
        """Return for how long after its last time the level is kept free."""
        return max(self.rest * _LATE, _SHORTEST_HOLD)


class _PhaseLoads:
    """What is known of one phase.

    While cars change their draw the loads are known only as a range. Its upper end counts for
    the window; what is learned for longer comes from what was surely there.
    """

    def __init__(self) -> None:
        self._possible = _Peaks()
        self._certain = _Peaks()
        self._returns: dict[int, _Return] = {}

    def forget(self) -> None:
        self._possible.clear()
        self._certain.clear()
        self._returns.clear()

    def add(self, least: float, most: float, now: datetime, window: timedelta) -> None:
        self._note_return(least, now, window)
        self._possible.add(most, now, window)
        self._certain.add(most if most - least <= _ALIKE else least, now, _MEMORY)

    def peak(self, now: datetime, window: timedelta) -> float:
        return max(
            self._possible.highest_since(now - window),
            self._certain.highest_since(now - window),
            *(self._expected(known, now) for known in self._returns.values()),
        )

    def _expected(self, known: _Return, now: datetime) -> float:
        return min(self._certain.highest_since(now - known.hold), known.level + _ALIKE)

    def _note_return(self, load: float, now: datetime, window: timedelta) -> None:
        self._returns = {
            level: known for level, known in self._returns.items() if now - known.at <= _LEARNED_FOR
        }
        last_time = self._certain.last_time_at(load - _ALIKE)
        if last_time is None or not window < now - last_time <= _LONGEST_REST:
            return
        level = int(load / _ALIKE)
        known = self._returns.get(level, _Return(load, timedelta(0), now))
        self._returns[level] = _Return(load, max(known.rest, now - last_time), now)
