"""Limits of a grid operator on the power of cars (Section 14a EnWG, BNetzA BK6-22-300)."""

from collections import Counter
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, Self

from ..decision import ReasonCode
from ..inputs import Ask, LimitUnit, Reach, ZoneLimit
from ..memory.stored import (
    read_list,
    read_number,
    read_object,
    read_text,
    read_time,
    write_time,
)
from ..site.model import Site
from .messenger import (
    BY_ACTION,
    BY_SOURCE,
    MOST,
    SHORTEST_FAILSAFE,
    Messenger,
    OperatorState,
    Order,
)

EACH: Final = 4200.0
"""W that are left to a single controllable device."""
SIMULTANEITY: Final = (0.8, 0.75, 0.7, 0.65, 0.6, 0.55, 0.5, 0.45)
"""For two to nine devices and more behind one energy manager (BK6-22-300, annex 1, 4.5.2)."""
_REMEMBERED: Final = 100
_JITTER: Final = 0.01
"""Part of a limitation's power by which a limit may change without being another limitation."""
_BY_URGENCY: Final = (
    OperatorState.FAILSAFE,
    OperatorState.LIMITED,
    OperatorState.CONTROLLED,
)


def guaranteed(devices: int) -> float:
    """Return the power in W that must be left to so many devices together."""
    if devices == 0:
        return 0.0
    factor = 1.0 if devices == 1 else SIMULTANEITY[min(devices, len(SIMULTANEITY) + 1) - 2]
    return EACH + (devices - 1) * factor * EACH


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorPolicy:
    """What becomes of a limitation that is not confirmed."""

    heartbeat: timedelta | None = None
    """Longest silence; None: nobody need go on speaking."""
    watched: str = BY_SOURCE
    """The messenger that has to go on speaking."""
    failsafe: float = EACH
    """W"""
    failsafe_for: timedelta = SHORTEST_FAILSAFE
    surplus: bool = True
    """The limit counts what cars draw from the grid: surplus of the sun comes on top."""


@dataclass(frozen=True, slots=True)
class Restraint:
    """What is in force for a zone, and whether the operator said so."""

    state: OperatorState
    order: Order


@dataclass(frozen=True, slots=True, kw_only=True)
class Limitation:
    """A limitation for the record that operators may ask for."""

    state: OperatorState
    power: float
    """W, as it began."""
    begun: datetime
    ended: datetime | None = None
    zone: str | None = None

    def tells(self, restraint: Restraint) -> bool:
        """Return whether it is about a restraint."""
        order = restraint.order
        is_same = abs(order.power - self.power) <= self.power * _JITTER
        return is_same and (self.state, self.zone) == (restraint.state, order.zone)


