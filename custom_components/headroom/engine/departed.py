"""Connectors that were taken out of a site and may go on charging for a while."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from .model import Connector, Site
from .snapshot import ConnectorReading, Snapshot
from .state import ConnectorState


@dataclass(slots=True)
class _Departure:
    connector: Connector
    zones: tuple[str, ...]
    worst: float
    until: datetime | None = None


class Departures:
    """Counts connectors that are gone with their last limit until it has surely ended."""

    def __init__(self) -> None:
        self._gone: dict[str, _Departure] = {}

    def note(self, before: Site, after: Site, states: dict[str, ConnectorState]) -> None:
        """Remember what a changed site does not have any more, and forget what is back."""
        for key, connector in before.connector_by_id.items():
            if key not in after.connector_by_id and states[key].worst > 0:
                zones = before.path(before.zone_of[key])
                self._gone[key] = _Departure(connector, zones, states[key].worst)
        for key in after.connector_by_id:
            self._gone.pop(key, None)

    def expire(self, snapshot: Snapshot, hold: timedelta, settle: timedelta) -> None:
        """Forget those whose limit has ended: by time, or soon after they have accepted 0 A."""
        for key, gone in tuple(self._gone.items()):
            if gone.until is None or gone.until - snapshot.now > hold:
                gone.until = snapshot.now + hold
            reading = snapshot.connectors.get(key, ConnectorReading())
            if reading.online and reading.confirmed == 0:
                gone.until = min(gone.until, snapshot.now + settle)
            if snapshot.now >= gone.until:
                del self._gone[key]

    def on(self, zone: str, phase: int) -> float:
        """Return what they may draw on one phase of a zone, in A."""
        return sum(
            gone.worst
            for gone in self._gone.values()
            if zone in gone.zones and phase in gone.connector.wiring.phases
        )
