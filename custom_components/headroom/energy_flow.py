"""The options of a site: what energy costs, and how much CO2 it makes."""

from collections.abc import Mapping
from typing import Any, Final

import probatio
from homeassistant.config_entries import ConfigFlowResult, OptionsFlow
from homeassistant.const import Platform
from homeassistant.helpers.selector import (
    EntitySelector,
    EntitySelectorConfig,
    EntityWithDeviceFilterSelectorConfig,
)

from .const import CONF_CARBON_ENTITY, CONF_EXPORT_PRICE_ENTITY, CONF_PRICE_ENTITY
from .entity_access import HomeAssistantEntities
from .origin.rates import intensity_factor, price_factor
from .subentry_flows.entity_choice import chosen, entity_id_of, registered, require_usable
from .subentry_flows.form import Fields, Refusal, show

RATE_DOMAINS: Final = (Platform.SENSOR, Platform.NUMBER, "input_number")

_FACTORS: Final = {
    CONF_PRICE_ENTITY: price_factor,
    CONF_EXPORT_PRICE_ENTITY: price_factor,
    CONF_CARBON_ENTITY: intensity_factor,
}

ENERGY_FIELDS: Final[Fields] = {
    probatio.Optional(key): EntitySelector(
        EntitySelectorConfig(
            filter=[EntityWithDeviceFilterSelectorConfig(domain=list(RATE_DOMAINS))]
        )
    )
    for key in _FACTORS
}


class EnergyStep(OptionsFlow):
    """The step that says what energy costs; whoever listens to the entry applies it."""

    async def async_step_energy(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the sensors of prices and carbon intensity."""
        options, refusal = self.config_entry.options, None
        values = {k: entity_id_of(self.hass, options[k]) for k in _FACTORS if k in options}
        if user_input is not None:
            values = chosen(user_input)
            try:
                self._require_units(values)
            except Refusal as error:
                refusal = error
            else:
                kept = {key: value for key, value in options.items() if key not in _FACTORS}
                new = {key: registered(self.hass, value) for key, value in values.items()}
                return self.async_create_entry(data=kept | new)
        return show(self, "energy", ENERGY_FIELDS, values=values, refusal=refusal)

    def _require_units(self, values: Mapping[str, str]) -> None:
        """Raise Refusal if an entity is not usable, or shows what is no price or intensity."""
        for key, entity in values.items():
            require_usable(self.hass, key, entity, RATE_DOMAINS)
            state = HomeAssistantEntities(self.hass).state(entity)
            if state is not None and _FACTORS[key](state.unit or "") is None:
                error = "no_intensity" if key == CONF_CARBON_ENTITY else "no_price"
                raise Refusal(error, key, entity=entity, unit=state.unit or "-")
