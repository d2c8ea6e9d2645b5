"""Limits of a grid operator on the power of cars (Section 14a EnWG, BNetzA BK6-22-300).

The states are those of a controllable system in the EEBus use case "Limitation of Power
Consumption": who limits is expected to go on speaking, a lasting silence leads to a failsafe limit,
and a long one to none at all.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from math import nextafter
from typing import Final, Self

from ..decision import ReasonCode
from ..inputs import Ask, LimitUnit, Reach, ZoneLimit
from ..memory.stored import read_number, read_object, read_text, read_time, write_time
from ..site.model import Site

EACH: Final = 4200.0
"""W that are left to a single controllable device."""
SIMULTANEITY: Final = (0.8, 0.75, 0.7, 0.65, 0.6, 0.55, 0.5, 0.45)
"""For two to nine devices and more behind one energy manager (BK6-22-300, annex 1, 4.5.2)."""
HEARTBEAT: Final = timedelta(seconds=120)
"""Longest silence of who limits, as EEBus has it."""
SHORTEST_FAILSAFE: Final = timedelta(hours=2)
LONGEST_FAILSAFE: Final = timedelta(hours=24)
MOST: Final = nextafter(1e9, 0)
"""W; more is no limit."""
_REMEMBERED: Final = 100


def guaranteed(devices: int) -> float:
    """Return the power in W that must be left to so many devices together."""
    if devices == 0:
        return 0.0
    factor = 1.0 if devices == 1 else SIMULTANEITY[min(devices, len(SIMULTANEITY) + 1) - 2]
    return EACH + (devices - 1) * factor * EACH


class OperatorState(StrEnum):
    """How the limitation stands."""

    AUTONOMOUS = "autonomous"
    """Unlimited, for nobody speaks, or not for long."""
    CONTROLLED = "controlled"
    """Unlimited, as who limits says."""
    LIMITED = "limited"
    FAILSAFE = "failsafe"
    """Whoever limits is silent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorPolicy:
    """What becomes of a limitation that is not confirmed."""

    heartbeat: timedelta | None = None
    """Longest silence; None: who limits need not go on speaking."""
    failsafe: float = EACH
    """W"""
    failsafe_for: timedelta = SHORTEST_FAILSAFE
    surplus: bool = True
    """The limit counts what cars draw from the grid: surplus of the sun comes on top."""


