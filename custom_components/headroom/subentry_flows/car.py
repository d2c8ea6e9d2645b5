"""What the form of a connector asks about the car that charges there."""

from collections.abc import Mapping
from typing import Any, Final

import probatio
from homeassistant.const import Platform, UnitOfEnergy
from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import (
    EntitySelector,
    EntitySelectorConfig,
    EntityWithDeviceFilterSelectorConfig,
)

from ..const import CONF_CAR_CAPACITY, CONF_CAR_CHARGE_ENTITY
from .entity_choice import entity_id_of, registered, require_usable
from .form import Fields, Refusal, folded, whole_number

CHARGE_DOMAINS: Final = (Platform.SENSOR, Platform.NUMBER, "input_number")
MOST_CAPACITY: Final = 1000

CAR_FIELDS: Final[Fields] = folded(
    "car",
    {
        probatio.Optional(CONF_CAR_CHARGE_ENTITY): EntitySelector(
            EntitySelectorConfig(
                filter=[EntityWithDeviceFilterSelectorConfig(domain=list(CHARGE_DOMAINS))]
            )
        ),
        probatio.Optional(CONF_CAR_CAPACITY): whole_number(
            1, MOST_CAPACITY, UnitOfEnergy.KILO_WATT_HOUR
        ),
    },
)


def with_car(hass: HomeAssistant, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a connector keeps. Raises Refusal if its car is not described as it must be."""
    kept = {key: value for key, value in values.items() if value != ""}
    entity = kept.get(CONF_CAR_CHARGE_ENTITY)
    if entity is None:
        return kept
    require_usable(hass, CONF_CAR_CHARGE_ENTITY, entity, CHARGE_DOMAINS)
    if CONF_CAR_CAPACITY not in kept:
        raise Refusal("capacity_missing", CONF_CAR_CAPACITY)
    return {**kept, CONF_CAR_CHARGE_ENTITY: registered(hass, entity)}


def shown_with_car(hass: HomeAssistant, stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a form shows of a connector, with the entity id of today."""
    entity = stored.get(CONF_CAR_CHARGE_ENTITY)
    today = {} if entity is None else {CONF_CAR_CHARGE_ENTITY: entity_id_of(hass, entity)}
    return {**stored, **today}
