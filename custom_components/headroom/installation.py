"""The engine's site as the subentries describe it."""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from homeassistant.config_entries import ConfigSubentry

from .chargers.modbus.dialect import Dialect
from .const import (
    CONF_CONNECTORS,
    CONF_DIALECT,
    CONF_FAMILY,
    CONF_LIMIT_ENTITY,
    CONF_MODEL,
    CONF_STATION_ID,
    FAMILY_ENTITIES,
    FAMILY_MODBUS,
    SUBENTRY_CHARGER,
    SUBENTRY_METER,
    SUBENTRY_TARIFF,
    SUBENTRY_ZONE,
)
from .engine.site.errors import SiteError
from .engine.site.model import Rules, Site, Supply, Zone
from .parts import (
    DEFAULT_RULES,
    charger_of,
    connector_id,
    meter_of,
    modbus_address,
    zone_of,
)
from .tariffs.settings import tariff_of

DUPLICATE_ID: Final = "duplicate_id"
"""Key of the SiteError of a second charger with the same station id."""

NO_METER: Final = "no_meter"
"""Fault of a dynamic zone that has no meter; the engine takes it as degraded."""

UNKNOWN_MODEL: Final = "unknown_model"
"""Fault of a meter whose model this release does not know; it is not read."""

UNKNOWN_DIALECT: Final = "unknown_dialect"
"""Fault of a Modbus charger that this release does not know; it is neither read nor written."""

