"""The flow that adds and changes zones."""

from typing import Any, Final

import probatio
from homeassistant.config_entries import ConfigSubentry, SubentryFlowResult
from homeassistant.const import CONF_NAME, PERCENTAGE
from homeassistant.helpers.selector import BooleanSelector, SelectSelectorMode, TextSelector
from homeassistant.util import slugify

from ..analyser import DEFAULT_MARGIN
from ..const import (
    CONF_ANALYSER_MARGIN,
    CONF_ASSUMED_L1,
    CONF_ASSUMED_L2,
    CONF_ASSUMED_L3,
    CONF_CLUSTER_MAX,
    CONF_CONTRACTED_POWER,
    CONF_DEGRADED,
    CONF_FIFO_PERCENT,
    CONF_LIMIT_L1,
    CONF_LIMIT_L2,
    CONF_LIMIT_L3,
    CONF_MARGIN,
    CONF_PARENT,
    CONF_PROTECTION,
    CONF_SCALE_FALLBACK,
    CONF_SHARING,
    CONF_SUPPLY,
    CONF_UNBALANCE,
    DEFAULT_DEGRADED,
    DEFAULT_ZONE_LIMIT,
    SUBENTRY_ZONE,
)
from ..engine.site.breaker import ProtectiveDevice
from ..engine.site.checks import LEAST_UNBALANCE
from ..engine.site.model import SharingMode, Supply
from ..parts import DEFAULT_ZONE, SHARES_AS_ABOVE
from .external_limit import (
    accepted_external_limit,
    external_limit_fields,
    shown_external_limit,
)
from .form import (
    Fields,
    Refusal,
    current,
    drafted,
    flat,
    folded,
    named_choice,
    power,
    require_acceptable,
    required_text,
    show,
    whole_number,
    zone_selector,
    zones,
)
from .part import PartSubentryFlow

HIGHEST_LIMIT: Final = 2000.0
HIGHEST_MARGIN: Final = 90
HIGHEST_ANALYSER_MARGIN: Final = 100
HIGHEST_POWER: Final = 2000.0
"""kW"""

SECTION_ANALYSER: Final = "analyser"
SECTION_EXTERNAL: Final = "external_limit"
SECTION_PROTECTION: Final = "protection_and_contract"
SECTION_SHARING: Final = "how_to_share"
SECTION_SILENCE: Final = "when_silent"

SHARING_FIELDS: Final[Fields] = {
    probatio.Required(CONF_SHARING, default=SHARES_AS_ABOVE): named_choice(
        CONF_SHARING, (SHARES_AS_ABOVE, *SharingMode)
    ),
    probatio.Required(
        CONF_FIFO_PERCENT, default=round(DEFAULT_ZONE.fifo_share * 100)
    ): whole_number(0, 100, PERCENTAGE),
}

PROTECTION_FIELDS: Final[Fields] = {
    probatio.Required(CONF_PROTECTION, default=DEFAULT_ZONE.protection.value): named_choice(
        CONF_PROTECTION, ProtectiveDevice
    ),
    probatio.Required(CONF_MARGIN, default=round(DEFAULT_ZONE.margin)): whole_number(
        0, HIGHEST_MARGIN, PERCENTAGE
    ),
    probatio.Optional(CONF_CONTRACTED_POWER): power(0.1, HIGHEST_POWER),
    probatio.Optional(CONF_CLUSTER_MAX): current(1, HIGHEST_LIMIT),
    probatio.Optional(CONF_UNBALANCE): current(LEAST_UNBALANCE, HIGHEST_LIMIT),
}

SILENCE_FIELDS: Final[Fields] = {
    probatio.Required(CONF_DEGRADED, default=DEFAULT_DEGRADED): current(0, HIGHEST_LIMIT),
    **{
        probatio.Optional(load): current(0, HIGHEST_LIMIT)
        for load in (CONF_ASSUMED_L1, CONF_ASSUMED_L2, CONF_ASSUMED_L3)
    },
    probatio.Required(CONF_SCALE_FALLBACK, default=DEFAULT_ZONE.scale_fallback): BooleanSelector(),
}

ANALYSER_FIELDS: Final[Fields] = {
    probatio.Required(CONF_ANALYSER_MARGIN, default=DEFAULT_MARGIN): whole_number(
        1, HIGHEST_ANALYSER_MARGIN, PERCENTAGE
    ),
}


def zone_fields(parents: list[ConfigSubentry]) -> Fields:
    """Return the fields of a zone; the first zone of a site cannot have a parent."""
    parent: Fields = {probatio.Optional(CONF_PARENT): zone_selector(parents)}
    return {
        probatio.Required(CONF_NAME): TextSelector(),
        **(parent if parents else {}),
        **{
            probatio.Required(limit, default=DEFAULT_ZONE_LIMIT): current(0, HIGHEST_LIMIT)
            for limit in (CONF_LIMIT_L1, CONF_LIMIT_L2, CONF_LIMIT_L3)
        },
        probatio.Required(CONF_SUPPLY, default=DEFAULT_ZONE.supply.value): named_choice(
            CONF_SUPPLY, Supply, SelectSelectorMode.LIST
        ),
        **folded(SECTION_SHARING, SHARING_FIELDS),
        **folded(SECTION_PROTECTION, PROTECTION_FIELDS),
        **folded(SECTION_SILENCE, SILENCE_FIELDS),
        **folded(SECTION_EXTERNAL, external_limit_fields(HIGHEST_LIMIT)),
        **folded(SECTION_ANALYSER, ANALYSER_FIELDS),
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
        values, refusal = self._stored(), None
        if user_input is not None:
            values = flat(user_input)
            try:
                return self._save(self._accepted(values))
            except Refusal as error:
                refusal = error
        return show(
            self,
            step_id,
            zone_fields(self._possible_parents()),
            values=values,
            refusal=refusal,
        )

    def _accepted(self, values: dict[str, Any]) -> ConfigSubentry:
        name = required_text(values, CONF_NAME)
        data = accepted_external_limit(self.hass, values)
        draft = drafted(
            self._edited,
            subentry_type=SUBENTRY_ZONE,
            title=name,
            unique_id=f"{SUBENTRY_ZONE}_{slugify(name)}",
            data={key: value for key, value in data.items() if key != CONF_NAME},
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
        if edited is None:
            return None
        return {CONF_NAME: edited.title, **shown_external_limit(self.hass, edited.data)}
