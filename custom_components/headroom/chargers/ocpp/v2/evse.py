"""The status of an EVSE: it is told by its sockets and by the transaction that runs there."""

from collections.abc import Iterable
from typing import Final

from ....engine.snapshot import ConnectorStatus

_SOCKETS: Final = {
    "Occupied": None,
    "Reserved": ConnectorStatus.RESERVED,
    "Available": ConnectorStatus.AVAILABLE,
    "Faulted": ConnectorStatus.FAULTED,
    "Unavailable": ConnectorStatus.UNAVAILABLE,
}
"""The first that any socket shows is that of the EVSE, which serves one car at a time."""
_CHARGING_STATES: Final = {
    "Charging": ConnectorStatus.CHARGING,
    "EVConnected": ConnectorStatus.PREPARING,
    "SuspendedEV": ConnectorStatus.SUSPENDED_EV,
    "SuspendedEVSE": ConnectorStatus.SUSPENDED_EVSE,
}
_AFTER_CHARGING: Final = frozenset(
    {
        ConnectorStatus.CHARGING,
        ConnectorStatus.SUSPENDED_EV,
        ConnectorStatus.SUSPENDED_EVSE,
        ConnectorStatus.FINISHING,
    }
)
_WITH_CAR: Final = _AFTER_CHARGING | {ConnectorStatus.PREPARING}


def by_sockets(words: Iterable[str], before: ConnectorStatus) -> ConnectorStatus:
    """Return the status that the sockets of an EVSE show; a car that is there is known better."""
    shown = set(words)
    for word, status in _SOCKETS.items():
        if word in shown:
            return status or _occupied(before)
    return ConnectorStatus.UNKNOWN


def by_charging_state(word: str | None, before: ConnectorStatus) -> ConnectorStatus:
    """Return the status that a transaction shows; many messages leave its state out."""
    if word == "Idle":
        return _idle(before)
    return _CHARGING_STATES.get(word or "", _occupied(before))


def after_start(before: ConnectorStatus) -> ConnectorStatus:
    """Return the status with a new transaction of which nothing else is known."""
    return ConnectorStatus.PREPARING if before is ConnectorStatus.FINISHING else _occupied(before)


def after_end(before: ConnectorStatus) -> ConnectorStatus:
    """Return the status after a transaction: the car is still there unless a socket is free."""
    return before if before is ConnectorStatus.AVAILABLE else ConnectorStatus.FINISHING


def _occupied(before: ConnectorStatus) -> ConnectorStatus:
    return before if before in _WITH_CAR else ConnectorStatus.PREPARING


def _idle(before: ConnectorStatus) -> ConnectorStatus:
    """Return the status without a cable between charger and car."""
    if before is ConnectorStatus.AVAILABLE:
        return before
    return ConnectorStatus.FINISHING if before in _AFTER_CHARGING else ConnectorStatus.PREPARING
