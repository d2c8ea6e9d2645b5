"""The part of a zone's form that names a sensor which limits the zone."""

from collections.abc import Mapping
from typing import Any, Final

import probatio
from homeassistant.const import UnitOfTime
from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import (
    EntitySelector,
    EntitySelectorConfig,
    EntityWithDeviceFilterSelectorConfig,
)

from ..const import CONF_EXTERNAL_AGE, CONF_EXTERNAL_ENTITY, CONF_EXTERNAL_OTHERWISE
from ..inputs.settings import DEFAULT_EXTERNAL_AGE_S, DEFAULT_EXTERNAL_OTHERWISE
from ..inputs.sources import AMPERES, WATTS
from .entity_choice import entity_id_of, registered, require_usable
from .entity_fields import VALUE_DOMAINS
from .form import Fields, Refusal, current, whole_number

LONGEST_AGE_S: Final = 86_400
_OFFERED: Final = EntityWithDeviceFilterSelectorConfig(domain=list(VALUE_DOMAINS))


def external_limit_fields(highest: float) -> Fields:
    """Return the fields of a sensor that limits a zone; `highest` is in A."""
    return {
        probatio.Optional(CONF_EXTERNAL_ENTITY): EntitySelector(
            EntitySelectorConfig(filter=[_OFFERED])
        ),
        probatio.Required(CONF_EXTERNAL_AGE, default=DEFAULT_EXTERNAL_AGE_S): whole_number(
            0, LONGEST_AGE_S, UnitOfTime.SECONDS
        ),
        probatio.Required(CONF_EXTERNAL_OTHERWISE, default=DEFAULT_EXTERNAL_OTHERWISE): current(
            0, highest
        ),
    }


def accepted_external_limit(hass: HomeAssistant, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a zone's data with the sensor as it is stored. Raises Refusal."""
    entity = values.get(CONF_EXTERNAL_ENTITY)
    if not entity:
        return {key: value for key, value in values.items() if key != CONF_EXTERNAL_ENTITY}
    require_usable(hass, CONF_EXTERNAL_ENTITY, entity, VALUE_DOMAINS)
    state = hass.states.get(entity)
    unit = None if state is None else state.attributes.get("unit_of_measurement")
    if unit is not None and unit not in AMPERES | WATTS:
        raise Refusal("limit_unit_unusable", CONF_EXTERNAL_ENTITY, unit=unit)
    return {**values, CONF_EXTERNAL_ENTITY: registered(hass, entity)}


def shown_external_limit(hass: HomeAssistant, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return a zone's data with the entity id of today."""
    if CONF_EXTERNAL_ENTITY not in data:
        return dict(data)
    return {**data, CONF_EXTERNAL_ENTITY: entity_id_of(hass, data[CONF_EXTERNAL_ENTITY])}
