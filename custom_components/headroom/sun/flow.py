"""The options of a site: following the sun."""

from collections.abc import Mapping
from typing import Any, Final

import probatio
from homeassistant.config_entries import ConfigFlowResult, OptionsFlow
from homeassistant.const import PERCENTAGE, Platform, UnitOfPower, UnitOfTime
from homeassistant.helpers.selector import (
    EntitySelector,
    EntitySelectorConfig,
    EntityWithDeviceFilterSelectorConfig,
    SelectSelector,
    SelectSelectorConfig,
)

from ..const import CONF_SUN
from ..engine.sun.rules import LONGEST, BatteryPolicy, Eater, Metering
from ..subentry_flows.entity_choice import (
    chosen,
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
    AFTER_FORCE,
    ALLOWED_IMPORT,
    BATTERY_HIGH,
    BATTERY_LOW,
    BATTERY_POLICY,
    FEED_ABOVE,
    FEED_POWER,
    FEEDS,
    HOLD_ENTITY,
    HYSTERESIS,
    METERING,
    MIN_RUN,
    MORE_PHASES_AFTER,
    PROPOSED,
    RESERVE,
    START_DELAY,
    STOP_DELAY,
    SWITCH_INTERVAL,
    SWITCHES,
    AfterForce,
    sun_rules,
)

HOLD_DOMAINS: Final = (Platform.SWITCH, "input_boolean")
HIGHEST_POWER_W: Final = 50_000
HIGHEST_HYSTERESIS: Final = 10
MOST_SWITCHES: Final = 100
LONGEST_S: Final = round(LONGEST.total_seconds())

_SURPLUS: Final[Mapping[str, object]] = {
    METERING: named_choice(METERING, Metering),
    RESERVE: whole_number(0, HIGHEST_POWER_W, UnitOfPower.WATT),
    ALLOWED_IMPORT: whole_number(0, HIGHEST_POWER_W, UnitOfPower.WATT),
    AFTER_FORCE: named_choice(AFTER_FORCE, AfterForce),
}
_START: Final[Mapping[str, object]] = {
    HYSTERESIS: current(0, HIGHEST_HYSTERESIS),
    START_DELAY: whole_number(0, LONGEST_S, UnitOfTime.SECONDS),
    STOP_DELAY: whole_number(0, LONGEST_S, UnitOfTime.SECONDS),
    MIN_RUN: whole_number(0, LONGEST_S, UnitOfTime.SECONDS),
}
_PHASES: Final[Mapping[str, object]] = {
    MORE_PHASES_AFTER: whole_number(0, LONGEST_S, UnitOfTime.SECONDS),
    SWITCHES: whole_number(0, MOST_SWITCHES),
    SWITCH_INTERVAL: whole_number(0, LONGEST_S, UnitOfTime.SECONDS),
}
_BATTERY: Final[Mapping[str, object]] = {
    BATTERY_POLICY: named_choice(BATTERY_POLICY, BatteryPolicy),
    BATTERY_LOW: whole_number(0, 100, PERCENTAGE),
    BATTERY_HIGH: whole_number(0, 100, PERCENTAGE),
    FEED_ABOVE: whole_number(0, 100, PERCENTAGE),
    FEED_POWER: whole_number(0, HIGHEST_POWER_W, UnitOfPower.WATT),
    FEEDS: SelectSelector(
        SelectSelectorConfig(options=list(Eater), multiple=True, translation_key=FEEDS)
    ),
}
_HOLD: Final[Fields] = {
    probatio.Optional(HOLD_ENTITY): EntitySelector(
        EntitySelectorConfig(
            filter=[EntityWithDeviceFilterSelectorConfig(domain=list(HOLD_DOMAINS))]
        )
    )
}


def _required(selectors: Mapping[str, object]) -> Fields:
    return {
        probatio.Required(name, default=PROPOSED[name]): selector
        for name, selector in selectors.items()
    }


SUN_FIELDS: Final[Fields] = {
    **_required(_SURPLUS),
    **folded("start_and_stop", _required(_START)),
    **folded("switching", _required(_PHASES)),
    **folded("battery", {**_required(_BATTERY), **_HOLD}),
}


class SunStep(OptionsFlow):
    """The step that changes how a site follows the sun; whoever listens to the entry applies it."""

    async def async_step_sun(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for surplus, starts and stops, phases and the house battery."""
        options, refusal = self.config_entry.options, None
        stored = {**PROPOSED, **options.get(CONF_SUN, {})}
        values = with_entities(stored, {HOLD_ENTITY}, lambda key: entity_id_of(self.hass, key))
        if user_input is not None:
            values = chosen({FEEDS: [], **flat(user_input)})
            try:
                kept = self._accepted_sun({FEEDS: [], **values})
            except Refusal as error:
                refusal = error
            else:
                return self.async_create_entry(data={**options, CONF_SUN: kept})
        return show(self, "sun", SUN_FIELDS, values=values, refusal=refusal)

    def _accepted_sun(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return what is kept. Raises Refusal if it cannot be."""
        try:
            sun_rules(values)
        except ValueError as error:
            raise Refusal("charges_out_of_order", BATTERY_HIGH) from error
        if HOLD_ENTITY in values:
            require_usable(self.hass, HOLD_ENTITY, values[HOLD_ENTITY], HOLD_DOMAINS)
        return with_entities(values, {HOLD_ENTITY}, lambda key: registered(self.hass, key))
