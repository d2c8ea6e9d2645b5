"""The flow that sets up a site, and the one that offers a station that dialled in."""

import socket
from collections.abc import Mapping
from typing import Any, override

import probatio
from homeassistant.config_entries import (
    SOURCE_USER,
    ConfigEntry,
    ConfigFlow,
    ConfigFlowContext,
    ConfigFlowResult,
    ConfigSubentry,
    ConfigSubentryFlow,
    FlowType,
    OptionsFlow,
    SubentryFlowContext,
)
from homeassistant.const import CONF_NAME, CONF_PORT
from homeassistant.core import callback
from homeassistant.data_entry_flow import AbortFlow
from homeassistant.helpers.selector import BooleanSelector, TextSelector
from homeassistant.helpers.typing import DiscoveryInfoType

from .clock.settings import BRITISH, OFF_PEAK
from .const import (
    ATTR_ENTRY_ID,
    ATTR_REMOTE,
    CONF_CLOCK,
    CONF_STATION_ID,
    DEFAULT_OCPP_PORT,
    DOMAIN,
    SUBENTRY_CHARGER,
    SUBENTRY_METER,
    SUBENTRY_METER_MODEL,
    SUBENTRY_TARIFF,
    SUBENTRY_ZONE,
)
from .encryption_form import ENCRYPTION_FIELDS, async_accepted_encryption
from .migration import MINOR_VERSION, VERSION
from .options_flow import SiteOptionsFlow
from .subentry_flows.charger import ChargerSubentryFlow
from .subentry_flows.charger_steps import ChargerSteps, discovery_id
from .subentry_flows.form import (
    Fields,
    Refusal,
    flat,
    required_text,
    show,
    terminal_zones,
    whole_number,
)
from .subentry_flows.meter import MeterSubentryFlow
from .subentry_flows.meter_model import MeterModelSubentryFlow
from .subentry_flows.tariff import TariffSubentryFlow
from .subentry_flows.zone import ZoneSubentryFlow

SITE_FIELDS: Fields = {
    probatio.Required(CONF_NAME): TextSelector(),
    probatio.Required(CONF_PORT, default=DEFAULT_OCPP_PORT): whole_number(1, 65535),
    **ENCRYPTION_FIELDS,
}
SMART_CHARGING_FIELDS: Fields = {probatio.Required(OFF_PEAK, default=True): BooleanSelector()}
_GREAT_BRITAIN = "GB"
"""Where the Electric Vehicles (Smart Charge Points) Regulations 2021 apply."""


def port_is_free(port: int) -> bool:
    """Return whether a server could listen on a port of this machine."""
    try:
        socket.create_server(("", port)).close()
    except OSError:
        return False
    return True


