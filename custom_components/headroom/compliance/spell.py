"""When something that is seen now and then counts as lasting, and when as over."""

from collections import deque
from datetime import datetime, timedelta
from enum import Enum


class Sign(Enum):
    """What a look shows; the value tells whether it is bad."""

    BAD = True
    GOOD = False


class Spell:
    """Turns signs into a state that begins late and ends late."""

    def __init__(
        self, *, begins_after: timedelta = timedelta(), ends_after: timedelta = timedelta()
    ) -> None:
        self._begins_after = begins_after
        self._ends_after = ends_after
        self._bad_at: datetime | None = None
        self._is_good = True
        self.since: datetime | None = None
        """When the first of the bad signs in a row was seen; None without any."""
        self.lasts = False

    def look(self, sign: Sign | None, now: datetime) -> None:
        """Take over a sign, None where there is no new one."""
        if self._bad_at is not None and self._bad_at > now:  # the clock was set back
            self._bad_at = now
        if sign is not None:
            self._is_good = sign is Sign.GOOD
        if sign is Sign.BAD:
            self._bad_at = now
            self.since = min(self.since or now, now)
            self.lasts |= now - self.since >= self._begins_after
        elif self._is_over(now):
            self.lasts, self.since = False, None

    def interrupt(self) -> None:
        """Begin anew with what does not last yet: there may be no signs for long."""
        if not self.lasts:
            self.since = None

    def _is_over(self, now: datetime) -> bool:
        if not self._is_good or self._bad_at is None:
            return False
        return not self.lasts or now - self._bad_at >= self._ends_after


class Burst:
    """Counts events of late; many of them are a bad sign, few a good one."""

    def __init__(self, *, many: int, few: int, within: timedelta) -> None:
        self._many = many
        self._few = few
        self._within = within
        self._seen: int | None = None
        self._events: deque[datetime] = deque()

    def look(self, total: int, now: datetime) -> Sign | None:
        """Take over the number of all events so far; return the sign, None between the two."""
        new = 0 if self._seen is None else max(0, total - self._seen)
        self._seen = total
        self._events.extend([now] * min(new, self._many))
        while self._events and not timedelta() <= now - self._events[0] < self._within:
            self._events.popleft()
        if len(self._events) >= self._many:
            return Sign.BAD
        return Sign.GOOD if len(self._events) <= self._few else None
