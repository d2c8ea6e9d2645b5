"""What people see of energy manager, grid operator, agreed import and capacity tariff."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, override

from homeassistant.components.binary_sensor import (
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.components.number import NumberDeviceClass, NumberEntity, NumberEntityDescription
from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
)
from homeassistant.const import EntityCategory, UnitOfPower
from homeassistant.core import callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from ..const import CONF_PEAK
from ..coordinator import SiteCoordinator
from ..engine.grid.messenger import OperatorState
from ..engine.grid.peak import PeakPolicy
from ..engine.grid.standing import PeakView, SchemeState
from ..entity import HeadroomEntity, ZoneEntity
from ..sensor_base import ShownSensor, power
from .settings import TARGET, W_PER_KW, least_power

REMOTE_MANAGEMENT: Final = BinarySensorEntityDescription(
    key="remote_management", translation_key="remote_management"
)
OPERATOR_LIMIT: Final = BinarySensorEntityDescription(
    key="operator_limit", translation_key="operator_limit"
)
IMPORT_SCHEME: Final = SensorEntityDescription(
    key="import_scheme",
    translation_key="import_scheme",
    device_class=SensorDeviceClass.ENUM,
    options=[state.value for state in SchemeState],
)
PEAK_TARGET: Final = NumberEntityDescription(
    key="peak_target",
    translation_key="peak_target",
    device_class=NumberDeviceClass.POWER,
    native_unit_of_measurement=UnitOfPower.KILO_WATT,
    native_min_value=0.5,
    native_max_value=2000,
    native_step=0.1,
)


@dataclass(frozen=True, kw_only=True)
class PeakSensorDescription(SensorEntityDescription):
    """Describe a sensor of a zone's running average."""

    value_fn: Callable[[PeakView], float]


@dataclass(frozen=True, kw_only=True)
class OperatorSensorDescription(SensorEntityDescription):
    """Describe a power that the grid operator leaves to cars."""

    value_fn: Callable[[SiteCoordinator], float | None]


def limited_power(site: SiteCoordinator) -> float | None:
    """Return what the grid operator leaves to cars, in W; None: it does not limit them."""
    return site.grid.operator.power(site.grid.operator_policy(site.data.site))


OPERATOR_SENSORS: Final = (
    OperatorSensorDescription(**power("operator_power"), value_fn=limited_power),
    OperatorSensorDescription(
        **power("least_power"),
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda site: least_power(site.config_entry.options, site.data.site),
    ),
)
PEAK_SENSORS: Final = (
    PeakSensorDescription(**power("period_average"), value_fn=lambda view: view.average),
    PeakSensorDescription(**power("projected_average"), value_fn=lambda view: view.projected),
    PeakSensorDescription(**power("month_peak"), value_fn=lambda view: view.month_peak),
)


def add_grid_sensors(
    coordinator: SiteCoordinator,
    async_add_entities: AddConfigEntryEntitiesCallback,
    operator: Iterable[OperatorSensorDescription],
    peak: tuple[PeakSensorDescription, ...],
    scheme: SensorEntityDescription,
) -> None:
    """Add the sensors of a site's grid operator, and of zones whose import is guarded."""
    site = coordinator.config_entry.entry_id
    async_add_entities(OperatorSensor(coordinator, site, one) for one in operator)
    _follow(
        coordinator,
        async_add_entities,
        _peaks,
        lambda zone: [PeakSensor(coordinator, zone, one) for one in peak],
    )
    _follow(
        coordinator,
        async_add_entities,
        _schemes,
        lambda zone: [SchemeSensor(coordinator, zone, scheme)],
    )


def follow_peak_targets(
    coordinator: SiteCoordinator,
    async_add_entities: AddConfigEntryEntitiesCallback,
    description: NumberEntityDescription,
) -> None:
    """Add a target for every zone with a capacity tariff."""
    _follow(
        coordinator,
        async_add_entities,
        _peaks,
        lambda zone: [PeakTarget(coordinator, zone, description)],
    )


def _follow(
    coordinator: SiteCoordinator,
    async_add_entities: AddConfigEntryEntitiesCallback,
    guarded: Callable[[SiteCoordinator], Mapping[str, object]],
    make: Callable[[str], list[HeadroomEntity]],
) -> None:
    """Add the entities of every zone that is guarded, now and as soon as another one is."""
    added: set[str] = set()

    @callback
    def follow() -> None:
        items = coordinator.config_entry.subentries
        for zone in [key for key in guarded(coordinator) if key in items and key not in added]:
            added.add(zone)
            async_add_entities(make(zone), config_subentry_id=zone)

    coordinator.config_entry.async_on_unload(coordinator.async_add_listener(follow))
    follow()


