"""How the links to chargers are made and ended, one family of chargers at a time."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, override

from homeassistant.const import CONF_PASSWORD

from .chargers.base import ChargerLink, ConnectorProfile
from .chargers.car_session import CarSessions
from .chargers.entities.access import EntityAccess
from .chargers.entities.charger import CONNECTOR, EntityCharger
from .chargers.entities.config import DEFAULT_VOLTAGE, EntityChargerConfig, LimitUnit
from .chargers.entities.presets import PRESETS
from .chargers.entities.status import normal
from .chargers.modbus.charger import ModbusCharger
from .chargers.modbus.dialect import Dialect
from .chargers.ocpp.credentials import Credentials
from .chargers.ocpp.server import CentralSystem
from .chargers.ocpp.strategy import PURPOSES, UNITS, WayChoice
from .chargers.ocpp.versions import NAMES
from .const import (
    CONF_ANY_CERTIFICATE,
    CONF_CONNECTORS,
    CONF_CURRENT_ENTITIES,
    CONF_DIALECT,
    CONF_ENERGY_ENTITY,
    CONF_LIMIT_ENTITY,
    CONF_LIMIT_UNIT,
    CONF_OCPP_VERSION,
    CONF_PHASES_ENTITY,
    CONF_POWER_ENTITY,
    CONF_PRESET,
    CONF_PROFILE_PURPOSE,
    CONF_PROFILE_UNIT,
    CONF_SESSION_ENTITY,
    CONF_STATION_ID,
    CONF_STATUS_ENTITY,
    CONF_SWITCH_ENTITY,
    CONF_SWITCH_PAUSES,
    CONF_VOLTAGE,
    CONF_WORDS_CHARGING,
    CONF_WORDS_NO_CAR,
    CONF_WORDS_WAITING,
    CONF_ZONE,
)
from .engine.snapshot import ConnectorStatus
from .modbus.endpoint import EndpointPool
from .parts import connector_id, modbus_address

_MEANINGS: Final = {
    CONF_WORDS_NO_CAR: ConnectorStatus.AVAILABLE,
    CONF_WORDS_WAITING: ConnectorStatus.PREPARING,
    CONF_WORDS_CHARGING: ConnectorStatus.CHARGING,
}

type ChargerData = Mapping[str, Any]
"""What a charger's subentry keeps."""


class ChargerFamily(ABC):
    """Chargers that Headroom speaks to in the same way."""

    @abstractmethod
    def source(self, data: ChargerData) -> object:
        """Return what a link is made from; with another source it has to be made anew."""

    @abstractmethod
    def make(
        self, key: str, title: str, data: ChargerData, profiles: Mapping[int, ConnectorProfile]
    ) -> ChargerLink:
        """Make the link to the charger of a subentry id."""

    def update(
        self, link: ChargerLink, data: ChargerData, profiles: Mapping[int, ConnectorProfile]
    ) -> None:
        """Apply what has changed of a charger whose source is the same."""
        link.update(profiles)

    async def end(self, link: ChargerLink, data: ChargerData) -> None:
        """End contact with a charger that is not wanted any more."""
        await link.close()


class OcppFamily(ChargerFamily):
    """Stations that dial in to the central system."""

    def __init__(self, central: CentralSystem) -> None:
        self._central = central

    @override
    def source(self, data: ChargerData) -> object:
        return data[CONF_STATION_ID]

    @override
    def make(
        self, key: str, title: str, data: ChargerData, profiles: Mapping[int, ConnectorProfile]
    ) -> ChargerLink:
        return self._central.register(
            data[CONF_STATION_ID],
            profiles,
            credentials=_credentials(data),
            version=_version(data),
            choice=_choice(data),
        )

    @override
    def update(
        self, link: ChargerLink, data: ChargerData, profiles: Mapping[int, ConnectorProfile]
    ) -> None:
        super().update(link, data, profiles)
        self._central.require(data[CONF_STATION_ID], _credentials(data))
        self._central.speak(data[CONF_STATION_ID], _version(data))
        self._central.stations[data[CONF_STATION_ID]].choose(_choice(data))

    @override
    async def end(self, link: ChargerLink, data: ChargerData) -> None:
        await self._central.unregister(data[CONF_STATION_ID])


