"""What the controller remembers from step to step, and across a restart."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Self

from .snapshot import ConnectorStatus

STATE_VERSION: Final = 1

_TIMES: Final = (
    "commanded_at",
    "arrived_at",
    "paused_at",
    "raised_at",
    "above_since",
    "held_until",
    "status_changed_at",
    "unknown_since",
)


class StateError(ValueError):
    """A stored state that this version cannot read."""


@dataclass(slots=True, kw_only=True)
class ConnectorState:
    """Memory of one connector; currents in A per phase."""

    commanded: float = 0.0
    commanded_at: datetime | None = None
    """When `commanded` was last lowered or raised."""
    worst: float = 0.0
    """Most that the connector may draw now."""
    arrived_at: datetime | None = None
    """When the car was plugged in; None without a car."""
    paused_at: datetime | None = None
    """When the car was last paused for lack of current; None while it may charge."""
    raised_at: datetime | None = None

    # Forgotten at a restart:
    held_until: datetime | None = None
    """Until then a charger that is not back after a restart may still hold a lease."""
    status: ConnectorStatus = ConnectorStatus.UNKNOWN
    status_changed_at: datetime | None = None
    above_since: datetime | None = None
    """Since when the worst case has been clearly above the setpoint."""
    defiant: bool = False
    """The charger did not follow when it was last in contact."""
    unknown_since: datetime | None = None
    """Since when the charger is in contact without having accepted any limit."""
    offers: deque[tuple[datetime, float]] = field(default_factory=deque)
    """Earlier setpoints and when they ended, the oldest first."""

    def command(self, current: float, now: datetime) -> None:
        """Make a setpoint the newest one."""
        if current == self.commanded:
            return
        self.offers.append((now, self.commanded))
        if current > self.commanded:
            self.raised_at = now
        self.commanded = current
        self.commanded_at = now
        self.worst = max(self.worst, current)

    def offers_since(self, moment: datetime) -> list[float]:
        """Return the setpoints that were in force at a moment or after it."""
        return [self.commanded, *(current for ended, current in self.offers if ended >= moment)]

    def changed_since(self, moment: datetime) -> bool:
        """Return whether the setpoint or the connector's state has changed since a moment."""
        changes = (self.commanded_at, self.status_changed_at)
        return any(change is not None and change >= moment for change in changes)

    def forget_offers_before(self, moment: datetime) -> None:
        """Drop setpoints that ended before a moment."""
        while self.offers and self.offers[0][0] < moment:
            self.offers.popleft()

    def note_status(self, status: ConnectorStatus, now: datetime) -> None:
        """Remember when the connector's state last changed."""
        if status != self.status:
            self.status = status
            self.status_changed_at = now

    def forget_future(self, now: datetime) -> None:
        """Move every time after now to now."""
        for name in _TIMES:
            time = getattr(self, name)
            if time is not None and time > now:
                setattr(self, name, now)
        self.offers = deque((min(ended, now), current) for ended, current in self.offers)

    def note_excess(self, now: datetime, tolerance: float, settle: timedelta) -> bool:
        """Return whether the worst case has stayed above the setpoint for too long."""
        if self.worst <= self.commanded + tolerance:
            self.above_since = None
        elif self.above_since is None:
            self.above_since = now
        self.defiant = self.above_since is not None and now - self.above_since > settle
        return self.defiant

    def to_json(self) -> dict[str, object]:
        """Return what outlives a restart."""
        return {
            "commanded": self.commanded,
            "worst": self.worst,
            "commanded_at": _write_time(self.commanded_at),
            "arrived_at": _write_time(self.arrived_at),
            "paused_at": _write_time(self.paused_at),
            "raised_at": _write_time(self.raised_at),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> Self:
        """Return the state that `to_json` wrote. Raises StateError."""
        return cls(
            commanded=_read_current(data["commanded"]),
            worst=_read_current(data["worst"]),
            commanded_at=_read_time(data["commanded_at"]),
            arrived_at=_read_time(data["arrived_at"]),
            paused_at=_read_time(data["paused_at"]),
            raised_at=_read_time(data["raised_at"]),
        )


@dataclass(slots=True, kw_only=True)
class ControllerState:
    """Memory of the controller."""

    connectors: dict[str, ConnectorState] = field(default_factory=dict)
    stepped_at: datetime | None = None
    orderly: bool = True
    """Nothing has been commanded since the chargers were left at their fallbacks."""

    def awaken(self, maxima: Mapping[str, float], now: datetime, longest_lease: timedelta) -> None:
        """Expect of every charger what it may hold for as long as earlier leases may run.

        After an orderly stop that is what is stored. After anything else the store may be older
        than the last command, so it is the maximum of each connector, in A.
        """
        for key, state in self.connectors.items():
            state.held_until = now + longest_lease
            if not self.orderly:
                state.worst = max(state.worst, maxima[key])
        self.orderly = False

    def follow_clock(self, now: datetime) -> None:
        """Take note of the time; after a leap backwards no memory may lie in the future."""
        if self.stepped_at is not None and now < self.stepped_at:
            for state in self.connectors.values():
                state.forget_future(now)
        self.stepped_at = now

    def to_json(self) -> dict[str, object]:
        """Return a JSON object that `from_json` reads."""
        return {
            "version": STATE_VERSION,
            "stepped_at": _write_time(self.stepped_at),
            "orderly": self.orderly,
            "connectors": {key: state.to_json() for key, state in self.connectors.items()},
        }

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> Self:
        """Return the stored state. Raises StateError if it is not one."""
        if data.get("version") != STATE_VERSION:
            raise StateError(f"unknown version {data.get('version')!r}")
        connectors = data.get("connectors")
        if not isinstance(connectors, Mapping):
            raise StateError("no connectors")
        try:
            return cls(
                stepped_at=_read_time(data.get("stepped_at")),
                orderly=data.get("orderly") is True,
                connectors={
                    str(key): ConnectorState.from_json(value) for key, value in connectors.items()
                },
            )
        except (KeyError, TypeError, ValueError) as error:
            raise StateError(str(error)) from error


def _write_time(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat()


def _read_time(value: object) -> datetime | None:
    if value is None:
        return None
    time = datetime.fromisoformat(str(value))
    if time.tzinfo is None:
        raise StateError(f"time without zone: {value}")
    return time


def _read_current(value: object) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value < 10_000:
        raise StateError(f"not a current: {value!r}")
    return float(value)
