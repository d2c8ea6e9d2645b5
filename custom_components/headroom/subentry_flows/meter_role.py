"""The part of a meter's flow that says what it measures."""

from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

import probatio
from homeassistant.config_entries import ConfigSubentry, SubentryFlowResult
from homeassistant.const import Platform
from homeassistant.helpers.selector import (
    EntitySelector,
    EntitySelectorConfig,
    EntityWithDeviceFilterSelectorConfig,
)

from ..const import CONF_CHARGE_ENTITY, CONF_CONNECTOR, CONF_ROLE, SUBENTRY_CHARGER
from ..engine.site.model import MeterRole
from ..installation import connector_names
from .entity_choice import entity_id_of, registered, require_usable
from .form import Fields, Refusal, choice, named_choice, require_acceptable, show
from .part import PartSubentryFlow

ROLE_FIELDS: Final[Fields] = {
    probatio.Required(CONF_ROLE, default=MeterRole.SUPPLY.value): named_choice(CONF_ROLE, MeterRole)
}

CHARGE_DOMAINS: Final = (Platform.SENSOR, "input_number")
_OFFERED: Final = EntityWithDeviceFilterSelectorConfig(domain=list(CHARGE_DOMAINS))
BATTERY_FIELDS: Final[Fields] = {
    probatio.Optional(CONF_CHARGE_ENTITY): EntitySelector(EntitySelectorConfig(filter=[_OFFERED]))
}


class MeterRoleSteps(PartSubentryFlow):
    """What some roles need to know besides what every meter has."""

    _finished: ConfigSubentry

    async def _async_finish(self, draft: ConfigSubentry) -> SubentryFlowResult:
        """Keep a meter, after what its role needs has been asked for."""
        self._finished = draft
        match MeterRole(draft.data[CONF_ROLE]):
            case MeterRole.BATTERY:
                return await self.async_step_battery()
            case MeterRole.CHARGER:
                return await self.async_step_own_meter()
            case _:
                return self._save(draft)

    async def async_step_battery(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask for the sensor of a house battery's state of charge."""
        values, refusal = self._stored_charge(), None
        if user_input is not None:
            values = user_input
            entity = user_input.get(CONF_CHARGE_ENTITY)
            try:
                return self._save(self._with_charge(entity) if entity else self._finished)
            except Refusal as error:
                refusal = error
        return show(self, "battery", BATTERY_FIELDS, values=values, refusal=refusal)

    async def async_step_own_meter(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask for the connector whose draw the meter measures."""
        connectors = connector_names(self._site_entry.get_subentries_of_type(SUBENTRY_CHARGER))
        if not connectors:
            return self.async_abort(reason="no_chargers")
        values, refusal = dict(self._edited.data) if self._edited else None, None
        if user_input is not None:
            values = user_input
            try:
                return self._save(self._with(**{CONF_CONNECTOR: user_input[CONF_CONNECTOR]}))
            except Refusal as error:
                refusal = error
        fields: Fields = {probatio.Required(CONF_CONNECTOR): choice(connectors)}
        return show(self, "own_meter", fields, values=values, refusal=refusal)

    def _stored_charge(self) -> dict[str, Any] | None:
        stored = self._edited.data.get(CONF_CHARGE_ENTITY) if self._edited else None
        return None if stored is None else {CONF_CHARGE_ENTITY: entity_id_of(self.hass, stored)}

    def _with_charge(self, entity: str) -> ConfigSubentry:
        require_usable(self.hass, CONF_CHARGE_ENTITY, entity, CHARGE_DOMAINS)
        return self._with(**{CONF_CHARGE_ENTITY: registered(self.hass, entity)})

    def _with(self, **data: str) -> ConfigSubentry:
        """Return the meter with more data. Raises Refusal if it does not fit."""
        draft = replace(self._finished, data=MappingProxyType({**self._finished.data, **data}))
        return require_acceptable(self._site_entry, draft, Refusal("meter_taken"))
