"""One connector of a station: its car, its transactions and its status."""

from collections import deque
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ..plant.ev import Car, CarState
from ..plant.outlet import Outlet
from .profiles import Usage

NO_ERROR: Final = "NoError"


@dataclass(slots=True)
class Transaction:
    """A transaction as the station keeps it until the central system knows all of it.

    Meter readings in Wh.
    """

    badge: str
    started_at: datetime
    meter_start: int
    id: int | None = None
    """Given by the central system when it hears of the start."""
    ended_at: datetime | None = None
    meter_stop: int = 0
    reason: str = "Local"


@dataclass(frozen=True, slots=True)
class _RemoteStart:
    badge: str
    until: datetime


class StationConnector:
    """A connector; it sends nothing itself."""

    def __init__(self, number: int, outlet: Outlet, *, badge: str | None) -> None:
        """Build a connector whose cars start by themselves with a badge, if there is one."""
        self.number = number
        self.outlet = outlet
        self.badge = badge
        self.transaction: Transaction | None = None
        self.untold: deque[Transaction] = deque()
        """Transactions whose start or end the central system has not heard of."""
        self.operative = True
        self.error = NO_ERROR
        self.told: tuple[str, str] | None = None
        """Status and error that the central system heard of last."""
        self._seen: Car | None = None
        self._served = False
        self._leaving = False
        self._remote: _RemoteStart | None = None

    @property
    def usage(self) -> Usage | None:
        """Return the running transaction in the words of charging profiles."""
        running = self.transaction
        return Usage(running.id, running.started_at) if running else None

    @property
    def status(self) -> str:
        """Return the status in the words of OCPP 1.6."""
        if self.error != NO_ERROR:
            return "Faulted"
        if self.transaction:
            return self._charging_status()
        if self._leaving:
            return "Finishing"
        if not self.operative:
            return "Unavailable"
        if self._seen is None:
            return "Available"
        return "Finishing" if self._served else "Preparing"

    def _charging_status(self) -> str:
        if not self.outlet.offered:
            return "SuspendedEVSE"
        charging = self._seen is not None and self._seen.state is CarState.CHARGING
        return "Charging" if charging else "SuspendedEV"

    def look(self, now: datetime) -> None:
        """Notice a car that has come or gone."""
        self.outlet.offer(now)
        if self.outlet.car is self._seen:
            return
        if self.transaction:
            self.end(now, "EVDisconnected")
            self._leaving = True
        self._seen = self.outlet.car
        self._served = False

    def proceed(self, now: datetime) -> None:
        """Start what may start, once the status has been told."""
        self._leaving = False
        remote, self._remote = self._remote, None
        if remote and now >= remote.until:
            remote = None
        if self._seen is None or self.transaction or not self._usable:
            self._remote = remote
            return
        badge = remote.badge if remote else self.badge
        if badge is not None and (remote or not self._served):
            self._start(now, badge)

    @property
    def _usable(self) -> bool:
        return self.operative and self.error == NO_ERROR

    def _start(self, now: datetime, badge: str) -> None:
        self.transaction = Transaction(badge, now, round(self.outlet.energy))
        self.untold.append(self.transaction)
        self._served = True
        self.outlet.offer(now)

    def end(self, now: datetime, reason: str) -> None:
        """End the running transaction, if there is one."""
        if self.transaction:
            self.transaction.ended_at = now
            self.transaction.meter_stop = round(self.outlet.energy)
            self.transaction.reason = reason
            if self.transaction not in self.untold:
                self.untold.append(self.transaction)
            self.transaction = None
            self.outlet.offer(now)

    def can_start(self) -> bool:
        """Return whether a start from afar makes sense now."""
        return self._usable and self.transaction is None

    def start_remotely(self, badge: str, until: datetime) -> None:
        """Start with a badge as soon as there is a car, until a time."""
        self._remote = _RemoteStart(badge, until)

    def restart(self, now: datetime, reason: str) -> None:
        """Forget the car, as after a restart of the station."""
        self.end(now, reason)
        self._seen = None
        self._served = False
        self._remote = None
