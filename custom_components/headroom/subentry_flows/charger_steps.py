"""The steps that describe a charger of any family, and those of a station."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import probatio
from homeassistant.config_entries import (
    ConfigEntry,
    ConfigSubentry,
)
from homeassistant.const import CONF_PASSWORD
from homeassistant.data_entry_flow import FlowContext, FlowHandler, FlowResult
from homeassistant.helpers.selector import TextSelector

from ..chargers.ocpp.identity import is_station_id
from ..chargers.ocpp.strategy import PURPOSES, UNITS
from ..chargers.ocpp.versions import NAMES
from ..const import (
    CONF_CAR_CAPACITY,
    CONF_CAR_CHARGE_ENTITY,
    CONF_CONNECTOR_COUNT,
    CONF_CONNECTORS,
    CONF_OCPP_VERSION,
    CONF_ORDER,
    CONF_PROFILE_PURPOSE,
    CONF_PROFILE_UNIT,
    CONF_STATION_ID,
    CONF_ZONE,
    SUBENTRY_CHARGER,
)
from .access import access_data, access_fields
from .car import shown_with_car, with_car
from .connector import CONNECTOR_FIELDS
from .form import (
    Fields,
    Refusal,
    drafted,
    flat,
    kept_title,
    named_choice,
    require_acceptable,
    required_text,
    show,
    terminal_zones,
    whole_number,
    zone_selector,
)

MOST_CONNECTORS = 4
_AUTOMATIC: Final = "automatic"
_WAYS: Final = {CONF_PROFILE_PURPOSE: tuple(PURPOSES), CONF_PROFILE_UNIT: tuple(UNITS)}
"""What people may leave of the ways to limit a charger."""


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
        probatio.Required(CONF_OCPP_VERSION, default=_AUTOMATIC): named_choice(
            CONF_OCPP_VERSION, (_AUTOMATIC, *NAMES)
        ),
        **{
            probatio.Required(key, default=_AUTOMATIC): named_choice(key, (_AUTOMATIC, *names))
            for key, names in _WAYS.items()
        },
        **access,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargerDraft:
    """A charger before its connectors are described."""

    label: str
    """What a person knows it by."""
    identity: str
    """No other charger of the site has it."""
    data: Mapping[str, Any]
    connector_count: int
    taken: str
    """Key of the error if another charger has the identity."""


class ChargerSteps[C: FlowContext, R: FlowResult[Any, Any], H](FlowHandler[C, R, H], ABC):
    """The steps that describe a charger: first the station, then each of its connectors."""

    _announced_id: str | None = None
    """Id of a station that has announced itself, so that nobody need type it."""
    _charger: ChargerDraft
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
            values=values or self._stored_charger(),
            refusal=refusal,
            station=self._announced_id or "",
        )

    async def async_step_connector(self, user_input: dict[str, Any] | None = None) -> R:
        """Ask for the connectors one after the other."""
        values, refusal = None, None
        if user_input is not None:
            values = flat(user_input)
            try:
                connectors = (*self._connectors, with_car(self.hass, values))
                draft = self._accepted(connectors)
            except Refusal as error:
                refusal = error
            else:
                if len(connectors) == self._charger.connector_count:
                    return self._save(draft)
                self._connectors, values = connectors, None
        return show(
            self,
            "connector",
            CONNECTOR_FIELDS,
            values=values or shown_with_car(self.hass, self._stored_connector()),
            refusal=refusal,
            station=self._charger.label,
            number=str(len(self._connectors) + 1),
            count=str(self._charger.connector_count),
        )

    def _take_station(self, values: Mapping[str, Any]) -> None:
        """Begin a charger without connectors. Raises Refusal if the site cannot have it."""
        station_id = self._announced_id or required_text(values, CONF_STATION_ID)
        if not is_station_id(station_id):
            raise Refusal("station_id_unusable", CONF_STATION_ID)
        chosen = {key: values[key] for key in (CONF_OCPP_VERSION, *_WAYS)}
        self._begin(
            ChargerDraft(
                label=station_id,
                identity=station_id,
                data={
                    CONF_STATION_ID: station_id,
                    CONF_ZONE: values[CONF_ZONE],
                    **{key: name for key, name in chosen.items() if name != _AUTOMATIC},
                    **access_data(values, self._stored),
                },
                connector_count=values[CONF_CONNECTOR_COUNT],
                taken="station_taken",
            )
        )

    def _begin(self, charger: ChargerDraft) -> None:
        """Begin a charger without connectors. Raises Refusal if the site cannot have it."""
        self._charger, self._connectors = charger, ()
        self._accepted(())

    def _accepted(self, connectors: tuple[Mapping[str, Any], ...]) -> ConfigSubentry:
        charger = self._charger
        unique_id = f"{SUBENTRY_CHARGER}_{charger.identity}"
        draft = drafted(
            self._edited,
            subentry_type=SUBENTRY_CHARGER,
            title=kept_title(self._edited, unique_id) or charger.label,
            unique_id=unique_id,
            data={**charger.data, CONF_CONNECTORS: [dict(connector) for connector in connectors]},
        )
        return require_acceptable(self._site_entry, draft, Refusal(charger.taken))

    @property
    def _stored(self) -> Mapping[str, Any]:
        return {} if self._edited is None else self._edited.data

    def _stored_charger(self) -> dict[str, Any] | None:
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
        own = {CONF_ORDER, CONF_CAR_CHARGE_ENTITY, CONF_CAR_CAPACITY}
        return {key: value for key, value in before.items() if key not in own}
