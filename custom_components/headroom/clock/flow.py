"""The options of a site: cheap hours and the random delay."""

from collections.abc import Mapping
from typing import Any, Final

import probatio
from homeassistant.config_entries import ConfigFlowResult, OptionsFlow
from homeassistant.const import UnitOfTime
from homeassistant.helpers.selector import BooleanSelector, TimeSelector

from ..const import CONF_CLOCK
from ..engine.when.off_peak import LONGEST_DELAY as MOST
from ..engine.when.off_peak import WeekendRule
from ..subentry_flows.form import Fields, Refusal, named_choice, show, whole_number
from .settings import (
    CONTINUES,
    DELAYS_END,
    FIRST_END,
    FIRST_START,
    LONGEST_DELAY,
    OFF_PEAK,
    PROPOSED,
    RESUMES,
    SECOND,
    SECOND_END,
    SECOND_START,
    WEEKEND,
    clock_rules,
    window_of,
)

_SELECTORS: Final[Mapping[str, object]] = {
    OFF_PEAK: BooleanSelector(),
    FIRST_START: TimeSelector(),
    FIRST_END: TimeSelector(),
    SECOND: BooleanSelector(),
    SECOND_START: TimeSelector(),
    SECOND_END: TimeSelector(),
    WEEKEND: named_choice(WEEKEND, WeekendRule),
    CONTINUES: BooleanSelector(),
    LONGEST_DELAY: whole_number(0, round(MOST.total_seconds()), UnitOfTime.SECONDS),
    DELAYS_END: BooleanSelector(),
    RESUMES: BooleanSelector(),
}
CLOCK_FIELDS: Final[Fields] = {
    probatio.Required(name, default=PROPOSED[name]): selector
    for name, selector in _SELECTORS.items()
}


class ClockStep(OptionsFlow):
    """The step that changes a site's cheap hours; whoever listens to the entry applies them."""

    async def async_step_clock(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the cheap hours and the random delay."""
        options, refusal = self.config_entry.options, None
        values = options.get(CONF_CLOCK)
        if user_input is not None:
            values = user_input
            try:
                _require_possible(values)
            except Refusal as error:
                refusal = error
            else:
                return self.async_create_entry(data={**options, CONF_CLOCK: values})
        return show(self, "clock", CLOCK_FIELDS, values=values, refusal=refusal)


def _require_possible(values: Mapping[str, Any]) -> None:
    """Raise Refusal if the windows cannot be."""
    _require_window(values, FIRST_START, FIRST_END)
    if values[SECOND]:
        _require_window(values, SECOND_START, SECOND_END)
    try:
        clock_rules(values)
    except ValueError as error:
        raise Refusal("windows_overlap", SECOND_START) from error


def _require_window(values: Mapping[str, Any], start: str, end: str) -> None:
    edges = dict(zip((start, end), window_of(values, start, end), strict=True))
    for field, edge in edges.items():
        if edge.second:
            raise Refusal("whole_minutes", field)
    if edges[start] == edges[end]:
        raise Refusal("window_empty", end)
