"""Who has a goal, how far each car is, and whether it is there."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from homeassistant.util import dt as dt_util

from ..const import CONF_CAR_CAPACITY, CONF_CAR_CHARGE_ENTITY, CONF_CONNECTORS, SUBENTRY_CHARGER
from ..engine.snapshot import ConnectorReading
from ..entity_access import HomeAssistantEntities
from ..entity_state import as_float
from .goals import Goal, Progress, goal_of, needed

if TYPE_CHECKING:
    from ..coordinator import SiteCoordinator

_WH_PER_KWH = 1000
_DONE = 1.0
"""Wh; a goal that lacks no more is reached."""


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

    def is_open(self, now: datetime) -> bool:
        """Return whether there is something to plan."""
        return self.present and not self.met and bool(self.needed) and self.goal.deadline > now


class GoalBook:
    """Follows the goals of a site's connectors; what people want is in its wishes."""

    def __init__(self, site: SiteCoordinator) -> None:
        self._site = site
        self._entities = HomeAssistantEntities(site.hass)
        self._since: dict[str, datetime] = {}
        """When the car came, or its goal was changed, by connector id."""
        self._present: set[str] = set()
        self._met: set[str] = set()

    def change(self, connector: str) -> None:
        """Note that a person has changed a goal: it begins anew."""
        self._since[connector] = dt_util.utcnow()
        self._met.discard(connector)

    def look(self) -> bool:
        """Note who has come, has gone or has reached a goal; return whether anybody has."""
        readings = self._site.equipment.connector_readings()
        present = {key for key, reading in readings.items() if self._is_present(key, reading)}
        for key in present - self._present:
            self._since[key] = self._arrival(key)
        for key in self._present - present:
            self._leave(key)
        met = {car.connector for car in self.cars() if car.present and car.met}
        changed = present != self._present or met != self._met
        self._present, self._met = present, met
        return changed

    def cars(self) -> Iterator[GoalOfCar]:
        """Yield every connector that has a goal."""
        zone = dt_util.get_default_time_zone()
        readings = self._site.equipment.connector_readings()
        for key in self._site.data.site.connector_by_id:
            since = self._since.get(key) or dt_util.utcnow()
            goal = goal_of(self._site.wishes, key, since, zone)
            if goal is not None:
                progress = self._progress(key, readings.get(key, ConnectorReading()))
                lacks = needed(goal, progress)
                present = key in self._present
                yield GoalOfCar(
                    connector=key,
                    goal=goal,
                    present=present,
                    progress=progress,
                    met=key in self._met or (lacks is not None and lacks <= _DONE),
                    needed=lacks,
                )

    def levels(self) -> list[str]:
        """Return the entities that show how full cars are."""
        return [
            data[CONF_CAR_CHARGE_ENTITY]
            for key in self._site.data.site.connector_by_id
            if CONF_CAR_CHARGE_ENTITY in (data := self._stored(key))
        ]

    def _is_present(self, connector: str, reading: ConnectorReading) -> bool:
        if not reading.online or not reading.status.tells_of_car:
            return connector in self._present
        return reading.status.has_car

    def _arrival(self, connector: str) -> datetime:
        """Return when the session began that runs, else now."""
        charger, _, number = connector.partition(":")
        link = self._site.equipment.charger(charger)
        data = None if link is None else link.connectors.get(int(number))
        session = None if data is None else data.session
        return dt_util.utcnow() if session is None else session.started_at

    def _leave(self, connector: str) -> None:
        self._since.pop(connector, None)
        self._met.discard(connector)
        if self._site.wishes.session_goals.pop(connector, None) is not None:
            self._site.async_remember_later()

    def _progress(self, connector: str, reading: ConnectorReading) -> Progress:
        stored = self._stored(connector)
        level = None
        if (entity := stored.get(CONF_CAR_CHARGE_ENTITY)) is not None:
            state = self._entities.state(entity)
            level = None if state is None else as_float(state.value)
        capacity = stored.get(CONF_CAR_CAPACITY)
        return Progress(
            charged=reading.energy or 0.0,
            level=level,
            capacity=None if capacity is None else capacity * _WH_PER_KWH,
        )

    def _stored(self, connector: str) -> dict[str, Any]:
        """Return what the form of a connector has kept."""
        charger, _, number = connector.partition(":")
        item = self._site.config_entry.subentries.get(charger)
        if item is None or item.subentry_type != SUBENTRY_CHARGER:
            return {}
        connectors: list[dict[str, Any]] = item.data[CONF_CONNECTORS]
        return connectors[int(number) - 1] if int(number) <= len(connectors) else {}
