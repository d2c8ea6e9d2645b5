"""What people see of cheap hours and of force charge at a connector."""

from collections.abc import Hashable
from datetime import datetime
from typing import Any, Final, override

from homeassistant.components.button import ButtonEntity, ButtonEntityDescription
from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
)
from homeassistant.components.switch import SwitchEntity, SwitchEntityDescription

from ..coordinator import SiteCoordinator
from ..entity import ConnectorSetting
from .settings import waits_by_default

OFF_PEAK_CHARGING: Final = SwitchEntityDescription(
    key="off_peak_charging", translation_key="off_peak_charging"
)
FORCE_CHARGE_NOW: Final = ButtonEntityDescription(
    key="force_charge_now", translation_key="force_charge_now"
)
CHARGING_STARTS: Final = SensorEntityDescription(
    key="charging_starts",
    translation_key="charging_starts",
    device_class=SensorDeviceClass.TIMESTAMP,
)


def force_charge(coordinator: SiteCoordinator, connector: str) -> None:
    """Let the car of a connector, or the next one, charge at once (A8.11)."""
    coordinator.wishes.forced.add(connector)
    coordinator.async_wishes_changed()


class OffPeakSwitch(ConnectorSetting, SwitchEntity):
    """Let the cars of a connector wait for cheap hours, or charge at any hour."""

    @property
    @override
    def is_on(self) -> bool:
        default = waits_by_default(self.coordinator.config_entry.options)
        return self.coordinator.wishes.off_peak.get(self._connector, default)

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        self._wish(waits=True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        self._wish(waits=False)

    def _wish(self, *, waits: bool) -> None:
        self.coordinator.wishes.off_peak[self._connector] = waits
        self.coordinator.async_wishes_changed()

    @override
    def _shows(self) -> Hashable:
        return self.is_on


class ForceButton(ConnectorSetting, ButtonEntity):
    """Let a car charge at once."""

    @override
    async def async_press(self) -> None:
        force_charge(self.coordinator, self._connector)

    @override
    def _shows(self) -> Hashable:
        return None


class ChargingStarts(ConnectorSetting, SensorEntity):
    """Show when the wait of a car ends, if that is known."""

    @property
    @override
    def native_value(self) -> datetime | None:
        setpoint = self._setpoint
        if setpoint is None or setpoint.current > 0 or not setpoint.reasons:
            return None
        return setpoint.reasons[0].until

    @override
    def _shows(self) -> Hashable:
        return self.native_value