class ModbusFamily(ChargerFamily):
    """Chargers that are read and written over Modbus."""

    def __init__(
        self,
        pool: EndpointPool,
        dialects: Mapping[str, Dialect],
        now: Callable[[], datetime],
        sessions: CarSessions,
    ) -> None:
        self._pool = pool
        self._dialects = dialects
        self._now = now
        self._sessions = sessions

    @override
    def source(self, data: ChargerData) -> object:
        return modbus_address(data), data[CONF_DIALECT]

    @override
    def make(
        self, key: str, title: str, data: ChargerData, profiles: Mapping[int, ConnectorProfile]
    ) -> ChargerLink:
        charger = ModbusCharger(
            self._pool,
            modbus_address(data),
            self._dialects[data[CONF_DIALECT]],
            profiles,
            now=self._now,
            resume=lambda number: self._sessions.resume(connector_id(key, number)),
        )
        charger.open()
        return charger


class EntityFamily(ChargerFamily):
    """Chargers that Home Assistant knows already."""

    def __init__(
        self, access: EntityAccess, now: Callable[[], datetime], sessions: CarSessions
    ) -> None:
        self._access = access
        self._now = now
        self._sessions = sessions

    @override
    def source(self, data: ChargerData) -> object:
        return {
            key: value for key, value in data.items() if key not in {CONF_ZONE, CONF_CONNECTORS}
        }

    @override
    def make(
        self, key: str, title: str, data: ChargerData, profiles: Mapping[int, ConnectorProfile]
    ) -> ChargerLink:
        return EntityCharger(
            title,
            entity_config(data),
            profiles,
            access=self._access,
            now=self._now,
            session=self._sessions.resume(connector_id(key, CONNECTOR)),
        )


def _credentials(data: ChargerData) -> Credentials:
    return Credentials(
        password=data.get(CONF_PASSWORD), any_certificate=data.get(CONF_ANY_CERTIFICATE, False)
    )


def _version(data: ChargerData) -> str | None:
    """Return the only version of OCPP that a charger may speak; None for any."""
    return NAMES.get(data.get(CONF_OCPP_VERSION, ""))


def _choice(data: ChargerData) -> WayChoice:
    """Return the ways to limit a charger that a person has left."""
    return WayChoice(
        purpose=PURPOSES.get(data.get(CONF_PROFILE_PURPOSE, "")),
        unit=UNITS.get(data.get(CONF_PROFILE_UNIT, "")),
    )


def entity_config(data: ChargerData) -> EntityChargerConfig:
    """Return the entities that a subentry names."""
    return EntityChargerConfig(
        limit=data[CONF_LIMIT_ENTITY],
        unit=LimitUnit(data.get(CONF_LIMIT_UNIT, LimitUnit.AMPERE)),
        switch=data.get(CONF_SWITCH_ENTITY),
        switch_pauses=data.get(CONF_SWITCH_PAUSES, False),
        phases=data.get(CONF_PHASES_ENTITY),
        status=data.get(CONF_STATUS_ENTITY),
        words=_words(data),
        power=data.get(CONF_POWER_ENTITY),
        energy=data.get(CONF_ENERGY_ENTITY),
        session_energy=data.get(CONF_SESSION_ENTITY),
        currents=tuple(data.get(CONF_CURRENT_ENTITIES, ())),
        voltage=data.get(CONF_VOLTAGE, DEFAULT_VOLTAGE),
    )


def _words(data: ChargerData) -> dict[str, ConnectorStatus]:
    """Return what the words of the state mean: a person's own before those of the integration."""
    preset = PRESETS.get(data.get(CONF_PRESET, ""))
    own = {
        normal(word): status for field, status in _MEANINGS.items() for word in data.get(field, ())
    }
    return own if preset is None else {**preset.words, **own}
