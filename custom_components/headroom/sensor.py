"""Sensors: what flows, what may flow, and why."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import (
    EntityCategory,
    UnitOfElectricPotential,
    UnitOfEnergy,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.typing import StateType

from .analyser_sensors import (
    ANALYSER_SENSORS,
    ANALYSER_STATUS,
    AnalyserSensor,
    AnalyserStatusSensor,
)
from .chargers.base import ConnectorData
from .clock.entities import CHARGING_STARTS, ChargingStarts
from .const import CONF_SUPPLY, SUBENTRY_CHARGER, SUBENTRY_METER, SUBENTRY_ZONE
from .coordinator import HeadroomConfigEntry, SiteCoordinator
from .decision_text import load_state_of, state_of
from .engine.acting.load_table import LoadGroup, LoadState
from .engine.currents import PHASES, PerPhase
from .engine.decision import ZoneState
from .engine.site.model import MeterRole, Supply
from .engine.snapshot import ConnectorStatus
from .entity import (
    ConnectorEntity,
    HeadroomEntity,
    MeterEntity,
    ZoneEntity,
    follow_subentries,
    numbers_of,
)
from .fallback_sensor import FALLBACK, FallbackSensor
from .grid.entities import IMPORT_SCHEME, OPERATOR_SENSORS, PEAK_SENSORS, add_grid_sensors
from .meters.base import MeterData
from .origin_sensors import ORIGIN_SENSORS, follow_origin
from .parts import meter_of
from .plan.entities import GOAL_SENSORS, PLAN, PlanSensor, goal_sensors
from .reason_sensors import (
    BUDGET_REASON,
    SETPOINT_REASON,
    SetpointReasonSensor,
    ZoneReasonSensor,
)
from .role_sensors import FLOW_SENSORS, OUTLET_STATUS, OutletSensor, follow_roles
from .sensor_base import ShownSensor, current, power
from .site_flows import charging_power
from .sun.entities import SUN_SHARE, SURPLUS, SunShare
from .tariffs.entities import CURRENT_TARIFF, follow_tariff_sensor

PARALLEL_UPDATES = 0

_WH_PER_KWH = 1000


@dataclass(frozen=True, kw_only=True)
class SiteSensorDescription(SensorEntityDescription):
    """Describe a sensor of the whole site."""

    value_fn: Callable[[SiteCoordinator], StateType]


@dataclass(frozen=True, kw_only=True)
class ZoneSensorDescription(SensorEntityDescription):
    """Describe a sensor of one phase of a zone."""

    value_fn: Callable[[ZoneState], StateType]


@dataclass(frozen=True, kw_only=True)
class MeterSensorDescription(SensorEntityDescription):
    """Describe a sensor of a meter."""

    value_fn: Callable[[MeterData], float | None]


@dataclass(frozen=True, kw_only=True)
class ConnectorSensorDescription(SensorEntityDescription):
    """Describe a sensor of a connector."""

    value_fn: Callable[[ConnectorData], StateType]


def _voltage(key: str) -> dict[str, Any]:
    return {
        "key": key,
        "translation_key": key,
        "device_class": SensorDeviceClass.VOLTAGE,
        "native_unit_of_measurement": UnitOfElectricPotential.VOLT,
        "state_class": SensorStateClass.MEASUREMENT,
        "suggested_display_precision": 0,
        "entity_category": EntityCategory.DIAGNOSTIC,
        "entity_registry_enabled_default": False,
    }


def _energy(key: str, state_class: SensorStateClass) -> dict[str, Any]:
    return {
        "key": key,
        "translation_key": key,
        "device_class": SensorDeviceClass.ENERGY,
        "native_unit_of_measurement": UnitOfEnergy.KILO_WATT_HOUR,
        "state_class": state_class,
        "suggested_display_precision": 2,
    }


def _phase[DataT](
    phase: int, read: Callable[[DataT], PerPhase | None]
) -> Callable[[DataT], float | None]:
    """Return a function that reads one phase."""

    def value(data: DataT) -> float | None:
        values = read(data)
        return None if values is None else values[phase]

    return value


def _measured(
    phase: int, read: Callable[[MeterData], PerPhase | None]
) -> Callable[[MeterData], float | None]:
    """Return a function that reads one phase of a meter, unless it is lost."""
    value = _phase(phase, read)
    return lambda data: None if phase in data.lost else value(data)


SITE_SENSORS: tuple[SiteSensorDescription, ...] = (
    SiteSensorDescription(
        **power("charging_power"),
        value_fn=charging_power,
    ),
    SiteSensorDescription(
        key="charging_cars",
        translation_key="charging_cars",
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=lambda site: sum(
            data.status is ConnectorStatus.CHARGING
            for charger in site.equipment.chargers.values()
            for data in charger.connectors.values()
        ),
    ),
    SiteSensorDescription(
        key="lost_chargers",
        translation_key="lost_chargers",
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda site: sum(
            not charger.online for charger in site.equipment.chargers.values()
        ),
    ),
)

ZONE_SENSORS: tuple[ZoneSensorDescription, ...] = tuple(
    description
    for phase in PHASES
    for description in (
        ZoneSensorDescription(
            **current(f"limit_l{phase + 1}"),
            value_fn=_phase(phase, lambda zone: zone.limit),
        ),
        ZoneSensorDescription(
            **current(f"budget_l{phase + 1}"),
            value_fn=_phase(phase, lambda zone: zone.budget),
        ),
        ZoneSensorDescription(
            **current(f"drawn_l{phase + 1}"),
            value_fn=_phase(phase, lambda zone: zone.drawn),
        ),
        ZoneSensorDescription(
            **current(f"headroom_l{phase + 1}"),
            value_fn=_phase(phase, lambda zone: zone.headroom),
        ),
        ZoneSensorDescription(
            **current(f"committed_l{phase + 1}"),
            entity_category=EntityCategory.DIAGNOSTIC,
            entity_registry_enabled_default=False,
            value_fn=_phase(phase, lambda zone: zone.committed),
        ),
    )
)

METER_SENSORS: tuple[MeterSensorDescription, ...] = (
    *(
        MeterSensorDescription(
            **current(f"current_l{phase + 1}"),
            value_fn=_measured(phase, lambda data: data.currents),
        )
        for phase in PHASES
    ),
    MeterSensorDescription(**power("power"), value_fn=lambda data: data.power),
    *(
        MeterSensorDescription(
            **power(f"power_l{phase + 1}"),
            entity_registry_enabled_default=False,
            value_fn=_measured(phase, lambda data: data.powers),
        )
        for phase in PHASES
    ),
    *(
        MeterSensorDescription(
            **_voltage(f"voltage_l{phase + 1}"),
            value_fn=_measured(phase, lambda data: data.voltages),
        )
        for phase in PHASES
    ),
    MeterSensorDescription(
        **_energy("energy_import", SensorStateClass.TOTAL_INCREASING),
        value_fn=lambda data: _kwh(data.energy_import),
    ),
    MeterSensorDescription(
        **_energy("energy_export", SensorStateClass.TOTAL_INCREASING),
        value_fn=lambda data: _kwh(data.energy_export),
    ),
)

CONNECTOR_SENSORS: tuple[ConnectorSensorDescription, ...] = (
    ConnectorSensorDescription(
        key="status",
        translation_key="status",
        device_class=SensorDeviceClass.ENUM,
        options=[state_of(s) for s in ConnectorStatus if s is not ConnectorStatus.UNKNOWN],
        value_fn=lambda data: (
            None if data.status is ConnectorStatus.UNKNOWN else state_of(data.status)
        ),
    ),
    *(
        ConnectorSensorDescription(
            **current(f"current_l{phase + 1}"),
            value_fn=_phase(phase, lambda data: data.drawn),
        )
        for phase in PHASES
    ),
    ConnectorSensorDescription(**power("power"), value_fn=lambda data: data.power),
    *(
        ConnectorSensorDescription(
            **_voltage(f"voltage_l{phase + 1}"),
            value_fn=_phase(phase, lambda data: data.voltages),
        )
        for phase in PHASES
    ),
    ConnectorSensorDescription(
        **_energy("energy", SensorStateClass.TOTAL_INCREASING),
        value_fn=lambda data: _kwh(data.energy),
    ),
    ConnectorSensorDescription(
        **_energy("session_energy", SensorStateClass.TOTAL_INCREASING),
        value_fn=lambda data: None if data.session is None else _kwh(data.session.energy),
    ),
    ConnectorSensorDescription(
        **current("offered"),
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value_fn=lambda data: data.offered,
    ),
    ConnectorSensorDescription(
        key="error",
        translation_key="error",
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value_fn=lambda data: data.error,
    ),
)

SETPOINT = SensorEntityDescription(**current("setpoint"))
LOAD_STATE = SensorEntityDescription(
    key="load_state",
    translation_key="load_state",
    device_class=SensorDeviceClass.ENUM,
    options=[load_state_of(state) for state in LoadState],
    entity_category=EntityCategory.DIAGNOSTIC,
    entity_registry_enabled_default=False,
)


def _kwh(energy: float | None) -> float | None:
    return None if energy is None else energy / _WH_PER_KWH


async def async_setup_entry(
    _: HomeAssistant,
    entry: HeadroomConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the sensors of a site."""
    coordinator = entry.runtime_data
    async_add_entities(
        SiteSensor(coordinator, entry.entry_id, description) for description in SITE_SENSORS
    )

    def make(item: ConfigSubentry) -> Iterable[HeadroomEntity]:
        if item.subentry_type == SUBENTRY_ZONE:
            yield from (ZoneSensor(coordinator, item, d) for d in ZONE_SENSORS)
            yield ZoneReasonSensor(coordinator, item, BUDGET_REASON)
            yield LoadStateSensor(coordinator, item, LOAD_STATE)
            if item.data[CONF_SUPPLY] == Supply.DYNAMIC:
                yield AnalyserStatusSensor(coordinator, item, ANALYSER_STATUS)
                yield from (AnalyserSensor(coordinator, item, d) for d in ANALYSER_SENSORS)
        elif item.subentry_type == SUBENTRY_METER:
            yield from (MeterSensor(coordinator, item, d) for d in METER_SENSORS)
            if meter_of(item).role is MeterRole.OUTLET:
                yield OutletSensor(coordinator, item, OUTLET_STATUS)
        elif item.subentry_type == SUBENTRY_CHARGER:
            yield FallbackSensor(coordinator, item, FALLBACK)
            for number in numbers_of(item):
                yield from (
                    ConnectorSensor(coordinator, item, number, d) for d in CONNECTOR_SENSORS
                )
                yield SetpointSensor(coordinator, item, number, SETPOINT)
                yield SetpointReasonSensor(coordinator, item, number, SETPOINT_REASON)
                yield ChargingStarts(coordinator, item, number, CHARGING_STARTS)
                yield SunShare(coordinator, item, number, SUN_SHARE)
                yield from goal_sensors(coordinator, item, number, GOAL_SENSORS)

    follow_subentries(coordinator, async_add_entities, make)
    async_add_entities([PlanSensor(coordinator, entry.entry_id, PLAN)])
    follow_roles(coordinator, async_add_entities, (*FLOW_SENSORS, SURPLUS))
    follow_tariff_sensor(coordinator, async_add_entities, CURRENT_TARIFF)
    follow_origin(coordinator, async_add_entities, ORIGIN_SENSORS)
    add_grid_sensors(coordinator, async_add_entities, OPERATOR_SENSORS, PEAK_SENSORS, IMPORT_SCHEME)


