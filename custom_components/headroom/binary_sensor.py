"""Binary sensors: contact, degraded mode, and whether chargers do what they are told."""

from collections.abc import Hashable, Iterable, Mapping
from typing import Any, override

from homeassistant.components.binary_sensor import (
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.components.binary_sensor.const import BinarySensorDeviceClass
from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .compliance.incident import Incident as ChargerIncident
from .const import SUBENTRY_CHARGER, SUBENTRY_METER, SUBENTRY_TARIFF, SUBENTRY_ZONE
from .coordinator import HeadroomConfigEntry
from .engine.currents import PHASE_NAMES
from .entity import (
    ChargerEntity,
    ConnectorEntity,
    HeadroomEntity,
    MeterEntity,
    ZoneEntity,
    follow_subentries,
    numbers_of,
)
from .grid.entities import OPERATOR_LIMIT, REMOTE_MANAGEMENT, OperatorLimit, RemoteManagement
from .inputs.entities import CONTACTS, LOAD_SHED, ContactState, LoadShed, follow_inputs
from .meters.quality.incident import Incident
from .plan.entities import GOAL_AT_RISK, GoalAtRisk
from .sun.entities import BATTERY_HELD, follow_batteries
from .tariffs.entities import TARIFF_ACTIVE, TariffActive

PARALLEL_UPDATES = 0

CONTACT = BinarySensorEntityDescription(
    key="contact",
    translation_key="contact",
    device_class=BinarySensorDeviceClass.CONNECTIVITY,
    entity_category=EntityCategory.DIAGNOSTIC,
)
DEGRADED = BinarySensorEntityDescription(
    key="degraded",
    translation_key="degraded",
    device_class=BinarySensorDeviceClass.PROBLEM,
)
READINGS = BinarySensorEntityDescription(
    key="readings",
    translation_key="readings",
    device_class=BinarySensorDeviceClass.PROBLEM,
    entity_category=EntityCategory.DIAGNOSTIC,
)
COMPLIANCE = BinarySensorEntityDescription(
    key="compliance",
    translation_key="compliance",
    device_class=BinarySensorDeviceClass.PROBLEM,
    entity_category=EntityCategory.DIAGNOSTIC,
)


async def async_setup_entry(
    _: HomeAssistant,
    entry: HeadroomConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the binary sensors of a site."""
    coordinator = entry.runtime_data

    def make(item: ConfigSubentry) -> Iterable[HeadroomEntity]:
        if item.subentry_type == SUBENTRY_ZONE:
            yield ZoneDegraded(coordinator, item, DEGRADED)
            yield RemoteManagement(coordinator, item, REMOTE_MANAGEMENT)
        elif item.subentry_type == SUBENTRY_METER:
            yield MeterContact(coordinator, item, CONTACT)
            yield MeterReadings(coordinator, item, READINGS)
        elif item.subentry_type == SUBENTRY_CHARGER:
            yield ChargerContact(coordinator, item, CONTACT)
            for number in numbers_of(item):
                yield ConnectorCompliance(coordinator, item, number, COMPLIANCE)
                yield GoalAtRisk(coordinator, item, number, GOAL_AT_RISK)
        elif item.subentry_type == SUBENTRY_TARIFF:
            yield TariffActive(coordinator, item.subentry_id, TARIFF_ACTIVE)

    follow_subentries(coordinator, async_add_entities, make)
    async_add_entities([LoadShed(coordinator, entry.entry_id, LOAD_SHED)])
    follow_inputs(coordinator, async_add_entities, CONTACTS, ContactState)
    follow_batteries(coordinator, async_add_entities, BATTERY_HELD)
    async_add_entities([OperatorLimit(coordinator, entry.entry_id, OPERATOR_LIMIT)])


class _ShownBinarySensor(HeadroomEntity, BinarySensorEntity):
    """A binary sensor that shows whether it is on."""

    @override
    def _shows(self) -> Hashable:
        return self.is_on


class ZoneDegraded(ZoneEntity, _ShownBinarySensor):
    """Tell that a zone's meter is silent, so that its degraded current is in force."""

    @property
    @override
    def is_on(self) -> bool:
        return self._state_of_zone.degraded


class _MeterHealth(MeterEntity, _ShownBinarySensor):
    """Tell how a meter is, above all while it is silent."""

    @property
    @override
    def available(self) -> bool:
        return True


class MeterContact(_MeterHealth):
    """Tell whether a meter answers."""

    @property
    @override
    def is_on(self) -> bool:
        return self._speaks


class MeterReadings(_MeterHealth):
    """Tell that a meter answers with readings that cannot be believed."""

    @property
    @override
    def is_on(self) -> bool:
        return bool(self._incidents)

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        worst = next(iter(self._incidents), None)
        return {
            "cause": None if worst is None else worst.cause.value,
            "phases": [] if worst is None else [PHASE_NAMES[phase] for phase in worst.phases],
            "since": None if worst is None else worst.since.isoformat(),
        }

    @override
    def _shows(self) -> Hashable:
        return self._incidents

    @property
    def _incidents(self) -> tuple[Incident, ...]:
        return self.coordinator.quality.incidents(self._meter)


class ChargerContact(ChargerEntity, _ShownBinarySensor):
    """Tell whether a charger is connected."""

    @property
    @override
    def available(self) -> bool:
        return self._station is not None

    @property
    @override
    def is_on(self) -> bool:
        return self._station is not None and self._station.online


class ConnectorCompliance(ConnectorEntity, _ShownBinarySensor):
    """Tell that a connector does not do what it is told, or its charger misbehaves."""

    @property
    @override
    def is_on(self) -> bool:
        return bool(self._incidents)

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        worst = next(iter(self._incidents), None)
        return {
            "cause": None if worst is None else worst.cause.value,
            "since": None if worst is None else worst.since.isoformat(),
            "drawn": None if worst is None else worst.drawn,
            "allowed": None if worst is None else worst.allowed,
        }

    @override
    def _shows(self) -> Hashable:
        return self._incidents

    @property
    def _incidents(self) -> tuple[ChargerIncident, ...]:
        return self.coordinator.compliance.of_connector(self._charger, self._number)
