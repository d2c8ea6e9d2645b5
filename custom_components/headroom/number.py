"""Numbers: limits that people set below the installed ones."""

from collections.abc import Hashable, Iterable
from typing import override

from homeassistant.components.number import NumberDeviceClass, NumberEntity, NumberEntityDescription
from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import UnitOfElectricCurrent
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import SUBENTRY_CHARGER, SUBENTRY_ZONE
from .coordinator import HeadroomConfigEntry
from .engine.model import Connector
from .entity import ConnectorEntity, HeadroomEntity, ZoneEntity, follow_subentries, numbers_of

PARALLEL_UPDATES = 0

ZONE_LIMIT = NumberEntityDescription(
    key="limit",
    translation_key="zone_limit",
    device_class=NumberDeviceClass.CURRENT,
    native_unit_of_measurement=UnitOfElectricCurrent.AMPERE,
    native_min_value=0,
    native_step=0.5,
)
CONNECTOR_LIMIT = NumberEntityDescription(
    key="limit",
    translation_key="connector_limit",
    device_class=NumberDeviceClass.CURRENT,
    native_unit_of_measurement=UnitOfElectricCurrent.AMPERE,
    native_step=0.5,
)


async def async_setup_entry(
    _: HomeAssistant,
    entry: HeadroomConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the numbers of a site."""
    coordinator = entry.runtime_data

    def make(item: ConfigSubentry) -> Iterable[HeadroomEntity]:
        if item.subentry_type == SUBENTRY_ZONE:
            yield ZoneLimit(coordinator, item, ZONE_LIMIT)
        elif item.subentry_type == SUBENTRY_CHARGER:
            for number in numbers_of(item):
                yield ConnectorLimit(coordinator, item, number, CONNECTOR_LIMIT)

    follow_subentries(coordinator, async_add_entities, make)


class ZoneLimit(ZoneEntity, NumberEntity):
    """Limit every phase of a zone below what is installed."""

    @property
    @override
    def native_max_value(self) -> float:
        """Return the installed limit of the strongest phase."""
        zone = self.coordinator.data.site.zone_by_id.get(self._zone)
        return super().native_max_value if zone is None else max(zone.limit)

    @property
    @override
    def native_value(self) -> float:
        wished = self.coordinator.wishes.zone_limits.get(self._zone, self.native_max_value)
        return min(wished, self.native_max_value)

    @override
    async def async_set_native_value(self, value: float) -> None:
        limits = self.coordinator.wishes.zone_limits
        if value >= self.native_max_value:
            limits.pop(self._zone, None)
        else:
            limits[self._zone] = value
        self.coordinator.async_wishes_changed()

    @override
    def _shows(self) -> Hashable:
        return (self.native_value, self.native_max_value)


class ConnectorLimit(ConnectorEntity, NumberEntity):
    """Limit a connector below its maximum."""

    @property
    @override
    def available(self) -> bool:
        """Stay settable while the charger is lost: it is Headroom that keeps the limit."""
        return self._installed is not None

    @property
    @override
    def native_min_value(self) -> float:
        return super().native_min_value if self._installed is None else self._installed.floor

    @property
    @override
    def native_max_value(self) -> float:
        installed = self._installed
        return super().native_max_value if installed is None else installed.max_current

    @property
    @override
    def native_value(self) -> float:
        most = self.native_max_value
        return min(self.coordinator.wishes.connector_limits.get(self._connector, most), most)

    @override
    async def async_set_native_value(self, value: float) -> None:
        limits = self.coordinator.wishes.connector_limits
        if value >= self.native_max_value:
            limits.pop(self._connector, None)
        else:
            limits[self._connector] = value
        self.coordinator.async_wishes_changed()

    @override
    def _shows(self) -> Hashable:
        return (self.native_value, self.native_min_value, self.native_max_value)

    @property
    def _installed(self) -> Connector | None:
        return self.coordinator.data.site.connector_by_id.get(self._connector)
