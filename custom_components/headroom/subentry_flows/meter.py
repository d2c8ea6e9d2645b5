"""The flow that adds and changes meters."""

from collections.abc import Mapping
from typing import Any, Final, override

import probatio
from homeassistant.config_entries import ConfigSubentry, SubentryFlowResult
from homeassistant.const import CONF_HOST, CONF_PORT, UnitOfTime
from homeassistant.helpers.selector import BooleanSelector, TextSelector

from ..const import (
    CONF_CONNECTION,
    CONF_MODEL,
    CONF_PERIOD,
    CONF_UNIT,
    CONF_ZONE,
    DEFAULT_METER_PERIOD_MS,
    DEFAULT_MODBUS_PORT,
    DEFAULT_MODBUS_UNIT,
    FAMILY_ENTITIES,
    FAMILY_MODBUS,
    SUBENTRY_METER,
)
from ..engine.currents import PHASES
from ..meter_families import family_of
from ..meters.base import MeterData
from ..meters.models import MeterModel
from ..meters.proposal import Proposal
from ..modbus.address import Framing
from ..own_models import async_models
from ..parts import modbus_address
from .entity_meter import EntityMeterSteps
from .form import (
    Fields,
    Refusal,
    choice,
    connection_choice,
    drafted,
    flat,
    kept_title,
    require_acceptable,
    required_text,
    show,
    whole_number,
    zone_selector,
    zones,
)
from .meter_role import ROLE_FIELDS, MeterRoleSteps
from .mounting import MOUNTING_FIELDS, require_fitting_wiring
from .probe import async_hints, async_survey
from .serial_port import is_serial, serial_fields, shown_serial, with_serial_port
from .unit_scan import UnitScanSteps

HIGHEST_PORT = 65535
HIGHEST_UNIT = 255
SHORTEST_PERIOD_MS = 250
LONGEST_PERIOD_MS = 60_000

UNKNOWN = "?"

CONF_SCAN: Final = "scan"
CONF_AGAIN: Final = "again"

FAMILIES: Final = [FAMILY_MODBUS, FAMILY_ENTITIES]
"""Ways to read a meter; each is the name of the step that asks for one."""


def meter_fields(offered: list[ConfigSubentry], models: Mapping[str, MeterModel]) -> Fields:
    """Return the fields of a meter."""
    return {
        probatio.Required(CONF_ZONE): zone_selector(offered),
        probatio.Required(CONF_MODEL): choice({key: model.name for key, model in models.items()}),
        probatio.Required(CONF_CONNECTION, default=Framing.TCP.value): connection_choice(),
        probatio.Optional(CONF_HOST): TextSelector(),
        probatio.Required(CONF_PORT, default=DEFAULT_MODBUS_PORT): whole_number(1, HIGHEST_PORT),
        probatio.Required(CONF_UNIT, default=DEFAULT_MODBUS_UNIT): whole_number(0, HIGHEST_UNIT),
        probatio.Optional(CONF_SCAN): BooleanSelector(),
        probatio.Required(CONF_PERIOD, default=DEFAULT_METER_PERIOD_MS): whole_number(
            SHORTEST_PERIOD_MS, LONGEST_PERIOD_MS, UnitOfTime.MILLISECONDS
        ),
        **ROLE_FIELDS,
        **MOUNTING_FIELDS,
    }