class HeadroomConfigFlow(
    ConfigFlow, ChargerSteps[ConfigFlowContext, ConfigFlowResult, str], domain=DOMAIN
):
    """Set up a site, change it, or add a station that announced itself to it."""

    VERSION = VERSION
    MINOR_VERSION = MINOR_VERSION

    _site_data: Mapping[str, Any]
    """Of the site that is set up."""
    _site_id: str
    """Entry id of the site that a station dialled into."""
    _remote: str | None
    """Address that the station dialled from."""

    @classmethod
    @callback
    @override
    def async_get_supported_subentry_types(
        cls, config_entry: ConfigEntry
    ) -> dict[str, type[ConfigSubentryFlow]]:
        """Return the parts of a site."""
        return {
            SUBENTRY_ZONE: ZoneSubentryFlow,
            SUBENTRY_METER: MeterSubentryFlow,
            SUBENTRY_METER_MODEL: MeterModelSubentryFlow,
            SUBENTRY_CHARGER: ChargerSubentryFlow,
            SUBENTRY_TARIFF: TariffSubentryFlow,
        }

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: ConfigEntry) -> OptionsFlow:
        """Return the flow that changes a site's rules and inputs."""
        return SiteOptionsFlow()

    @override
    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Set up a site."""
        values, refusal = None, None
        if user_input is not None:
            values = flat(user_input)
            try:
                data = await self._async_accepted(values)
            except Refusal as error:
                refusal = error
            else:
                self._site_data = data
                if self.hass.config.country == _GREAT_BRITAIN:
                    return await self.async_step_smart_charging()
                return self.async_create_entry(title=data[CONF_NAME], data=data)
        return show(
            self,
            "user",
            SITE_FIELDS,
            values=values or {CONF_NAME: self.hass.config.location_name},
            refusal=refusal,
        )

    async def async_step_smart_charging(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Say what British law asks a new site to begin with, and let a person decline."""
        if user_input is None:
            return show(self, "smart_charging", SMART_CHARGING_FIELDS, values=None, refusal=None)
        data = self._site_data
        options = {CONF_CLOCK: {**BRITISH, **user_input}}
        return self.async_create_entry(title=data[CONF_NAME], data=data, options=options)

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Change a site's name, port or encryption; whoever listens to the entry applies it."""
        entry = self._get_reconfigure_entry()
        values, refusal = None, None
        if user_input is not None:
            values = flat(user_input)
            try:
                data = await self._async_accepted(values, entry)
            except Refusal as error:
                refusal = error
            else:
                return self.async_update_and_abort(entry, title=data[CONF_NAME], data=data)
        return show(
            self,
            "reconfigure",
            SITE_FIELDS,
            values=values or {**entry.data, CONF_NAME: entry.title},
            refusal=refusal,
        )

    @override
    async def async_on_create_entry(self, result: ConfigFlowResult) -> ConfigFlowResult:
        """Go on to the first zone of a new site; an ignored station makes an entry as well."""
        if self.source != SOURCE_USER:
            return result
        zone_flow = await self.hass.config_entries.subentries.async_init(
            (result["result"].entry_id, SUBENTRY_ZONE),
            context=SubentryFlowContext(source=SOURCE_USER),
        )
        result["next_flow"] = (FlowType.CONFIG_SUBENTRIES_FLOW, zone_flow["flow_id"])
        return result

    @override
    async def async_step_integration_discovery(
        self, discovery_info: DiscoveryInfoType
    ) -> ConfigFlowResult:
        """Offer a station that dialled in and is no charger of the site yet."""
        station_id: str = discovery_info[CONF_STATION_ID]
        self._site_id = discovery_info[ATTR_ENTRY_ID]
        self._announced_id = station_id
        self._remote = discovery_info[ATTR_REMOTE]
        await self.async_set_unique_id(discovery_id(self._site_id, station_id))
        self._abort_if_unique_id_configured()
        if any(
            item.data.get(CONF_STATION_ID) == station_id
            for item in self._site_entry.subentries.values()
        ):
            raise AbortFlow("already_configured")
        self.context["title_placeholders"] = {"name": station_id}
        return await self.async_step_discovery_confirm()

    async def async_step_discovery_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask whether the station belongs to the site.

        Without a zone the offer stays, because an aborted one would not come back.
        """
        zones = terminal_zones(self._site_entry)
        if user_input is not None and zones:
            return await self.async_step_charger()
        return show(
            self,
            "discovery_confirm",
            {},
            values=None,
            refusal=None if user_input is None else Refusal("no_zones"),
            station=self._announced_id or "",
            site=self._site_entry.title,
            remote=self._remote or "?",
        )

    async def async_step_charger(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the station's place in the site."""
        return await self._async_station_step("charger", user_input)

    @property
    @override
    def _site_entry(self) -> ConfigEntry:
        entry = self.hass.config_entries.async_get_entry(self._site_id)
        if entry is None:
            raise AbortFlow("site_removed")
        return entry

    @property
    @override
    def _edited(self) -> None:
        return None

    @override
    def _save(self, draft: ConfigSubentry) -> ConfigFlowResult:
        self.hass.config_entries.async_add_subentry(self._site_entry, draft)
        return self.async_abort(
            reason="charger_added", description_placeholders={"station": draft.title}
        )

    async def _async_accepted(
        self, values: dict[str, Any], edited: ConfigEntry | None = None
    ) -> dict[str, Any]:
        """Return a site's data. Raises Refusal if its name is empty or its port not usable."""
        name = required_text(values, CONF_NAME)
        port: int = values[CONF_PORT]
        for entry in self._async_current_entries(include_ignore=False):
            if entry is not edited and entry.data[CONF_PORT] == port:
                raise Refusal("port_taken", CONF_PORT, site=entry.title)
        unchanged = edited is not None and edited.data[CONF_PORT] == port
        if not unchanged and not await self.hass.async_add_executor_job(port_is_free, port):
            raise Refusal("port_busy", CONF_PORT)
        encryption = await async_accepted_encryption(self.hass, values)
        return {CONF_NAME: name, CONF_PORT: port, **encryption}
