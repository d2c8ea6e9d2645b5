"""Times of day that people set."""

from collections.abc import Iterable

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import HeadroomConfigEntry
from .entity import HeadroomEntity, follow_chargers, numbers_of
from .plan.ready_entities import READY_BY, WEEKEND_READY_BY, ReadyBy, WeekendReadyBy

PARALLEL_UPDATES = 0


async def async_setup_entry(
    _: HomeAssistant,
    entry: HeadroomConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the times of a site."""
    coordinator = entry.runtime_data

    def make(item: ConfigSubentry) -> Iterable[HeadroomEntity]:
        for number in numbers_of(item):
            yield ReadyBy(coordinator, item, number, READY_BY)
            yield WeekendReadyBy(coordinator, item, number, WEEKEND_READY_BY)

    follow_chargers(coordinator, async_add_entities, make)
