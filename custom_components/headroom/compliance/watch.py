"""Watches all chargers of a site."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ..chargers.base import ChargerLink
from .incident import DEFAULT, Cause, Incident, Tolerance
from .judge import ConnectorJudge, Look
from .spell import Burst, Spell


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a connector is told and what it has: setpoint in A per phase, wired terminals."""

    setpoint: float
    phases: int


class ComplianceWatch:
    """Judges chargers by what their links say, about once a second."""

    def __init__(self, tolerance: Tolerance = DEFAULT) -> None:
        self._tolerance = tolerance
        self._chargers: dict[str, _ChargerWatch] = {}

    def look(
        self,
        chargers: Mapping[str, ChargerLink],
        orders: Mapping[str, Mapping[int, Order]],
        now: datetime,
    ) -> None:
        """Judge chargers by their keys; those that are gone are forgotten."""
        for gone in self._chargers.keys() - chargers.keys():
            del self._chargers[gone]
        for key, charger in chargers.items():
            watch = self._chargers.setdefault(key, _ChargerWatch(self._tolerance))
            watch.look(charger, orders[key], now)

    def incidents(self, charger: str) -> tuple[Incident, ...]:
        """Return what is wrong with a charger, the worst first."""
        watch = self._chargers.get(charger)
        return () if watch is None else watch.incidents

    def of_connector(self, charger: str, connector: int) -> tuple[Incident, ...]:
        """Return what is wrong with a connector or its whole charger, the worst first."""
        concerned = {None, connector}
        return tuple(i for i in self.incidents(charger) if i.connector in concerned)


class _ChargerWatch:
    """Watches one charger and its connectors."""

    def __init__(self, tolerance: Tolerance) -> None:
        self._tolerance = tolerance
        self._contacts = Burst(many=tolerance.contacts, few=1, within=tolerance.contacts_within)
        self._restarting = Spell()
        self._connectors: dict[int, ConnectorJudge] = {}

    @property
    def incidents(self) -> tuple[Incident, ...]:
        """Return what is wrong, the worst first."""
        found = [i for judge in self._connectors.values() for i in judge.incidents]
        if self._restarting.lasts and self._restarting.since is not None:
            since = self._restarting.since
            found.append(Incident(cause=Cause.RESTARTS, connector=None, since=since))
        return tuple(sorted(found, key=lambda incident: incident.rank))

    def look(self, charger: ChargerLink, orders: Mapping[int, Order], now: datetime) -> None:
        """Judge the charger and each connector that has an order."""
        self._restarting.look(self._contacts.look(charger.contacts, now), now)
        for gone in self._connectors.keys() - orders.keys():
            del self._connectors[gone]
        for number, data in charger.connectors.items():
            if (order := orders.get(number)) is None:
                continue
            judge = self._connectors.setdefault(number, ConnectorJudge(number, self._tolerance))
            judge.look(
                Look(
                    now=now,
                    online=charger.reading(number).online,
                    setpoint=order.setpoint,
                    phases=order.phases,
                    data=data,
                )
            )
