"""Looking at the site: from a snapshot and what is remembered to a view."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from .acting.crowding import Crowding
from .cars.demand import Demand, demand_of
from .cars.following import follow, follow_phases
from .currents import PHASES, PerPhase
from .grid.guards import Guards
from .known.limits import Budget, budget_of, fixed_budget, speaks
from .known.observation import Observation, observe
from .known.other_loads import OtherLoads
from .known.power import NOMINAL_VOLTAGE
from .known.roles import Roles
from .memory.state import ControllerState
from .sharing.plan import Plan
from .site.breaker import ProtectiveDevice, ThermalMemory, overdraft
from .site.model import SharingMode, Site, Zone
from .snapshot import Snapshot
from .sun.sunshine import Scene
from .tuning import Tuning
from .turns.rotation import SLOT, Contender
from .view import Rank, View
from .when.permit import Bound, tightest
from .when.tariff_caps import bounds_of, with_tariffs
from .when.tariffs import TariffClock
from .when.timing import Timing

_NEVER: Final = datetime.max.replace(tzinfo=UTC)
_SLOT_HOURS: Final = SLOT / timedelta(hours=1)


class Lookout:
    """Sees one site as it is now; what it has seen of other loads stays when the site changes."""

    def __init__(self, site: Site, state: ControllerState, tuning: Tuning) -> None:
        self._tuning = tuning
        self._state = state
        self._loads: dict[str, OtherLoads] = {}
        self.turn_to(site)

    def turn_to(self, site: Site) -> None:
        """Look at a changed site from now on."""
        self._site = site
        self._plan = Plan.of(site)
        self._roles = Roles.of(site)
        self._loads = {zone.id: self._loads.get(zone.id) or OtherLoads() for zone in site.zones}
        self._meters = {zone.id: site.meter_of(zone.id) for zone in site.zones}
        self._members: dict[str, list[str]] = {zone.id: [] for zone in site.zones}
        for key, own in site.zone_of.items():
            for zone in site.path(own):
                self._members[zone].append(key)
        self._metered = frozenset(
            key for zone in site.zones if zone.is_dynamic for key in self._members[zone.id]
        )
        self._fixed = {
            zone.id: fixed_budget(zone)
            for zone in site.zones
            if not zone.is_dynamic and self._meters[zone.id] is None
        }
        """Budgets that only a person or an input can change."""
        self._crowding = Crowding()
        self._timing = Timing(site, self._state.connectors)
        self._tariffs = TariffClock(site.tariffs, site.zone_by_id, site.rules.time_zone)
        self._guards = Guards(site, self._state.guards)

    def look(self, snapshot: Snapshot, elapsed: timedelta) -> View:
        """Return what is to be seen; `elapsed` is the time since the last look."""
        snapshot = self._roles.worked_in(snapshot, self._tuning.stale_draw)
        tariffs = self._tariffs.look(snapshot.now, snapshot.tariffs_off)
        snapshot = replace(snapshot, inputs=with_tariffs(snapshot.inputs, tariffs))
        snapshot, guards = self._guards.worked_in(snapshot)
        scene = self._scene(snapshot, elapsed)
        observations = scene.observations
        timed, sunlight = self._timing.bounds(scene)
        bounds = tightest(timed, bounds_of(self._site, snapshot.inputs.tariffs))
        demands = self._demands(scene, bounds)
        budgets = self._budgets(scene, demands)
        return View(
            site=self._site,
            plan=self._plan,
            tuning=self._tuning,
            snapshot=snapshot,
            states=self._state.connectors,
            departures=self._state.departures,
            observations=observations,
            cars=scene.cars,
            demands=demands,
            ranks=scene.ranks,
            arrivals=scene.arrivals,
            metered=self._metered,
            phases={key: seen.phases for key, seen in observations.items()},
            budgets=budgets,
            unbalance=self._unbalance(observations),
            overdrafts=self._overdrafts(budgets, snapshot),
            crowding=self._crowding,
            tariffs=tariffs,
            sunlight=sunlight,
            guards=guards,
        )

    def _scene(self, snapshot: Snapshot, elapsed: timedelta) -> Scene:
        """Return what connectors and cars are seen to do, and who comes first."""
        observations = self._observe(snapshot)
        states, rules = self._state.connectors, self._site.rules
        for key, seen in observations.items():
            follow_phases(seen, states[key], rules, snapshot)
        cars = {
            key: follow(seen, states[key], rules, snapshot.now, elapsed)
            for key, seen in observations.items()
        }
        arrivals = self._arrivals()
        return Scene(
            snapshot=snapshot,
            elapsed=elapsed,
            observations=observations,
            cars=cars,
            ranks=self._ranks(arrivals, snapshot.now, observations),
            arrivals=arrivals,
        )

    def _demands(self, scene: Scene, bounds: Mapping[str, Bound]) -> dict[str, Demand]:
        states, rules = self._state.connectors, self._site.rules
        return {
            key: demand_of(
                seen, states[key], scene.cars[key], scene.snapshot, rules, bound=bounds.get(key)
            )
            for key, seen in scene.observations.items()
        }

    def _observe(self, snapshot: Snapshot) -> dict[str, Observation]:
        looked_at = self._looked_at(snapshot)
        return {
            key: observe(
                connector,
                self._site.fallback_of[key],
                self._state.connectors[key],
                snapshot,
                looked_at=looked_at,
                tuning=self._tuning,
            )
            for key, connector in self._site.connector_by_id.items()
        }

    def _looked_at(self, snapshot: Snapshot) -> datetime:
        """Return when the oldest meter reading in use was taken."""
        readings = (
            (meter, snapshot.meters.get(meter.id)) for meter in self._meters.values() if meter
        )
        times = (r.at for meter, r in readings if r and speaks(meter, r, snapshot.now))
        return min(times, default=snapshot.now)

    def _budgets(self, scene: Scene, demands: Mapping[str, Demand]) -> dict[str, Budget]:
        snapshot, inputs = scene.snapshot, scene.snapshot.inputs
        idle = frozenset(
            key
            for key, seen in scene.observations.items()
            if demands[key].cap < seen.connector.entry
        )
        return {
            zone.id: self._fixed[zone.id]
            if zone.id in self._fixed
            and zone.id not in snapshot.zone_limits
            and not inputs.concern(zone.id)
            else self._budget(zone, scene, demands, idle)
            for zone in self._site.zones
        }

    def _budget(
        self, zone: Zone, scene: Scene, demands: Mapping[str, Demand], idle: frozenset[str]
    ) -> Budget:
        members = self._members[zone.id]
        if scene.snapshot.inputs.concern(zone.id):
            ranks = scene.ranks
            members = sorted(
                members,
                key=lambda key: (demands[key].priority, key not in ranks, ranks.get(key, ())),
            )
        return budget_of(
            zone,
            self._meters[zone.id],
            scene.snapshot,
            (scene.observations[key] for key in members),
            departed=self._state.departures.in_zone(zone.id),
            idle=idle,
            history=self._loads[zone.id],
            tuning=self._tuning,
        )

    def _arrivals(self) -> dict[str, Rank]:
        """Return the order of arrival of the connectors with a car."""
        states = self._state.connectors
        return {key: (state.arrived_at, key) for key, state in states.items() if state.present}

    def _ranks(
        self,
        arrivals: Mapping[str, Rank],
        now: datetime,
        observations: Mapping[str, Observation],
    ) -> dict[str, Rank]:
        """Return the order of admission.

        Where current goes by arrival, so do the places. Lists that are ordered differently are
        merged place by place.
        """
        rules, states = self._site.rules, self._state.connectors
        by_arrival = {key for key in arrivals if self._goes_by_arrival(key)}
        turning = self._state.rotation.ranks(
            [self._contender(key, observations[key]) for key in arrivals if key not in by_arrival],
            {key: state.turn for key, state in states.items()},
            rules.shedding,
            now,
            rules.wear.min_on,
        )
        if not by_arrival:
            return turning
        lists = (
            sorted(by_arrival, key=arrivals.__getitem__),
            sorted(turning, key=turning.__getitem__),
        )
        return {
            key: (place, number, key)
            for number, keys in enumerate(lists)
            for place, key in enumerate(keys)
        }

    def _goes_by_arrival(self, connector: str) -> bool:
        plan = self._plan
        return plan.groups[plan.group_of[connector]].mode is not SharingMode.EQUAL

    def _contender(self, key: str, observation: Observation) -> Contender:
        state, connector = self._state.connectors[key], observation.connector
        slot_power = connector.floor * NOMINAL_VOLTAGE * len(observation.phases)
        return Contender(
            connector=key,
            order=self._site.order_of[key],
            arrived_at=state.arrived_at,
            charging=state.commanded > 0,
            charging_since=state.wear.started_at,
            worn=state.wear.worn(self._site.rules.wear),
            slot_energy=slot_power * _SLOT_HOURS,
        )

    def _unbalance(self, observations: Mapping[str, Observation]) -> dict[str, PerPhase]:
        """Return what one- and two-phase cars may draw on each phase (A1.9).

        That is the permitted difference above what such cars are sure to draw on the phase that
        has least of it.
        """
        return {
            zone.id: PerPhase.same(zone.unbalance + self._least_single(zone, observations))
            for zone in self._site.zones
            if zone.unbalance is not None
        }

    def _least_single(self, zone: Zone, observations: Mapping[str, Observation]) -> float:
        members = (observations[key] for key in self._members[zone.id])
        singles = [seen.low for seen in members if len(seen.phases) < len(PHASES)]
        return min((sum(low[phase] for low in singles) for phase in zone.phases), default=0.0)

    def _overdrafts(self, budgets: Mapping[str, Budget], snapshot: Snapshot) -> dict[str, PerPhase]:
        """Return what floors of charging cars may exceed the budget of dynamic zones by, in A."""
        return {
            zone.id: budgets[zone.id].bearable(self._overdraft(zone, budgets[zone.id], snapshot))
            for zone in self._site.zones
            if zone.is_dynamic
        }

    def _overdraft(self, zone: Zone, budget: Budget, snapshot: Snapshot) -> PerPhase:
        """Return what a zone's protective device bears above its rating at this moment, in A.

        Nothing where a person or a contract wants less than the device could carry.
        """
        meter, device = self._meters[zone.id], zone.protection
        if meter is None or device is ProtectiveDevice.HARD:
            return PerPhase()
        memories = self._state.thermal.setdefault(zone.id, tuple(ThermalMemory() for _ in PHASES))
        if budget.measured is None or budget.lost:
            for memory in memories:
                memory.forget()
            return PerPhase()
        at = min(snapshot.meters[meter.id].at, snapshot.now)
        for memory, current, rating in zip(memories, budget.measured, zone.net, strict=True):
            memory.note(current, rating, at, device)
        if budget.limit != zone.net:
            return PerPhase()
        return PerPhase(
            *(
                overdraft(memory, device, rating, snapshot.now)
                for memory, rating in zip(memories, zone.net, strict=True)
            )
        )
