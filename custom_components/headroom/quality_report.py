"""What the data-quality gate finds, for people: in the log and among the repairs."""

import logging
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from homeassistant.core import HomeAssistant

from .engine.site.model import Site
from .engine.snapshot import ConnectorReading, MeterReading
from .meters.base import MeterLink
from .meters.quality.gate import QualityGate
from .meters.quality.incident import Incident
from .repairs import report_meter_incidents

if TYPE_CHECKING:
    from .coordinator import HeadroomConfigEntry

_LOGGER = logging.getLogger(__name__)


class QualityReport:
    """Passes on what can be believed of a site's meters and keeps people informed."""

    def __init__(self, hass: HomeAssistant, entry: HeadroomConfigEntry) -> None:
        self._hass = hass
        self._entry = entry
        self._gate = QualityGate()
        self._lasting: Mapping[str, tuple[Incident, ...]] = {}
        self._told: Mapping[str, Incident] | None = None

    def readings(
        self,
        meters: Mapping[str, MeterLink],
        connectors: Mapping[str, ConnectorReading],
        site: Site,
        now: datetime,
    ) -> dict[str, MeterReading]:
        """Return what the engine may believe of each meter that has been read."""
        return self._gate.look(meters, connectors, site, now)

    def look(self, meters: Collection[str]) -> bool:
        """Tell what is new of the meters of subentries; return whether anything is."""
        known = [key for key in meters if key in self._entry.subentries]
        lasting = {key: self._gate.incidents(key) for key in known}
        is_new = lasting != self._lasting
        self._log(lasting)
        self._lasting = lasting
        told = {key: incidents[0] for key, incidents in lasting.items() if incidents}
        if told != self._told:
            self._told = told
            report_meter_incidents(self._hass, self._entry, told)
        return is_new

    def incidents(self, meter: str) -> tuple[Incident, ...]:
        """Return what is wrong with a meter, the worst first."""
        return self._gate.incidents(meter)

    def _log(self, lasting: Mapping[str, tuple[Incident, ...]]) -> None:
        for key, incidents in lasting.items():
            name = self._entry.subentries[key].title
            before = {incident.cause for incident in self._lasting.get(key, ())}
            for incident in incidents:
                if incident.cause not in before:
                    _LOGGER.warning("Meter %s: %s", name, incident)
            for cause in before - {incident.cause for incident in incidents}:
                _LOGGER.info("Meter %s: no longer so: %s", name, cause)
