"""What all forms that name entities of other integrations have in common."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

from homeassistant.core import HomeAssistant, split_entity_id
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er

from ..const import DOMAIN
from .form import Refusal


def chosen(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a person has filled in."""
    return {key: value for key, value in values.items() if value not in ("", [])}


def entities_of(values: Mapping[str, Any], fields: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield each entity that is chosen in one of some fields, with its field."""
    for field in fields:
        entities = values.get(field, [])
        for entity in [entities] if isinstance(entities, str) else entities:
            yield field, entity


def with_entities(
    values: Mapping[str, Any], fields: Collection[str], change: Callable[[str], str]
) -> dict[str, Any]:
    """Return values with other keys for the entities in some fields."""
    return {key: _each(value, change) if key in fields else value for key, value in values.items()}


def registered(hass: HomeAssistant, entity: str) -> str:
    """Return the registry id of an entity, which outlives its name."""
    entry = er.async_get(hass).async_get(entity)
    return entity if entry is None else entry.id


def entity_id_of(hass: HomeAssistant, entity: str) -> str:
    """Return the entity id of today for what is stored, for a person to read."""
    return er.async_resolve_entity_id(er.async_get(hass), entity) or entity


def require_usable(hass: HomeAssistant, field: str, entity: str, domains: Collection[str]) -> None:
    """Raise Refusal if an entity is missing, of another kind or one of Headroom's own."""
    entry = er.async_get(hass).async_get(entity)
    if entry is None and hass.states.get(entity) is None:
        raise Refusal("entity_missing", field, entity=entity)
    if split_entity_id(entity)[0] not in domains:
        raise Refusal("entity_of_wrong_kind", field, entity=entity)
    if entry is not None and entry.platform == DOMAIN:
        raise Refusal("entity_of_headroom", field, entity=entity)


def label_of(hass: HomeAssistant, entity: str) -> str:
    """Return the name of the device behind an entity, else that of the entity."""
    entry = er.async_get(hass).async_get(entity)
    device = entry and entry.device_id and dr.async_get(hass).async_get(entry.device_id)
    if isinstance(device, dr.DeviceEntry) and (name := device.name_by_user or device.name):
        return name
    state = hass.states.get(entity)
    return entity if state is None else state.name


def _each(value: str | list[str], change: Callable[[str], str]) -> str | list[str]:
    return change(value) if isinstance(value, str) else [change(entity) for entity in value]
