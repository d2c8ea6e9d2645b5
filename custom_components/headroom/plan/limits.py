"""What the bottlenecks of a site leave to cars, quarter by quarter."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from math import inf

from ..engine.currents import PHASES
from ..engine.inputs import LimitUnit, Reach, ZoneLimit
from ..engine.known.power import NOMINAL_VOLTAGE
from ..engine.site.model import Zone
from ..engine.when.tariff_caps import table_of
from ..engine.when.weekly import WeeklyTimes
from ..planner.model import Limit, Quarter
from .outlook import Outlook


class Limits:
    """The limits of every zone on the way of some cars."""

    def __init__(
        self, outlook: Outlook, quarters: tuple[Quarter, ...], connectors: Iterable[str]
    ) -> None:
        self._site = outlook.site
        ids = {zone for connector in connectors for zone in self._path(connector)}
        rooms = _Rooms(outlook)
        self.limits = tuple(
            limit
            for zone in outlook.site.zones
            if zone.id in ids
            for limit in _limits(rooms, zone, quarters)
        )
        self._ids = {limit.id for limit in self.limits}

    def shares(self, connector: str, phases: Collection[int]) -> Mapping[str, float]:
        """Return the part of a car's power that counts at each limit on its way."""
        path = self._path(connector)
        parts = {_phase_id(zone, phase): 1 / len(phases) for zone in path for phase in phases}
        return parts | {_total_id(zone): 1.0 for zone in path if _total_id(zone) in self._ids}

    def _path(self, connector: str) -> tuple[str, ...]:
        return self._site.path(self._site.zone_of[connector])


def _limits(rooms: _Rooms, zone: Zone, quarters: tuple[Quarter, ...]) -> Iterator[Limit]:
    for phase in PHASES:
        power = tuple(rooms.on_phase(zone, phase, quarter.start) for quarter in quarters)
        yield Limit(id=_phase_id(zone.id, phase), power=power)
    totals = tuple(rooms.in_all(zone.id, quarter) for quarter in quarters)
    if min(totals, default=inf) < inf:
        yield Limit(id=_total_id(zone.id), power=totals)


class _Rooms:
    """What is left in zones at a time, in W."""

    def __init__(self, outlook: Outlook) -> None:
        self._outlook = outlook
        self._asked = [one for one in outlook.restrictions.asked if one.ask.until is not None]
        self._parts = table_of(outlook.site, outlook.restrictions.tariffs_off)
        self._times = {
            period.id: WeeklyTimes(period.slots, outlook.zone) for period in outlook.site.tariffs
        }

    def on_phase(self, zone: Zone, phase: int, at: datetime) -> float:
        """Return what cars may draw on a phase."""
        wished = self._outlook.restrictions.zones.get(zone.id, inf)
        room = min(
            zone.net[phase],
            zone.contracted(None)[phase],
            wished,
            self._asked_of(zone.id, at, Reach.EVERYTHING, LimitUnit.AMPERES),
            self._power_asked_of(zone.id, at, Reach.EVERYTHING)
            / (NOMINAL_VOLTAGE * max(1, len(zone.phases))),
        )
        room -= self._others(zone.id, phase, at)
        most = inf if zone.cluster_max is None else zone.cluster_max
        for_cars = self._asked_of(zone.id, at, Reach.EVS, LimitUnit.AMPERES)
        room = min(room, most, for_cars, self._tariff(zone.id, phase, at))
        return max(0.0, room) * NOMINAL_VOLTAGE

    def in_all(self, zone: str, quarter: Quarter) -> float:
        """Return what cars may draw on all phases together; infinite where nobody counts that."""
        at = quarter.start
        imported = min(
            self._outlook.restrictions.averages.get(zone, inf),
            self._power_asked_of(zone, at, Reach.SUM),
            self._power_asked_of(zone, at, Reach.EVERYTHING),
        )
        others = NOMINAL_VOLTAGE * sum(self._others(zone, phase, at) for phase in PHASES)
        from_grid = self._power_asked_of(zone, at, Reach.EVS_FROM_GRID) + quarter.surplus
        for_cars = self._power_asked_of(zone, at, Reach.EVS)
        return max(0.0, min(imported - others, from_grid, for_cars))

    def _others(self, zone: str, phase: int, at: datetime) -> float:
        """Return the A that other loads usually draw; production gives cars no room."""
        if (profiles := self._outlook.loads.zones.get(zone)) is None:
            return 0.0
        return max(0.0, profiles[phase].expected(at, self._outlook.zone) or 0.0)

    def _tariff(self, zone: str, phase: int, at: datetime) -> float:
        """Return the A that tariff periods leave to cars; the lowest counts."""
        parts = self._parts[zone].items()
        return min(
            (part[phase] for key, part in parts if part and self._times[key].contains(at)),
            default=inf,
        )

    def _power_asked_of(self, zone: str, at: datetime, reach: Reach) -> float:
        units = LimitUnit.WATTS, LimitUnit.NOMINAL_WATTS
        return min(self._asked_of(zone, at, reach, unit) for unit in units)

    def _asked_of(self, zone: str, at: datetime, reach: Reach, unit: LimitUnit) -> float:
        """Return the lowest limit of a kind that holds at a time; infinite if there is none."""
        return min(
            (
                one.ask.most
                for one in self._asked
                if (one.zone, one.reach, one.unit) == (zone, reach, unit) and _holds(one, at)
            ),
            default=inf,
        )


def _holds(limit: ZoneLimit, at: datetime) -> bool:
    return limit.ask.until is not None and at < limit.ask.until


def _phase_id(zone: str, phase: int) -> str:
    return f"{zone}/{phase}"


def _total_id(zone: str) -> str:
    return f"{zone}/total"
