"""The options of a site: the contacts that ask for less current."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

import probatio
from homeassistant.config_entries import ConfigFlowResult, OptionsFlow
from homeassistant.const import PERCENTAGE, Platform
from homeassistant.helpers.selector import (
    BooleanSelector,
    EntitySelector,
    EntitySelectorConfig,
    EntityWithDeviceFilterSelectorConfig,
    TextSelector,
)

from ..const import CONF_INPUTS
from ..subentry_flows.connector import HIGHEST_CURRENT
from ..subentry_flows.entity_choice import (
    chosen,
    entities_of,
    entity_id_of,
    registered,
    require_usable,
    with_entities,
)
from ..subentry_flows.form import (
    Fields,
    Refusal,
    current,
    flat,
    folded,
    named_choice,
    show,
    whole_number,
)
from .settings import (
    CONTACT,
    CURRENT,
    DEFAULT_SHED_TO,
    DIGITAL_INPUTS,
    ENABLED,
    ENTITY,
    EXTERNAL_ENABLE,
    HIGHEST_PERCENT,
    LOAD_SHEDDING,
    NAME,
    PERCENT,
    field_of,
    shedding_entities,
    stored_inputs,
)
from .sources import ContactKind

CONTACT_DOMAINS: Final = (Platform.BINARY_SENSOR, Platform.SWITCH, "input_boolean")

_ENTITIES: Final = tuple(
    field_of(name, ENTITY) for name in (LOAD_SHEDDING, EXTERNAL_ENABLE, *DIGITAL_INPUTS)
)


def _contact_fields(name: str, *, several: bool = False) -> Fields:
    offered = EntityWithDeviceFilterSelectorConfig(domain=list(CONTACT_DOMAINS))
    return {
        probatio.Optional(field_of(name, ENTITY)): EntitySelector(
            EntitySelectorConfig(filter=[offered], multiple=several)
        ),
        probatio.Required(
            field_of(name, CONTACT), default=ContactKind.NORMALLY_OPEN.value
        ): named_choice(CONTACT, ContactKind),
    }


def _digital_fields(name: str) -> Fields:
    return {
        probatio.Required(field_of(name, ENABLED), default=False): BooleanSelector(),
        probatio.Optional(field_of(name, NAME)): TextSelector(),
        **_contact_fields(name),
        probatio.Optional(field_of(name, PERCENT)): whole_number(0, HIGHEST_PERCENT, PERCENTAGE),
    }


INPUTS_FIELDS: Final[Fields] = {
    **folded(
        LOAD_SHEDDING,
        {
            **_contact_fields(LOAD_SHEDDING, several=True),
            probatio.Required(field_of(LOAD_SHEDDING, CURRENT), default=DEFAULT_SHED_TO): current(
                0, HIGHEST_CURRENT
            ),
        },
    ),
    **folded(EXTERNAL_ENABLE, _contact_fields(EXTERNAL_ENABLE)),
    **{
        marker: part
        for name in DIGITAL_INPUTS
        for marker, part in folded(name, _digital_fields(name)).items()
    },
}


class InputsStep(OptionsFlow):
    """The step that changes a site's inputs; whoever listens to the entry applies them."""

    async def async_step_inputs(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the inputs."""
        options, refusal = self.config_entry.options, None
        values = self._inputs_shown(stored_inputs(options))
        if user_input is not None:
            values = flat(user_input)
            try:
                inputs = self._accepted_inputs(values)
            except Refusal as error:
                refusal = error
            else:
                return self.async_create_entry(data={**options, CONF_INPUTS: inputs})
        return show(self, "inputs", INPUTS_FIELDS, values=values, refusal=refusal)

    def _inputs_shown(self, stored: Mapping[str, Any]) -> dict[str, Any]:
        """Return what is stored, with the entity ids of today."""
        contacts = shedding_entities(stored)
        shown = {**stored, field_of(LOAD_SHEDDING, ENTITY): contacts} if contacts else stored
        return with_entities(shown, _ENTITIES, partial(entity_id_of, self.hass))

    def _accepted_inputs(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return what is kept. Raises Refusal if an input is incomplete or not usable."""
        filled = chosen(values)
        for name in DIGITAL_INPUTS:
            _require_complete(name, filled)
        for field, entity in entities_of(filled, _ENTITIES):
            require_usable(self.hass, field, entity, CONTACT_DOMAINS)
        return with_entities(filled, _ENTITIES, partial(registered, self.hass))


def _require_complete(name: str, filled: Mapping[str, Any]) -> None:
    """Raise Refusal if a digital input lacks something and is enabled: blank never means 0."""
    if not filled[field_of(name, ENABLED)]:
        return
    for needed in (NAME, ENTITY, PERCENT):
        if field_of(name, needed) not in filled:
            raise Refusal("input_incomplete", field_of(name, needed))
