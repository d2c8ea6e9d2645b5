"""What meters that do not measure a supply themselves say of supplies and chargers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Self

from ..currents import PerPhase
from ..site.model import Connector, Meter, MeterRole, Site
from ..snapshot import ConnectorReading, MeterReading, Snapshot
from .limits import heard


@dataclass(frozen=True, slots=True)
class Roles:
    """Meters whose readings are worked into others before anything is decided."""

    producers: Mapping[str, tuple[Meter, ...]]
    """Solar meters by the id of the meter of the house beside them."""
    own: tuple[tuple[Meter, Connector], ...]
    """Meters of chargers, each with its connector."""

    @classmethod
    def of(cls, site: Site) -> Self:
        """Return the roles of a site's meters."""
        solar = [meter for meter in site.meters if meter.role is MeterRole.SOLAR]
        return cls(
            producers={
                house.id: tuple(meter for meter in solar if meter.zone == house.zone)
                for house in site.meters
                if house.role is MeterRole.HOUSE
            },
            own=tuple(_own(site)),
        )

    def worked_in(self, snapshot: Snapshot, stale_draw: timedelta) -> Snapshot:
        """Return a snapshot whose readings are those at the supplies and at the connectors.

        What a charger has measured longer ago than `stale_draw` is no measurement of its own.
        """
        supplies = dict(self._supplies(snapshot))
        measured = dict(self._measured(snapshot, stale_draw))
        if not supplies and not measured:
            return snapshot
        return replace(
            snapshot,
            meters={**snapshot.meters, **supplies},
            connectors={**snapshot.connectors, **measured},
        )

    def _supplies(self, snapshot: Snapshot) -> Iterator[tuple[str, MeterReading]]:
        """Yield what flows in where house and inverter are measured (A10.6).

        Production is what an inverter gives back, so it is below 0 and added. A phase of which the
        inverter's meter shows nothing counts as without production, the safe side.
        """
        for house, meters in self.producers.items():
            if (consumed := snapshot.meters.get(house)) is None:
                continue
            currents = consumed.currents
            for meter in meters:
                if (reading := heard(meter, snapshot)) is not None:
                    currents += reading.currents
            yield house, replace(consumed, currents=currents.without(consumed.lost), power=None)

    def _measured(
        self, snapshot: Snapshot, stale_draw: timedelta
    ) -> Iterator[tuple[str, ConnectorReading]]:
        """Yield the readings of chargers that measure nothing, with what their meters show."""
        for meter, connector in self.own:
            charger, shown = snapshot.connectors.get(connector.id), heard(meter, snapshot)
            if charger is None or shown is None:
                continue
            if charger.drawn_at and abs(snapshot.now - charger.drawn_at) <= stale_draw:
                continue
            if shown.lost.isdisjoint(connector.wiring.phases):
                drawn = connector.wiring.to_terminals(shown.currents.highest(PerPhase()))
                yield (
                    connector.id,
                    replace(charger, drawn=drawn, drawn_at=shown.at, per_phase=True),
                )


def _own(site: Site) -> Iterator[tuple[Meter, Connector]]:
    for meter in site.meters:
        connector = site.connector_by_id.get(meter.connector or "")
        if meter.role is MeterRole.CHARGER and connector is not None:
            yield meter, connector
