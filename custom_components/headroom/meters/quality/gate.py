"""All meters of a site, before their readings reach the engine."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ...engine.site.model import Connector, Meter, Site, Zone
from ...engine.snapshot import ConnectorReading, MeterReading
from ..base import MeterLink
from .draws import Sample, sample_of
from .incident import Incident
from .judge import Look, MeterJudge
from .thresholds import DEFAULT, Thresholds


@dataclass(frozen=True, slots=True)
class _Supply:
    """A meter that supplies a zone, and the connectors below it."""

    meter: Meter
    zone: Zone
    connectors: tuple[Connector, ...]


@dataclass(frozen=True, slots=True)
class _Watched:
    link: MeterLink
    judge: MeterJudge


class QualityGate:
    """Passes on what can be believed of meters that supply a zone; others decide nothing."""

    def __init__(self, thresholds: Thresholds = DEFAULT) -> None:
        self._thresholds = thresholds
        self._site: Site | None = None
        self._supplies: dict[str, _Supply] = {}
        self._watched: dict[str, _Watched] = {}

    def look(
        self,
        meters: Mapping[str, MeterLink],
        connectors: Mapping[str, ConnectorReading],
        site: Site,
        now: datetime,
    ) -> dict[str, MeterReading]:
        """Return what the engine may believe of each meter that has been read."""
        self._follow(site)
        for gone in self._watched.keys() - meters.keys():
            del self._watched[gone]
        readings = {}
        for key, link in meters.items():
            reading = self._reading(key, link, connectors, now)
            if reading is not None:
                readings[key] = reading
        return readings

    def incidents(self, meter: str) -> tuple[Incident, ...]:
        """Return what is wrong with a meter, the worst first."""
        watched = self._watched.get(meter)
        return () if watched is None else watched.judge.incidents

    def _follow(self, site: Site) -> None:
        if site is self._site:
            return
        self._site = site
        self._supplies = {
            meter.id: _supply(site, meter) for meter in site.meters if meter.is_supply
        }

    def _reading(
        self,
        key: str,
        link: MeterLink,
        connectors: Mapping[str, ConnectorReading],
        now: datetime,
    ) -> MeterReading | None:
        reading, data = link.reading(), link.data
        supply = self._supplies.get(key)
        if reading is None or data is None or supply is None:
            return reading
        return self._judge(key, link).look(
            Look(
                now=now,
                meter=supply.meter,
                zone=supply.zone,
                data=data,
                missed=reading.missed,
                patient=link.patient,
                samples=self._samples(supply, connectors, now),
            )
        )

    def _judge(self, key: str, link: MeterLink) -> MeterJudge:
        """Return the judge of a link; one that was made anew is another meter."""
        watched = self._watched.get(key)
        if watched is None or watched.link is not link:
            watched = self._watched[key] = _Watched(link, MeterJudge(self._thresholds))
        return watched.judge

    def _samples(
        self, supply: _Supply, connectors: Mapping[str, ConnectorReading], now: datetime
    ) -> dict[str, Sample | None]:
        stale = self._thresholds.stale
        return {
            connector.id: sample_of(connector, connectors.get(connector.id), now, stale)
            for connector in supply.connectors
        }


def _supply(site: Site, meter: Meter) -> _Supply:
    below = tuple(
        connector
        for connector in site.connectors
        if meter.zone in site.path(site.zone_of[connector.id])
    )
    return _Supply(meter, site.zone_by_id[meter.zone], below)
