"""Who has a goal, how far each car is, and whether it is there."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from homeassistant.util import dt as dt_util

from ..const import CONF_CAR_CAPACITY, CONF_CAR_CHARGE_ENTITY, CONF_CONNECTORS, SUBENTRY_CHARGER
from ..engine.known.power import NOMINAL_VOLTAGE
from ..engine.snapshot import ConnectorReading
from ..entity_access import HomeAssistantEntities
from ..entity_state import as_float
from ..planner.model import HOUR
from .goals import Goal, Progress, goal_of, needed
from .memory import PlanMemory
from .visit import Visit

if TYPE_CHECKING:
    from ..coordinator import SiteCoordinator

_WH_PER_KWH: Final = 1000
_TOLERANCE: Final = 1.1
"""Mains have up to a tenth more than their nominal voltage."""
_SILENT: Final = ConnectorReading()


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalOfCar:
    """A goal, and where its car stands."""

    connector: str
    goal: Goal
    present: bool
    progress: Progress
    met: bool
    needed: float | None
    """Wh at the charger; None: nobody knows."""
    minimum: float = 0.0
    """Wh of it that come before the rest."""

    def is_open(self, now: datetime) -> bool:
        """Return whether there is something to plan."""
        return self.present and not self.met and bool(self.needed) and self.goal.deadline > now


class GoalBook:
    """Follows the goals of a site's connectors; what people want is in its wishes."""

    def __init__(self, site: SiteCoordinator, memory: PlanMemory) -> None:
        self._site = site
        self._memory = memory
        self._entities = HomeAssistantEntities(site.hass)

    @property
    def _visits(self) -> dict[str, Visit]:
        return self._memory.visits

    def change(self, connector: str) -> None:
        """Note that a person has changed a goal: it begins anew."""
        if (visit := self._visits.get(connector)) is not None:
            visit.renew(dt_util.utcnow())

    def look(self) -> bool:
        """Note who has come, has gone or has reached a goal; return whether anybody has."""
        before = self._standing()
        readings = self._site.equipment.connector_readings()
        for key in self._site.data.site.connector_by_id:
            self._follow(key, readings.get(key, _SILENT))
        dropped = self._drop_missed()
        for car in self.cars():
            self._judge(car)
        if not dropped and self._standing() == before:
            return False
        self._site.async_remember_later()
        return True

    def cars(self) -> Iterator[GoalOfCar]:
        """Yield every connector that has a goal."""
        zone = dt_util.get_default_time_zone()
        this_minute = dt_util.utcnow().replace(second=0, microsecond=0)
        for key in self._site.data.site.connector_by_id:
            visit = self._visits.get(key)
            since = this_minute if visit is None else visit.since
            goal = goal_of(self._site.wishes, key, since, zone)
            if goal is not None:
                progress = self._progress(key, visit)
                yield GoalOfCar(
                    connector=key,
                    goal=goal,
                    present=visit is not None,
                    progress=progress,
                    met=visit is not None and visit.met,
                    needed=needed(goal, progress),
                    minimum=needed(goal.minimum, progress) or 0.0,
                )

    def levels(self) -> list[str]:
        """Return the entities that show how full cars are."""
        return [
            data[CONF_CAR_CHARGE_ENTITY]
            for key in self._site.data.site.connector_by_id
            if CONF_CAR_CHARGE_ENTITY in (data := self._stored(key))
        ]

    def _standing(self) -> dict[str, tuple[bool, bool]]:
        """Return who is there, and whether they have what they need."""
        return {key: (visit.met, visit.short) for key, visit in self._visits.items()}

    def _follow(self, key: str, reading: ConnectorReading) -> None:
        """Begin, go on with or end the visit at a connector; without contact it goes on."""
        tells = reading.online and reading.status.tells_of_car
        visit = self._visits.get(key)
        if tells and not reading.status.has_car:
            if visit is not None:
                self._leave(key)
        elif tells and visit is None:
            visit = self._visits[key] = Visit.begun(self._arrival(key))
        if visit is not None and reading.energy is not None:
            visit.count(reading.energy, self._possible(key, visit))

    def _judge(self, car: GoalOfCar) -> None:
        """Note whether a goal is reached; one that was is due again at its next time of day."""
        visit, now = self._visits.get(car.connector), dt_util.utcnow()
        if visit is None:
            return
        visit.short = car.minimum > 0
        visit.judge(car.needed, needed(car.goal.eased, car.progress))
        if visit.met and car.goal.deadline <= now:
            visit.since = now

    def _arrival(self, connector: str) -> datetime:
        """Return when the session began that runs, else now."""
        charger, _, number = connector.partition(":")
        link = self._site.equipment.charger(charger)
        data = None if link is None else link.connectors.get(int(number))
        session = None if data is None else data.session
        return dt_util.utcnow() if session is None else session.started_at

    def _possible(self, key: str, visit: Visit) -> float:
        """Return the Wh that a charger can have given since a car came."""
        connector = self._site.data.site.connector_by_id[key]
        watts = connector.max_current * len(connector.wiring.phases) * NOMINAL_VOLTAGE
        return _TOLERANCE * watts * ((dt_util.utcnow() - visit.came_at) / HOUR)

    def _leave(self, connector: str) -> None:
        del self._visits[connector]
        if (intake := self._memory.intakes.get(connector)) is not None:
            intake.part()
        self._site.wishes.session_goals.pop(connector, None)

    def _drop_missed(self) -> bool:
        """Drop goals for a session whose cars did not come in time; return whether there are."""
        goals, now = self._site.wishes.session_goals, dt_util.utcnow()
        missed = [k for k, goal in goals.items() if goal.ready_by <= now and k not in self._visits]
        for key in missed:
            del goals[key]
        return bool(missed)

    def _progress(self, connector: str, visit: Visit | None) -> Progress:
        stored = self._stored(connector)
        level = None
        if (entity := stored.get(CONF_CAR_CHARGE_ENTITY)) is not None:
            level = self._level(entity, visit)
        capacity = stored.get(CONF_CAR_CAPACITY)
        return Progress(
            charged=0.0 if visit is None else visit.charged,
            level=level,
            capacity=None if capacity is None else capacity * _WH_PER_KWH,
        )

    def _level(self, entity: str, visit: Visit | None) -> float | None:
        """Return how full a car is; what was reported before it came is of another day."""
        state = self._entities.state(entity)
        if state is None or (visit is not None and state.reported_at < visit.came_at):
            return None
        return as_float(state.value)

    def _stored(self, connector: str) -> dict[str, Any]:
        """Return what the form of a connector has kept."""
        charger, _, number = connector.partition(":")
        item = self._site.config_entry.subentries.get(charger)
        if item is None or item.subentry_type != SUBENTRY_CHARGER:
            return {}
        connectors: list[dict[str, Any]] = item.data[CONF_CONNECTORS]
        return connectors[int(number) - 1] if int(number) <= len(connectors) else {}
