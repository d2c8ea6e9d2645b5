"""The options of a site: the rules by which it decides who charges."""

from typing import Any, Final

import probatio
from homeassistant.config_entries import ConfigFlowResult, OptionsFlow
from homeassistant.const import UnitOfTime
from homeassistant.helpers.selector import (
    BooleanSelector,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from .const import (
    CONF_LOW_DRAW,
    CONF_PRIORITY_HOURS,
    CONF_RETRIES,
    CONF_RETRY_PERIOD,
    CONF_SHEDDING,
    CONF_STATE_B,
    CONF_STOPS,
    CONF_UNTESTED,
    CONF_WAIT,
)
from .engine.turns.rotation import SheddingPriority
from .fallback_tests import Untested
from .parts import DEFAULT_RULES
from .subentry_flows.form import Fields, flat, folded, named_choice, show, whole_number

HOURS: Final = 24
SHORTEST_WAIT_S: Final = 10
LONGEST_WAIT_S: Final = 86_400
MOST_RETRIES: Final = 100
MOST_STOPS: Final = 100

SECTION_IDLE: Final = "idle_cars"

_QUEUE: Final = DEFAULT_RULES.queue

IDLE_FIELDS: Final[Fields] = {
    probatio.Required(CONF_STATE_B, default=_QUEUE.state_b): BooleanSelector(),
    probatio.Required(CONF_LOW_DRAW, default=_QUEUE.low_draw): BooleanSelector(),
    probatio.Required(CONF_WAIT, default=round(_QUEUE.wait.total_seconds())): whole_number(
        SHORTEST_WAIT_S, LONGEST_WAIT_S, UnitOfTime.SECONDS
    ),
    probatio.Required(CONF_RETRIES, default=_QUEUE.retries): whole_number(0, MOST_RETRIES),
    probatio.Required(
        CONF_RETRY_PERIOD, default=round(_QUEUE.retry_period.total_seconds())
    ): whole_number(SHORTEST_WAIT_S, LONGEST_WAIT_S, UnitOfTime.SECONDS),
}

RULES_FIELDS: Final[Fields] = {
    probatio.Required(CONF_SHEDDING, default=DEFAULT_RULES.shedding.value): named_choice(
        CONF_SHEDDING, SheddingPriority
    ),
    probatio.Required(CONF_PRIORITY_HOURS, default=list[str]): SelectSelector(
        SelectSelectorConfig(
            options=[
                SelectOptionDict(value=str(hour), label=f"{hour:02}:00 - {hour + 1:02}:00")
                for hour in range(HOURS)
            ],
            mode=SelectSelectorMode.DROPDOWN,
            multiple=True,
        )
    ),
    probatio.Required(CONF_STOPS, default=DEFAULT_RULES.wear.stops): whole_number(0, MOST_STOPS),
    probatio.Required(CONF_UNTESTED, default=Untested.MAXIMUM.value): named_choice(
        CONF_UNTESTED, Untested
    ),
    **folded(SECTION_IDLE, IDLE_FIELDS),
}


class RulesStep(OptionsFlow):
    """The step that changes a site's rules; whoever listens to the entry applies them."""

    async def async_step_rules(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the rules."""
        options = self.config_entry.options
        if user_input is not None:
            return self.async_create_entry(data={**options, **flat(user_input)})
        return show(self, "rules", RULES_FIELDS, values=options, refusal=None)
