"""What the sensors of Headroom have in common."""

from collections.abc import Hashable
from typing import Any, override

from homeassistant.components.sensor import SensorDeviceClass, SensorEntity, SensorStateClass
from homeassistant.const import UnitOfElectricCurrent, UnitOfPower

from .entity import HeadroomEntity


def current(key: str) -> dict[str, Any]:
    """Return what describes a sensor of a current."""
    return {
        "key": key,
        "translation_key": key,
        "device_class": SensorDeviceClass.CURRENT,
        "native_unit_of_measurement": UnitOfElectricCurrent.AMPERE,
        "state_class": SensorStateClass.MEASUREMENT,
        "suggested_display_precision": 1,
    }


def power(key: str) -> dict[str, Any]:
    """Return what describes a sensor of a power."""
    return {
        "key": key,
        "translation_key": key,
        "device_class": SensorDeviceClass.POWER,
        "native_unit_of_measurement": UnitOfPower.WATT,
        "state_class": SensorStateClass.MEASUREMENT,
        "suggested_display_precision": 0,
    }


class ShownSensor(HeadroomEntity, SensorEntity):
    """A sensor that shows its value as precisely as people read it."""

    @override
    def _shows(self) -> Hashable:
        value = self.native_value
        precision = self.entity_description.suggested_display_precision
        if isinstance(value, float) and precision is not None:
            return round(value, precision)
        return value
