"""Sensors that exist because of what a meter measures."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import PERCENTAGE
from homeassistant.core import callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import SUBENTRY_METER
from .coordinator import SiteCoordinator
from .engine.site.model import MeterRole
from .entity import MeterEntity
from .parts import meter_of
from .sensor_base import ShownSensor, power
from .site_flows import power_flows
from .sun.house_battery import battery_charge

CONSUMING_FROM: Final = 0.1
"""A on any phase; less is what a meter shows of nothing."""


@dataclass(frozen=True, kw_only=True)
class FlowSensorDescription(SensorEntityDescription):
    """Describe a sensor of the whole site that needs meters with certain roles."""

    value_fn: Callable[[SiteCoordinator], float | None]
    roles: frozenset[MeterRole]


FLOW_SENSORS: Final = (
    FlowSensorDescription(
        **power("grid_power"),
        value_fn=lambda site: power_flows(site).grid,
        roles=frozenset({MeterRole.SUPPLY, MeterRole.HOUSE}),
    ),
    FlowSensorDescription(
        **power("house_power"),
        value_fn=lambda site: power_flows(site).house,
        roles=frozenset({MeterRole.SUPPLY, MeterRole.HOUSE}),
    ),
    FlowSensorDescription(
        **power("solar_power"),
        value_fn=lambda site: power_flows(site).solar,
        roles=frozenset({MeterRole.SOLAR}),
    ),
    FlowSensorDescription(
        **power("battery_power"),
        value_fn=lambda site: power_flows(site).battery,
        roles=frozenset({MeterRole.BATTERY}),
    ),
    FlowSensorDescription(
        key="battery_charge",
        translation_key="battery_charge",
        device_class=SensorDeviceClass.BATTERY,
        native_unit_of_measurement=PERCENTAGE,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=0,
        value_fn=lambda site: battery_charge(site.hass, site.config_entry),
        roles=frozenset({MeterRole.BATTERY}),
    ),
)

OUTLET_STATUS: Final = SensorEntityDescription(
    key="outlet_status",
    translation_key="outlet_status",
    device_class=SensorDeviceClass.ENUM,
    options=["available", "consuming", "disconnected"],
)


def follow_roles(
    coordinator: SiteCoordinator,
    async_add_entities: AddConfigEntryEntitiesCallback,
    descriptions: Iterable[FlowSensorDescription],
) -> None:
    """Add the site's sensors that meters make possible, each with the first such meter."""
    added: set[str] = set()
    site = coordinator.config_entry.entry_id

    @callback
    def follow(item: ConfigSubentry) -> None:
        if item.subentry_type != SUBENTRY_METER:
            return
        role = meter_of(item).role
        new = [d for d in descriptions if role in d.roles and d.key not in added]
        added.update(description.key for description in new)
        async_add_entities(FlowSensor(coordinator, site, description) for description in new)

    coordinator.async_on_subentry(follow)


class FlowSensor(ShownSensor):
    """Show a power of the whole site, or how full its batteries are."""

    entity_description: FlowSensorDescription

    @property
    @override
    def available(self) -> bool:
        roles = {meter.role for meter in self.coordinator.data.site.meters}
        return super().available and not roles.isdisjoint(self.entity_description.roles)

    @property
    @override
    def native_value(self) -> float | None:
        return self.entity_description.value_fn(self.coordinator)


class OutletSensor(MeterEntity, ShownSensor):
    """Show whether something is drawn at an outlet that is only watched (A2.8)."""

    @property
    @override
    def available(self) -> bool:
        """Stay available while contact is lost: that is a state too."""
        return any(
            meter.id == self._meter and meter.role is MeterRole.OUTLET
            for meter in self.coordinator.data.site.meters
        )

    @property
    @override
    def native_value(self) -> str:
        if not self._speaks or self._data is None:
            return "disconnected"
        consumes = max(abs(current) for current in self._data.currents) >= CONSUMING_FROM
        return "consuming" if consumes else "available"
