"""The calendar of a site: when which car is planned to charge."""

from collections.abc import Hashable, Iterator
from datetime import datetime
from typing import Final, override

from homeassistant.components.calendar import (
    CalendarEntity,
    CalendarEntityDescription,
    CalendarEvent,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from .coordinator import HeadroomConfigEntry, SiteCoordinator
from .entity import HeadroomEntity
from .installation import names_of
from .plan.entities import unit_of_cost
from .planner.model import CarPlan, Quarter
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


class PlanCalendar(HeadroomEntity, CalendarEntity):
    """Show each block in which a car is planned to charge, with its energy and cost."""

    @property
    @override
    def event(self) -> CalendarEvent | None:
        now = dt_util.utcnow()
        return next((event for event in self._events() if event.end > now), None)

    @override
    async def async_get_events(
        self, hass: HomeAssistant, start_date: datetime, end_date: datetime
    ) -> list[CalendarEvent]:
        """Return what is planned between two moments."""
        events = self._events()
        return [event for event in events if event.end > start_date and event.start < end_date]

    def _events(self) -> list[CalendarEvent]:
        plan = self.coordinator.planner.report.plan
        events = [
            event
            for key, car in plan.cars.items()
            for event in _events_of(self.coordinator, key, car, plan.quarters)
        ]
        return sorted(events, key=lambda event: event.start)

    @override
    def _shows(self) -> Hashable:
        return self.coordinator.planner.report.made_at


def _events_of(
    site: SiteCoordinator, connector: str, car: CarPlan, quarters: tuple[Quarter, ...]
) -> Iterator[CalendarEvent]:
    name = names_of(site.config_entry.subentries.values()).get(connector, connector)
    for block in blocks_of(number for number, watts in enumerate(car.power) if watts):
        energy = sum(car.power[n] * quarters[n].hours for n in block) / _WH_PER_KWH
        cost = sum(car.costs[n] for n in block)
        start, end = quarters[block[0]].start, quarters[block[-1]].end
        yield CalendarEvent(
            start=dt_util.as_local(start),
            end=_shown_end(start, end),
            summary=name,
            description=f"{energy:.1f} kWh, {cost:.2f} {unit_of_cost(site)}",
        )


def _shown_end(start: datetime, end: datetime) -> datetime:
    """Return the end in local time, as on the wall it must be after the start.

    A block over the hour that the clock shows twice could end before it begins.
    """
    begins, ends = dt_util.as_local(start), dt_util.as_local(end)
    return ends if ends > begins else begins + (end - start)
