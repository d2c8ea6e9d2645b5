"""What the compliance watch finds, for people: in the log and among the repairs."""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from homeassistant.core import HomeAssistant

from .chargers.base import ChargerLink
from .compliance.hints import likely_setting
from .compliance.incident import Cause, Incident
from .compliance.watch import ComplianceWatch, Order
from .engine.decision import Decision
from .engine.site.model import Site
from .parts import connector_id
from .repairs import report_incidents, report_unlimited_chargers

if TYPE_CHECKING:
    from .coordinator import HeadroomConfigEntry

_LOGGER = logging.getLogger(__name__)


class ComplianceReport:
    """Watches the chargers of a site and keeps people informed."""

    def __init__(self, hass: HomeAssistant, entry: HeadroomConfigEntry) -> None:
        self._hass = hass
        self._entry = entry
        self._watch = ComplianceWatch()
        self._unlimited: Mapping[str, str | None] | None = None
        self._told: Mapping[str, tuple[Incident, str | None]] | None = None
        self._lasting: Mapping[str, tuple[Incident, ...]] = {}

    def look(
        self,
        chargers: Mapping[str, ChargerLink],
        orders: Mapping[str, Mapping[int, Order]],
        now: datetime,
    ) -> bool:
        """Judge the chargers of subentries and tell what is new; return whether anything is."""
        known = {key: link for key, link in chargers.items() if key in self._entry.subentries}
        self._watch.look(known, orders, now)
        lasting = {key: self._watch.incidents(key) for key in known}
        is_new = lasting != self._lasting
        self._log(lasting)
        self._lasting = lasting
        self._report_unlimited(known)
        self._report_incidents(known)
        return is_new

    def incidents(self, charger: str) -> tuple[Incident, ...]:
        """Return what is wrong with a charger, the worst first."""
        return self._watch.incidents(charger)

    def of_connector(self, charger: str, connector: int) -> tuple[Incident, ...]:
        """Return what is wrong with a connector or its whole charger, the worst first."""
        return self._watch.of_connector(charger, connector)

    def _log(self, lasting: Mapping[str, tuple[Incident, ...]]) -> None:
        for key, incidents in lasting.items():
            before = self._lasting.get(key, ())
            for incident in incidents:
                if incident not in before:
                    _LOGGER.warning("%s: %s", self._subject(key, incident), _describe(incident))
            for incident in before:
                if incident not in incidents:
                    _LOGGER.info(
                        "%s: no longer so: %s", self._subject(key, incident), incident.cause
                    )

    def _subject(self, key: str, incident: Incident) -> str:
        name = self._entry.subentries[key].title
        if incident.connector is None:
            return f"Charger {name}"
        return f"Connector {incident.connector} of charger {name}"

    def _report_unlimited(self, chargers: Mapping[str, ChargerLink]) -> None:
        unlimited = {
            key: likely_setting(charger.info.vendor, Cause.REFUSES)
            for key, charger in chargers.items()
            if not charger.limitable
        }
        if unlimited != self._unlimited:
            self._unlimited = unlimited
            report_unlimited_chargers(self._hass, self._entry, unlimited)

    def _report_incidents(self, chargers: Mapping[str, ChargerLink]) -> None:
        """Tell the worst of each charger, but not twice that it cannot be limited."""
        told = {}
        for key, charger in chargers.items():
            for incident in self._lasting[key]:
                if charger.limitable or not incident.cause.concerns_limits:
                    told[key] = (incident, likely_setting(charger.info.vendor, incident.cause))
                    break
        if told != self._told:
            self._told = told
            report_incidents(self._hass, self._entry, told)


def orders_of(
    chargers: Mapping[str, ChargerLink], site: Site, decision: Decision
) -> dict[str, dict[int, Order]]:
    """Return what each charger was told last; connectors without a place in the site miss."""
    return {
        key: {
            number: Order(
                setpoint=decision.setpoints[place.id].current, phases=len(place.wiring.phases)
            )
            for number in charger.connectors
            if (place := site.connector_by_id.get(connector_id(key, number))) is not None
        }
        for key, charger in chargers.items()
    }


def _describe(incident: Incident) -> str:
    figures = ((incident.drawn, "drawn"), (incident.allowed, "allowed"))
    known = (f"{current:.1f} A {what}" for current, what in figures if current is not None)
    return ", ".join((incident.cause, *known))
