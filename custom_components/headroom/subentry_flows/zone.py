"""The flow that adds and changes zones."""

from typing import Any

import probatio
from homeassistant.config_entries import ConfigSubentry, SubentryFlowResult
from homeassistant.const import CONF_NAME
from homeassistant.helpers.selector import (
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
)
from homeassistant.util import slugify

from ..const import (
    CONF_DEGRADED,
    CONF_LIMIT_L1,
    CONF_LIMIT_L2,
    CONF_LIMIT_L3,
    CONF_PARENT,
    CONF_SUPPLY,
    DEFAULT_DEGRADED,
    DEFAULT_ZONE_LIMIT,
    SUBENTRY_ZONE,
)
from ..engine.model import Supply
from .form import (
    Refusal,
    current,
    drafted,
    require_acceptable,
    required_text,
    show,
    zone_selector,
    zones,
)
from .part import PartSubentryFlow

HIGHEST_LIMIT = 2000.0

SUPPLY_SELECTOR = SelectSelector(
    SelectSelectorConfig(
        options=list(Supply), mode=SelectSelectorMode.LIST, translation_key=CONF_SUPPLY
    )
)


def zone_fields(parents: list[ConfigSubentry]) -> dict[probatio.Marker, object]:
    """Return the fields of a zone; the first zone of a site cannot have a parent."""
    parent: dict[probatio.Marker, object] = {probatio.Optional(CONF_PARENT): zone_selector(parents)}
    return {
        probatio.Required(CONF_NAME): TextSelector(),
        **(parent if parents else {}),
        **{
            probatio.Required(limit, default=DEFAULT_ZONE_LIMIT): current(1, HIGHEST_LIMIT)
            for limit in (CONF_LIMIT_L1, CONF_LIMIT_L2, CONF_LIMIT_L3)
        },
        probatio.Required(CONF_SUPPLY, default=Supply.STATIC.value): SUPPLY_SELECTOR,
        probatio.Required(CONF_DEGRADED, default=DEFAULT_DEGRADED): current(0, HIGHEST_LIMIT),
    }


class ZoneSubentryFlow(PartSubentryFlow):
    """Add or change a zone; its name is the title of the subentry."""

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Add a zone."""
        return self._zone_step("user", user_input)

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Change a zone."""
        return self._zone_step("reconfigure", user_input)

    def _zone_step(self, step_id: str, user_input: dict[str, Any] | None) -> SubentryFlowResult:
        refusal = None
        if user_input is not None:
            try:
                return self._save(self._accepted(user_input))
            except Refusal as error:
                refusal = error
        return show(
            self,
            step_id,
            zone_fields(self._possible_parents()),
            values=user_input or self._stored(),
            refusal=refusal,
        )

    def _accepted(self, user_input: dict[str, Any]) -> ConfigSubentry:
        name = required_text(user_input, CONF_NAME)
        draft = drafted(
            self._edited,
            subentry_type=SUBENTRY_ZONE,
            title=name,
            unique_id=f"{SUBENTRY_ZONE}_{slugify(name)}",
            data={key: value for key, value in user_input.items() if key != CONF_NAME},
        )
        return require_acceptable(self._site_entry, draft, Refusal("name_taken", CONF_NAME))

    def _possible_parents(self) -> list[ConfigSubentry]:
        edited = self._edited
        return [
            zone
            for zone in zones(self._site_entry)
            if edited is None or zone.subentry_id != edited.subentry_id
        ]

    def _stored(self) -> dict[str, Any] | None:
        edited = self._edited
        return None if edited is None else {CONF_NAME: edited.title, **edited.data}
