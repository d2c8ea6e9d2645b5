"""Energy of a session, by a counter that may begin anew, fall for a moment or show nonsense."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

MOST_AT_ONCE: Final = 1e6
"""Wh. No car takes more between two looks: such a rise is a wrong number, or another counter."""
MOST_POWER: Final = 100_000.0
"""W. A connector has 80 A at most, 55 kW on three phases: what is beyond this is a wrong number."""
GRACE: Final = 1000.0
"""Wh, for what is rounded or told late."""
_PATIENCE: Final = timedelta(minutes=5)
"""After a count that was late the next one comes early, and a wrong one has been set right."""

JITTER: Final = 100.0
"""Wh. A count that falls by no more has not begun anew."""


def most_energy(since: datetime, now: datetime) -> float:
    """Return what no car has more of since then, in Wh."""
    return MOST_POWER * (max(timedelta(), now - since) / timedelta(hours=1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Fall:
    """How the count has fallen just before."""

    by: float
    """Wh."""
    at: datetime

    def is_taken_back(self, rise: float, now: datetime) -> bool:
        """Return whether the count is where it was before."""
        return rise >= self.by and (self.by <= JITTER or rise > most_energy(self.at, now))


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What a counter has counted since a session began; all in Wh."""

    count: float
    """What the counter showed last, but for leaps that may not last."""
    at: datetime
    """When it has last risen, or has begun to be followed."""
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
        if rise <= min(MOST_AT_ONCE, most_energy(self.at, now) + GRACE):
            return self.moved(count, now, gained=rise)
        return self if now - self.at < _PATIENCE else self.moved(count, now)

    def moved(self, count: float, now: datetime, *, gained: float = 0.0) -> Counted:
        """Return the energy where the counter shows something else, and it gained so much."""
        return Counted(count=count, at=now, energy=self.energy + gained)

    def anew(self, count: float, now: datetime) -> Counted:
        """Return the energy of the next session, with which the counter has begun anew."""
        return Counted(count=count, at=now, energy=count, fall=Fall(by=self.count - count, at=now))
