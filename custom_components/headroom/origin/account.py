"""The energy of one connector: of its session, and of all that it has ever delivered.

What a charger counts is the truth of how much, and comes every few seconds or minutes; the mix
changes all the time. So the composition is gathered by power until the charger's count rises,
and then scaled to what has been counted.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final, Self

from ..chargers.base import Session
from ..chargers.counted import MOST_POWER
from .mix import Mix
from .parts import Parts, Rates

LONGEST_LOOK: Final = timedelta(seconds=60)
"""What has happened in a longer time between two looks is not known."""
_FIRST_COUNT: Final = timedelta(seconds=60)
"""A new session has told its energy by then, if its charger counts any."""
_WEIGHT: Final = 1.0
"""W. Stands for a power that is not measured: only the proportions of a composition count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """What is known of a connector at one moment."""

    session: Session | None = None
    ended: tuple[Session, ...] = ()
    """Sessions that have ended lately, which may be known from the last look."""
    power: float | None = None
    """W."""

    def energy_by(self, span: timedelta) -> float:
        """Return the energy of a time at this power, in Wh, or what stands for it."""
        power = self.power
        if power is None:
            is_counted = self.session is not None and self.session.energy is not None
            power = _WEIGHT if is_counted else 0.0
        return power * _hours(span) if 0 <= power <= MOST_POWER else 0.0


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
    ended: frozenset[str] = frozenset()
    """Ids of the sessions that were known to have ended at the last look."""
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
        account = replace(self, pending=self._pending_after(draw, mix, rates, now))
        for ended in self._news(draw):
            account = _told(account, ended)
        running = draw.session
        if running is None:
            account = replace(account, pending=Parts())
        elif running.id == account.id or not _is_young(running, now):
            account = _told(account, running)
        return replace(account, ended=frozenset(one.id for one in draw.ended), seen_at=now)

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

    def _news(self, draw: Draw) -> Iterator[Session]:
        """Yield the sessions that have ended since the last look, and the own one if it has.

        As long as the own one runs no other can have begun after it.
        """
        if draw.session is not None and draw.session.id == self.id:
            return
        for session in {one.id: one for one in draw.ended}.values():
            is_own = session.id == self.id and session.energy is not None
            if is_own or session.id not in self.ended:
                yield session


def _told(account: Account, session: Session) -> Account:
    """Return an account after its charger has told of a session, perhaps another one."""
    if session.id != account.id:
        account = _opened(account, session)
    return _counted(account, session.energy)


def _opened(account: Account, session: Session) -> Account:
    """Return an account with another session; what it had unseen is of unknown origin."""
    seen_at = account.seen_at
    is_seen = seen_at is not None and session.started_at >= seen_at - LONGEST_LOOK
    pending = account.pending if is_seen or not session.energy else None
    return replace(account, id=session.id, session=Parts(), count=None, pending=pending)


def _counted(account: Account, energy: float | None) -> Account:
    """Return an account after its charger has told its count; one that has none uses power.

    What the power has made beforehand is not taken back, but the count catches up with it.
    """
    pending = account.pending or Parts()
    if energy is None:
        return account.grown(pending) if account.count is None else account
    if account.count is None and energy < account.session.energy:
        return account
    rise = energy - (account.session.energy if account.count is None else account.count)
    grown = account.grown(pending.scaled(rise)) if rise > 0 else account
    return replace(grown, count=energy)


def _is_young(session: Session, now: datetime) -> bool:
    """Return whether its charger may not have counted anything yet."""
    return session.energy is None and now - session.started_at < _FIRST_COUNT


def _hours(span: timedelta) -> float:
    return span / timedelta(hours=1)
