"""Connectors that were taken out of a site and may go on charging for a while."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self

from ..currents import PHASES, PerPhase
from ..memory.stored import read_current, read_object, read_time, write_time
from ..site.model import Site
from ..snapshot import ConnectorReading, Snapshot

if TYPE_CHECKING:
    from ..memory.state import ConnectorState


@dataclass(slots=True)
class Departure:
    """A connector that is gone."""

    worst: float
    """A per phase."""
    phases: tuple[int, ...] = PHASES
    zones: frozenset[str] | None = None
    """The zones that it was in; None if nobody knows any more, then it counts in all."""
    until: datetime | None = None

    def loads(self, zone: str, phase: int) -> bool:
        """Return whether it may draw on one phase of a zone."""
        return phase in self.phases and (self.zones is None or zone in self.zones)

    def to_json(self) -> dict[str, object]:
        """Return a JSON object that `from_json` reads."""
        return {
            "worst": self.worst,
            "phases": list(self.phases),
            "zones": None if self.zones is None else sorted(self.zones),
            "until": write_time(self.until),
        }

    @classmethod
    def from_json(cls, data: object) -> Self:
        """Return the departure that `to_json` wrote. Raises ValueError if it is not one."""
        stored = read_object(data)
        phases, zones = stored.get("phases"), stored.get("zones")
        if not isinstance(phases, list) or not set(phases) <= set(PHASES):
            raise ValueError(f"not phases: {phases!r}")
        if zones is not None and not isinstance(zones, list):
            raise ValueError(f"not zones: {zones!r}")
        return cls(
            worst=read_current(stored.get("worst")),
            phases=tuple(phases),
            zones=None if zones is None else frozenset(map(str, zones)),
            until=read_time(stored.get("until")),
        )


@dataclass(slots=True)
class Departures:
    """Counts connectors that are gone with their last limit until it has surely ended."""

    gone: dict[str, Departure] = field(default_factory=dict)

    def note(self, before: Site, after: Site, states: Mapping[str, ConnectorState]) -> None:
        """Remember what a changed site does not have any more."""
        for key, state in states.items():
            if key not in after.connector_by_id and state.worst > 0:
                self.gone[key] = _departure(before, key, state)

    def hand_over(self, key: str, state: ConnectorState, latest: datetime | None) -> ConnectorState:
        """Let a connector that is back go on with what it may still hold, until `latest`."""
        departure = self.gone.pop(key, None)
        if departure is not None:
            state.worst = max(state.worst, departure.worst)
            state.held_until = departure.until or latest
        return state

    def expire(self, snapshot: Snapshot, hold: timedelta, settle: timedelta) -> None:
        """Forget those whose limit has ended: by time, or soon after they have accepted 0 A."""
        for key, gone in tuple(self.gone.items()):
            if gone.until is None or gone.until - snapshot.now > hold:
                gone.until = snapshot.now + hold
            reading = snapshot.connectors.get(key, ConnectorReading())
            if reading.online and reading.confirmed == 0:
                gone.until = min(gone.until, snapshot.now + settle)
            if snapshot.now >= gone.until:
                del self.gone[key]

    def on(self, zone: str, phase: int) -> float:
        """Return what they may draw on one phase of a zone, in A."""
        return sum(gone.worst for gone in self.gone.values() if gone.loads(zone, phase))

    def in_zone(self, zone: str) -> PerPhase:
        """Return what they may draw in a zone, in A."""
        return PerPhase(*(self.on(zone, phase) for phase in PHASES)) if self.gone else PerPhase()

    def to_json(self) -> dict[str, object]:
        """Return a JSON object that `from_json` reads."""
        return {key: gone.to_json() for key, gone in self.gone.items()}

    @classmethod
    def from_json(cls, data: object) -> Self:
        """Return what `to_json` wrote. Raises ValueError."""
        stored = read_object(data)
        return cls({str(key): Departure.from_json(value) for key, value in stored.items()})


def _departure(site: Site, key: str, state: ConnectorState) -> Departure:
    connector = site.connector_by_id.get(key)
    if connector is None:
        return Departure(worst=state.worst)
    return Departure(
        worst=state.worst,
        phases=connector.wiring.phases,
        zones=frozenset(site.path(site.zone_of[key])),
    )