class SiteSensor(ShownSensor):
    """Show a figure of the whole site."""

    entity_description: SiteSensorDescription

    @property
    @override
    def native_value(self) -> StateType:
        return self.entity_description.value_fn(self.coordinator)


class ZoneSensor(ZoneEntity, ShownSensor):
    """Show a current of one phase of a zone."""

    entity_description: ZoneSensorDescription

    @property
    @override
    def native_value(self) -> StateType:
        return self.entity_description.value_fn(self._state_of_zone)


class LoadStateSensor(ZoneEntity, ShownSensor):
    """Show how the floors of a zone's cars fit on the phase where they fit worst."""

    @property
    @override
    def native_value(self) -> StateType:
        table = self.coordinator.load_table(self._zone)
        return load_state_of(max(table[LoadGroup.ALL, phase].state for phase in PHASES))


class MeterSensor(MeterEntity, ShownSensor):
    """Show a measured value."""

    entity_description: MeterSensorDescription

    @property
    @override
    def native_value(self) -> StateType:
        return None if self._data is None else self.entity_description.value_fn(self._data)


class ConnectorSensor(ConnectorEntity, ShownSensor):
    """Show what is known of a connector."""

    entity_description: ConnectorSensorDescription

    @property
    @override
    def native_value(self) -> StateType:
        return self.entity_description.value_fn(self._data)


class SetpointSensor(ConnectorEntity, ShownSensor):
    """Show the current that a connector is allowed."""

    @property
    @override
    def native_value(self) -> StateType:
        return None if self._setpoint is None else self._setpoint.current