@dataclass(frozen=True, slots=True)
class Order:
    """What the operator wants."""

    power: float
    """W for all cars together."""
    until: datetime | None = None
    zone: str | None = None
    """None: the whole site."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limitation:
    """A limitation for the record that operators may ask for."""

    state: OperatorState
    power: float
    """W"""
    begun: datetime
    ended: datetime | None = None
    zone: str | None = None


@dataclass(slots=True, kw_only=True)
class GridOperator:
    """The limitation of a site."""

    state: OperatorState = OperatorState.AUTONOMOUS
    since: datetime | None = None
    heard_at: datetime | None = None
    orders: dict[str, Order] = field(default_factory=dict)
    """By who brought them; the lowest counts."""
    record: tuple[Limitation, ...] = ()
    """The newest is at the end."""

    def hear(self, messenger: str, order: Order | None, now: datetime) -> None:
        """Take what the operator wants, as a messenger says; None: no limit."""
        self.heard_at = now
        if order is None:
            self.orders.pop(messenger, None)
        else:
            self.orders[messenger] = order
        self._enter(_LIMITED if self.orders else OperatorState.CONTROLLED, now)

    def look(self, now: datetime, policy: OperatorPolicy) -> None:
        """Let time pass; after a leap back nothing lies in the future."""
        if self.since is not None and self.since > now:
            self.since = now
        if self.heard_at is not None and self.heard_at > now:
            self.heard_at = now
        self.orders = {
            key: order
            for key, order in self.orders.items()
            if order.until is None or order.until > now
        }
        if self.state is _LIMITED and not self.orders:
            self._enter(OperatorState.CONTROLLED, now)
        if self.state in _SPOKEN and policy.heartbeat is not None and self.heard_at is not None:
            silent_from = self.heard_at + policy.heartbeat
            if now > silent_from:
                self._enter(_FAILSAFE, silent_from)
        if self.state is _FAILSAFE and now >= self._failsafe_ends(policy):
            self.orders.clear()
            self._enter(OperatorState.AUTONOMOUS, now)
        self._note(now, policy)

    @property
    def order(self) -> Order | None:
        """Return the lowest order."""
        return min(self.orders.values(), key=lambda order: order.power, default=None)

    def until(self, policy: OperatorPolicy) -> datetime | None:
        """Return when the limit in force ends, where that is known."""
        if self.state is _FAILSAFE:
            return self._failsafe_ends(policy)
        return None if self.order is None else self.order.until

    def power(self, policy: OperatorPolicy) -> float | None:
        """Return the limit in force in W; None: there is none."""
        if self.state is _FAILSAFE:
            return policy.failsafe
        return None if self.order is None else self.order.power

    @property
    def zone(self) -> str | None:
        """Return the zone that the limit is for; None: the whole site."""
        return None if self.order is None or self.state is _FAILSAFE else self.order.zone

    def limits(self, site: Site, policy: OperatorPolicy) -> tuple[ZoneLimit, ...]:
        """Return what is asked of the zones; boards without a common one share by connectors."""
        power = self.power(policy)
        if power is None:
            return ()
        code = ReasonCode.GRID_OPERATOR
        return tuple(
            ZoneLimit(
                zone=zone,
                ask=Ask(power * part, until=self.until(policy)),
                code=ReasonCode.GRID_OPERATOR_SILENT if self.state is _FAILSAFE else code,
                unit=LimitUnit.NOMINAL_WATTS,
                reach=Reach.EVS_FROM_GRID if policy.surplus else Reach.EVS,
            )
            for zone, part in _parts(site, self.zone)
        )

    def _failsafe_ends(self, policy: OperatorPolicy) -> datetime:
        return (self.since or _LONG_AGO) + policy.failsafe_for

    def _enter(self, state: OperatorState, at: datetime) -> None:
        if state is not self.state:
            self.state, self.since = state, at

    def _note(self, now: datetime, policy: OperatorPolicy) -> None:
        """Keep the record: a limitation begins, changes or ends."""
        power = self.power(policy)
        last = self.record[-1] if self.record and self.record[-1].ended is None else None
        if last is not None:
            if (last.state, last.power, last.zone) == (self.state, power, self.zone):
                return
            self.record = (*self.record[:-1], replace(last, ended=now))
        if power is not None:
            fresh = Limitation(state=self.state, power=power, begun=now, zone=self.zone)
            self.record = (*self.record, fresh)[-_REMEMBERED:]

    def to_json(self) -> dict[str, object]:
        """Return a JSON object that `from_json` reads."""
        return {
            "state": self.state,
            "since": write_time(self.since),
            "heard_at": write_time(self.heard_at),
            "orders": {
                key: {"power": one.power, "until": write_time(one.until), "zone": one.zone}
                for key, one in self.orders.items()
            },
            "record": [
                {
                    "state": one.state,
                    "power": one.power,
                    "begun": write_time(one.begun),
                    "ended": write_time(one.ended),
                    "zone": one.zone,
                }
                for one in self.record
            ],
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, object]) -> Self:
        """Return the stored limitation. Raises KeyError and ValueError."""
        orders, record = read_object(stored["orders"]), stored["record"]
        return cls(
            state=OperatorState(str(stored["state"])),
            since=read_time(stored["since"]),
            heard_at=read_time(stored["heard_at"]),
            orders={key: _read_order(read_object(one)) for key, one in orders.items()},
            record=tuple(
                _read_limitation(read_object(one))
                for one in (record if isinstance(record, list) else ())
            ),
        )


_LIMITED: Final = OperatorState.LIMITED
_FAILSAFE: Final = OperatorState.FAILSAFE
_SPOKEN: Final = frozenset({_LIMITED, OperatorState.CONTROLLED})
_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


def _parts(site: Site, zone: str | None) -> Iterator[tuple[str, float]]:
    """Yield the zones that a limit is for, with the part of each."""
    if zone is not None:
        if zone in site.zone_by_id:
            yield zone, 1.0
        return
    counts = Counter(site.path(own)[-1] for own in site.zone_of.values())
    for root, count in counts.items():
        yield root, count / counts.total()


def _read_order(stored: Mapping[str, object]) -> Order:
    return Order(
        read_number(stored["power"], 0, MOST),
        read_time(stored["until"]),
        read_text(stored["zone"]),
    )


def _read_limitation(stored: Mapping[str, object]) -> Limitation:
    begun = read_time(stored["begun"])
    if begun is None:
        raise ValueError("a limitation that never began")
    return Limitation(
        state=OperatorState(str(stored["state"])),
        power=read_number(stored["power"], 0, MOST),
        begun=begun,
        ended=read_time(stored["ended"]),
        zone=read_text(stored["zone"]),
    )
