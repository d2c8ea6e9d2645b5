"""The calendar of a site: when which car is planned to charge."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final, NamedTuple, override

from homeassistant.components.calendar import (
    CalendarEntity,
    CalendarEntityDescription,
    CalendarEvent,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from .coordinator import HeadroomConfigEntry
from .entity import HeadroomEntity
from .installation import names_of
from .plan.entities import unit_of_cost
from .planner.tidy import blocks_of

PARALLEL_UPDATES = 0

CHARGING_PLAN: Final = CalendarEntityDescription(
    key="charging_plan", translation_key="charging_plan"
)

_WH_PER_KWH: Final = 1000


async def async_setup_entry(
    _: HomeAssistant,
    entry: HeadroomConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the calendar of a site."""
    async_add_entities([PlanCalendar(entry.runtime_data, entry.entry_id, CHARGING_PLAN)])


class _Block(NamedTuple):
    """A time in which a car is planned to charge."""

    start: datetime
    end: datetime
    connector: str
    quarters: list[int]


class PlanCalendar(HeadroomEntity, CalendarEntity):
    """Show each block in which a car is planned to charge, with its energy and cost."""

    @property
    @override
    def event(self) -> CalendarEvent | None:
        now = dt_util.utcnow()
        ahead = (block for block in self._blocks() if block.end > now)
        block = min(ahead, key=lambda block: block.start, default=None)
        return None if block is None else self._event(block)

    @override
    async def async_get_events(
        self, hass: HomeAssistant, start_date: datetime, end_date: datetime
    ) -> list[CalendarEvent]:
        """Return what is planned between two moments."""
        blocks = (b for b in self._blocks() if b.end > start_date and b.start < end_date)
        return [self._event(block) for block in sorted(blocks, key=lambda block: block.start)]

    def _blocks(self) -> Iterator[_Block]:
        plan = self.coordinator.planner.report.plan
        for key, car in plan.cars.items():
            for numbers in blocks_of(number for number, watts in enumerate(car.power) if watts):
                start, end = plan.quarters[numbers[0]].start, plan.quarters[numbers[-1]].end
                yield _Block(start, end, key, numbers)

    def _event(self, block: _Block) -> CalendarEvent:
        site = self.coordinator
        plan = site.planner.report.plan
        car = plan.cars[block.connector]
        energy = sum(car.power[n] * plan.quarters[n].hours for n in block.quarters) / _WH_PER_KWH
        cost = sum(car.costs[n] for n in block.quarters)
        names = names_of(site.config_entry.subentries.values())
        return CalendarEvent(
            start=dt_util.as_local(block.start),
            end=_shown_end(block.start, block.end),
            summary=names.get(block.connector, block.connector),
            description=f"{energy:.1f} kWh, {cost:.2f} {unit_of_cost(site)}",
        )

    @override
    def _shows(self) -> object:
        return self.coordinator.planner.report.made_at


def _shown_end(start: datetime, end: datetime) -> datetime:
    """Return the end in local time, as on the wall it must be after the start.

    A block over the hour that the clock shows twice could end before it begins.
    """
    begins, ends = dt_util.as_local(start), dt_util.as_local(end)
    return ends if ends > begins else begins + (end - start)