def _peaks(site: SiteCoordinator) -> Mapping[str, PeakView]:
    return site.data.decision.guards.peaks


def _schemes(site: SiteCoordinator) -> Mapping[str, SchemeState]:
    return site.data.decision.guards.schemes


class RemoteManagement(ZoneEntity, BinarySensorEntity):
    """Tell whether an energy manager controls a zone (A9.6)."""

    @property
    @override
    def is_on(self) -> bool:
        return self.coordinator.grid.held(self._zone) is not None

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        grid = self.coordinator.grid
        if (held := grid.held(self._zone)) is None:
            return {}
        return {
            "controller": held.controller,
            "current": held.current,
            "power": held.power,
            "only_chargers": held.for_evs,
            "expires": held.lapses_at(grid.manager_policy).isoformat(),
        }

    @override
    def _shows(self) -> Hashable:
        return self.coordinator.grid.held(self._zone)


class _OperatorEntity(HeadroomEntity):
    """An entity of the grid operator's limit."""

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        """Return the state, when the limit ends, and those of single zones in W."""
        grid = self.coordinator.grid
        policy = grid.operator_policy(self.coordinator.data.site)
        until = grid.operator.until(policy)
        return {
            "limitation": grid.operator.state.value,
            "until": None if until is None else until.isoformat(),
            "zones": grid.limited_zones(policy),
        }

    @override
    def _shows(self) -> object:
        return (limited_power(self.coordinator), self.extra_state_attributes)


class OperatorLimit(_OperatorEntity, BinarySensorEntity):
    """Tell whether the grid operator limits cars, or is silent after it spoke."""

    @property
    @override
    def is_on(self) -> bool:
        return self.coordinator.grid.operator.state in {
            OperatorState.LIMITED,
            OperatorState.FAILSAFE,
        }


class OperatorSensor(_OperatorEntity, SensorEntity):
    """Show a power that the grid operator leaves to cars."""

    entity_description: OperatorSensorDescription

    @property
    @override
    def native_value(self) -> float | None:
        return self.entity_description.value_fn(self.coordinator)

    @override
    def _shows(self) -> object:
        return (self.native_value, super()._shows())


class _GuardedZone(HeadroomEntity):
    """An entity of a zone as long as it is guarded."""

    def __init__(self, coordinator: SiteCoordinator, zone: str, description: Any) -> None:  # noqa: ANN401 - a description of any platform
        super().__init__(coordinator, zone, description)
        self._zone = zone


class PeakSensor(_GuardedZone, ShownSensor):
    """Show how the running period of a capacity tariff goes."""

    entity_description: PeakSensorDescription

    @property
    @override
    def available(self) -> bool:
        return super().available and self._zone in _peaks(self.coordinator)

    @property
    @override
    def native_value(self) -> float:
        return self.entity_description.value_fn(_peaks(self.coordinator)[self._zone])


class PeakTarget(_GuardedZone, NumberEntity):
    """Show and change the average that a zone shall stay below, a setting of the form as well."""

    @property
    @override
    def available(self) -> bool:
        return super().available and self._zone in self._policies

    @property
    def _policies(self) -> Mapping[str, PeakPolicy]:
        return self.coordinator.data.site.rules.peaks

    @property
    @override
    def native_value(self) -> float:
        return self._policies[self._zone].target / W_PER_KW

    @override
    async def async_set_native_value(self, value: float) -> None:
        entry = self.coordinator.config_entry
        tariff = {**entry.options[CONF_PEAK], TARGET: value}
        options = {**entry.options, CONF_PEAK: tariff}
        self.hass.config_entries.async_update_entry(entry, options=options)

    @override
    def _shows(self) -> Hashable:
        return self.native_value


class SchemeSensor(_GuardedZone, ShownSensor):
    """Show how an agreed import is kept."""

    @property
    @override
    def available(self) -> bool:
        return super().available and self._zone in _schemes(self.coordinator)

    @property
    @override
    def native_value(self) -> str:
        return _schemes(self.coordinator)[self._zone].value

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        scheme = self.coordinator.data.site.rules.schemes[self._zone]
        excursions, lockouts = self.coordinator.grid.counted(self._zone)
        return {
            "import_limit": scheme.import_limit,
            "export_limit": scheme.export_limit,
            "excursions_24_h": excursions,
            "lockouts_30_days": lockouts,
        }

    @override
    def _shows(self) -> Hashable:
        return tuple(self.extra_state_attributes.values()), self.native_value
