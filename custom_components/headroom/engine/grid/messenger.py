"""Who brings the orders of a grid operator, and what is left of them in silence.

The states are those of a controllable system in the EEBus use case "Limitation of Power
Consumption" 1.0.0: who limits is expected to go on speaking, a lasting silence leads to a failsafe
limit (LPC-911, LPC-912), and a long one to none at all (LPC-922).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from math import nextafter
from typing import Final, Self

from ..memory.stored import (
    read_list,
    read_number,
    read_object,
    read_text,
    read_time,
    write_time,
)

BY_ACTION: Final = "action"
BY_SOURCE: Final = "source"
"""Whoever calls actions, and an entity that is watched."""
HEARTBEAT: Final = timedelta(seconds=120)
"""Longest silence of who limits, as EEBus has it."""
SHORTEST_FAILSAFE: Final = timedelta(hours=2)
LONGEST_FAILSAFE: Final = timedelta(hours=24)
"""The bounds of EEBus (LPC-022)."""
MOST: Final = nextafter(1e9, 0)
"""W; more is no limit."""


class OperatorState(StrEnum):
    """How the limitation stands."""

    AUTONOMOUS = "autonomous"
    """Unlimited, for nobody speaks, or not for long."""
    CONTROLLED = "controlled"
    """Unlimited, as who limits says."""
    LIMITED = "limited"
    FAILSAFE = "failsafe"
    """Whoever limits is silent."""


_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SPOKEN: Final = frozenset({OperatorState.CONTROLLED, OperatorState.LIMITED})


@dataclass(frozen=True, slots=True)
class Order:
    """What the operator wants."""

    power: float
    """W for all cars together."""
    until: datetime | None = None
    zone: str | None = None
    """None: the whole site."""

    def to_json(self) -> dict[str, object]:
        """Return a JSON object that `from_json` reads."""
        return {"power": self.power, "until": write_time(self.until), "zone": self.zone}

    @classmethod
    def from_json(cls, stored: Mapping[str, object]) -> Self:
        """Return the stored order. Raises KeyError and ValueError."""
        return cls(
            read_number(stored["power"], 0, MOST),
            read_time(stored["until"]),
            read_text(stored["zone"]),
        )


@dataclass(slots=True, kw_only=True)
class Messenger:
    """One who brings orders."""

    state: OperatorState = OperatorState.AUTONOMOUS
    since: datetime = _NEVER
    heard_at: datetime | None = None
    looked_at: datetime | None = None
    orders: dict[str | None, Order] = field(default_factory=dict)
    """By zone."""

    def hear(self, order: Order, now: datetime) -> None:
        """Take an order in place of the one before for the same zone."""
        self.orders[order.zone] = order
        self._speak(now)

    def release(self, zone: str | None, now: datetime) -> None:
        """Take the end of the limit of a zone; None: of all limits."""
        if zone is None:
            self.orders.clear()
        else:
            self.orders.pop(zone, None)
        self._speak(now)

    def look(self, now: datetime, heartbeat: timedelta | None, failsafe_for: timedelta) -> None:
        """Let time pass; heartbeat None: who brings orders need not go on speaking."""
        self._catch_up(now, heartbeat or HEARTBEAT)
        self.keep(lambda order: order.until is None or order.until > now)
        if heartbeat is not None and self._is_silent(now, heartbeat):
            self._enter(OperatorState.FAILSAFE, now)
        elif self.state is OperatorState.LIMITED or (heartbeat is None and self.is_failsafe):
            self._follow_orders(now)
        if self.is_failsafe and now >= self.since + failsafe_for:
            self.orders.clear()
            self._enter(OperatorState.AUTONOMOUS, now)

    @property
    def is_failsafe(self) -> bool:
        """Return whether the failsafe limit stands for its orders."""
        return self.state is OperatorState.FAILSAFE

    def keep(self, wanted: Callable[[Order], bool]) -> None:
        """Drop all orders but those that are wanted."""
        self.orders = {zone: order for zone, order in self.orders.items() if wanted(order)}

    def _speak(self, now: datetime) -> None:
        self.heard_at = now
        self._follow_orders(now)

    def _follow_orders(self, now: datetime) -> None:
        self._enter(OperatorState.LIMITED if self.orders else OperatorState.CONTROLLED, now)

    def _enter(self, state: OperatorState, now: datetime) -> None:
        if state is not self.state:
            self.state, self.since = state, now

    def _is_silent(self, now: datetime, heartbeat: timedelta) -> bool:
        return (
            self.state in _SPOKEN and self.heard_at is not None and now - self.heard_at > heartbeat
        )

    def _catch_up(self, now: datetime, longest: timedelta) -> None:
        """Count a leap of the clock, or a time in which nobody looked, as no time at all.

        A failsafe is owed for a time in which cars are held to it: one that began by a clock that
        was ahead begins anew.
        """
        gap = now - (self.looked_at or now)
        if gap < timedelta() or self.since > now:
            self.since = now
        elif gap > longest:
            self.since += gap
        if self.heard_at is not None and self.heard_at > now:
            self.heard_at = now
        self.looked_at = now

    def to_json(self) -> dict[str, object]:
        """Return a JSON object that `from_json` reads."""
        return {
            "state": self.state,
            "since": write_time(self.since),
            "heard_at": write_time(self.heard_at),
            "looked_at": write_time(self.looked_at),
            "orders": [order.to_json() for order in self.orders.values()],
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, object]) -> Self:
        """Return the stored messenger. Raises KeyError and ValueError."""
        orders = [Order.from_json(read_object(one)) for one in read_list(stored["orders"])]
        return cls(
            state=OperatorState(str(stored["state"])),
            since=read_time(stored["since"]) or _NEVER,
            heard_at=read_time(stored["heard_at"]),
            looked_at=read_time(stored["looked_at"]),
            orders={order.zone: order for order in orders},
        )
