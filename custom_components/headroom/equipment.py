"""The links to a site's meters and chargers, kept in step with its subentries."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from homeassistant.config_entries import ConfigSubentry

from .chargers.base import ChargerInfo, ChargerLink, ConnectorProfile
from .const import (
    CONF_CONNECTORS,
    CONF_FAMILY,
    CONF_MODEL,
    CONF_WIRING,
    FAMILY_OCPP,
    SUBENTRY_CHARGER,
    SUBENTRY_METER,
)
from .engine.site.degraded import OfflinePolicy
from .engine.site.model import Site
from .engine.site.wiring import Wiring
from .engine.snapshot import ConnectorReading, MeterReading
from .families import ChargerFamily
from .meter_families import MeterFamily, family_of
from .meters.base import MeterLink
from .meters.models import MeterModel
from .parts import connector_id


@dataclass(frozen=True, slots=True)
class _Linked[LinkT]:
    """A link and the subentry data that it was made from."""

    link: LinkT
    data: Mapping[str, Any]
    unsubscribe: Callable[[], None]


class Equipment:
    """Meters and chargers by subentry id."""

    def __init__(
        self,
        *,
        families: Mapping[str, ChargerFamily],
        meter_families: Mapping[str, MeterFamily],
        models: Mapping[str, MeterModel],
        on_change: Callable[[], None],
    ) -> None:
        self._families = families
        self._meter_families = meter_families
        self.models = models
        self._on_change = on_change
        self._meters: dict[str, _Linked[MeterLink]] = {}
        self._former: dict[str, MeterReading] = {}
        """Last readings by another model, until there is one by the new model or they are old."""
        self._chargers: dict[str, _Linked[ChargerLink]] = {}
        self.chargers: Mapping[str, ChargerLink] = {}
        """By subentry id."""
        self._leaving: dict[str, ChargerLink] = {}
        self._partings: set[asyncio.Task[None]] = set()

    @property
    def meters(self) -> dict[str, MeterLink]:
        """Return the meters by subentry id."""
        return {key: linked.link for key, linked in self._meters.items()}

    def meter(self, key: str) -> MeterLink | None:
        """Return the meter of a subentry id."""
        linked = self._meters.get(key)
        return None if linked is None else linked.link

    def charger(self, key: str) -> ChargerLink | None:
        """Return the charger of a subentry id."""
        return self.chargers.get(key)

    def switching_phases(self) -> frozenset[str]:
        """Return the subentry ids of the chargers that say that they can switch phases."""
        return frozenset(
            key
            for key, linked in self._chargers.items()
            if linked.link.capabilities.switches_phases
        )

    def charger_infos(self) -> dict[str, ChargerInfo]:
        """Return what each charger says of itself, by subentry id."""
        return {key: linked.link.info for key, linked in self._chargers.items()}

    @property
    def former_readings(self) -> dict[str, MeterReading]:
        """Return the last readings of meters by a model that they do not have any more."""
        return {key: one for key, one in self._former.items() if key in self._meters}

    def connector_readings(self) -> dict[str, ConnectorReading]:
        """Return the reading of each connector by its id, also of chargers that are leaving."""
        return {
            connector_id(key, number): charger.reading(number)
            for key, charger in ({**self._leaving, **self.chargers}).items()
            for number in charger.connectors
        }

    def apply(self, items: Iterable[ConfigSubentry], site: Site) -> None:
        """Make, change and drop links so that they match the subentries."""
        items = tuple(items)
        self._apply_meters([i for i in items if _is(i, SUBENTRY_METER)])
        self._apply_chargers([i for i in items if _is(i, SUBENTRY_CHARGER)], site)

    async def parted(self) -> None:
        """Wait until contact with everything that was dropped has ended."""
        await asyncio.gather(*self._partings)

    async def close(self) -> None:
        """End all contact."""
        self._apply_meters(())
        for linked in self._chargers.values():
            linked.unsubscribe()
            self._part(linked.link.close())
        self._chargers.clear()
        self._note_chargers()
        await self.parted()

    def _part(self, ending: Coroutine[Any, Any, None]) -> None:
        """End contact: at once as far as that needs no waiting."""
        parting = asyncio.Task(ending, eager_start=True)
        self._partings.add(parting)
        parting.add_done_callback(self._partings.discard)

    def _apply_meters(self, items: Iterable[ConfigSubentry]) -> None:
        wanted = {item.subentry_id: item for item in items}
        for key, linked in tuple(self._meters.items()):
            item = wanted.get(key)
            if item is None or self._meter_source(item.data) != linked.data:
                del self._meters[key]
                former = self._former.pop(key, None)
                reading = linked.link.reading() or former
                if item is not None and reading is not None and _is_there(item.data, linked.data):
                    self._former[key] = reading
                linked.unsubscribe()
                self._part(linked.link.stop())
        for key, item in wanted.items():
            if key not in self._meters:
                meter = self._meter_families[family_of(item.data)].make(item.title, item.data)
                source = self._meter_source(item.data)
                self._meters[key] = _Linked(meter, source, meter.subscribe(self._on_change))
                meter.start()

    def _meter_source(self, data: Mapping[str, Any]) -> Mapping[str, Any]:
        return self._meter_families[family_of(data)].source(data)

    def _apply_chargers(self, items: Iterable[ConfigSubentry], site: Site) -> None:
        wanted = {item.subentry_id: item for item in items}
        for key, linked in tuple(self._chargers.items()):
            item = wanted.get(key)
            if item is None or self._source(item.data) != self._source(linked.data):
                del self._chargers[key]
                self._leaving[key] = linked.link
                self._part(self._dismiss(key, linked))
        for key, item in wanted.items():
            data, profiles = item.data, _profiles(key, item.data, site)
            if key in self._chargers:
                linked = replace(self._chargers[key], data=data)
                self._family(data).update(linked.link, data, profiles)
            else:
                charger = self._family(data).make(key, item.title, data, profiles)
                linked = _Linked(charger, data, charger.subscribe(self._on_change))
            self._chargers[key] = linked
        self._note_chargers()

    def _note_chargers(self) -> None:
        self.chargers = {key: linked.link for key, linked in self._chargers.items()}

    async def _dismiss(self, key: str, linked: _Linked[ChargerLink]) -> None:
        await self._family(linked.data).end(linked.link, linked.data)
        linked.unsubscribe()
        if self._leaving.get(key) is linked.link:
            del self._leaving[key]

    def _family(self, data: Mapping[str, Any]) -> ChargerFamily:
        return self._families[data.get(CONF_FAMILY, FAMILY_OCPP)]

    def _source(self, data: Mapping[str, Any]) -> tuple[ChargerFamily, object]:
        family = self._family(data)
        return family, family.source(data)


def _is_there(data: Mapping[str, Any], before: Mapping[str, Any]) -> bool:
    """Return whether a meter is the same device as before, read by whatever model."""
    return {**data, CONF_MODEL: None} == {**before, CONF_MODEL: None}


def _is(item: ConfigSubentry, subentry_type: str) -> bool:
    return item.subentry_type == subentry_type


def _profiles(key: str, data: Mapping[str, Any], site: Site) -> dict[int, ConnectorProfile]:
    """Return the limits of a charger's connectors; one that has no place in the site gets 0 A."""
    profiles = {}
    for number, connector in enumerate(data[CONF_CONNECTORS], start=1):
        installed = site.connector_by_id.get(connector_id(key, number))
        profiles[number] = ConnectorProfile(
            fallback=0.0 if installed is None else site.fallback_of[installed.id],
            max_current=0.0 if installed is None else installed.max_current,
            phases=len(Wiring(connector[CONF_WIRING]).phases),
            keep=installed is not None and installed.offline is OfflinePolicy.KEEP,
        )
    return profiles
