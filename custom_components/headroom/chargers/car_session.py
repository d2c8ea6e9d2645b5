"""Sessions of chargers that tell of cars and count energy, but know no transactions.

A session lasts from the arrival of a car until it has gone. The charger's count of a session may
still be that of the car before, until it begins anew.
"""

from collections.abc import Container, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from sys import float_info
from typing import Any, Final, Self

from ..engine.memory.stored import read_number, read_time, write_time
from ..engine.snapshot import ConnectorStatus
from ..stored_parts import read_each
from .base import Session
from .counted import JITTER, MOST_AT_ONCE, Counted

_PATIENCE: Final = timedelta(minutes=2)
"""An integration that has just started has read the charger by then, and shows its count again."""
_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class CarRecord:
    """What must survive a restart of Headroom."""

    started_at: datetime | None = None
    """None while no car is there."""
    counted: Counted | None = None
    """Of the running session, or of the last one."""
    is_counted: bool = False
    """The counter has been seen since the session began."""
    of_session: bool = True
    """The counter is one of the charger's own sessions, not one of all that it has delivered."""

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Restore what `to_json()` gave. Raises KeyError, TypeError or ValueError."""
        return cls(
            started_at=read_time(data["started_at"]),
            counted=None if data["count"] is None else _read_counted(data),
            is_counted=bool(data["is_counted"]),
            of_session=bool(data["of_session"]),
        )

    def to_json(self) -> dict[str, Any]:
        """Return everything that must survive a restart."""
        counted = self.counted
        return {
            "started_at": write_time(self.started_at),
            "count": None if counted is None else counted.count,
            "energy": None if counted is None else counted.energy,
            "at": None if counted is None else write_time(counted.at),
            "is_counted": self.is_counted,
            "of_session": self.of_session,
        }


def _read_counted(data: Mapping[str, Any]) -> Counted:
    return Counted(
        count=read_number(data["count"], 0, float_info.max),
        at=read_time(data.get("at")) or _LONG_AGO,
        energy=read_number(data["energy"], 0, float_info.max),
    )


class CarSession:
    """The session of one connector."""

    def __init__(self, record: CarRecord | None = None) -> None:
        self._record = record or CarRecord()
        self._is_doubtful = True
        """The counter has not been seen since contact began: another car may have come unseen."""
        self._sees_none = False
        """The charger has shown that no car is there; some have no state for that."""
        self._fallen_at: datetime | None = None
        """Since when the count is so low that another car may have come."""
        self._ended: tuple[Session, ...] = ()

    @property
    def record(self) -> CarRecord:
        """Return what must survive a restart."""
        return self._record

    @property
    def running(self) -> Session | None:
        """Return the session of the car that is there."""
        record, since = self._record, self._record.started_at
        if since is None:
            return None
        energy = record.counted.energy if record.counted and record.is_counted else None
        return Session(id=since.isoformat(), badge=None, started_at=since, energy=energy)

    @property
    def ended(self) -> tuple[Session, ...]:
        """Return the session that ended last; its last energy may be told after its end."""
        return self._ended

    def look(self, status: ConnectorStatus, now: datetime) -> bool:
        """Take over whether a car is there; return whether one has just come.

        A state that does not tell of cars, as while contact is lost, ends nothing.
        """
        if status.has_car and self._is_free:
            self._begin(now)
            return True
        if status.tells_of_car and not status.has_car:
            self._sees_none = True
            self._end()
        return False

    def lose_sight(self) -> None:
        """Note that cars may have come and gone without being seen."""
        self._is_doubtful = True
        self._fallen_at = None

    def count(self, count: float | None, now: datetime, *, of_session: bool) -> None:
        """Take over what the counter shows in Wh."""
        if count is None or count < 0:
            return
        before, counted = self._record.counted, self._after(count, now, of_session=of_session)
        self._record = replace(
            self._record, counted=counted, is_counted=True, of_session=of_session
        )
        if self._is_free and before is not None and counted.energy > before.energy:
            self._ended = tuple(replace(one, energy=counted.energy) for one in self._ended)
        # A register goes on without a car: its first rise after the end is still the session's.
        is_over = not of_session and counted != before
        self._is_doubtful = self._fallen_at is not None or (
            self._is_free and (self._is_doubtful or is_over)
        )

    @property
    def _is_free(self) -> bool:
        return self._record.started_at is None

    def _after(self, count: float, now: datetime, *, of_session: bool) -> Counted:
        record, known = self._record, self._record.counted
        if known is None:
            is_own = of_session and not self._is_free and count <= MOST_AT_ONCE
            return Counted(count=count, at=now, energy=count if is_own else 0.0)
        is_nobodys = self._is_free and self._is_doubtful
        if is_nobodys or record.of_session is not of_session:
            return known.moved(count, now)
        if not of_session or not self._may_be_anew or known.count - count <= JITTER:
            self._fallen_at = None
            return known.after(count, now)
        if known.energy > 0:
            self._fallen_at = self._fallen_at or now
            if now - self._fallen_at < _PATIENCE:
                return known
            self._end()
            self._begin(now)
        return known.anew(count, now)

    @property
    def _may_be_anew(self) -> bool:
        """Return whether a lower count is that of another car, not of a charger that counts anew.

        It is if nothing was counted of this one, or if it may have gone unseen.
        """
        counted = self._record.counted
        is_fresh = counted is None or counted.energy == 0
        return not self._is_free and (is_fresh or self._is_doubtful or not self._sees_none)

    def _end(self) -> None:
        if (running := self.running) is not None:
            self._ended = (running,)
            self._record = replace(self._record, started_at=None)

    def _begin(self, now: datetime) -> None:
        known = self._record.counted
        counted = None if known is None else replace(known, energy=0.0, fall=None)
        self._record = replace(self._record, started_at=now, counted=counted, is_counted=False)
        self._fallen_at = None


class CarSessions:
    """The sessions of all connectors of a site whose chargers know none."""

    def __init__(self, records: Mapping[str, CarRecord] | None = None) -> None:
        self._sessions = {key: CarSession(one) for key, one in (records or {}).items()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Restore what `to_json()` gave, but for records that cannot be read."""
        return cls(read_each("session", data, CarRecord.from_json))

    def to_json(self) -> dict[str, Any]:
        """Return everything that must survive a restart."""
        return {key: one.record.to_json() for key, one in self._sessions.items()}

    def resume(self, connector: str) -> CarSession:
        """Return the session of a connector for a new link to its charger."""
        known = self._sessions.get(connector)
        session = CarSession() if known is None else CarSession(known.record)
        self._sessions[connector] = session
        return session

    def forget_all_but(self, known: Container[str]) -> None:
        """Drop the sessions of connectors that do not exist any more."""
        self._sessions = {key: one for key, one in self._sessions.items() if key in known}
