"""Plans a site anew whenever something changes, and tells what is planned for now."""

import asyncio
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from homeassistant.core import CALLBACK_TYPE, callback
from homeassistant.helpers.event import (
    async_call_later,
    async_track_time_interval,
    async_track_utc_time_change,
)
from homeassistant.util import dt as dt_util

from ..clock.settings import waits_by_default
from ..engine.when.planned import PlannedQuarter
from ..entity_access import HomeAssistantEntities
from ..memory import SiteMemory
from ..planner.model import ChargingPlan
from ..planner.solve import solve
from ..tariffs.settings import switched_off
from .expected_loads import sample_loads
from .goal_book import GoalBook, GoalOfCar
from .inputs import PlanInputs
from .intakes import Intakes
from .outlook import Forecasts, Outlook, Restrictions
from .report import PlanReport, status_of
from .task import Wanted, task_of

if TYPE_CHECKING:
    from ..coordinator import SiteCoordinator

SOON: Final = timedelta(seconds=1)
"""Changes within this time are joined before a new plan is made."""
CALM: Final = timedelta(minutes=1)
"""Sensors that change all the time do not keep a processor busy with plans."""
_SAMPLE_EVERY: Final = timedelta(minutes=1)
_QUARTERS: Final = (0, 15, 30, 45)


