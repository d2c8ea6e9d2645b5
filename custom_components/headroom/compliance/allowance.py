"""What a connector was allowed of late."""

from collections import deque
from datetime import datetime, timedelta


class Allowance:
    """The limits of one connector in A and since when each held."""

    def __init__(self, memory: timedelta) -> None:
        self._memory = memory
        self._limits: deque[tuple[datetime, float]] = deque()

    def note(self, limit: float, now: datetime) -> None:
        """Take over the limit that holds now."""
        if self._limits and self._limits[-1][0] > now:  # the clock was set back
            self._limits.clear()
        if not self._limits or self._limits[-1][1] != limit:
            self._limits.append((now, limit))
        while len(self._limits) > 1 and self._limits[1][0] <= now - self._memory:
            self._limits.popleft()

    def forget(self) -> None:
        """Assume nothing, as after contact was lost."""
        self._limits.clear()

    def between(self, start: datetime, end: datetime) -> tuple[float, ...]:
        """Return the limits that held in a span of time; none if not all of them are known."""
        if not self._limits or self._limits[0][0] > start:
            return ()
        before = [limit for since, limit in self._limits if since <= start]
        return (before[-1], *(limit for since, limit in self._limits if start < since <= end))
