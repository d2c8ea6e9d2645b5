"""The inputs of a site as its options and zones describe them."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any, Final

from homeassistant.config_entries import ConfigSubentry

from .const import (
    CONF_EXTERNAL_AGE,
    CONF_EXTERNAL_ENTITY,
    CONF_EXTERNAL_OTHERWISE,
    CONF_INPUTS,
    SUBENTRY_ZONE,
)
from .inputs import Contact, ContactKind, ExternalLimit, InputsConfig, Restriction

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
DEFAULT_EXTERNAL_AGE_S: Final = 600
DEFAULT_EXTERNAL_OTHERWISE: Final = 0.0
"""A per phase: the safe side."""


def field_of(name: str, field: str) -> str:
    """Return the key under which the options keep a field of an input."""
    return f"{name}_{field}"


def inputs_of(options: Mapping[str, Any], items: Iterable[ConfigSubentry]) -> InputsConfig:
    """Return the inputs that a site's options and zones name."""
    stored: Mapping[str, Any] = options.get(CONF_INPUTS, {})
    return InputsConfig(
        shedding=_shedding(stored),
        enable=_contact(stored, EXTERNAL_ENABLE, "external enable"),
        digital=tuple(_digital(stored)),
        limits={
            item.subentry_id: _limit(item)
            for item in items
            if item.subentry_type == SUBENTRY_ZONE and CONF_EXTERNAL_ENTITY in item.data
        },
    )


def _contact(stored: Mapping[str, Any], name: str, label: str) -> Contact | None:
    entity = stored.get(field_of(name, ENTITY))
    if entity is None:
        return None
    return Contact(label, entity, ContactKind(stored[field_of(name, CONTACT)]))


def _shedding(stored: Mapping[str, Any]) -> Restriction | None:
    contact = _contact(stored, LOAD_SHEDDING, "load shedding")
    if contact is None:
        return None
    return Restriction(contact, stored[field_of(LOAD_SHEDDING, CURRENT)])


def _digital(stored: Mapping[str, Any]) -> Iterator[Restriction]:
    for name in DIGITAL_INPUTS:
        if stored.get(field_of(name, ENABLED)):
            contact = _contact(stored, name, stored[field_of(name, NAME)])
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