class MeterSubentryFlow(EntityMeterSteps, MeterRoleSteps, UnitScanSteps):
    """Add or change a meter; a person sees what it measures before it is saved."""

    _entered: dict[str, Any]
    _verified: ConfigSubentry
    _reading: MeterData
    _proposals: tuple[Proposal, ...] = ()
    _searches: bool = False
    """Whether the unit is still to be found."""

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask how Headroom is to read the meter."""
        if not zones(self._site_entry):
            return self.async_abort(reason="no_zones")
        return self.async_show_menu(step_id="user", menu_options=FAMILIES)

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Change a meter in the form of its family."""
        if family_of(self._get_reconfigure_subentry().data) == FAMILY_ENTITIES:
            return await self.async_step_entity_meter()
        return await self.async_step_modbus()

    async def async_step_modbus(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask for a meter's model and address."""
        if not zones(self._site_entry):
            return self.async_abort(reason="no_zones")
        if user_input is None:
            self._entered = dict(self._edited.data) if self._edited else {}
            return await self._async_show_meter()
        self._entered = flat(user_input)
        self._searches = self._entered.pop(CONF_SCAN, False)
        if is_serial(self._entered):
            return await self.async_step_serial()
        try:
            host = required_text(self._entered, CONF_HOST)
            return await self._async_take({**self._entered, CONF_HOST: host})
        except Refusal as refusal:
            return await self._async_show_meter(refusal)

    async def async_step_serial(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask for the serial port of a meter that is connected to one."""
        models = await self._async_models()
        fields = serial_fields(models[self._entered[CONF_MODEL]].line)
        refusal = None
        if user_input is not None:
            try:
                data = with_serial_port(self._entered, user_input, self._site_entry, self._edited)
                return await self._async_take(data)
            except Refusal as error:
                if error.field not in fields:
                    return await self._async_show_meter(error)
                refusal = error
        stored = self._edited.data if self._edited else {}
        values = user_input or shown_serial(self._entered, stored)
        return show(self, "serial", fields, values=values, refusal=refusal)

    async def async_step_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Show what the meter measures now and save it if that looks right."""
        if user_input is None:
            return await self._async_show_reading()
        if not user_input.get(CONF_AGAIN):
            return await self._async_finish(self._verified)
        return await self._async_found(self._verified.data)

    async def _async_show_reading(self) -> SubentryFlowResult:
        on_modbus = family_of(self._verified.data) == FAMILY_MODBUS
        return show(
            self,
            "confirm",
            {probatio.Optional(CONF_AGAIN): BooleanSelector()} if on_modbus else {},
            values=None,
            refusal=None,
            hints=await async_hints(self.hass, self._proposals),
            **reading_placeholders(self._reading),
        )

    @override
    async def _async_show_meter(self, refusal: Refusal | None = None) -> SubentryFlowResult:
        fields = meter_fields(zones(self._site_entry), await self._async_models())
        if refusal is not None and refusal.field not in fields:
            refusal = Refusal(refusal.key, **refusal.placeholders)
        return show(self, "modbus", fields, values=self._entered, refusal=refusal)

    async def _async_take(self, data: Mapping[str, Any]) -> SubentryFlowResult:
        """Go on with a meter that can be read. Raises Refusal."""
        models = await self._async_models()
        model = models[data[CONF_MODEL]]
        require_fitting_wiring(data, model.measured_phases)
        if self._searches:
            return await self._async_search(data, model)
        draft = self._accepted(data, models)
        found = await async_survey(self._site_entry, data, model)
        self._proposals = found.proposals
        return await self._async_confirm(draft, found.reading)

    @override
    async def _async_found(self, data: Mapping[str, Any]) -> SubentryFlowResult:
        self._searches = False
        self._entered = dict(data)
        try:
            return await self._async_take(data)
        except Refusal as refusal:
            return await self._async_show_meter(refusal)

    @override
    async def _async_confirm(self, draft: ConfigSubentry, reading: MeterData) -> SubentryFlowResult:
        self._verified, self._reading = draft, reading
        return await self.async_step_confirm()

    async def _async_models(self) -> Mapping[str, MeterModel]:
        return await async_models(self.hass, self._site_entry.subentries.values())

    def _accepted(
        self, data: Mapping[str, Any], models: Mapping[str, MeterModel]
    ) -> ConfigSubentry:
        address = modbus_address(data)
        unique_id = f"{SUBENTRY_METER}_{address.identity}"
        name = f"{models[data[CONF_MODEL]].name} ({address.server.name} #{address.unit})"
        draft = drafted(
            self._edited,
            subentry_type=SUBENTRY_METER,
            title=kept_title(self._edited, unique_id) or name,
            unique_id=unique_id,
            data=data,
        )
        field = CONF_UNIT if is_serial(data) else CONF_HOST
        return require_acceptable(self._site_entry, draft, Refusal("meter_taken", field))


def reading_placeholders(reading: MeterData) -> dict[str, str]:
    """Return the words that describe a reading to a person."""
    said = {"power": UNKNOWN if reading.power is None else f"{reading.power:.0f}"}
    for phase in PHASES:
        known, powers = phase not in reading.lost, reading.powers
        said[f"current_l{phase + 1}"] = f"{reading.currents[phase]:.1f}" if known else UNKNOWN
        said[f"power_l{phase + 1}"] = f"{powers[phase]:.0f}" if known and powers else UNKNOWN
    return said