@dataclass(slots=True, kw_only=True)
class GridOperator:
    """The limitation of a site."""

    messengers: dict[str, Messenger] = field(default_factory=dict)
    record: tuple[Limitation, ...] = ()
    """In the order in which they began."""

    def hear(self, messenger: str, order: Order | None, now: datetime) -> None:
        """Take what the operator wants, as a messenger says; None: no limit."""
        if order is None:
            self.release(messenger, None, now)
        else:
            self._one(messenger).hear(order, now)

    def release(self, messenger: str, zone: str | None, now: datetime) -> None:
        """Take the end of what a messenger has brought for a zone; None: of all of it."""
        self._one(messenger).release(zone, now)

    def dismiss(self, messenger: str) -> None:
        """Forget a messenger that does not exist any more."""
        self.messengers.pop(messenger, None)

    def forget_all_but(self, known: Container[str]) -> None:
        """Drop the orders for zones that do not exist any more."""
        for one in self.messengers.values():
            one.keep(lambda order: order.zone is None or order.zone in known)

    def look(self, now: datetime, policy: OperatorPolicy) -> None:
        """Let time pass, and keep the record."""
        for name, one in self.messengers.items():
            one.look(now, policy.heartbeat if name == policy.watched else None, policy.failsafe_for)
        self._note(now, policy)

    @property
    def state(self) -> OperatorState:
        """Return the state of the messenger whose word is the most urgent."""
        states = {one.state for one in self.messengers.values()}
        return next((state for state in _BY_URGENCY if state in states), OperatorState.AUTONOMOUS)

    def shown(self, policy: OperatorPolicy) -> Restraint | None:
        """Return what is in force for the whole site, or else the tightest of its zones."""
        held = self._in_force(policy)
        return held.get(None) or min(held.values(), key=_power, default=None)

    def until(self, policy: OperatorPolicy) -> datetime | None:
        """Return when the limit that is shown ends, where that is known."""
        return None if (held := self.shown(policy)) is None else held.order.until

    def power(self, policy: OperatorPolicy) -> float | None:
        """Return the limit that is shown in W; None: there is none."""
        return None if (held := self.shown(policy)) is None else held.order.power

    def zones(self, policy: OperatorPolicy) -> dict[str, float]:
        """Return the limits that zones have for themselves, in W by zone id."""
        held = self._in_force(policy).values()
        return {one.order.zone: one.order.power for one in held if one.order.zone is not None}

    def limits(self, site: Site, policy: OperatorPolicy) -> tuple[ZoneLimit, ...]:
        """Return what is asked of the zones; boards without a common one share by connectors."""
        return tuple(
            ZoneLimit(
                zone=zone,
                ask=Ask(held.order.power * part, until=held.order.until),
                code=_CODES[held.state],
                unit=LimitUnit.NOMINAL_WATTS,
                reach=Reach.EVS_FROM_GRID if policy.surplus else Reach.EVS,
            )
            for held in self._in_force(policy).values()
            for zone, part in _parts(site, held.order.zone)
        )

    def _one(self, messenger: str) -> Messenger:
        return self.messengers.setdefault(messenger, Messenger())

    def _in_force(self, policy: OperatorPolicy) -> dict[str | None, Restraint]:
        """Return the lowest that messengers ask of each zone, and of the whole site."""
        lowest: dict[str | None, Restraint] = {}
        for one in self.messengers.values():
            for held in _brought(one, policy):
                rival = lowest.get(held.order.zone, held)
                lowest[held.order.zone] = min(rival, held, key=_power)
        return lowest

    def _note(self, now: datetime, policy: OperatorPolicy) -> None:
        """Keep the record: limitations begin, change and end."""
        held = list(self._in_force(policy).values())
        kept = [
            one if one.ended is not None or any(map(one.tells, held)) else replace(one, ended=now)
            for one in self.record
        ]
        running = [one for one in kept if one.ended is None]
        kept.extend(
            Limitation(state=new.state, power=new.order.power, begun=now, zone=new.order.zone)
            for new in held
            if not any(one.tells(new) for one in running)
        )
        oldest = len(kept) - _REMEMBERED
        self.record = tuple(
            one for place, one in enumerate(kept) if place >= oldest or one.ended is None
        )

    def to_json(self) -> dict[str, object]:
        """Return a JSON object that `from_json` reads."""
        return {
            "messengers": {name: one.to_json() for name, one in self.messengers.items()},
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
        known = read_object(stored["messengers"] if "messengers" in stored else _older(stored))
        return cls(
            messengers={name: Messenger.from_json(read_object(one)) for name, one in known.items()},
            record=tuple(_read_limitation(read_object(one)) for one in read_list(stored["record"])),
        )


_CODES: Final = {
    OperatorState.LIMITED: ReasonCode.GRID_OPERATOR,
    OperatorState.FAILSAFE: ReasonCode.GRID_OPERATOR_SILENT,
}


def _power(held: Restraint) -> float:
    return held.order.power


def _brought(one: Messenger, policy: OperatorPolicy) -> Iterator[Restraint]:
    """Yield what a messenger has brought, or what stands for it while it is silent."""
    if one.is_failsafe:
        failsafe = Order(policy.failsafe, one.since + policy.failsafe_for)
        yield Restraint(OperatorState.FAILSAFE, failsafe)
        return
    for order in one.orders.values():
        yield Restraint(OperatorState.LIMITED, order)


def _parts(site: Site, zone: str | None) -> Iterator[tuple[str, float]]:
    """Yield the zones that a limit is for, with the part of each."""
    if zone is not None:
        yield zone, 1.0
        return
    counts = Counter(site.path(own)[-1] for own in site.zone_of.values())
    for root, count in counts.items():
        yield root, count / counts.total()


def _older(stored: Mapping[str, object]) -> dict[str, object]:
    """Return the messengers of a store of when there was one state for all: the entity's."""
    orders, since = read_object(stored["orders"]), stored["since"]
    states = {BY_SOURCE: stored["state"], BY_ACTION: OperatorState.LIMITED}
    return {
        name: {
            "state": state,
            "since": since,
            "heard_at": stored["heard_at"],
            "looked_at": since,
            "orders": [orders[name]] if name in orders else [],
        }
        for name, state in states.items()
        if name in orders or name == BY_SOURCE
    }


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
