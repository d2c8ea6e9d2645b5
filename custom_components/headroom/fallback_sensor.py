"""A sensor that says whether a charger was seen to go back to its fallback current."""

from collections.abc import Hashable
from typing import Final, override

from homeassistant.components.sensor import SensorDeviceClass, SensorEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.helpers.typing import StateType

from .entity import ChargerEntity
from .fallback_tests import FallbackState
from .sensor_base import ShownSensor

FALLBACK: Final = SensorEntityDescription(
    key="fallback",
    translation_key="fallback",
    device_class=SensorDeviceClass.ENUM,
    options=list(FallbackState),
    entity_category=EntityCategory.DIAGNOSTIC,
)


class FallbackSensor(ChargerEntity, ShownSensor):
    """Show whether a charger was seen to go back to its fallback current."""

    @property
    @override
    def available(self) -> bool:
        """Stay available while contact is lost: then it matters most."""
        return self._station is not None

    @property
    @override
    def native_value(self) -> StateType:
        return self.coordinator.fallback_tests.state(self._charger)

    @override
    def _shows(self) -> Hashable:
        return (self.native_value, *self.extra_state_attributes.values())

    @property
    @override
    def extra_state_attributes(self) -> dict[str, StateType]:
        return {"after_restart": self.coordinator.fallback_tests.after_restart(self._charger)}
