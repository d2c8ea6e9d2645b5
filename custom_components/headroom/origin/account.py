"""The energy of one connector: of its session, and of all that it has ever delivered.

What a charger counts is the truth of how much, and comes every few seconds or minutes; the mix
changes all the time. So the composition is gathered by power until the charger's count rises,
and then scaled to what has been counted.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final, Self

from .mix import Mix
from .parts import Parts, Rates

LONGEST_LOOK: Final = timedelta(seconds=60)
"""What has happened in a longer time between two looks is not known."""
_FIRST_COUNT: Final = timedelta(seconds=60)
"""A new session has told its energy by then, if its charger counts any."""
_MOST_POWER: Final = 100_000.0
"""W. A session with more energy than this makes since its start is older than it says."""
_WEIGHT: Final = 1.0
"""W. Stands for a power that is not measured: only the proportions of a composition count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """What is known of a connector's session at one moment."""

    session: str | None = None
    started_at: datetime | None = None
    energy: float | None = None
    """What the charger has counted since the start of the session, in Wh."""
    power: float | None = None
    """W."""

    def energy_by(self, span: timedelta) -> float:
        """Return the energy of a time at this power, in Wh, or what stands for it."""
        power = self.power
        if power is None:
            power = 0.0 if self.energy is None else _WEIGHT
        return max(0.0, power) * _hours(span)

    def is_young(self, now: datetime) -> bool:
        """Return whether its charger may not have counted anything yet."""
        return self.energy is None and self._age(now) < _FIRST_COUNT

    def is_older_than_it_says(self, now: datetime) -> bool:
        """Return whether it is a session that its charger has lost and found again."""
        return self.energy is not None and self.energy > _MOST_POWER * _hours(self._age(now))

    def _age(self, now: datetime) -> timedelta:
        return timedelta() if self.started_at is None else max(timedelta(), now - self.started_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What a connector has delivered."""

    total: Parts = field(default_factory=Parts)
    session: Parts = field(default_factory=Parts)
    """Of the running session, or of the last one."""
    id: str | None = None
    """Of that session."""
    count: float | None = None
    """The last that the charger has counted of it, in Wh; None if it has counted nothing yet."""
    fallen: float = 0.0
    """By how much the count has fallen just before, in Wh."""
    seen_at: datetime | None = None
    pending: Parts | None = None
    """Composition since the count last rose; None if part of that time was not looked at."""

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Restore what `to_json()` gave. Raises KeyError, TypeError or ValueError."""
        return cls(
            total=Parts.from_json(data["total"]),
            session=Parts.from_json(data["session"]),
            id=data["id"],
            count=None if data["count"] is None else float(data["count"]),
        )

    def to_json(self) -> dict[str, Any]:
        """Return what must survive a restart; what is drawn meanwhile is of unknown origin."""
        return {
            "total": self.total.to_json(),
            "session": self.session.to_json(),
            "id": self.id,
            "count": self.count,
        }

    def after(self, draw: Draw, mix: Mix, rates: Rates, now: datetime) -> Account:
        """Return the account after one more look."""
        if draw.session is None:
            return replace(self, pending=Parts(), seen_at=now)
        looked = replace(self, pending=self._pending_after(draw, mix, rates, now), seen_at=now)
        if draw.session == self.id:
            return _counted(looked, draw)
        if draw.is_young(now):
            return looked
        return _counted(_with_session(looked, draw, now), draw)

    def grown(self, parts: Parts) -> Account:
        """Return the account with energy that is counted."""
        total, session = self.total + parts, self.session + parts
        return replace(self, total=total, session=session, pending=Parts())

    def _pending_after(self, draw: Draw, mix: Mix, rates: Rates, now: datetime) -> Parts | None:
        if self.pending is None or self.seen_at is None:
            return None
        span = max(timedelta(), now - self.seen_at)
        if span > LONGEST_LOOK:
            return None
        return self.pending + Parts.made(draw.energy_by(span), mix, rates)


def _with_session(account: Account, draw: Draw, now: datetime) -> Account:
    energy = draw.energy or 0.0
    if energy >= (account.count or 0.0) > 0 and draw.is_older_than_it_says(now):
        return replace(account, id=draw.session)
    return replace(account, id=draw.session, session=Parts(), count=None, fallen=0.0)


def _counted(account: Account, draw: Draw) -> Account:
    """Return an account after its charger has told its count; one that has none uses power."""
    pending = account.pending or Parts()
    if draw.energy is None:
        return account.grown(pending) if account.count is None else account
    known = account.session.energy if account.count is None else account.count
    rise = draw.energy - known
    if rise == 0:
        return replace(account, count=draw.energy)
    if rise < 0:
        return replace(account, count=draw.energy, fallen=account.fallen - rise)
    returned = account.fallen if rise >= account.fallen else 0.0
    grown = account.grown(pending.scaled(rise - returned))
    return replace(grown, count=draw.energy, fallen=0.0)


def _hours(span: timedelta) -> float:
    return span / timedelta(hours=1)
