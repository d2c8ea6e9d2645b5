"""Sensors of where the cars' energy came from, what it cost, and the CO2 that it made."""

from abc import abstractmethod
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import PERCENTAGE, UnitOfEnergy, UnitOfMass
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import CONF_CARBON_ENTITY, CONF_PRICE_ENTITY, SUBENTRY_CHARGER, SUBENTRY_METER
from .coordinator import HeadroomConfigEntry, SiteCoordinator
from .engine.site.model import MeterRole
from .entity import ConnectorEntity, HeadroomEntity, follow_chargers, numbers_of
from .origin.account import Account
from .origin.parts import Parts
from .parts import meter_of
from .sensor_base import ShownSensor

_WH_PER_KWH: Final = 1000.0
_G_PER_KG: Final = 1000.0
_PERCENT: Final = 100.0
_DIGITS: Final = 6
"""Behind the point: sums in another order must not look like a total that falls."""

type Need = MeterRole | str
"""A meter with a role, or an option of the site."""
NOTHING: Final = ""


@dataclass(frozen=True, kw_only=True)
class OriginSensorDescription(SensorEntityDescription):
    """Describe a sensor of energy by its origin."""

    value_fn: Callable[[Parts], float | None]
    need: Need = NOTHING
    """What the site must have for it."""
    gap: tuple[str, Callable[[Parts], float]] | None = None
    """Name and value in Wh of the energy that the sensor can only guess, or leaves out."""


def _energy(key: str) -> dict[str, Any]:
    return {
        "key": key,
        "translation_key": key,
        "device_class": SensorDeviceClass.ENERGY,
        "native_unit_of_measurement": UnitOfEnergy.KILO_WATT_HOUR,
        "state_class": SensorStateClass.TOTAL_INCREASING,
        "suggested_display_precision": 2,
    }


def _descriptions(
    prefix: str, energy: str, cost: SensorStateClass | None
) -> tuple[OriginSensorDescription, ...]:
    """Return the sensors of some energy; their keys begin with a prefix.

    A cost may fall with negative prices, so statistics of one that begins anew would be wrong.
    """
    return (
        OriginSensorDescription(
            **_energy(f"{energy}_solar"),
            value_fn=lambda parts: parts.solar / _WH_PER_KWH,
            need=MeterRole.SOLAR,
        ),
        OriginSensorDescription(
            **_energy(f"{energy}_battery"),
            value_fn=lambda parts: parts.battery / _WH_PER_KWH,
            need=MeterRole.BATTERY,
        ),
        OriginSensorDescription(
            **_energy(f"{energy}_grid"),
            value_fn=lambda parts: parts.grid / _WH_PER_KWH,
            gap=("assumed", lambda parts: parts.assumed),
        ),
        OriginSensorDescription(
            key=f"{prefix}_cost",
            translation_key=f"{prefix}_cost",
            device_class=SensorDeviceClass.MONETARY,
            state_class=cost,
            suggested_display_precision=2,
            value_fn=lambda parts: parts.cost,
            need=CONF_PRICE_ENTITY,
            gap=("without_price", lambda parts: parts.unpriced),
        ),
        OriginSensorDescription(
            key=f"{prefix}_carbon",
            translation_key=f"{prefix}_carbon",
            device_class=SensorDeviceClass.WEIGHT,
            native_unit_of_measurement=UnitOfMass.KILOGRAMS,
            state_class=SensorStateClass.TOTAL_INCREASING,
            suggested_display_precision=2,
            value_fn=lambda parts: parts.carbon / _G_PER_KG,
            need=CONF_CARBON_ENTITY,
            gap=("without_intensity", lambda parts: parts.unrated),
        ),
    )


def _solar_share(parts: Parts) -> float | None:
    return parts.solar / parts.energy * _PERCENT if parts.energy > 0 else None


class OriginSensors(NamedTuple):
    """The sensors of a site, and of each connector: for a session, and for all of them."""

    site: tuple[OriginSensorDescription, ...]
    session: tuple[OriginSensorDescription, ...]
    total: tuple[OriginSensorDescription, ...]


