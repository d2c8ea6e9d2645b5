"""What stopping, starting and switching phases wears out, and how much of it is left."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import Final, Self

from ..memory.stored import read_count, read_object, read_time, write_time
from .day import morning_after

_DAY: Final = timedelta(hours=24)
_FAILED_WITHIN: Final = timedelta(seconds=180)
"""A resume that ends so soon has failed."""
_QUIET: Final = timedelta(minutes=5)
"""After charging for so long, earlier failures are forgotten."""
_LONGEST_OFF: Final = timedelta(minutes=10)
_MOST_FAILURES: Final = 10
"""Twice the shortest off time, so many times over, is beyond the longest one."""
_MOST_COUNTED: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class WearPolicy:
    """What a car and a contactor put up with. Raises ValueError for what makes no sense."""

    stops: int = 4
    """Per plug-in."""
    switches: int = 6
    """Of the number of phases, from one morning to the next."""
    switch_interval: timedelta = timedelta(minutes=5)
    """Least time between two attempts to switch phases; doubled by each that fails."""
    min_on: timedelta = timedelta(seconds=300)
    min_off: timedelta = timedelta(seconds=60)

    def __post_init__(self) -> None:
        """Check the numbers."""
        if self.stops < 0 or self.switches < 0:
            raise ValueError("budgets must not be negative")
        times = (self.switch_interval, self.min_on, self.min_off)
        if not all(timedelta() <= time <= _DAY for time in times):
            raise ValueError("times must be between 0 and 24 h")


@dataclass(slots=True, kw_only=True)
class Wear:
    """Memory of one connector."""

    stops: int = 0
    """Since the car was plugged in."""
    failures: int = 0
    """Resumes that failed since the car last charged for a while."""
    started_at: datetime | None = None
    """Since when it is on; None while it is off or nobody knows."""
    stopped_at: datetime | None = None
    """When the contactor was last opened for lack of current."""
    switches: deque[datetime] = field(default_factory=deque)
    """Of the number of phases since the morning, the oldest first."""

    def begin_session(self) -> None:
        """Start afresh with another car; the contactor remembers its last stop and switches."""
        self.stops = self.failures = 0
        self.started_at = None

    def note_start(self, now: datetime) -> None:
        """Remember that the connector was switched on."""
        if self.started_at is None:
            self.started_at = now

    def note_stop(self, now: datetime) -> None:
        """Count that the connector was switched off."""
        if self.started_at is None and self.stopped_at is not None:
            return
        lasted = None if self.started_at is None else now - self.started_at
        if lasted is not None and lasted >= _QUIET:
            self.failures = 0
        elif lasted is not None and lasted < _FAILED_WITHIN and self.stops:
            self.failures = min(self.failures + 1, _MOST_FAILURES)
        self.stops = min(self.stops + 1, _MOST_COUNTED)
        self.started_at, self.stopped_at = None, now

    def note_switch(self, now: datetime) -> None:
        """Count a switch of the number of phases."""
        self.switches.append(now)

    def forget_stops_of_yesterday(self, now: datetime, time_zone: tzinfo) -> None:
        """Count stops anew once a morning has come after the last one."""
        if not self.stops or self.stopped_at is None:
            return
        if morning_after(self.stopped_at, time_zone) <= now:
            self.stops = 0

    def forget_switches_of_yesterday(self, now: datetime, time_zone: tzinfo) -> None:
        """Forget switches after which a morning has come."""
        while self.switches and morning_after(self.switches[0], time_zone) <= now:
            self.switches.popleft()

    def forget_future(self, now: datetime) -> None:
        """Move every time after now to now."""
        self.started_at = None if self.started_at is None else min(self.started_at, now)
        self.stopped_at = None if self.stopped_at is None else min(self.stopped_at, now)
        self.switches = deque(min(time, now) for time in self.switches)

    def worn(self, policy: WearPolicy) -> bool:
        """Return whether the car has been stopped as often as it may be."""
        return self.stops >= policy.stops

    def has_one_stop_left(self, policy: WearPolicy) -> bool:
        """Return whether the next stop is the last one, after others."""
        return 0 < self.stops >= policy.stops - 1

    def may_switch(self, policy: WearPolicy) -> bool:
        """Return whether the number of phases may be switched once more."""
        return self.switches_left(policy) > 0

    def switches_left(self, policy: WearPolicy) -> int:
        """Return how often the number of phases may still be switched."""
        return policy.switches - len(self.switches)

    def off_long_enough(self, policy: WearPolicy, now: datetime) -> bool:
        """Return whether the connector has been off for the shortest time, as far as is known."""
        return self.stopped_at is None or now - self.stopped_at >= self.off_time(policy)

    def off_time(self, policy: WearPolicy) -> timedelta:
        """Return the shortest off time: doubled by each resume that failed, up to 10 min."""
        return max(policy.min_off, min(policy.min_off * (1 << self.failures), _LONGEST_OFF))

    def to_json(self) -> dict[str, object]:
        """Return a JSON object that `from_json` reads."""
        return {
            "stops": self.stops,
            "failures": self.failures,
            "started_at": write_time(self.started_at),
            "stopped_at": write_time(self.stopped_at),
            "switches": [write_time(time) for time in self.switches],
        }

    @classmethod
    def from_json(cls, value: object) -> Self:
        """Return the stored memory. Raises ValueError if it is not one."""
        data = read_object(value)
        return cls(
            stops=read_count(data.get("stops"), _MOST_COUNTED),
            failures=read_count(data.get("failures"), _MOST_FAILURES),
            started_at=read_time(data.get("started_at")),
            stopped_at=read_time(data.get("stopped_at")),
            switches=_read_switches(data.get("switches")),
        )


def _read_switches(value: object) -> deque[datetime]:
    if isinstance(value, list):
        times = [read_time(entry) for entry in value]
        return deque(sorted(time for time in times if time is not None))
    raise ValueError(f"not a list: {value!r}")
