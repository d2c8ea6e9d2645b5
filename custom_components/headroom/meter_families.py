"""How the links to meters are made, one family of meters at a time."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, override

from .const import (
    CONF_CURRENT_ENTITIES,
    CONF_EXPORT_ENTITY,
    CONF_FAMILY,
    CONF_IMPORT_ENTITY,
    CONF_INVERTED,
    CONF_MAX_AGE,
    CONF_MODEL,
    CONF_PERIOD,
    CONF_POWER_BACK_ENTITIES,
    CONF_POWER_ENTITIES,
    CONF_SIGNED,
    CONF_SPREAD,
    CONF_TOTAL_BACK_ENTITY,
    CONF_TOTAL_ENTITY,
    CONF_VOLTAGE_ENTITIES,
    CONF_WIRING,
    FAMILY_MODBUS,
)
from .engine.site.wiring import Wiring
from .entity_state import EntityStates
from .meters.base import MeterLink
from .meters.entity_meter import EntityMeter, EntityMeterConfig
from .meters.estimate import Spread
from .meters.measured import Mounting
from .meters.modbus_meter import ModbusMeter
from .meters.models import CurrentSign, Kind, MeterModel
from .modbus.endpoint import EndpointPool
from .parts import modbus_address

type Stored = Mapping[str, Any]
"""What a meter's subentry keeps."""

MEASURING: Final = {
    CONF_CURRENT_ENTITIES: Kind.CURRENTS,
    CONF_POWER_ENTITIES: Kind.POWERS,
    CONF_TOTAL_ENTITY: Kind.POWER,
    CONF_VOLTAGE_ENTITIES: Kind.VOLTAGES,
    CONF_IMPORT_ENTITY: Kind.ENERGY_IMPORT,
    CONF_EXPORT_ENTITY: Kind.ENERGY_EXPORT,
}
"""What the sensors of a field measure."""

GIVEN_BACK: Final = {
    CONF_POWER_BACK_ENTITIES: Kind.POWERS,
    CONF_TOTAL_BACK_ENTITY: Kind.POWER,
}
"""What the sensors of a field take off."""

_DEFAULT: Final = Mounting()


class MeterFamily(ABC):
    """Meters that Headroom reads in the same way."""

    @abstractmethod
    def make(self, title: str, data: Stored) -> MeterLink:
        """Make the link to a meter."""

    def source(self, data: Stored) -> Stored:
        """Return what a link is made from; if that changes, it is made anew."""
        return data


class ModbusMeters(MeterFamily):
    """Meters that are polled over Modbus."""

    def __init__(
        self,
        pool: EndpointPool,
        models: Mapping[str, MeterModel],
        now: Callable[[], datetime],
    ) -> None:
        self._pool = pool
        self._models = models
        self._now = now

    @override
    def make(self, title: str, data: Stored) -> MeterLink:
        return ModbusMeter(
            self._pool,
            modbus_address(data),
            self._models[data[CONF_MODEL]],
            mounting=mounting_of(data),
            period=timedelta(milliseconds=data[CONF_PERIOD]),
            now=self._now,
        )

    @override
    def source(self, data: Stored) -> Stored:
        """Return the data with the model itself, which may be the site's own and change."""
        return {**data, CONF_MODEL: self._models[data[CONF_MODEL]]}


class EntityMeters(MeterFamily):
    """Meters that are made of the sensors of other integrations."""

    def __init__(self, access: EntityStates, now: Callable[[], datetime]) -> None:
        self._access = access
        self._now = now

    @override
    def make(self, title: str, data: Stored) -> MeterLink:
        return EntityMeter(title, sensors_of(data), access=self._access, now=self._now)


def family_of(data: Stored) -> str:
    """Return the family of a meter."""
    family: str = data.get(CONF_FAMILY, FAMILY_MODBUS)
    return family


def mounting_of(data: Stored) -> Mounting:
    """Return how the meter of a subentry is installed."""
    return Mounting(
        wiring=Wiring(data.get(CONF_WIRING, _DEFAULT.wiring)),
        inverted=data.get(CONF_INVERTED, _DEFAULT.inverted),
        spread=Spread(data.get(CONF_SPREAD, _DEFAULT.spread)),
    )


def sensors_of(data: Stored) -> EntityMeterConfig:
    """Return the sensors that a subentry names. Raises ValueError if they make no meter."""
    return EntityMeterConfig(
        entities=_chosen(MEASURING, data),
        given_back=_chosen(GIVEN_BACK, data),
        max_age=timedelta(seconds=data[CONF_MAX_AGE]),
        sign=CurrentSign.SIGNED if data[CONF_SIGNED] else CurrentSign.UNSIGNED,
        mounting=mounting_of(data),
    )


def _chosen(fields: Mapping[str, Kind], data: Stored) -> dict[Kind, tuple[str, ...]]:
    named = {kind: data.get(field) for field, kind in fields.items()}
    return {
        kind: (entities,) if isinstance(entities, str) else tuple(entities)
        for kind, entities in named.items()
        if entities
    }
