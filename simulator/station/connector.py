"""One connector of a station: its car, its transactions and its status."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from ..plant.ev import Car, CarState
from ..plant.outlet import Outlet
from .faults import Faults
from .meter import ConnectorMeter
from .profiles import Usage

NO_ERROR: Final = "NoError"


class StopReason(StrEnum):
    """Why a transaction ended, in the words of OCPP 1.6."""

    DEAUTHORIZED = "DeAuthorized"
    CAR_GONE = "EVDisconnected"
    HARD_RESET = "HardReset"
    POWER_LOSS = "PowerLoss"
    REBOOT = "Reboot"
    REMOTE = "Remote"
    SOFT_RESET = "SoftReset"
    UNLOCKED = "UnlockCommand"


@dataclass(frozen=True, slots=True)
class Start:
    """Somebody who wants to start; from afar with `remote_id`, if the version has one."""

    badge: str
    remote: bool = False
    remote_id: int | None = None


@dataclass(slots=True)
class Transaction:
    """A transaction as the station keeps it. Meter readings in Wh."""

    start: Start
    started_at: datetime
    meter_start: int
    id: int | str | None = None
    """None until the version's way to name it has done so."""
    reservation: int | None = None


@dataclass(frozen=True, slots=True)
class End:
    """How a transaction ended."""

    at: datetime
    meter: int
    reason: StopReason


@dataclass(frozen=True, slots=True)
class News:
    """A transaction that has started, or has ended."""

    transaction: Transaction
    end: End | None = None


@dataclass(frozen=True, slots=True)
class Reservation:
    """A connector that is kept for a badge."""

    id: int
    badge: str
    until: datetime


class StationConnector:
    """A connector; it sends nothing itself."""

    def __init__(
        self, number: int, outlet: Outlet, faults: Faults, *, badge: str | None = None
    ) -> None:
        """Build a connector whose cars start by themselves with a badge, if there is one."""
        self.number = number
        self.outlet = outlet
        self.meter = ConnectorMeter(outlet, faults)
        self.badge = badge
        self.name_transaction: Callable[[datetime], str] | None = None
        """Where the station itself names transactions: how."""
        self.transaction: Transaction | None = None
        self.news: deque[News] = deque()
        """What has happened since somebody looked, in order."""
        self.reservation: Reservation | None = None
        self.operative = True
        self.error = NO_ERROR
        self.told: tuple[str, ...] | None = None
        """Status that the central system heard of last, in the words of its version."""
        self._seen: Car | None = None
        self._served = False
        self._leaving = False
        self._remote: tuple[Start, datetime] | None = None

    @property
    def usage(self) -> Usage | None:
        """Return the running transaction in the words of charging profiles."""
        running = self.transaction
        return Usage(running.id, running.started_at) if running else None

    @property
    def status(self) -> str:
        """Return the status in the words of OCPP 1.6, which has the most."""
        if self.error != NO_ERROR:
            return "Faulted"
        if self.transaction:
            return self._charging_status()
        if self._leaving:
            return "Finishing"
        if not self.operative:
            return "Unavailable"
        if self._seen is None:
            return "Reserved" if self.reservation else "Available"
        return "Finishing" if self._served else "Preparing"

    def _charging_status(self) -> str:
        if not self.meter.offered:
            return "SuspendedEVSE"
        charging = self._seen is not None and self._seen.state is CarState.CHARGING
        return "Charging" if charging else "SuspendedEV"

    def look(self, now: datetime) -> None:
        """Notice a car that has come or gone, and the end of a reservation."""
        self.outlet.offer(now)
        if self.reservation and now >= self.reservation.until:
            self.reservation = None
        if self.outlet.car is self._seen:
            return
        if self.transaction:
            self.end(now, StopReason.CAR_GONE)
            self._leaving = True
        self._seen = self.outlet.car
        self._served = False

    def proceed(self, now: datetime) -> Start | None:
        """Go on once the status has been told; return who wants to start now."""
        self._leaving = False
        if self._remote and now >= self._remote[1]:
            self._remote = None
        if self._seen is None or not self.can_start():
            return None
        if self._remote:
            return self._remote[0]
        kept_for_others = self.reservation and self.reservation.badge != self.badge
        waits = self.badge and not self._served and not kept_for_others
        return Start(self.badge) if self.badge and waits else None

    def start(self, now: datetime, start: Start) -> None:
        """Begin a transaction."""
        kept, self.reservation = self.reservation, None
        self.transaction = Transaction(
            start,
            now,
            self.meter.register,
            id=self.name_transaction(now) if self.name_transaction else None,
            reservation=kept.id if kept and kept.badge == start.badge else None,
        )
        self.news.append(News(self.transaction))
        self._remote = None
        self._served = True
        self.outlet.offer(now)

    def refuse(self) -> None:
        """Do not ask for this car again."""
        self._served = True

    def end(self, now: datetime, reason: StopReason) -> None:
        """End the running transaction, if there is one."""
        if self.transaction:
            self.news.append(News(self.transaction, End(now, self.meter.register, reason)))
            self.transaction = None
            self.outlet.offer(now)

    def deauthorize(self, now: datetime) -> None:
        """End the running transaction because its badge is not welcome."""
        self.end(now, StopReason.DEAUTHORIZED)

    @property
    def usable(self) -> bool:
        """Return whether it is in service and has no error."""
        return self.operative and self.error == NO_ERROR

    def can_start(self) -> bool:
        """Return whether a start makes sense now."""
        return self.usable and self.transaction is None

    def start_remotely(self, start: Start, until: datetime) -> None:
        """Start as soon as there is a car, until a time."""
        self._remote = start, until

    def restart(self, now: datetime, reason: StopReason) -> None:
        """Forget the car, as after a restart of the station."""
        self.end(now, reason)
        self._seen = None
        self._served = False
        self._remote = None
