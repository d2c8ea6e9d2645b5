"""The flow that adds and changes tariff periods."""

from collections.abc import Container, Iterable, Mapping
from itertools import combinations
from typing import Any, Final

import probatio
from homeassistant.config_entries import ConfigSubentry, SubentryFlowResult
from homeassistant.const import CONF_NAME, PERCENTAGE
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.selector import (
    ObjectSelector,
    ObjectSelectorConfig,
    ObjectSelectorField,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TimeSelector,
)
from homeassistant.util import slugify

from ..const import CONF_PERCENT, CONF_SLOTS, CONF_WEEKDAYS, CONF_ZONES, SUBENTRY_TARIFF
from ..engine.when.weekly import WeeklySlot
from ..tariffs.settings import END, START, Weekday, tariff_of
from .form import (
    Fields,
    Refusal,
    drafted,
    require_acceptable,
    required_text,
    show,
    whole_number,
    zones,
)
from .part import PartSubentryFlow

_TIME: Final = ObjectSelectorField(selector=TimeSelector(), required=True)

TARIFF_FIELDS: Final[Fields] = {
    probatio.Required(CONF_NAME): TextSelector(),
    probatio.Required(CONF_SLOTS, default=list[dict[str, str]]): ObjectSelector(
        ObjectSelectorConfig(
            fields={START: _TIME, END: _TIME},
            multiple=True,
            label_field=START,
            description_field=END,
            translation_key="tariff_slot",
        )
    ),
    probatio.Required(CONF_WEEKDAYS, default=list[str]): SelectSelector(
        SelectSelectorConfig(
            options=list(Weekday),
            mode=SelectSelectorMode.LIST,
            multiple=True,
            translation_key=CONF_WEEKDAYS,
        )
    ),
    probatio.Required(CONF_PERCENT): whole_number(0, 100, PERCENTAGE),
}


class TariffSubentryFlow(PartSubentryFlow):
    """Add or change a tariff period; its name is the title of the subentry."""

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Add a period."""
        return self._tariff_step("user", user_input)

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Change a period."""
        return self._tariff_step("reconfigure", user_input)

    def _tariff_step(self, step_id: str, user_input: dict[str, Any] | None) -> SubentryFlowResult:
        offered, refusal = zones(self._site_entry), None
        values = self._stored({zone.subentry_id for zone in offered})
        if user_input is not None:
            values = user_input
            try:
                return self._save(self._accepted(user_input))
            except Refusal as error:
                refusal = error
        fields = {**TARIFF_FIELDS, **_zones_field(offered)}
        return show(self, step_id, fields, values=values, refusal=refusal)

    def _stored(self, known: Container[str]) -> dict[str, Any] | None:
        """Return what is stored, without zones that are gone: nobody could take them out."""
        if self._edited is None:
            return None
        stored = {CONF_NAME: self._edited.title, **self._edited.data}
        if CONF_ZONES in stored:
            stored[CONF_ZONES] = [zone for zone in stored[CONF_ZONES] if zone in known]
        return stored

    def _accepted(self, values: Mapping[str, Any]) -> ConfigSubentry:
        """Return the period as it would be saved. Raises Refusal if it is not finished."""
        name = required_text(values, CONF_NAME)
        for field in (CONF_SLOTS, CONF_WEEKDAYS):
            if not values[field]:
                raise Refusal("empty", field)
        data = {
            CONF_SLOTS: [_to_the_minute(slot) for slot in values[CONF_SLOTS]],
            CONF_WEEKDAYS: [day for day in Weekday if day in values[CONF_WEEKDAYS]],
            CONF_PERCENT: values[CONF_PERCENT],
        }
        if values.get(CONF_ZONES):
            data[CONF_ZONES] = values[CONF_ZONES]
        draft = drafted(
            self._edited,
            subentry_type=SUBENTRY_TARIFF,
            title=name,
            unique_id=f"{SUBENTRY_TARIFF}_{slugify(name)}",
            data=data,
        )
        require_acceptable(self._site_entry, draft, Refusal("name_taken", CONF_NAME))
        _require_apart(tariff_of(draft).slots)
        return draft


def _zones_field(offered: Iterable[ConfigSubentry]) -> Fields:
    options = [SelectOptionDict(value=zone.subentry_id, label=zone.title) for zone in offered]
    config = SelectSelectorConfig(options=options, multiple=True, sort=True)
    return {probatio.Optional(CONF_ZONES): SelectSelector(config)}


def _require_apart(slots: Iterable[WeeklySlot]) -> None:
    """Raise Refusal if slots of a period overlap: one of them is likely to be a mistake."""
    for one, other in combinations(slots, 2):
        if one.overlaps(other):
            raise Refusal("slots_overlap", CONF_SLOTS, one=_shown(one), other=_shown(other))


def _shown(slot: WeeklySlot) -> str:
    return f"{slot.start:%H:%M} - {slot.end:%H:%M}"


def _to_the_minute(slot: Mapping[str, str]) -> dict[str, str]:
    return {edge: f"{cv.time(slot[edge]):%H:%M}" for edge in (START, END)}
