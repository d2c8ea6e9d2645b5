"""Finds the sensors of a meter among those of its device."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from homeassistant.components.sensor.const import SensorDeviceClass
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity_registry import RegistryEntry
from homeassistant.util import slugify

from ..const import (
    CONF_CURRENT_ENTITIES,
    CONF_EXPORT_ENTITY,
    CONF_IMPORT_ENTITY,
    CONF_INVERTED,
    CONF_MAX_AGE,
    CONF_POWER_BACK_ENTITIES,
    CONF_POWER_ENTITIES,
    CONF_SIGNED,
    CONF_TOTAL_BACK_ENTITY,
    CONF_TOTAL_ENTITY,
    CONF_VOLTAGE_ENTITIES,
    DOMAIN,
)
from ..engine.currents import PHASES
from ..meters.presets import PRESETS, MeterPreset
from .entity_finder import named

_BY_CLASS: Final = {
    CONF_CURRENT_ENTITIES: SensorDeviceClass.CURRENT,
    CONF_POWER_ENTITIES: SensorDeviceClass.POWER,
    CONF_VOLTAGE_ENTITIES: SensorDeviceClass.VOLTAGE,
}
_GIVEN_BACK: Final = re.compile(
    r"(?:^|_)(?:export\w*|return\w*|inject\w*|produced|feed\w*|back|negative|reverse)"
    r"(?:_|$)"
)
_OTHER: Final = re.compile(
    r"(?:^|_)(?:max|min|maximum|minimum|average|avg|peak|limit|apparent|reactive|factor|neutral|"
    r"dc|pv|solar|production|battery|mppt\w*|string\w*|setpoint|target|today|month\w*|dail?y)(?:_|$)"
)
_PHASE: Final = re.compile(r"(?:^|_)(?:l|phase_?l?)_?(?P<phase>[123abc])(?:_|$)")
_DIGITS: Final = str.maketrans("abc", "123")


def proposed_sensors(hass: HomeAssistant, device_id: str) -> dict[str, Any]:
    """Return the entity ids to fill into the form for a device; what is not found is left out."""
    entries = [entry for entry in _sensors(hass, device_id) if entry.platform != DOMAIN]
    for preset in _presets(entries):
        scope = _sensors(hass, *_relatives(hass, device_id)) if preset.split else entries
        if found := _by_preset(scope, preset):
            return found
    return _by_class(entries)


def _sensors(hass: HomeAssistant, *device_ids: str) -> list[RegistryEntry]:
    registry = er.async_get(hass)
    return [
        entry
        for device_id in device_ids
        for entry in er.async_entries_for_device(registry, device_id)
        if entry.domain == Platform.SENSOR
    ]


def _relatives(hass: HomeAssistant, device_id: str) -> Iterator[str]:
    """Yield the device that a device belongs to, or itself, and all that belong to that."""
    registry = dr.async_get(hass)
    device = registry.async_get(device_id)
    above = (isinstance(device, dr.DeviceEntry) and device.via_device_id) or device_id
    yield above
    yield from (one.id for one in registry.devices if one.via_device_id == above)


def _presets(entries: Iterable[RegistryEntry]) -> Iterator[MeterPreset]:
    for platform in dict.fromkeys(entry.platform for entry in entries):
        yield from PRESETS.get(platform, ())


def _by_preset(entries: list[RegistryEntry], preset: MeterPreset) -> dict[str, Any]:
    """Return what is found; nothing if none of it tells a current."""
    phases = {
        CONF_CURRENT_ENTITIES: _of_phases(entries, preset.currents),
        CONF_POWER_ENTITIES: _of_phases(entries, preset.powers),
        CONF_POWER_BACK_ENTITIES: _of_phases(entries, preset.powers_back),
        CONF_VOLTAGE_ENTITIES: _of_phases(entries, preset.voltages),
    }
    single = {
        CONF_TOTAL_ENTITY: _named(entries, preset.total),
        CONF_TOTAL_BACK_ENTITY: _named(entries, preset.total_back),
        CONF_IMPORT_ENTITY: _named(entries, preset.energy_import),
        CONF_EXPORT_ENTITY: _named(entries, preset.energy_export),
    }
    found = {field: value for field, value in (phases | single).items() if value}
    if not found.keys() & {CONF_CURRENT_ENTITIES, CONF_POWER_ENTITIES, CONF_TOTAL_ENTITY}:
        return {}
    return {
        **found,
        CONF_SIGNED: preset.signed,
        CONF_INVERTED: preset.inverted,
        CONF_MAX_AGE: preset.max_age,
    }


def _of_phases(entries: list[RegistryEntry], names: tuple[str, ...]) -> list[str]:
    """Return the sensors of all phases, or that of the only one."""
    found = [entity for name in names if (entity := _named(entries, name)) is not None]
    return found if len(found) in {1, len(PHASES)} else []


def _named(entries: list[RegistryEntry], name: str | None) -> str | None:
    if name is None:
        return None
    by_name = (e.entity_id for e in entries if slugify(e.original_name or "") == name)
    return named(entries, f"{Platform.SENSOR}:{name}") or next(by_name, None)


def _by_class(entries: Iterable[RegistryEntry]) -> dict[str, Any]:
    """Return the sensors of each class that tell their phases by their names."""
    found: dict[str, Any] = {}
    for field, device_class in _BY_CLASS.items():
        words = {e.entity_id: _words(e) for e in entries if _is_of_class(e, device_class)}
        plain = {entity: text for entity, text in words.items() if not _OTHER.search(text)}
        drawn = {entity: text for entity, text in plain.items() if not _GIVEN_BACK.search(text)}
        found[field] = _by_phase(drawn)
        if field == CONF_POWER_ENTITIES:
            back = {entity: text for entity, text in plain.items() if entity not in drawn}
            found[CONF_POWER_BACK_ENTITIES] = found[field] and _by_phase(back)
            found[CONF_TOTAL_ENTITY] = _without_phase(drawn)
            found[CONF_TOTAL_BACK_ENTITY] = found[CONF_TOTAL_ENTITY] and _without_phase(back)
    return {field: value for field, value in found.items() if value}


def _by_phase(words: Mapping[str, str]) -> list[str]:
    """Return one sensor for each of the three phases, or nothing."""
    phases: dict[str, list[str]] = {}
    for entity, text in words.items():
        if match := _PHASE.search(text):
            phase = match["phase"].translate(_DIGITS)
            phases.setdefault(phase, []).append(entity)
    ordered = [phases.get(phase, []) for phase in "123"]
    return [one for (one,) in ordered] if all(len(ones) == 1 for ones in ordered) else []


def _without_phase(words: Mapping[str, str]) -> str | None:
    """Return the only sensor that names no phase."""
    single = [entity for entity, text in words.items() if not _PHASE.search(text)]
    return single[0] if len(single) == 1 else None


def _is_of_class(entry: RegistryEntry, device_class: SensorDeviceClass) -> bool:
    return device_class in {entry.device_class, entry.original_device_class}


def _words(entry: RegistryEntry) -> str:
    """Return what a sensor is called by its integration."""
    return slugify(entry.original_name or entry.translation_key or entry.unique_id)
