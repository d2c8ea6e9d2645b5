"""The flow that makes, copies, imports, changes and exports meter models of a site's own."""

from collections.abc import Mapping
from typing import Any, Final

import probatio
from homeassistant.config_entries import ConfigSubentry, SubentryFlowResult
from homeassistant.const import CONF_ID, CONF_NAME
from homeassistant.util import slugify

from ..const import SUBENTRY_METER_MODEL
from ..meters.model_files import parse_model
from ..meters.model_text import as_text, describe, read_text
from ..meters.models import ModelError
from ..modbus.descriptions import Confidence
from ..own_models import async_models
from .form import Fields, Refusal, choice, drafted, require_acceptable, required_text, show
from .meter_model_form import (
    CONF_CONFIDENCE,
    CONF_COPY_OF,
    CONF_YAML,
    GENERAL_FIELDS,
    LONG_TEXT,
    NEW,
    QUANTITIES,
    quantity_fields,
    refusal_of,
    shown_quantities,
    with_general,
    with_quantities,
)
from .part import PartSubentryFlow

WAYS_TO_BEGIN: Final = ["blank", "copy", "text"]
WAYS_TO_CHANGE: Final = ["general", "text"]

_IDENTITY: Final = frozenset({CONF_ID, CONF_NAME})
"""What a copy does not have in common with its original."""


class MeterModelSubentryFlow(PartSubentryFlow):
    """Make or change a model; the subentry keeps its description, as a file would."""

    _description: Mapping[str, Any]
    """The model so far; without a name it is not one yet."""

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask what to begin with."""
        self._description = NEW
        return self.async_show_menu(step_id="user", menu_options=WAYS_TO_BEGIN)

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask whether to change the model in forms or as text, which is also its export."""
        self._description = self._get_reconfigure_subentry().data
        return self.async_show_menu(step_id="reconfigure", menu_options=WAYS_TO_CHANGE)

    async def async_step_blank(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Begin with nothing."""
        return await self.async_step_general()

    async def async_step_copy(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Begin with a copy of another model, which gets a name of its own."""
        models = await async_models(self.hass, self._site_entry.subentries.values())
        if user_input is not None:
            original = describe(models[user_input[CONF_COPY_OF]])
            copied = {key: value for key, value in original.items() if key not in _IDENTITY}
            self._description = copied | {CONF_CONFIDENCE: Confidence.LOW.value}
            return await self.async_step_general()
        fields: Fields = {
            probatio.Required(CONF_COPY_OF): choice({k: m.name for k, m in models.items()})
        }
        return show(self, "copy", fields, values=None, refusal=None)

    async def async_step_general(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask for what holds for the whole model."""
        refusal = None
        if user_input is not None:
            try:
                description = with_general(self._description, user_input)
                description = {CONF_ID: slugify(description[CONF_NAME])} | description
                await self._async_require_free(description[CONF_ID], description[CONF_NAME])
            except Refusal as error:
                refusal = error
            else:
                self._description = description
                return await self.async_step_quantities()
        values = user_input or self._description
        return show(self, "general", GENERAL_FIELDS, values=values, refusal=refusal)

    async def async_step_quantities(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask where each quantity lies."""
        refusal = None
        if user_input is not None:
            try:
                description = with_quantities(self._description, user_input)
                return self._save(await self._async_accepted(description))
            except ModelError as error:
                refusal = refusal_of(error)
            except Refusal as error:
                refusal = error
        fields = quantity_fields(self._description.get(QUANTITIES, {}))
        values = user_input or shown_quantities(self._description)
        return show(self, "quantities", fields, values=values, refusal=refusal)

    async def async_step_text(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Show the model as text, to copy it, to change it, or to paste one."""
        refusal = None
        values = {CONF_YAML: as_text(self._description)} if self._edited else None
        if user_input is not None:
            values = user_input
            try:
                description = read_text(required_text(user_input, CONF_YAML))
                return self._save(await self._async_accepted(description))
            except ModelError as error:
                refusal = refusal_of(error, CONF_YAML)
            except Refusal as error:
                refusal = Refusal(error.key, CONF_YAML, **error.placeholders)
        return show(
            self, "text", {probatio.Required(CONF_YAML): LONG_TEXT}, values=values, refusal=refusal
        )

    async def _async_accepted(self, description: object) -> ConfigSubentry:
        """Return a model as it would be saved. Raises ModelError or Refusal."""
        model = parse_model(description)
        if self._edited is not None and model.id != self._edited.data[CONF_ID]:
            raise Refusal("id_changed", id=self._edited.data[CONF_ID])
        if model.id != slugify(model.id):
            raise Refusal("id_invalid", id=model.id)
        await self._async_require_free(model.id, model.name)
        draft = drafted(
            self._edited,
            subentry_type=SUBENTRY_METER_MODEL,
            title=model.name,
            unique_id=f"{SUBENTRY_METER_MODEL}_{model.id}",
            data=describe(model),
        )
        return require_acceptable(self._site_entry, draft, Refusal("id_taken", id=model.id))

    async def _async_require_free(self, model_id: str, name: str) -> None:
        """Raise Refusal if another model, shipped or the site's own, has an id or a name."""
        own = None if self._edited is None else self._edited.subentry_id
        others = (i for i in self._site_entry.subentries.values() if i.subentry_id != own)
        models = (await async_models(self.hass, others)).values()
        if name in {model.name for model in models}:
            raise Refusal("name_taken", CONF_NAME)
        if model_id in {model.id for model in models}:
            raise Refusal("id_taken", CONF_NAME, id=model_id)
