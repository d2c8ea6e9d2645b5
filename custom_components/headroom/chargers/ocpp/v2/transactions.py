"""What a station tells of its transactions (OCPP 2.0.1, E)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

from ....engine.snapshot import ConnectorStatus
from ...base import NOBODY
from ..connection import StationEvents
from ..fields import as_int, as_mapping, as_text, as_time
from ..meter_values import Sample, highest_energy
from .evse import after_end, after_start, by_charging_state
from .samples import read_samples

_LONGEST_ID: Final = 255
"""Characters; the standard has 36."""
_SOME_CURRENT: Final = 1.0
"""A; less may be the charger's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionEvent:
    """A TransactionEvent, as far as it is used; `seqNo` is not: some chargers never count."""

    kind: str | None
    id: str | None
    evse: int
    """0 if it was not told, as in all messages but the first of some chargers."""
    charging_state: str | None
    badge: str | None
    timestamp: str | None
    offline: bool
    """It happened while there was no contact."""
    samples: list[Sample]

    @classmethod
    def read(cls, payload: Mapping[str, object]) -> Self:
        """Understand a message, whatever it lacks."""
        info, evse = as_mapping(payload.get("transaction_info")), as_mapping(payload.get("evse"))
        token = as_mapping(payload.get("id_token"))
        name = as_text(info.get("transaction_id"))
        return cls(
            kind=as_text(payload.get("event_type")),
            id=name if name is not None and len(name) <= _LONGEST_ID else None,
            evse=as_int(evse.get("id")) or 0,
            charging_state=as_text(info.get("charging_state")),
            badge=NOBODY if token.get("type") == NOBODY else as_text(token.get("id_token")),
            timestamp=as_text(payload.get("timestamp")),
            offline=payload.get("offline") is True,
            samples=read_samples(payload.get("meter_value")),
        )

    @property
    def meter(self) -> float | None:
        """Return the energy register in Wh."""
        return next((s.energy for s in self.samples if s.energy is not None), None)


def connector_of(events: StationEvents, evse: int, transaction: str | None = None) -> int:
    """Return the connector that a message is about; 0 if that cannot be told."""
    if evse != 0:
        return evse
    known = events.connectors
    for number, data in known.items():
        if transaction is not None and data.session is not None and data.session.id == transaction:
            return number
    return next(iter(known)) if len(known) == 1 else 0


class Transactions:
    """Hands on what a station tells of its transactions."""

    def __init__(self, events: StationEvents) -> None:
        self._events = events

    async def take(self, event: TransactionEvent) -> None:
        """Hand on an event."""
        connector = connector_of(self._events, event.evse, event.id)
        if event.id is None:
            await self._events.metered(connector, None, event.samples)
        elif event.kind == "Started":
            await self._start(connector, event.id, event)
        elif event.kind == "Ended":
            await self._end(connector, event.id, event)
        else:
            await self._update(connector, event.id, event)

    async def close(self, name: str) -> None:
        """End a transaction of which no message will come any more."""
        connector = connector_of(self._events, 0, name)
        await self._events.stopped(name)
        status = after_end(self._status(connector))
        self._events.status_changed(connector, status, None, None)

    async def _start(self, connector: int, name: str, event: TransactionEvent) -> None:
        await self._events.started(connector, event.badge, event.meter, event.timestamp, name)
        await self._meter(connector, name, event)
        if not event.offline and self._is_running(connector, name):
            self._show_state(connector, after_start(self._status(connector)), event)

    async def _update(self, connector: int, name: str, event: TransactionEvent) -> None:
        if event.offline:
            await self._meter(connector, name, event)
            return
        # A transaction whose start nobody heard goes on from here
        told_at = as_time(event.timestamp)
        await self._events.metered(connector, name, event.samples, event.badge, told_at)
        if self._is_running(connector, name):
            self._show_state(connector, self._status(connector), event)

    async def _end(self, connector: int, name: str, event: TransactionEvent) -> None:
        was_running = self._is_running(connector, name)
        await self._meter(connector, name, event)
        await self._events.stopped(name, highest_energy(event.samples))
        if was_running:
            self._show(connector, after_end(self._status(connector)), event)

    async def _meter(self, connector: int, name: str, event: TransactionEvent) -> None:
        """Hand on samples without opening a transaction."""
        if event.samples:
            running = name if self._is_running(connector, name) else None
            await self._events.metered(connector, running, event.samples, event.badge)

    def _is_running(self, connector: int, name: str) -> bool:
        data = self._events.connectors.get(connector)
        return data is not None and data.session is not None and data.session.id == name

    def _status(self, connector: int) -> ConnectorStatus:
        data = self._events.connectors.get(connector)
        return ConnectorStatus.UNKNOWN if data is None else data.status

    def _show_state(self, connector: int, before: ConnectorStatus, event: TransactionEvent) -> None:
        status = by_charging_state(event.charging_state, before)
        told = event.charging_state is not None or not event.samples
        if not told and status is ConnectorStatus.PREPARING and self._draws(connector):
            status = ConnectorStatus.CHARGING  # some chargers never tell the state
        self._show(connector, status, event)

    def _draws(self, connector: int) -> bool:
        drawn = self._events.connectors[connector].drawn
        return drawn is not None and drawn.largest() >= _SOME_CURRENT

    def _show(self, connector: int, status: ConnectorStatus, event: TransactionEvent) -> None:
        self._events.status_changed(connector, status, None, as_time(event.timestamp))
