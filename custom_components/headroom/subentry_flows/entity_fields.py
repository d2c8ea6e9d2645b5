"""The form that names the entities of a charger."""

from collections.abc import Iterable
from typing import Final

import probatio
from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import Platform, UnitOfElectricPotential
from homeassistant.helpers.selector import (
    BooleanSelector,
    EntitySelector,
    EntitySelectorConfig,
    EntityWithDeviceFilterSelectorConfig,
    TextSelector,
    TextSelectorConfig,
)

from ..chargers.entities.config import DEFAULT_VOLTAGE
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
    CONF_VOLTAGE,
    CONF_WORDS_CHARGING,
    CONF_WORDS_NO_CAR,
    CONF_WORDS_WAITING,
    CONF_ZONE,
)
from .form import Fields, whole_number, zone_selector

LIMIT_DOMAINS: Final = (Platform.NUMBER, Platform.SELECT, "input_number", "input_select")
SWITCH_DOMAINS: Final = (Platform.SWITCH, "input_boolean")
PHASES_DOMAINS: Final = (*LIMIT_DOMAINS, *SWITCH_DOMAINS)
STATUS_DOMAINS: Final = (Platform.SENSOR, Platform.SELECT, "input_select")
VALUE_DOMAINS: Final = (Platform.SENSOR, Platform.NUMBER, "input_number")

DOMAINS: Final = {
    CONF_LIMIT_ENTITY: LIMIT_DOMAINS,
    CONF_SWITCH_ENTITY: SWITCH_DOMAINS,
    CONF_PHASES_ENTITY: PHASES_DOMAINS,
    CONF_STATUS_ENTITY: STATUS_DOMAINS,
    CONF_POWER_ENTITY: VALUE_DOMAINS,
    CONF_CURRENT_ENTITIES: VALUE_DOMAINS,
    CONF_ENERGY_ENTITY: VALUE_DOMAINS,
    CONF_SESSION_ENTITY: VALUE_DOMAINS,
}
"""Kinds of entities by field, in the order of the form."""


def entity_fields(zones: Iterable[ConfigSubentry]) -> Fields:
    """Return the fields of a charger that is made of entities."""
    return {
        probatio.Required(CONF_ZONE): zone_selector(zones),
        probatio.Required(CONF_LIMIT_ENTITY): _entity(CONF_LIMIT_ENTITY),
        probatio.Optional(CONF_SWITCH_ENTITY): _entity(CONF_SWITCH_ENTITY),
        probatio.Required(CONF_SWITCH_PAUSES, default=False): BooleanSelector(),
        probatio.Optional(CONF_PHASES_ENTITY): _entity(CONF_PHASES_ENTITY),
        probatio.Optional(CONF_STATUS_ENTITY): _entity(CONF_STATUS_ENTITY),
        probatio.Optional(CONF_WORDS_NO_CAR): _words(),
        probatio.Optional(CONF_WORDS_WAITING): _words(),
        probatio.Optional(CONF_WORDS_CHARGING): _words(),
        probatio.Optional(CONF_POWER_ENTITY): _entity(CONF_POWER_ENTITY),
        probatio.Optional(CONF_CURRENT_ENTITIES): _entity(CONF_CURRENT_ENTITIES, multiple=True),
        probatio.Optional(CONF_ENERGY_ENTITY): _entity(CONF_ENERGY_ENTITY),
        probatio.Optional(CONF_SESSION_ENTITY): _entity(CONF_SESSION_ENTITY),
        probatio.Required(CONF_VOLTAGE, default=int(DEFAULT_VOLTAGE)): whole_number(
            100, 300, UnitOfElectricPotential.VOLT
        ),
    }


def _words() -> TextSelector:
    return TextSelector(TextSelectorConfig(multiple=True))


def _entity(field: str, *, multiple: bool = False) -> EntitySelector:
    offered = EntityWithDeviceFilterSelectorConfig(domain=list(DOMAINS[field]))
    return EntitySelector(EntitySelectorConfig(filter=[offered], multiple=multiple))
