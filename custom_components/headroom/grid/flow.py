"""The options of a site: energy manager, grid operator, agreed import and capacity tariff."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final

import probatio
from homeassistant.config_entries import (
    ConfigEntryState,
    ConfigFlowResult,
    ConfigSubentry,
    OptionsFlow,
)
from homeassistant.const import Platform, UnitOfTime
from homeassistant.helpers.selector import (
    BooleanSelector,
    EntitySelector,
    EntitySelectorConfig,
    EntityWithDeviceFilterSelectorConfig,
)

from ..const import CONF_CLUSTER_MAX, CONF_G100, CONF_MANAGER, CONF_OPERATOR, CONF_PARENT, CONF_PEAK
from ..engine.grid.excursion import DOMESTIC_MOST, Premises
from ..engine.grid.manager import MIN_PERIOD
from ..engine.grid.messenger import LONGEST_FAILSAFE, SHORTEST_FAILSAFE
from ..inputs.flow import CONTACT_DOMAINS
from ..inputs.sources import ContactKind
from ..parts import zone_of
from ..subentry_flows.connector import HIGHEST_CURRENT
from ..subentry_flows.entity_choice import chosen, entity_id_of, registered, require_usable
from ..subentry_flows.form import (
    Fields,
    Refusal,
    current,
    named_choice,
    power,
    show,
    whole_number,
    zone_selector,
    zones,
)
from .settings import (
    DEFAULT_FAILSAFE_HOURS,
    DEFAULT_HEARTBEAT_S,
    DEFAULT_MANAGER,
    DEFAULT_PEAK,
    DIMMED,
    EXPORT_LIMIT,
    FAILSAFE,
    FAILSAFE_HOURS,
    FALLBACK,
    FOLLOW,
    HEARTBEAT_S,
    IMPORT_LIMIT,
    NETTING,
    OTHER_DEVICES,
    PERIOD,
    PREMISES,
    REPEATS,
    SILENCE,
    SOURCE,
    SOURCE_KIND,
    SURPLUS,
    TARGET,
    W_PER_KW,
    ZONE,
    Period,
    Silence,
)

SOURCE_DOMAINS: Final = (*CONTACT_DOMAINS, Platform.SENSOR, Platform.NUMBER, "input_number")
HIGHEST_LIMIT: Final = 2000.0
HIGHEST_POWER: Final = 2000.0
LEAST_TARGET: Final = 0.5
"""kW"""
LONGEST_HEARTBEAT_S: Final = 86_400
MOST_DEVICES: Final = 20

CONFIRMED: Final = "confirmed"
BY_INSTALLER: Final = "by_installer"

_HOUR: Final = timedelta(hours=1)

MANAGER_FIELDS: Final[Fields] = {
    probatio.Required(
        HEARTBEAT_S, default=round(DEFAULT_MANAGER.heartbeat.total_seconds())
    ): whole_number(2 * round(MIN_PERIOD.total_seconds()), LONGEST_HEARTBEAT_S, UnitOfTime.SECONDS),
    probatio.Required(SILENCE, default=Silence.FALLBACK.value): named_choice(SILENCE, Silence),
    probatio.Required(FALLBACK, default=DEFAULT_MANAGER.fallback): current(0, HIGHEST_CURRENT),
}

OPERATOR_FIELDS: Final[Fields] = {
    probatio.Optional(SOURCE): EntitySelector(
        EntitySelectorConfig(
            filter=[EntityWithDeviceFilterSelectorConfig(domain=list(SOURCE_DOMAINS))]
        )
    ),
    probatio.Required(SOURCE_KIND, default=ContactKind.NORMALLY_OPEN.value): named_choice(
        "contact", ContactKind
    ),
    probatio.Optional(DIMMED): power(0, HIGHEST_POWER),
    probatio.Required(HEARTBEAT_S, default=DEFAULT_HEARTBEAT_S): whole_number(
        0, LONGEST_HEARTBEAT_S, UnitOfTime.SECONDS
    ),
    probatio.Required(REPEATS, default=False): BooleanSelector(),
    probatio.Optional(FAILSAFE): power(0, HIGHEST_POWER),
    probatio.Required(FAILSAFE_HOURS, default=DEFAULT_FAILSAFE_HOURS): whole_number(
        SHORTEST_FAILSAFE // _HOUR, LONGEST_FAILSAFE // _HOUR, UnitOfTime.HOURS
    ),
    probatio.Required(SURPLUS, default=True): BooleanSelector(),
    probatio.Required(OTHER_DEVICES, default=0): whole_number(0, MOST_DEVICES),
}

RESET_FIELDS: Final[Fields] = {
    probatio.Required(CONFIRMED, default=False): BooleanSelector(),
    probatio.Required(BY_INSTALLER, default=False): BooleanSelector(),
}


def _g100_fields(offered: list[ConfigSubentry]) -> Fields:
    return {
        probatio.Optional(ZONE): zone_selector(offered),
        probatio.Optional(IMPORT_LIMIT): current(1, HIGHEST_LIMIT),
        probatio.Optional(EXPORT_LIMIT): current(0, HIGHEST_LIMIT),
        probatio.Required(PREMISES, default=Premises.DOMESTIC.value): named_choice(
            PREMISES, Premises
        ),
    }


def _peak_fields(offered: list[ConfigSubentry]) -> Fields:
    return {
        probatio.Optional(ZONE): zone_selector(offered),
        probatio.Required(TARGET, default=DEFAULT_PEAK.target / W_PER_KW): power(
            LEAST_TARGET, HIGHEST_POWER
        ),
        probatio.Required(PERIOD, default=Period.QUARTER.value): named_choice(PERIOD, Period),
        probatio.Required(FOLLOW, default=DEFAULT_PEAK.follow): BooleanSelector(),
        probatio.Required(NETTING, default=DEFAULT_PEAK.netting): BooleanSelector(),
    }


class GridStep(OptionsFlow):
    """The steps on what comes from outside; whoever listens to the entry applies them."""

    async def async_step_grid(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask what is to be changed."""
        steps = [CONF_PEAK, CONF_OPERATOR, CONF_MANAGER, CONF_G100, "g100_reset"]
        return self.async_show_menu(step_id="grid", menu_options=steps)

    async def async_step_energy_manager(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask what becomes of an energy manager's setpoints."""
        return self._grid_step(CONF_MANAGER, MANAGER_FIELDS, user_input, dict)

    async def async_step_grid_operator(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask how the grid operator limits cars."""
        return self._grid_step(CONF_OPERATOR, OPERATOR_FIELDS, user_input, self._accepted_operator)

    async def async_step_g100(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the import that was agreed with the network operator."""
        return self._grid_step(
            CONF_G100, _g100_fields(self._roots()), user_input, self._accepted_g100
        )

    async def async_step_capacity_tariff(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the average that is charged for."""
        return self._grid_step(
            CONF_PEAK, _peak_fields(self._roots()), user_input, self._accepted_peak
        )

    async def async_step_g100_reset(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask whether a lockout shall end."""
        entry = self.config_entry
        if entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="not_running")
        locked = entry.runtime_data.grid.lockout()
        if locked is None:
            return self.async_abort(reason="not_locked_out")
        refusal = None
        if user_input is not None:
            by_installer = user_input[BY_INSTALLER]
            if not user_input[CONFIRMED]:
                refusal = Refusal("not_confirmed", CONFIRMED)
            elif not by_installer and not locked.may_reset:
                refusal = Refusal("no_resets_left", BY_INSTALLER)
            else:
                locked.memory.reset(by_installer=by_installer)
                entry.runtime_data.async_wishes_changed()
                return self.async_abort(reason="lockout_ended")
        return show(self, "g100_reset", RESET_FIELDS, values=user_input, refusal=refusal)

    def _grid_step(
        self,
        key: str,
        fields: Fields,
        user_input: dict[str, Any] | None,
        accept: Callable[[dict[str, Any]], dict[str, Any]],
    ) -> ConfigFlowResult:
        options, refusal = self.config_entry.options, None
        values = self._today(options.get(key, {}))
        if user_input is not None:
            values = chosen(user_input)
            try:
                accepted = accept(values)
            except Refusal as error:
                refusal = error
            else:
                return self.async_create_entry(data={**options, key: accepted})
        return show(self, key, fields, values=values, refusal=refusal)

    def _today(self, stored: Mapping[str, Any]) -> dict[str, Any]:
        """Return what is stored, with the entity id of today."""
        return {
            key: entity_id_of(self.hass, value) if key == SOURCE else value
            for key, value in stored.items()
        }

    def _accepted_operator(self, values: dict[str, Any]) -> dict[str, Any]:
        if SOURCE not in values:
            return values
        require_usable(self.hass, SOURCE, values[SOURCE], SOURCE_DOMAINS)
        return values | {SOURCE: registered(self.hass, values[SOURCE])}

    def _accepted_g100(self, values: dict[str, Any]) -> dict[str, Any]:
        if ZONE not in values:
            return values
        zone = self._metered(values)
        if IMPORT_LIMIT not in values:
            raise Refusal("import_limit_missing", IMPORT_LIMIT)
        if values[PREMISES] == Premises.DOMESTIC:
            group = zone.data.get(CONF_CLUSTER_MAX, max(zone_of(zone).limit))
            if max(values[IMPORT_LIMIT], group) > DOMESTIC_MOST:
                raise Refusal("domestic_limit", IMPORT_LIMIT, group=f"{group:g}")
        return values

    def _accepted_peak(self, values: dict[str, Any]) -> dict[str, Any]:
        if ZONE in values:
            self._metered(values)
        return values

    def _metered(self, values: Mapping[str, Any]) -> ConfigSubentry:
        """Return the chosen zone. Raises Refusal if no meter shows its import."""
        zone = self.config_entry.subentries[values[ZONE]]
        if not zone_of(zone).is_dynamic:
            raise Refusal("zone_not_metered", ZONE, zone=zone.title)
        return zone

    def _roots(self) -> list[ConfigSubentry]:
        return [zone for zone in zones(self.config_entry) if CONF_PARENT not in zone.data]
