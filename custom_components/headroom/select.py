"""Selects: modes that people choose."""

from collections.abc import Hashable, Iterable
from typing import Final, override

from homeassistant.components.select import SelectEntity, SelectEntityDescription
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import CONF_CONNECTORS, CONF_WIRING, SUBENTRY_CHARGER
from .coordinator import HeadroomConfigEntry
from .engine.currents import PHASES
from .engine.site.wiring import Wiring
from .entity import ConnectorEntity, HeadroomEntity, follow_subentries, numbers_of
from .plan.ready_entities import READY_AT_WEEKENDS, ReadyAtWeekends
from .sun.entities import SITE_SUN_MODE, SUN_MODE, ConnectorSunMode, SiteSunMode

PARALLEL_UPDATES = 0

AUTOMATIC: Final = "automatic"
"""The number of phases goes by the sun."""
_COUNTS: Final = {"one_phase": 1, "three_phases": 3}
_OPTIONS: Final = {count: option for option, count in _COUNTS.items()}

PHASES_IN_USE = SelectEntityDescription(
    key="phases", translation_key="phases", options=[*_COUNTS, AUTOMATIC]
)


async def async_setup_entry(
    _: HomeAssistant,
    entry: HeadroomConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the selects of a site."""
    coordinator = entry.runtime_data

    def make(item: ConfigSubentry) -> Iterable[HeadroomEntity]:
        if item.subentry_type != SUBENTRY_CHARGER:
            return
        switches = item.subentry_id in coordinator.switching_phases
        for number in numbers_of(item):
            yield ConnectorSunMode(coordinator, item, number, SUN_MODE)
            yield ReadyAtWeekends(coordinator, item, number, READY_AT_WEEKENDS)
            if switches and _has_all_phases(item, number):
                yield PhasesInUse(coordinator, item, number, PHASES_IN_USE)

    follow_subentries(coordinator, async_add_entities, make)
    async_add_entities([SiteSunMode(coordinator, entry.entry_id, SITE_SUN_MODE)])


def _has_all_phases(item: ConfigSubentry, number: int) -> bool:
    wiring = Wiring(item.data[CONF_CONNECTORS][number - 1][CONF_WIRING])
    return len(wiring.phases) == len(PHASES)


class PhasesInUse(ConnectorEntity, SelectEntity):
    """Charge on one phase or on three."""

    @property
    @override
    def available(self) -> bool:
        """Stay settable while the charger is lost: it is switched when it is back."""
        station = self._station
        return (
            self._installed is not None
            and station is not None
            and station.capabilities.switches_phases
        )

    @property
    @override
    def current_option(self) -> str | None:
        """Return what a person has chosen, else what the charger says that it uses."""
        if self._connector in self.coordinator.wishes.automatic_phases:
            return AUTOMATIC
        wish = self.coordinator.wishes.phase_counts.get(self._connector)
        count = self._data.phase_count if wish is None else wish
        return None if count is None else _OPTIONS[count]

    @override
    async def async_select_option(self, option: str) -> None:
        wishes, key = self.coordinator.wishes, self._connector
        wishes.automatic_phases.discard(key)
        if option == AUTOMATIC:
            wishes.automatic_phases.add(key)
        else:
            wishes.phase_counts[key] = _COUNTS[option]
        self.coordinator.async_wishes_changed()

    @override
    def _shows(self) -> Hashable:
        return self.current_option