ORIGIN_SENSORS: Final = OriginSensors(
    site=_descriptions("charging", "charging_energy", SensorStateClass.TOTAL),
    session=(
        *_descriptions("session", "session_energy", None),
        OriginSensorDescription(
            key="session_solar_share",
            translation_key="session_solar_share",
            native_unit_of_measurement=PERCENTAGE,
            state_class=SensorStateClass.MEASUREMENT,
            suggested_display_precision=0,
            value_fn=_solar_share,
            need=MeterRole.SOLAR,
        ),
    ),
    total=_descriptions("energy", "energy", SensorStateClass.TOTAL),
)


def follow_origin(
    coordinator: SiteCoordinator,
    async_add_entities: AddConfigEntryEntitiesCallback,
    sensors: OriginSensors,
) -> None:
    """Add the sensors that meters and options make possible, whenever one of these appears."""
    entry, added = coordinator.config_entry, set[str]()

    def make(item: ConfigSubentry) -> Iterable[HeadroomEntity]:
        present = _present(entry)
        for number in numbers_of(item):
            for description in _possible(sensors.session, present):
                yield SessionOriginSensor(coordinator, item, number, description)
            for description in _possible(sensors.total, present):
                yield TotalOriginSensor(coordinator, item, number, description)

    follow_charger = follow_chargers(coordinator, async_add_entities, make)

    def follow_site() -> None:
        new = [d for d in _possible(sensors.site, _present(entry)) if d.key not in added]
        added.update(description.key for description in new)
        async_add_entities(SiteOriginSensor(coordinator, entry.entry_id, d) for d in new)

    async def follow(*_: object) -> None:
        follow_site()
        for item in entry.get_subentries_of_type(SUBENTRY_CHARGER):
            follow_charger(item)

    follow_site()
    entry.async_on_unload(entry.add_update_listener(follow))


def _present(entry: HeadroomConfigEntry) -> frozenset[Need]:
    """Return what the site has of what sensors need."""
    roles = (meter_of(item).role for item in entry.get_subentries_of_type(SUBENTRY_METER))
    return frozenset[Need]((*roles, *entry.options, NOTHING))


def _possible(
    descriptions: Iterable[OriginSensorDescription], present: frozenset[Need]
) -> Iterator[OriginSensorDescription]:
    return (description for description in descriptions if description.need in present)


class _OriginSensor(ShownSensor):
    """Show energy by its origin, or what follows from it."""

    entity_description: OriginSensorDescription

    @property
    @abstractmethod
    def _parts(self) -> Parts:
        """Return the energy."""

    @property
    @override
    def native_unit_of_measurement(self) -> str | None:
        if self.device_class is SensorDeviceClass.MONETARY:
            return self.hass.config.currency
        return super().native_unit_of_measurement

    @property
    @override
    def native_value(self) -> float | None:
        value = self.entity_description.value_fn(self._parts)
        return None if value is None else round(value, _DIGITS)

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, float]:
        gap = self.entity_description.gap
        return {} if gap is None else {gap[0]: round(gap[1](self._parts) / _WH_PER_KWH, 2)}

    @override
    def _shows(self) -> Hashable:
        return (super()._shows(), *self.extra_state_attributes.values())


class SiteOriginSensor(_OriginSensor):
    """Show what all connectors have delivered."""

    @property
    @override
    def _parts(self) -> Parts:
        return self.coordinator.origin.ledger.total


class _ConnectorOriginSensor(ConnectorEntity, _OriginSensor):
    @property
    @override
    def available(self) -> bool:
        """Stay available while contact is lost: what has been counted is still so."""
        return self._station is not None

    @property
    def _account(self) -> Account:
        return self.coordinator.origin.ledger.of(self._connector)


class SessionOriginSensor(_ConnectorOriginSensor):
    """Show the running session of a connector, or its last one."""

    @property
    @override
    def _parts(self) -> Parts:
        return self._account.session


class TotalOriginSensor(_ConnectorOriginSensor):
    """Show all that a connector has delivered."""

    @property
    @override
    def _parts(self) -> Parts:
        return self._account.total
