"""The flow that adds and changes chargers."""

from typing import Any, Final, override

from homeassistant.config_entries import ConfigSubentry, SubentryFlowContext, SubentryFlowResult

from ..const import (
    CONF_FAMILY,
    CONF_STATION_ID,
    DOMAIN,
    FAMILY_ENTITIES,
    FAMILY_MODBUS,
    FAMILY_OCPP,
)
from .charger_steps import discovery_id
from .entity_charger import EntityChargerSteps
from .form import terminal_zones
from .modbus_charger import ModbusChargerSteps
from .part import PartSubentryFlow

FAMILIES: Final = [FAMILY_OCPP, FAMILY_MODBUS, FAMILY_ENTITIES]
"""Ways to speak to a charger; each is the name of the step that asks for one."""


class ChargerSubentryFlow(
    PartSubentryFlow,
    ModbusChargerSteps[SubentryFlowContext, SubentryFlowResult, tuple[str, str]],
    EntityChargerSteps[SubentryFlowContext, SubentryFlowResult, tuple[str, str]],
):
    """Add or change a charger."""

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask how Headroom is to speak to the charger."""
        if not terminal_zones(self._site_entry):
            return self.async_abort(reason="no_zones")
        return self.async_show_menu(step_id="user", menu_options=FAMILIES)

    async def async_step_ocpp(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Add a charger by its station id."""
        return await self._async_station_step("ocpp", user_input)

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Change a charger in the form of its family."""
        family = self._get_reconfigure_subentry().data.get(CONF_FAMILY, FAMILY_OCPP)
        if family == FAMILY_ENTITIES:
            return await self.async_step_entity_charger()
        if family == FAMILY_MODBUS:
            return await self.async_step_modbus()
        return await self._async_station_step("reconfigure", user_input)

    @override
    def _save(self, draft: ConfigSubentry) -> SubentryFlowResult:
        if (station_id := draft.data.get(CONF_STATION_ID)) is not None:
            self._withdraw_discovery(station_id)
        return super()._save(draft)

    def _withdraw_discovery(self, station_id: str) -> None:
        """Stop offering a station that a person has added without waiting for the offer."""
        flows = self.hass.config_entries.flow
        offer = {"unique_id": discovery_id(self._get_entry().entry_id, station_id)}
        for flow in flows.async_progress_by_handler(DOMAIN, match_context=offer):
            flows.async_abort(flow["flow_id"])
