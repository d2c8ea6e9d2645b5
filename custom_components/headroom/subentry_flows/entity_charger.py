"""The steps that describe a charger by the entities of another integration."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

import probatio
from homeassistant.const import CONF_DEVICE_ID
from homeassistant.data_entry_flow import FlowContext, FlowResult
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.selector import (
    DeviceSelector,
    DeviceSelectorConfig,
    EntityFilterSelectorConfig,
)

from ..chargers.entities.config import LimitUnit
from ..chargers.entities.presets import PRESETS
from ..const import (
    CONF_CURRENT_ENTITIES,
    CONF_FAMILY,
    CONF_LIMIT_ENTITY,
    CONF_LIMIT_UNIT,
    CONF_PHASES_ENTITY,
    CONF_POWER_ENTITY,
    CONF_PRESET,
    CONF_STATUS_ENTITY,
    CONF_SWITCH_ENTITY,
    DOMAIN,
    FAMILY_ENTITIES,
    SUBENTRY_CHARGER,
)
from .charger_steps import ChargerDraft, ChargerSteps
from .entity_choice import (
    chosen,
    entities_of,
    entity_id_of,
    label_of,
    registered,
    require_usable,
    with_entities,
)
from .entity_fields import DOMAINS, LIMIT_DOMAINS, entity_fields
from .entity_finder import proposed_entities
from .form import Fields, Refusal, show, terminal_zones

DEVICE_FIELDS: Final[Fields] = {
    probatio.Optional(CONF_DEVICE_ID): DeviceSelector(
        DeviceSelectorConfig(entity=[EntityFilterSelectorConfig(domain=list(LIMIT_DOMAINS))])
    )
}
_SIGNS_OF_A_CAR: Final = (CONF_STATUS_ENTITY, CONF_POWER_ENTITY, CONF_CURRENT_ENTITIES)
_WRITTEN: Final = (CONF_LIMIT_ENTITY, CONF_SWITCH_ENTITY, CONF_PHASES_ENTITY)


class EntityChargerSteps[C: FlowContext, R: FlowResult[Any, Any], H](ChargerSteps[C, R, H]):
    """The steps of a charger that Home Assistant knows already: its device, its entities."""

    _proposed: Mapping[str, Any] | None = None

    async def async_step_entities(self, user_input: dict[str, Any] | None = None) -> R:
        """Ask for the device whose entities are to be proposed; none is an answer too."""
        if user_input is None:
            return show(self, "entities", DEVICE_FIELDS, values=None, refusal=None)
        if (device_id := user_input.get(CONF_DEVICE_ID)) is not None:
            self._proposed = proposed_entities(self.hass, device_id)
        return await self.async_step_entity_charger()

    async def async_step_entity_charger(self, user_input: dict[str, Any] | None = None) -> R:
        """Ask for the entities and the zone."""
        zones = terminal_zones(self._site_entry)
        if not zones:
            return self.async_abort(reason="no_zones")
        refusal = None
        if user_input is not None:
            try:
                self._take_entities(user_input)
            except Refusal as error:
                refusal = error
            else:
                return await self.async_step_connector()
        return show(
            self,
            "entity_charger",
            entity_fields(zones),
            values=user_input or self._stored_entities() or self._proposed,
            refusal=refusal,
        )

    def _stored_entities(self) -> dict[str, Any] | None:
        """Return what is stored, with the entity ids of today for a person to read."""
        if self._edited is None:
            return None
        return with_entities(self._edited.data, DOMAINS, partial(entity_id_of, self.hass))

    def _take_entities(self, user_input: Mapping[str, Any]) -> None:
        """Begin a charger of entities. Raises Refusal if one of them cannot be used."""
        values = chosen(user_input)
        if not any(key in values for key in _SIGNS_OF_A_CAR):
            raise Refusal("no_sign_of_a_car")
        if len(values.get(CONF_CURRENT_ENTITIES, ())) not in {0, 1, 3}:
            raise Refusal("one_or_three_currents", CONF_CURRENT_ENTITIES)
        for field, entity in entities_of(values, DOMAINS):
            require_usable(self.hass, field, entity, DOMAINS[field])
        unit = self._unit_of(values[CONF_LIMIT_ENTITY])
        entry = er.async_get(self.hass).async_get(values[CONF_LIMIT_ENTITY])
        data = with_entities(values, DOMAINS, partial(registered, self.hass))
        if entry is not None and entry.platform in PRESETS:
            data[CONF_PRESET] = entry.platform
        self._require_free(data)
        self._begin(
            ChargerDraft(
                label=label_of(self.hass, values[CONF_LIMIT_ENTITY]),
                identity=f"entity_{data[CONF_LIMIT_ENTITY]}",
                data={CONF_FAMILY: FAMILY_ENTITIES, CONF_LIMIT_UNIT: unit.value, **data},
                connector_count=1,
                taken="entity_taken",
            )
        )

    def _require_free(self, data: Mapping[str, Any]) -> None:
        """Raise Refusal if another charger of any site writes to one of the entities."""
        edited = self._edited
        used = {
            item.data.get(key)
            for site in self.hass.config_entries.async_entries(DOMAIN)
            for item in site.get_subentries_of_type(SUBENTRY_CHARGER)
            if edited is None or item.subentry_id != edited.subentry_id
            for key in _WRITTEN
        }
        for field in _WRITTEN:
            if data.get(field) in used - {None}:
                raise Refusal("entity_taken", field)

    def _unit_of(self, entity: str) -> LimitUnit:
        """Return the unit of a limit, A if it has none. Raises Refusal if it is another."""
        state = self.hass.states.get(entity)
        unit = None if state is None else state.attributes.get("unit_of_measurement")
        if unit is None:
            return LimitUnit.AMPERE
        if unit not in set(LimitUnit):
            raise Refusal("limit_unit_unusable", CONF_LIMIT_ENTITY, unit=unit)
        return LimitUnit(unit)