class SitePlanner:
    """Owns the plan of a site. Planning itself runs beside the event loop."""

    def __init__(self, site: SiteCoordinator, memory: SiteMemory) -> None:
        self._site = site
        self._memory = memory
        self._hass = site.hass
        self._inputs = PlanInputs(site.hass)
        self._intakes = Intakes(site, memory)
        self._book = GoalBook(site, memory.plan)
        self._ends: list[CALLBACK_TYPE] = []
        self._stop_watching: CALLBACK_TYPE | None = None
        self._stop_waiting: CALLBACK_TYPE | None = None
        self._due = dt_util.utcnow()
        self._running: asyncio.Task[None] | None = None
        self.report = PlanReport(made_at=dt_util.utcnow())

    @callback
    def async_start(self) -> None:
        """Begin to plan; it ends when the entry is unloaded."""
        self._ends = [
            async_track_utc_time_change(self._hass, self._at_quarter, minute=_QUARTERS, second=0),
            async_track_time_interval(self._hass, self._sample, _SAMPLE_EVERY),
            self._site.async_add_listener(self._look),
        ]
        self._site.config_entry.async_on_unload(self._stop)
        self.async_follow_options()

    @callback
    def async_follow_options(self) -> None:
        """Watch the entities that the options name now, and plan anew."""
        if self._stop_watching is not None:
            self._stop_watching()
        chosen = self._inputs.chosen(self._site.config_entry.options)
        self._stop_watching = HomeAssistantEntities(self._hass).subscribe(
            [*chosen, *self._book.levels()], self._input_changed
        )
        self.async_replan_soon()

    @callback
    def async_goal_changed(self, connector: str) -> None:
        """Act on a goal that a person has changed."""
        self._book.change(connector)
        self._site.async_wishes_changed()
        self.async_replan_soon()

    @callback
    def async_replan_soon(self) -> None:
        """Make a new plan, once for all that changes within a second."""
        self._schedule(SOON)

    def _schedule(self, delay: timedelta) -> None:
        """Make a new plan after a delay, or earlier if that is due already."""
        due = dt_util.utcnow() + delay
        if self._stop_waiting is not None:
            if self._due <= due:
                return
            self._stop_waiting()
        self._due = due
        self._stop_waiting = async_call_later(self._hass, delay, self._begin)

    def plans(self, now: datetime) -> dict[str, PlannedQuarter]:
        """Return what is planned for connectors now."""
        return self.report.plans(now)

    @callback
    def _begin(self, _: datetime) -> None:
        self._stop_waiting = None
        if self._running is not None and not self._running.done():
            self.async_replan_soon()
            return
        self._running = self._site.config_entry.async_create_background_task(
            self._hass, self._replan(), f"Headroom plans {self._site.name}"
        )

    async def _replan(self) -> None:
        self._book.look()
        report = await self._made()
        if report.statuses or self.report.statuses:
            self.report = report
            self._site.async_step()
            self._site.async_update_listeners()

    async def _made(self) -> PlanReport:
        """Return a new plan and what comes of each goal."""
        now, options = dt_util.utcnow(), self._site.config_entry.options
        cars = list(self._book.cars())
        forecasts = await self._inputs.read(options, now) if cars else Forecasts()
        if cars and (retry_at := self._inputs.retry_at(now)) is not None:
            self._schedule(max(SOON, retry_at - now))
        wanted = {car.connector: self._wanted(car) for car in cars if car.is_open(now)}
        plan = ChargingPlan()
        if wanted:
            outlook = self._outlook(now, forecasts)
            plan = await self._hass.async_add_executor_job(_solve, outlook, wanted.values())
        priced = bool(forecasts.price.slots)
        return PlanReport(
            made_at=now,
            plan=plan,
            statuses={
                car.connector: status_of(
                    car,
                    plan.cars.get(car.connector),
                    wanted.get(car.connector),
                    now,
                    priced=priced,
                )
                for car in cars
            },
            wanted=wanted,
            prices_until=forecasts.price.end,
        )

    def _outlook(self, now: datetime, forecasts: Forecasts) -> Outlook:
        site, wishes, entry = self._site.data.site, self._site.wishes, self._site.config_entry
        default, peaks = waits_by_default(entry.options), self._site.data.decision.guards.peaks
        snapshots = self._site.snapshots
        return Outlook(
            now=now,
            zone=dt_util.get_default_time_zone(),
            site=site,
            forecasts=forecasts,
            loads=self._memory.plan.loads,
            restrictions=Restrictions(
                zones=dict(wishes.zone_limits),
                averages={zone: view.allowed for zone, view in peaks.items()},
                tariffs_off=switched_off(wishes.tariffs_off, entry.entry_id, site),
                asked=snapshots.grid.joined(snapshots.asked(now), site).limits,
                off_peak=[key for key in site.connector_by_id if wishes.off_peak.get(key, default)],
            ),
        )

    def _wanted(self, car: GoalOfCar) -> Wanted:
        connector = self._site.data.site.connector_by_id[car.connector]
        setpoint = self._site.data.decision.setpoints.get(car.connector)
        now, minimum = dt_util.utcnow(), car.goal.minimum
        wish = self._site.wishes.connector_limits.get(car.connector, connector.max_current)
        return Wanted(
            connector=car.connector,
            deadline=car.goal.deadline,
            energy=car.needed or 0.0,
            phases=self._intakes.phases(connector),
            most=min(connector.max_current, wish, self._intakes.most(connector.id)),
            charging=setpoint is not None and setpoint.current > 0,
            minimum=car.minimum,
            minimum_by=None if minimum.is_due(now) else minimum.by,
        )

    @callback
    def _at_quarter(self, _: datetime) -> None:
        self._site.async_remember_later()
        self._begin_at_once()

    def _begin_at_once(self) -> None:
        if self._stop_waiting is not None:
            self._stop_waiting()
        self._begin(dt_util.utcnow())

    @callback
    def _sample(self, _: datetime) -> None:
        sample_loads(self._site, self._memory.plan.loads)
        self._intakes.sample()

    @callback
    def _input_changed(self) -> None:
        self._schedule(max(SOON, self.report.made_at + CALM - dt_util.utcnow()))

    @callback
    def _look(self) -> None:
        """Plan anew when a car comes, goes or has what it needs."""
        if self._book.look():
            self.async_replan_soon()

    @callback
    def _stop(self) -> None:
        for end in (*self._ends, self._stop_watching, self._stop_waiting):
            if end is not None:
                end()


def _solve(outlook: Outlook, wanted: Collection[Wanted]) -> ChargingPlan:
    """Return the plan; this takes a second or two of computing."""
    return solve(task_of(outlook, wanted))
