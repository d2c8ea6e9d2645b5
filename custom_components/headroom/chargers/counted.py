"""Energy of a session, by a counter that may begin anew, fall for a moment or show nonsense."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

MOST_AT_ONCE: Final = 1e6
"""Wh. No car takes more between two looks: such a rise is a wrong number, or another counter."""
_MOST_POWER: Final = 50_000.0
"""W. A count that has fallen and rises faster than by this was wrong in between."""

JITTER: Final = 100.0
"""Wh. A count that falls by no more has not begun anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fall:
    """How the count has fallen just before."""

    by: float
    """Wh."""
    at: datetime

    def is_taken_back(self, rise: float, now: datetime) -> bool:
        """Return whether the count is where it was before."""
        possible = _MOST_POWER * ((now - self.at) / timedelta(hours=1))
        return rise >= self.by and (self.by <= JITTER or rise > possible)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What a counter has counted since a session began; all in Wh."""

    count: float
    """What the counter showed last."""
    energy: float = 0.0
    fall: Fall | None = None

    def after(self, count: float, now: datetime) -> Counted:
        """Return the energy after the counter has shown another count; it never falls."""
        rise = count - self.count
        if rise == 0:
            return self
        if rise < 0:
            before = 0.0 if self.fall is None else self.fall.by
            return replace(self, count=count, fall=Fall(by=before - rise, at=now))
        if self.fall is not None and self.fall.is_taken_back(rise, now):
            rise -= self.fall.by
        return self.moved(count, rise if rise <= MOST_AT_ONCE else 0.0)

    def moved(self, count: float, gained: float = 0.0) -> Counted:
        """Return the energy where the counter shows something else, and it gained so much."""
        return Counted(count=count, energy=self.energy + gained)

    def anew(self, count: float, now: datetime) -> Counted:
        """Return the energy of the next session, with which the counter has begun anew."""
        return Counted(count=count, energy=count, fall=Fall(by=self.count - count, at=now))
