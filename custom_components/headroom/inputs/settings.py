"""The inputs of a site as its options and zones describe them."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any, Final

from homeassistant.config_entries import ConfigSubentry
from homeassistant.helpers import config_validation as cv

from ..const import (
    CONF_EXTERNAL_AGE,
    CONF_EXTERNAL_ENTITY,
    CONF_EXTERNAL_OTHERWISE,
    CONF_INPUTS,
    SUBENTRY_ZONE,
)
from .sources import Contact, ContactKind, ExternalLimit, InputsConfig, Restriction

LOAD_SHEDDING: Final = "load_shedding"
EXTERNAL_ENABLE: Final = "external_enable"
DIGITAL_INPUTS: Final = ("digital_1", "digital_2", "digital_3")

ENTITY: Final = "entity"
CONTACT: Final = "contact"
CURRENT: Final = "current"
NAME: Final = "name"
ENABLED: Final = "enabled"
PERCENT: Final = "percent"

DEFAULT_SHED_TO: Final = 8.0
"""A per phase (A9.1)."""
HIGHEST_PERCENT: Final = 99
"""A9.3"""
DEFAULT_EXTERNAL_AGE_S: Final = 600
DEFAULT_EXTERNAL_OTHERWISE: Final = 0.0
"""A per phase: the safe side."""


def field_of(name: str, field: str) -> str:
    """Return the key under which the options keep a field of an input."""
    return f"{name}_{field}"


def inputs_of(options: Mapping[str, Any], items: Iterable[ConfigSubentry]) -> InputsConfig:
    """Return the inputs that a site's options and zones name."""
    stored = stored_inputs(options)
    return InputsConfig(
        shedding=tuple(_shedding(stored)),
        enable=contact_of(stored, EXTERNAL_ENABLE),
        digital=tuple(_digital(stored)),
        limits={
            item.subentry_id: _limit(item)
            for item in items
            if item.subentry_type == SUBENTRY_ZONE and CONF_EXTERNAL_ENTITY in item.data
        },
    )


def stored_inputs(options: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what the options of a site keep of its inputs."""
    stored: Mapping[str, Any] = options.get(CONF_INPUTS, {})
    return stored


def shed_to(stored: Mapping[str, Any]) -> float:
    """Return what each connector may draw while load is shed, in A per phase."""
    current: float = stored.get(field_of(LOAD_SHEDDING, CURRENT), DEFAULT_SHED_TO)
    return current


def shedding_entities(stored: Mapping[str, Any]) -> list[str]:
    """Return the contacts for load shedding; the first release had one at most."""
    entities: list[str] = cv.ensure_list(stored.get(field_of(LOAD_SHEDDING, ENTITY), []))
    return entities


def set_up(stored: Mapping[str, Any]) -> frozenset[str]:
    """Return the names of the inputs that have all they need, whether or not they are in use."""
    needed = {EXTERNAL_ENABLE: (ENTITY,)} | dict.fromkeys(DIGITAL_INPUTS, (NAME, ENTITY, PERCENT))
    return frozenset(
        name
        for name, fields in needed.items()
        if all(field_of(name, field) in stored for field in fields)
    )


def contact_of(stored: Mapping[str, Any], name: str) -> Contact | None:
    """Return the contact of an input that has one at most."""
    entity = stored.get(field_of(name, ENTITY))
    if entity is None:
        return None
    label = stored.get(field_of(name, NAME), name.replace("_", " "))
    return Contact(label, entity, ContactKind(stored[field_of(name, CONTACT)]))


def _shedding(stored: Mapping[str, Any]) -> Iterator[Restriction]:
    entities = shedding_entities(stored)
    for number, entity in enumerate(entities, start=1):
        label = "load shedding" if len(entities) == 1 else f"load shedding {number}"
        kind = ContactKind(stored[field_of(LOAD_SHEDDING, CONTACT)])
        yield Restriction(Contact(label, entity, kind), shed_to(stored))


def _digital(stored: Mapping[str, Any]) -> Iterator[Restriction]:
    for name in DIGITAL_INPUTS:
        if stored.get(field_of(name, ENABLED)):
            contact = contact_of(stored, name)
            if contact is not None:
                yield Restriction(contact, stored[field_of(name, PERCENT)])


def _limit(zone: ConfigSubentry) -> ExternalLimit:
    age = zone.data[CONF_EXTERNAL_AGE]
    return ExternalLimit(
        name=f"external limit of {zone.title}",
        entity=zone.data[CONF_EXTERNAL_ENTITY],
        max_age=timedelta(seconds=age) if age else None,
        otherwise=zone.data[CONF_EXTERNAL_OTHERWISE],
    )
