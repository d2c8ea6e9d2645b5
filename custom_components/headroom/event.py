"""Events: what chargers give notice of besides charging."""

from collections.abc import Hashable, Iterable
from typing import override

from homeassistant.components.event import EventEntity, EventEntityDescription
from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .chargers.maintenance import Command, Notice, NoticeKind, notices_after
from .coordinator import HeadroomConfigEntry, SiteCoordinator
from .entity import ChargerEntity, HeadroomEntity, follow_chargers, knows

# The coordinator has the facts; the entity only tells them.
PARALLEL_UPDATES = 0

NOTICE = EventEntityDescription(
    key="notice",
    translation_key="notice",
    event_types=[kind.value for kind in NoticeKind],
    entity_category=EntityCategory.DIAGNOSTIC,
)


async def async_setup_entry(
    _: HomeAssistant,
    entry: HeadroomConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the events of a site."""
    coordinator = entry.runtime_data

    def make(item: ConfigSubentry) -> Iterable[HeadroomEntity]:
        if knows(coordinator, item, Command.LOG):
            yield ChargerNotices(coordinator, item, NOTICE)

    follow_chargers(coordinator, async_add_entities, make)


class ChargerNotices(ChargerEntity, EventEntity):
    """Tell each notice of a charger once."""

    def __init__(
        self,
        coordinator: SiteCoordinator,
        item: ConfigSubentry,
        description: EventEntityDescription,
    ) -> None:
        super().__init__(coordinator, item, description)
        self._told: Notice | None = None

    @property
    @override
    def available(self) -> bool:
        """Stay while the charger is lost: what it gave notice of has happened."""
        return self._station is not None

    @override
    async def async_added_to_hass(self) -> None:
        await super().async_added_to_hass()
        self._told = next(reversed(self._notices), None)

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        for notice in notices_after(self._notices, self._told):
            self._told = notice
            self._trigger_event(notice.kind, {"detail": notice.detail})
            self.async_write_ha_state()
        super()._handle_coordinator_update()

    @property
    def _notices(self) -> tuple[Notice, ...]:
        return () if self._station is None else self._station.upkeep.notices

    @override
    def _shows(self) -> Hashable:
        return None
