"""What each connector may be given at most, how urgently, and why."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Final

from ..decision import REMEMBERED, Reason, ReasonCode
from ..known.observation import Observation
from ..memory.state import ConnectorState
from ..site.model import Connector, Rules
from ..snapshot import ConnectorStatus, Snapshot
from ..turns.priority import Priority, priority_of
from ..when.permit import Bound
from .following import Car

_OUT_OF_ORDER: Final = frozenset({ConnectorStatus.UNAVAILABLE, ConnectorStatus.FAULTED})
_NOT_DRAWING: Final = {
    ConnectorStatus.PREPARING: ReasonCode.CAR_NOT_READY,
    ConnectorStatus.SUSPENDED_EV: ReasonCode.CAR_SUSPENDED,
}
_PRIVILEGED: Final = {
    Priority.VIP: ReasonCode.VIP,
    Priority.HOURS: ReasonCode.PRIORITY_HOURS,
}


@dataclass(slots=True, kw_only=True)
class Demand:
    """What a connector asks for; currents in A per phase."""

    cap: float
    """Highest useful setpoint."""
    enough: float
    """What its car is seen to need of that; others come before what is above."""
    priority: Priority
    held_off: bool
    """It keeps its place but is offered nothing for a moment, so that its car wakes."""
    reasons: tuple[Reason, ...]
    """Why not more than the cap; the first is the primary one."""


def demand_of(
    observation: Observation,
    state: ConnectorState,
    car: Car,
    snapshot: Snapshot,
    rules: Rules,
    *,
    bound: Bound | None = None,
) -> Demand:
    """Return what a connector asks for; `bound` is what clock, plan and sun let it draw.

    A car that is plugged in but does not draw keeps its place with the floor only, so that it
    can start without waiting and yet holds no more than that.
    """
    most = _cap(observation, state, car, snapshot, bound)
    entry = observation.connector.entry
    enough = _enough(most, state, entry)
    asleep = car.asleep and most.current >= entry
    priority = priority_of(observation.connector, observation.reading, snapshot, rules)
    return Demand(
        cap=entry if asleep else most.current,
        enough=entry if asleep else enough,
        priority=Priority.ASLEEP if asleep else priority,
        held_off=most.code is ReasonCode.WAKING,
        reasons=(
            *_bounds(observation.connector, most, enough, asleep=asleep),
            *_remarks(observation.connector.id, state, car, priority),
        ),
    )


def _enough(most: Bound, state: ConnectorState, entry: float) -> float:
    """Return what a car is seen to need of the most that it may have."""
    needs = state.appetite.needs
    if needs is None or most.code in _NOT_DRAWING.values():
        return most.current
    return min(most.current, max(entry, needs))


def _bounds(connector: Connector, most: Bound, enough: float, *, asleep: bool) -> Iterator[Reason]:
    """Yield why it is not more, the tightest first."""
    if asleep:
        yield _reason(connector.id, ReasonCode.ASLEEP, connector.entry)
    if enough < most.current:
        yield _reason(connector.id, ReasonCode.TAKES_LESS, enough)
    yield _reason(connector.id, most.code, most.current, most.until)


def _remarks(key: str, state: ConnectorState, car: Car, priority: Priority) -> Iterator[Reason]:
    """Yield what else people want to know."""
    switch = state.phase_switch
    changes_at = state.narrowing.changes_at or state.chase.more_phases_at
    if car.does_not_wake:
        yield _reason(key, ReasonCode.DOES_NOT_WAKE)
    if state.narrowing.narrow:
        yield _reason(key, ReasonCode.ONE_PHASE)
    if switch.waits or changes_at is not None:
        until = switch.waits_until if switch.waits else changes_at
        yield _reason(key, ReasonCode.PHASE_SWITCH_WAITS, until=until)
    if priority in _PRIVILEGED:
        yield _reason(key, _PRIVILEGED[priority])


def _cap(
    observation: Observation,
    state: ConnectorState,
    car: Car,
    snapshot: Snapshot,
    bound: Bound | None,
) -> Bound:
    connector, status = observation.connector, observation.reading.status
    if not observation.reading.online:
        return Bound(observation.worst, ReasonCode.OFFLINE)
    nothing = _why_nothing(observation, state, snapshot)
    if nothing is not None:
        return nothing
    most = _most(observation, snapshot, bound)
    if status is ConnectorStatus.UNKNOWN and state.commanded <= most.current:
        return Bound(state.commanded, ReasonCode.STATUS_UNKNOWN)
    if car.held_off and most.current >= connector.entry:
        return Bound(connector.entry, ReasonCode.WAKING)
    if most.current > connector.entry and status in _NOT_DRAWING:
        return Bound(connector.entry, _NOT_DRAWING[status])
    return most


def _why_nothing(
    observation: Observation, state: ConnectorState, snapshot: Snapshot
) -> Bound | None:
    status = observation.reading.status
    if observation.connector.id in snapshot.paused:
        return Bound(0.0, ReasonCode.PAUSED)
    if status in _OUT_OF_ORDER:
        return Bound(0.0, ReasonCode.UNAVAILABLE)
    if not status.has_car and status is not ConnectorStatus.UNKNOWN:
        return Bound(0.0, ReasonCode.NO_CAR)
    if (standstill := snapshot.inputs.standstill) is not None:
        return standstill
    return Bound(0.0, ReasonCode.SWITCHING_PHASES) if state.phase_switch.holds else None


def _most(observation: Observation, snapshot: Snapshot, bound: Bound | None) -> Bound:
    """Return the tightest of all bounds; one below the floor leaves nothing."""
    connector, shedding = observation.connector, snapshot.inputs.shedding
    most = Bound(connector.max_current, ReasonCode.CONNECTOR_MAX)
    wish = snapshot.connector_limits.get(connector.id)
    if wish is not None and wish < most.current:
        most = Bound(wish, ReasonCode.USER_LIMIT)
    if shedding is not None and shedding.most < most.current:
        most = shedding.bound(ReasonCode.LOAD_SHEDDING)
    if bound is not None and bound.current < most.current:
        most = bound
    return most if most.current >= connector.floor else replace(most, current=0.0)


@lru_cache(maxsize=REMEMBERED)
def _reason(
    connector: str,
    code: ReasonCode,
    current: float | None = None,
    until: datetime | None = None,
) -> Reason:
    return Reason(code=code, current=current, connector=connector, until=until)