MUTE: Final = frozenset({DUPLICATE_ID, UNKNOWN_MODEL, UNKNOWN_DIALECT})
"""Faults of subentries with which there is no contact."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallationFault:
    """What is wrong with one subentry, in the names that people gave."""

    key: str
    """The key of a SiteError, or NO_METER."""
    subentry_id: str
    placeholders: Mapping[str, str]
    left_out: bool
    """Whether the subentry is missing from the running site."""


def build_site(items: Iterable[ConfigSubentry], rules: Rules = DEFAULT_RULES) -> Site:
    """Build the site of all subentries. Raises SiteError if they do not fit together."""
    items = tuple(items)
    return Site(
        zones=tuple(zone_of(item) for item in _of_type(items, SUBENTRY_ZONE)),
        meters=tuple(meter_of(item) for item in _of_type(items, SUBENTRY_METER)),
        chargers=tuple(charger_of(item) for item in _of_type(items, SUBENTRY_CHARGER)),
        tariffs=tuple(tariff_of(item) for item in _of_type(items, SUBENTRY_TARIFF)),
        rules=rules,
    )


def build_running_site(
    items: Iterable[ConfigSubentry], rules: Rules = DEFAULT_RULES
) -> tuple[Site, tuple[InstallationFault, ...]]:
    """Build a site of the subentries that fit together and name what is wrong with the others."""
    items = tuple(items)
    names = names_of(items)
    twins = _twins(items)
    items = tuple(item for item in items if item.subentry_id not in twins)
    errors: dict[str, SiteError] = {}
    try:
        site = build_site(items, rules)
    except SiteError:
        site, errors = _build_what_fits(items, rules)
    left_out = (
        InstallationFault(
            key=error.key,
            subentry_id=subentry_id,
            placeholders={
                name: names.get(value, value) for name, value in error.placeholders.items()
            },
            left_out=True,
        )
        for subentry_id, error in (twins | errors).items()
    )
    return site, (*left_out, *_unmetered(site, names))


def faults_of_models(
    items: Iterable[ConfigSubentry], models: Container[str]
) -> tuple[InstallationFault, ...]:
    """Name the meters whose model is not among those that can be read."""
    return tuple(
        InstallationFault(
            key=UNKNOWN_MODEL,
            subentry_id=item.subentry_id,
            placeholders={"meter": item.title},
            left_out=True,
        )
        for item in _of_type(items, SUBENTRY_METER)
        if item.data.get(CONF_FAMILY) != FAMILY_ENTITIES and item.data[CONF_MODEL] not in models
    )


def faults_of_dialects(
    items: Iterable[ConfigSubentry], dialects: Mapping[str, Dialect]
) -> tuple[InstallationFault, ...]:
    """Name the Modbus chargers that nobody can speak with, or not with all of their connectors."""
    return tuple(
        InstallationFault(
            key=UNKNOWN_DIALECT,
            subentry_id=item.subentry_id,
            placeholders={"charger": item.title},
            left_out=True,
        )
        for item in _of_type(items, SUBENTRY_CHARGER)
        if item.data.get(CONF_FAMILY) == FAMILY_MODBUS and not _is_spoken(item.data, dialects)
    )


def _is_spoken(data: Mapping[str, Any], dialects: Mapping[str, Dialect]) -> bool:
    dialect = dialects.get(data[CONF_DIALECT])
    return dialect is not None and len(data[CONF_CONNECTORS]) <= len(dialect.connectors)


def fault_of_change(
    items: Iterable[ConfigSubentry], changed: ConfigSubentry
) -> InstallationFault | None:
    """Return what would go wrong if a subentry were added, or replaced the one with its id.

    Faults that other subentries have anyway do not stand in the way.
    """
    before = {item.subentry_id: item for item in items}
    after = before | {changed.subentry_id: changed}
    known = {
        (fault.subentry_id, fault.key)
        for fault in build_running_site(before.values())[1]
        if fault.subentry_id != changed.subentry_id
    }
    return next(
        (
            fault
            for fault in build_running_site(after.values())[1]
            if fault.left_out and (fault.subentry_id, fault.key) not in known
        ),
        None,
    )


def _twins(items: Iterable[ConfigSubentry]) -> dict[str, SiteError]:
    """Return the fault of each charger whose station or limit belongs to another one before it."""
    first: dict[str, str] = {}
    twins = {}
    for item in _of_type(items, SUBENTRY_CHARGER):
        identity = _identity(item.data)
        if first.setdefault(identity, item.subentry_id) != item.subentry_id:
            twins[item.subentry_id] = SiteError(DUPLICATE_ID, kind="station", id=identity)
    return twins


def _identity(data: Mapping[str, Any]) -> str:
    """Return what no two chargers can have in common."""
    if data.get(CONF_FAMILY) == FAMILY_MODBUS:
        return modbus_address(data).identity
    identity: str = data.get(CONF_STATION_ID) or data[CONF_LIMIT_ENTITY]
    return identity


def _build_what_fits(
    items: Iterable[ConfigSubentry], rules: Rules
) -> tuple[Site, dict[str, SiteError]]:
    """Leave out the subentries that do not fit; return why for each of their ids."""
    errors: dict[str, SiteError] = {}
    by_id = {item.subentry_id: zone_of(item) for item in _of_type(items, SUBENTRY_ZONE)}
    for zone in by_id.values():
        try:
            Site(zones=tuple(_path(zone, by_id)))
        except SiteError as error:
            errors[zone.id] = error
    fitting = tuple(zone for zone in by_id.values() if zone.id not in errors)
    site = Site(zones=fitting, rules=rules)
    for subentry_type in (SUBENTRY_METER, SUBENTRY_CHARGER, SUBENTRY_TARIFF):
        for item in _of_type(items, subentry_type):
            try:
                site = _extended(site, item)
            except SiteError as error:
                errors[item.subentry_id] = error
    return site, errors


def _extended(site: Site, item: ConfigSubentry) -> Site:
    if item.subentry_type == SUBENTRY_METER:
        return replace(site, meters=(*site.meters, meter_of(item)))
    if item.subentry_type == SUBENTRY_CHARGER:
        return replace(site, chargers=(*site.chargers, charger_of(item)))
    return replace(site, tariffs=(*site.tariffs, tariff_of(item)))


def _path(zone: Zone, by_id: Mapping[str, Zone]) -> Iterator[Zone]:
    """Yield a zone and its ancestors as far as they exist, each once."""
    seen: set[str] = set()
    step: Zone | None = zone
    while step is not None and step.id not in seen:
        seen.add(step.id)
        yield step
        step = by_id.get(step.parent) if step.parent is not None else None


def _unmetered(site: Site, names: Mapping[str, str]) -> Iterator[InstallationFault]:
    for zone in site.zones:
        if zone.supply is Supply.DYNAMIC and site.meter_of(zone.id) is None:
            yield InstallationFault(
                key=NO_METER,
                subentry_id=zone.id,
                placeholders={"zone": names[zone.id]},
                left_out=False,
            )


def names_of(items: Iterable[ConfigSubentry]) -> dict[str, str]:
    """Return what people call the things in a site, by id."""
    items = tuple(items)
    names = {item.subentry_id: item.title for item in items}
    return names | connector_names(_of_type(items, SUBENTRY_CHARGER))


def connector_names(chargers: Iterable[ConfigSubentry]) -> dict[str, str]:
    """Return what people call the connectors of chargers, by id."""
    return {
        connector_id(item.subentry_id, number): name
        for item in chargers
        for number, name in enumerate(_names_at(item), start=1)
    }


def _names_at(charger: ConfigSubentry) -> list[str]:
    """Return what people call each connector; an only one as its charger."""
    count = len(charger.data[CONF_CONNECTORS])
    if count == 1:
        return [charger.title]
    return [f"{charger.title} ({number})" for number in range(1, count + 1)]


def _of_type(items: Iterable[ConfigSubentry], subentry_type: str) -> list[ConfigSubentry]:
    return [item for item in items if item.subentry_type == subentry_type]
