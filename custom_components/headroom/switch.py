"""Switches: permissions that people give and take."""

from collections.abc import Hashable, Iterable
from typing import Any, override

from homeassistant.components.switch import SwitchEntity, SwitchEntityDescription
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import SUBENTRY_CHARGER
from .coordinator import HeadroomConfigEntry
from .entity import ConnectorEntity, HeadroomEntity, follow_subentries, numbers_of

PARALLEL_UPDATES = 0

CHARGING_ALLOWED = SwitchEntityDescription(
    key="charging_allowed", translation_key="charging_allowed"
)


async def async_setup_entry(
    _: HomeAssistant,
    entry: HeadroomConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the switches of a site."""
    coordinator = entry.runtime_data

    def make(item: ConfigSubentry) -> Iterable[HeadroomEntity]:
        if item.subentry_type == SUBENTRY_CHARGER:
            for number in numbers_of(item):
                yield ChargingAllowed(coordinator, item, number, CHARGING_ALLOWED)

    follow_subentries(coordinator, async_add_entities, make)


class ChargingAllowed(ConnectorEntity, SwitchEntity):
    """Pause a connector, or let it charge."""

    @property
    @override
    def available(self) -> bool:
        """Stay switchable while the charger is lost: it is Headroom that keeps the permission."""
        return self._installed is not None

    @property
    @override
    def is_on(self) -> bool:
        return self._connector not in self.coordinator.wishes.paused

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        self.coordinator.wishes.paused.discard(self._connector)
        self.coordinator.async_wishes_changed()

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        self.coordinator.wishes.paused.add(self._connector)
        self.coordinator.async_wishes_changed()

    @override
    def _shows(self) -> Hashable:
        return self.is_on
