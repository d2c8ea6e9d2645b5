"""What each connector may be given at most, and why."""

from dataclasses import dataclass

from .decision import Reason, ReasonCode
from .observation import Observation
from .snapshot import ConnectorStatus, Snapshot
from .state import ConnectorState

_WITH_CAR = frozenset(
    {
        ConnectorStatus.PREPARING,
        ConnectorStatus.CHARGING,
        ConnectorStatus.SUSPENDED_EV,
        ConnectorStatus.SUSPENDED_EVSE,
    }
)
_OUT_OF_ORDER = frozenset({ConnectorStatus.UNAVAILABLE, ConnectorStatus.FAULTED})
_NOT_DRAWING = {
    ConnectorStatus.PREPARING: ReasonCode.CAR_NOT_READY,
    ConnectorStatus.SUSPENDED_EV: ReasonCode.CAR_SUSPENDED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """Highest useful setpoint of a connector in A, and the reason for it."""

    cap: float
    reason: Reason


def demand_of(observation: Observation, state: ConnectorState, snapshot: Snapshot) -> Demand:
    """Return what a connector may be given at most.

    A car that is plugged in but does not draw keeps its place with the floor only, so that it
    can start without waiting and yet holds no more than that.
    """
    connector, status = observation.connector, observation.reading.status
    if not observation.reading.online:
        return _demand(observation, observation.worst, ReasonCode.OFFLINE)
    nothing = _why_nothing(observation, snapshot)
    if nothing is not None:
        return _demand(observation, 0.0, nothing)
    if status is ConnectorStatus.UNKNOWN:
        return _demand(observation, state.commanded, ReasonCode.STATUS_UNKNOWN)
    most = _most(observation, snapshot)
    if most.cap > connector.entry and status in _NOT_DRAWING:
        return _demand(observation, connector.entry, _NOT_DRAWING[status])
    return most


def note_arrival(observation: Observation, state: ConnectorState, snapshot: Snapshot) -> None:
    """Remember since when a car is plugged in; a lost charger keeps its car's place."""
    if not observation.reading.online or observation.reading.status is ConnectorStatus.UNKNOWN:
        return
    if observation.reading.status not in _WITH_CAR:
        state.arrived_at = None
    elif state.arrived_at is None:
        state.arrived_at = snapshot.now


def _why_nothing(observation: Observation, snapshot: Snapshot) -> ReasonCode | None:
    status = observation.reading.status
    if observation.connector.id in snapshot.paused:
        return ReasonCode.PAUSED
    if status in _OUT_OF_ORDER:
        return ReasonCode.UNAVAILABLE
    if status not in _WITH_CAR and status is not ConnectorStatus.UNKNOWN:
        return ReasonCode.NO_CAR
    return None


def _most(observation: Observation, snapshot: Snapshot) -> Demand:
    connector = observation.connector
    wish = snapshot.connector_limits.get(connector.id)
    if wish is None or wish >= connector.max_current:
        return _demand(observation, connector.max_current, ReasonCode.CONNECTOR_MAX)
    usable = wish if wish >= connector.floor else 0.0
    return _demand(observation, usable, ReasonCode.USER_LIMIT)


def _demand(observation: Observation, cap: float, code: ReasonCode) -> Demand:
    reason = Reason(code=code, current=cap, connector=observation.connector.id)
    return Demand(cap=cap, reason=reason)
