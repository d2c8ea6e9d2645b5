"""The options of a site: what the plan goes by."""

from typing import Any, Final

import probatio
from homeassistant.config_entries import ConfigFlowResult, OptionsFlow
from homeassistant.const import Platform
from homeassistant.helpers.selector import (
    BooleanSelector,
    EntitySelector,
    EntitySelectorConfig,
    EntityWithDeviceFilterSelectorConfig,
)

from ..const import CONF_PLAN_BY, CONF_PLAN_ENTITIES, CONF_PLAN_SUN
from ..subentry_flows.entity_choice import entity_id_of, registered, require_usable
from ..subentry_flows.form import Fields, Refusal, named_choice, show
from .inputs import BY_PRICE, PLANNED_BY

FORECAST_DOMAINS: Final = (Platform.SENSOR, Platform.EVENT)
"""Octopus Energy shows its rates at events."""

PLAN_FIELDS: Final[Fields] = {
    probatio.Required(CONF_PLAN_BY, default=BY_PRICE): named_choice(CONF_PLAN_BY, PLANNED_BY),
    probatio.Optional(CONF_PLAN_ENTITIES, default=list[str]): EntitySelector(
        EntitySelectorConfig(
            filter=[EntityWithDeviceFilterSelectorConfig(domain=list(FORECAST_DOMAINS))],
            multiple=True,
        )
    ),
    probatio.Required(CONF_PLAN_SUN, default=True): BooleanSelector(),
}


class PlanStep(OptionsFlow):
    """The step that says what the plan goes by; whoever listens to the entry applies it."""

    async def async_step_plan(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for it."""
        options, refusal = self.config_entry.options, None
        stored = [entity_id_of(self.hass, key) for key in options.get(CONF_PLAN_ENTITIES, ())]
        values = {**options, CONF_PLAN_ENTITIES: stored}
        if user_input is not None:
            values = user_input
            try:
                entities = self._known(user_input.get(CONF_PLAN_ENTITIES, []))
            except Refusal as error:
                refusal = error
            else:
                chosen = {**user_input, CONF_PLAN_ENTITIES: entities}
                return self.async_create_entry(data={**options, **chosen})
        return show(self, "plan", PLAN_FIELDS, values=values, refusal=refusal)

    def _known(self, entities: list[str]) -> list[str]:
        """Return what is kept. Raises Refusal if an entity is not usable."""
        for entity in entities:
            require_usable(self.hass, CONF_PLAN_ENTITIES, entity, FORECAST_DOMAINS)
        return [registered(self.hass, entity) for entity in entities]
