"""Finds the entities of a charger among those of its device."""

import re
from collections.abc import Iterable
from typing import Any, Final

from homeassistant.components.number.const import NumberDeviceClass
from homeassistant.components.sensor.const import SensorDeviceClass
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity_registry import RegistryEntry

from ..chargers.entities.presets import PRESETS, Preset
from ..const import (
    CONF_CURRENT_ENTITIES,
    CONF_ENERGY_ENTITY,
    CONF_LIMIT_ENTITY,
    CONF_PHASES_ENTITY,
    CONF_POWER_ENTITY,
    CONF_SESSION_ENTITY,
    CONF_STATUS_ENTITY,
    CONF_SWITCH_ENTITY,
    CONF_SWITCH_PAUSES,
)

_BY_CLASS: Final = {
    CONF_LIMIT_ENTITY: (Platform.NUMBER, NumberDeviceClass.CURRENT),
    CONF_POWER_ENTITY: (Platform.SENSOR, SensorDeviceClass.POWER),
}
"""What is proposed for devices of other integrations, if there is but one such entity."""


def proposed_entities(hass: HomeAssistant, device_id: str) -> dict[str, Any]:
    """Return the entity ids to fill into the form for a device; what is not found is left out."""
    entries = er.async_entries_for_device(er.async_get(hass), device_id)
    preset = next((PRESETS[e.platform] for e in entries if e.platform in PRESETS), None)
    return _by_class(entries) if preset is None else _by_preset(entries, preset)


def _by_preset(entries: Iterable[RegistryEntry], preset: Preset) -> dict[str, Any]:
    names = {
        CONF_LIMIT_ENTITY: preset.limit,
        CONF_SWITCH_ENTITY: preset.switch,
        CONF_PHASES_ENTITY: preset.phases,
        CONF_STATUS_ENTITY: preset.status,
        CONF_POWER_ENTITY: preset.power,
        CONF_ENERGY_ENTITY: preset.energy,
        CONF_SESSION_ENTITY: preset.session_energy,
    }
    found: dict[str, Any] = {
        field: entity_id
        for field, name in names.items()
        if name is not None and (entity_id := named(entries, name)) is not None
    }
    currents = [named(entries, name) for name in preset.currents]
    if currents and None not in currents:
        found[CONF_CURRENT_ENTITIES] = currents
    return {**found, CONF_SWITCH_PAUSES: preset.switch_pauses}


def named(entries: Iterable[RegistryEntry], name: str) -> str | None:
    """Return the entity of a preset's name, by its translation key before its unique id."""
    domain, _, key = name.partition(":")
    same_kind = [entry for entry in entries if entry.domain == domain]
    named = [entry for entry in same_kind if entry.translation_key == key]
    similar = sorted(
        (entry for entry in same_kind if _is_part(key, entry.unique_id)),
        key=lambda entry: len(entry.unique_id),
    )
    return next((entry.entity_id for entry in (*named, *similar)), None)


def _is_part(key: str, unique_id: str) -> bool:
    """Return whether a unique id begins or ends with a key, apart from the rest of it."""
    pattern = rf"(?:.*[^a-z0-9])?{re.escape(key)}|{re.escape(key)}[^a-z0-9].*"
    return re.fullmatch(pattern, unique_id, re.IGNORECASE) is not None


def _by_class(entries: Iterable[RegistryEntry]) -> dict[str, Any]:
    found = {}
    for field, (domain, device_class) in _BY_CLASS.items():
        matches = [
            entry.entity_id
            for entry in entries
            if entry.domain == domain
            and device_class in {entry.device_class, entry.original_device_class}
        ]
        if len(matches) == 1:
            found[field] = matches[0]
    return found
