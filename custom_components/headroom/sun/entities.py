"""What people set and see of following the sun."""

from abc import abstractmethod
from collections.abc import Hashable
from typing import Final, override

from homeassistant.components.binary_sensor import (
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.components.select import SelectEntity, SelectEntityDescription
from homeassistant.components.sensor import SensorEntityDescription
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from ..const import SUBENTRY_METER
from ..coordinator import SiteCoordinator
from ..engine.site.model import MeterRole
from ..engine.when.permit import SunMode
from ..entity import ConnectorSetting, HeadroomEntity
from ..parts import meter_of
from ..role_sensors import FlowSensorDescription
from ..sensor_base import ShownSensor, power

AS_SITE: Final = "as_site"
"""Option of a connector for which nobody has chosen anything."""
_STEP: Final = 50.0
"""W; surplus moves by less all the time."""

SUN_MODE: Final = SelectEntityDescription(
    key="sun_mode", translation_key="sun_mode", options=[AS_SITE, *SunMode]
)

SITE_SUN_MODE: Final = SelectEntityDescription(
    key="sun_mode", translation_key="site_sun_mode", options=list(SunMode)
)
SURPLUS: Final = FlowSensorDescription(
    **power("surplus"),
    value_fn=lambda site: _in_steps(site.data.decision.sun.surplus),
    roles=frozenset({MeterRole.SUPPLY, MeterRole.HOUSE}),
)
SUN_SHARE: Final = SensorEntityDescription(**power("sun_share"))
BATTERY_HELD: Final = BinarySensorEntityDescription(
    key="battery_held", translation_key="battery_held"
)


def _in_steps(power: float | None) -> float | None:
    """Return a power in W without the noise of the currents that it comes from."""
    return None if power is None else round(power / _STEP) * _STEP


class _SunSelect(HeadroomEntity, SelectEntity):
    """Choose how cars follow the sun."""

    @property
    @abstractmethod
    def _chosen_for(self) -> str:
        """Return the id that the choice is kept by."""

    @property
    @override
    def current_option(self) -> str:
        untouched = AS_SITE if AS_SITE in self.options else SunMode.OFF
        return self.coordinator.wishes.sun_modes.get(self._chosen_for, untouched)

    @override
    async def async_select_option(self, option: str) -> None:
        modes = self.coordinator.wishes.sun_modes
        if option == AS_SITE:
            modes.pop(self._chosen_for, None)
        else:
            modes[self._chosen_for] = SunMode(option)
        self.coordinator.async_wishes_changed()

    @override
    def _shows(self) -> Hashable:
        return self.current_option


class SiteSunMode(_SunSelect):
    """Choose for all connectors for which nobody has chosen otherwise."""

    @property
    @override
    def _chosen_for(self) -> str:
        return self.coordinator.config_entry.entry_id


class ConnectorSunMode(ConnectorSetting, _SunSelect):
    """Choose for one connector."""

    @property
    @override
    def _chosen_for(self) -> str:
        return self._connector


class SunShare(ConnectorSetting, ShownSensor):
    """Show how much of the surplus is for the car of a connector."""

    @property
    @override
    def native_value(self) -> float | None:
        return _in_steps(self.coordinator.data.decision.sun.shares.get(self._connector))


class BatteryHeld(HeadroomEntity, BinarySensorEntity):
    """Tell that the house battery is to give nothing."""

    @property
    @override
    def is_on(self) -> bool:
        return self.coordinator.data.decision.sun.holds_battery

    @override
    def _shows(self) -> Hashable:
        return self.is_on


def follow_batteries(
    coordinator: SiteCoordinator,
    async_add_entities: AddConfigEntryEntitiesCallback,
    description: BinarySensorEntityDescription,
) -> None:
    """Add the sensor that tells whether the battery is held, with the first battery."""
    added: list[BatteryHeld] = []
    site = coordinator.config_entry.entry_id

    @callback
    def follow(item: ConfigSubentry) -> None:
        is_meter = item.subentry_type == SUBENTRY_METER
        if is_meter and not added and meter_of(item).role is MeterRole.BATTERY:
            added.append(BatteryHeld(coordinator, site, description))
            async_add_entities(added)

    coordinator.async_on_subentry(follow)
