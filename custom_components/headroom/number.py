"""Numbers: limits that people set below the installed ones."""

from abc import abstractmethod
from collections.abc import Iterable
from typing import override

from homeassistant.components.number import NumberDeviceClass, NumberEntity, NumberEntityDescription
from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import UnitOfElectricCurrent
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import SUBENTRY_CHARGER, SUBENTRY_TARIFF, SUBENTRY_ZONE
from .coordinator import HeadroomConfigEntry
from .entity import ConnectorSetting, HeadroomEntity, ZoneEntity, follow_subentries, numbers_of
from .grid.entities import PEAK_TARGET, follow_peak_targets
from .inputs.entities import INPUT_PERCENTS, SHED_TO, InputPercent, ShedTo, follow_inputs
from .plan.goal_entities import TARGET_NUMBERS, target_numbers
from .tariffs.entities import TARIFF_PERCENT, TariffPercent

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
                yield from target_numbers(coordinator, item, number, TARGET_NUMBERS)
        elif item.subentry_type == SUBENTRY_TARIFF:
            yield TariffPercent(coordinator, item.subentry_id, TARIFF_PERCENT)

    follow_subentries(coordinator, async_add_entities, make)
    async_add_entities([ShedTo(coordinator, entry.entry_id, SHED_TO)])
    follow_inputs(coordinator, async_add_entities, INPUT_PERCENTS, InputPercent)
    follow_peak_targets(coordinator, async_add_entities, PEAK_TARGET)


class _Limit(HeadroomEntity, NumberEntity):
    """A limit that a person sets; at its highest value there is none."""

    @property
    @abstractmethod
    def _of(self) -> str:
        """Return the id of what is limited."""

    @property
    @abstractmethod
    def _wished(self) -> dict[str, float]:
        """Return the limits that people have set, by id."""

    @property
    @override
    def native_value(self) -> float:
        most = self.native_max_value
        return min(self._wished.get(self._of, most), most)

    @override
    async def async_set_native_value(self, value: float) -> None:
        if value >= self.native_max_value:
            self._wished.pop(self._of, None)
        else:
            self._wished[self._of] = value
        self.coordinator.async_wishes_changed()

    @override
    def _shows(self) -> object:
        return (self.native_value, self.native_min_value, self.native_max_value)


class ZoneLimit(ZoneEntity, _Limit):
    """Limit every phase of a zone below what is installed."""

    @property
    @override
    def _of(self) -> str:
        return self._zone

    @property
    @override
    def _wished(self) -> dict[str, float]:
        return self.coordinator.wishes.zone_limits

    @property
    @override
    def native_max_value(self) -> float:
        """Return the installed limit of the strongest phase."""
        zone = self.coordinator.data.site.zone_by_id.get(self._zone)
        return super().native_max_value if zone is None else max(zone.limit)


class ConnectorLimit(ConnectorSetting, _Limit):
    """Limit a connector below its maximum."""

    @property
    @override
    def _of(self) -> str:
        return self._connector

    @property
    @override
    def _wished(self) -> dict[str, float]:
        return self.coordinator.wishes.connector_limits

    @property
    @override
    def native_min_value(self) -> float:
        installed = self._installed
        return super().native_min_value if installed is None else installed.floor

    @property
    @override
    def native_max_value(self) -> float:
        installed = self._installed
        return super().native_max_value if installed is None else installed.max_current
