"""The form that names the sensors of a meter, and what is wrong with those that are chosen."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import probatio
from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import ATTR_UNIT_OF_MEASUREMENT, Platform, UnitOfTime
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.selector import (
    BooleanSelector,
    EntitySelector,
    EntitySelectorConfig,
    EntityWithDeviceFilterSelectorConfig,
)

from ..const import (
    CONF_CURRENT_ENTITIES,
    CONF_EXPORT_ENTITY,
    CONF_IMPORT_ENTITY,
    CONF_MAX_AGE,
    CONF_POWER_BACK_ENTITIES,
    CONF_POWER_ENTITIES,
    CONF_SIGNED,
    CONF_TOTAL_BACK_ENTITY,
    CONF_TOTAL_ENTITY,
    CONF_VOLTAGE_ENTITIES,
    CONF_ZONE,
    DEFAULT_MAX_AGE,
)
from ..meter_families import GIVEN_BACK, MEASURING
from ..meters.entity_meter import UNITS
from .entity_choice import entities_of, require_usable
from .form import Fields, Refusal, whole_number, zone_selector
from .meter_role import ROLE_FIELDS
from .mounting import MOUNTING_FIELDS, require_fitting_wiring

SENSORS: Final = MEASURING | GIVEN_BACK
"""What the sensors of each field measure."""

SENSOR_DOMAINS: Final = (Platform.SENSOR, Platform.NUMBER, "input_number")
SHORTEST_AGE: Final = 2
LONGEST_AGE: Final = 600

_PER_PHASE: Final = tuple(field for field, kind in SENSORS.items() if kind.is_per_phase)
_NUMBERS: Final = frozenset({0, 1, 3})
_TELLING: Final = (CONF_CURRENT_ENTITIES, CONF_POWER_ENTITIES, CONF_TOTAL_ENTITY)
"""What tells a current, the best first."""
_TAKEN_OFF: Final = {
    CONF_POWER_BACK_ENTITIES: CONF_POWER_ENTITIES,
    CONF_TOTAL_BACK_ENTITY: CONF_TOTAL_ENTITY,
}


def sensor_fields(zones: Iterable[ConfigSubentry]) -> Fields:
    """Return the fields of a meter that is made of sensors."""
    return {
        probatio.Required(CONF_ZONE): zone_selector(zones),
        probatio.Optional(CONF_CURRENT_ENTITIES): _sensors(CONF_CURRENT_ENTITIES),
        probatio.Required(CONF_SIGNED, default=False): BooleanSelector(),
        probatio.Optional(CONF_POWER_ENTITIES): _sensors(CONF_POWER_ENTITIES),
        probatio.Optional(CONF_POWER_BACK_ENTITIES): _sensors(CONF_POWER_BACK_ENTITIES),
        probatio.Optional(CONF_TOTAL_ENTITY): _sensors(CONF_TOTAL_ENTITY),
        probatio.Optional(CONF_TOTAL_BACK_ENTITY): _sensors(CONF_TOTAL_BACK_ENTITY),
        probatio.Optional(CONF_VOLTAGE_ENTITIES): _sensors(CONF_VOLTAGE_ENTITIES),
        probatio.Optional(CONF_IMPORT_ENTITY): _sensors(CONF_IMPORT_ENTITY),
        probatio.Optional(CONF_EXPORT_ENTITY): _sensors(CONF_EXPORT_ENTITY),
        probatio.Required(CONF_MAX_AGE, default=DEFAULT_MAX_AGE): whole_number(
            SHORTEST_AGE, LONGEST_AGE, UnitOfTime.SECONDS
        ),
        **ROLE_FIELDS,
        **MOUNTING_FIELDS,
    }


def telling_sensor(values: Mapping[str, Any]) -> str:
    """Return the first sensor that tells a current. Raises Refusal if there is none."""
    for _, entity in entities_of(values, _TELLING):
        return entity
    raise Refusal("nothing_tells_a_current")


def require_sensors(hass: HomeAssistant, values: Mapping[str, Any]) -> None:
    """Raise Refusal if the chosen sensors cannot make a meter."""
    telling_sensor(values)
    _require_numbers(values)
    found: set[str] = set()
    for field, entity in entities_of(values, SENSORS):
        require_usable(hass, field, entity, SENSOR_DOMAINS)
        _require_unit(hass, field, entity)
        if entity in found:
            raise Refusal("sensor_twice", field, entity=entity)
        found.add(entity)


def _require_numbers(values: Mapping[str, Any]) -> None:
    for field in _PER_PHASE:
        if _number(values, field) not in _NUMBERS:
            raise Refusal("one_or_three_sensors", field)
    for given_back, drawn in _TAKEN_OFF.items():
        if given_back in values and _number(values, given_back) != _number(values, drawn):
            raise Refusal("as_many_given_back", given_back)
    require_fitting_wiring(values, max(_number(values, field) for field in _PER_PHASE))


def _number(values: Mapping[str, Any], field: str) -> int:
    return sum(1 for _ in entities_of(values, (field,)))


def _require_unit(hass: HomeAssistant, field: str, entity: str) -> None:
    state, entry = hass.states.get(entity), er.async_get(hass).async_get(entity)
    unit = None if state is None else state.attributes.get(ATTR_UNIT_OF_MEASUREMENT)
    if unit is None and entry is not None:
        unit = entry.unit_of_measurement
    usable = UNITS[SENSORS[field]]
    if unit not in usable:
        raise Refusal(
            "unit_unusable", field, entity=entity, unit=unit or "-", usable=", ".join(usable)
        )


def _sensors(field: str) -> EntitySelector:
    offered = EntityWithDeviceFilterSelectorConfig(
        domain=list(SENSOR_DOMAINS), unit_of_measurement=list(UNITS[SENSORS[field]])
    )
    config = EntitySelectorConfig(filter=[offered])
    if field in _PER_PHASE:
        config |= {"multiple": True, "reorder": True}
    return EntitySelector(config)
