"""The steps that describe a charger, and the flow that adds and changes chargers."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, override

import probatio
from homeassistant.config_entries import (
    ConfigEntry,
    ConfigSubentry,
    SubentryFlowContext,
    SubentryFlowResult,
)
from homeassistant.const import CONF_PASSWORD
from homeassistant.data_entry_flow import FlowContext, FlowHandler, FlowResult
from homeassistant.helpers.selector import TextSelector

from ..chargers.ocpp.identity import is_station_id
from ..const import (
    CONF_CONNECTOR_COUNT,
    CONF_CONNECTORS,
    CONF_ORDER,
    CONF_STATION_ID,
    CONF_ZONE,
    DOMAIN,
    SUBENTRY_CHARGER,
)
from .access import access_data, access_fields
from .connector import CONNECTOR_FIELDS
from .form import (
    Fields,
    Refusal,
    drafted,
    flat,
    kept_title,
    require_acceptable,
    required_text,
    show,
    terminal_zones,
    whole_number,
    zone_selector,
)
from .part import PartSubentryFlow

MOST_CONNECTORS = 4


def discovery_id(entry_id: str, station_id: str) -> str:
    """Return the unique id of the flow that offers a station to a site."""
    return f"{entry_id}:{station_id}"


def station_fields(zones: list[ConfigSubentry], access: Fields, *, announced: bool) -> Fields:
    """Return the fields of a station, without its id if it has announced itself."""
    station_id: Fields = {probatio.Required(CONF_STATION_ID): TextSelector()}
    return {
        **({} if announced else station_id),
        probatio.Required(CONF_ZONE): zone_selector(zones),
        probatio.Required(CONF_CONNECTOR_COUNT, default=1): whole_number(1, MOST_CONNECTORS),
        **access,
    }


class ChargerSteps[C: FlowContext, R: FlowResult[Any, Any], H](FlowHandler[C, R, H], ABC):
    """The steps that describe a charger: first the station, then each of its connectors."""

    _announced_id: str | None = None
    """Id of a station that has announced itself, so that nobody need type it."""
    _station: Mapping[str, Any]
    _access: Mapping[str, Any]
    """What the charger must show before it is let in."""
    _connectors: tuple[Mapping[str, Any], ...] = ()

    @property
    @abstractmethod
    def _site_entry(self) -> ConfigEntry:
        """Return the entry of the charger's site."""

    @property
    @abstractmethod
    def _edited(self) -> ConfigSubentry | None:
        """Return the subentry that is being changed; None while one is added."""

    @abstractmethod
    def _save(self, draft: ConfigSubentry) -> R:
        """Keep the finished charger and end the flow."""

    async def _async_station_step(self, step_id: str, user_input: dict[str, Any] | None) -> R:
        zones = terminal_zones(self._site_entry)
        if not zones:
            return self.async_abort(reason="no_zones")
        values, refusal = None, None
        if user_input is not None:
            values = flat(user_input)
            try:
                self._take_station(values)
            except Refusal as error:
                refusal = error
            else:
                return await self.async_step_connector()
        access = access_fields(self._site_entry.data, self._stored)
        return show(
            self,
            step_id,
            station_fields(zones, access, announced=self._announced_id is not None),
            values=values or self._stored_station(),
            refusal=refusal,
            station=self._announced_id or "",
        )

    async def async_step_connector(self, user_input: dict[str, Any] | None = None) -> R:
        """Ask for the connectors one after the other."""
        values, refusal = None, None
        if user_input is not None:
            values = flat(user_input)
            connectors = (*self._connectors, values)
            try:
                draft = self._accepted(connectors)
            except Refusal as error:
                refusal = error
            else:
                if len(connectors) == self._station[CONF_CONNECTOR_COUNT]:
                    return self._save(draft)
                self._connectors, values = connectors, None
        return show(
            self,
            "connector",
            CONNECTOR_FIELDS,
            values=values or self._stored_connector(),
            refusal=refusal,
            station=self._station[CONF_STATION_ID],
            number=str(len(self._connectors) + 1),
            count=str(self._station[CONF_CONNECTOR_COUNT]),
        )

    def _take_station(self, values: Mapping[str, Any]) -> None:
        """Begin a charger without connectors. Raises Refusal if the site cannot have it."""
        station_id = self._announced_id or required_text(values, CONF_STATION_ID)
        if not is_station_id(station_id):
            raise Refusal("station_id_unusable", CONF_STATION_ID)
        self._station = {**values, CONF_STATION_ID: station_id}
        self._access = access_data(values, self._stored)
        self._connectors = ()
        self._accepted(())

    def _accepted(self, connectors: tuple[Mapping[str, Any], ...]) -> ConfigSubentry:
        station_id = self._station[CONF_STATION_ID]
        unique_id = f"{SUBENTRY_CHARGER}_{station_id}"
        draft = drafted(
            self._edited,
            subentry_type=SUBENTRY_CHARGER,
            title=kept_title(self._edited, unique_id) or station_id,
            unique_id=unique_id,
            data={
                CONF_STATION_ID: station_id,
                CONF_ZONE: self._station[CONF_ZONE],
                CONF_CONNECTORS: [dict(connector) for connector in connectors],
                **self._access,
            },
        )
        return require_acceptable(self._site_entry, draft, Refusal("station_taken"))

    @property
    def _stored(self) -> Mapping[str, Any]:
        return {} if self._edited is None else self._edited.data

    def _stored_station(self) -> dict[str, Any] | None:
        """Return what a form may show of the charger as it is now."""
        if self._edited is None:
            return None
        shown = {key: value for key, value in self._stored.items() if key != CONF_PASSWORD}
        return {**shown, CONF_CONNECTOR_COUNT: len(shown[CONF_CONNECTORS])}

    def _stored_connector(self) -> Mapping[str, Any]:
        """Return the next connector as it is now, else one like the connector before it."""
        number = len(self._connectors)
        stored: list[Mapping[str, Any]] = self._stored.get(CONF_CONNECTORS, [])
        if number < len(stored):
            return stored[number]
        before = self._connectors[-1] if self._connectors else {}
        return {key: value for key, value in before.items() if key != CONF_ORDER}


class ChargerSubentryFlow(
    PartSubentryFlow, ChargerSteps[SubentryFlowContext, SubentryFlowResult, tuple[str, str]]
):
    """Add or change a charger."""

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Add a charger by its station id."""
        return await self._async_station_step("user", user_input)

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Change a charger."""
        return await self._async_station_step("reconfigure", user_input)

    @override
    def _save(self, draft: ConfigSubentry) -> SubentryFlowResult:
        self._withdraw_discovery(draft.data[CONF_STATION_ID])
        return super()._save(draft)

    def _withdraw_discovery(self, station_id: str) -> None:
        """Stop offering a station that a person has added without waiting for the offer."""
        flows = self.hass.config_entries.flow
        offer = {"unique_id": discovery_id(self._get_entry().entry_id, station_id)}
        for flow in flows.async_progress_by_handler(DOMAIN, match_context=offer):
            flows.async_abort(flow["flow_id"])
