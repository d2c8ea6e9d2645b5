"""The controller: one decision for the whole site, step by step."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from .currents import PHASES, PerPhase
from .decision import Decision, Reason, ReasonCode, Setpoint, ZoneState
from .demand import Demand, demand_of, note_arrival
from .departed import Departures
from .limits import Budget, OtherLoads, budget_of, speaks
from .model import Connector, Site
from .observation import Observation, observe
from .sharing import Claim, Grant, Plan, allocate, round_down, round_up, to_amperes
from .snapshot import Snapshot
from .state import ConnectorState, ControllerState
from .tuning import Tuning

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class _View:
    """What a step has found out before it decides."""

    snapshot: Snapshot
    observations: Mapping[str, Observation]
    demands: Mapping[str, Demand]
    budgets: Mapping[str, Budget]

    @property
    def keep(self) -> Mapping[str, PerPhase]:
        """Return what the EVs of each zone may go on drawing, in A."""
        return {zone: budget.keep for zone, budget in self.budgets.items()}

    @property
    def grow(self) -> Mapping[str, PerPhase]:
        """Return what raising may fill in each zone, in A."""
        return {zone: budget.grow for zone, budget in self.budgets.items()}

    def connectors(self) -> Iterable[tuple[Connector, Observation, Demand]]:
        """Iterate over the connectors with what is known of each."""
        for key, observation in self.observations.items():
            yield observation.connector, observation, self.demands[key]


class SiteController:
    """Decides the setpoints of a site. Pure: time comes in with the snapshot.

    The invariant: for every zone and phase the sum of the worst currents that its connectors may
    draw stays within the budget. A connector's worst current is the highest of its new setpoint,
    an older one that it has not confirmed, its measured draw, and its fallback while contact is
    lost. So currents are lowered at once, and raised only into room that nobody holds any more.
    When a budget shrinks, the sum is above it for as long as cars need to come down.
    """

    def __init__(
        self, site: Site, state: ControllerState | None = None, tuning: Tuning | None = None
    ) -> None:
        self._tuning = tuning or Tuning()
        self._state = state or ControllerState()
        self._loads: dict[str, OtherLoads] = {}
        self._departures = Departures()
        self._awake = False
        self._site = Site()
        self.reconfigure(site)

    @property
    def site(self) -> Site:
        """Return the site as it is now."""
        return self._site

    @property
    def state(self) -> ControllerState:
        """Return what must survive a restart."""
        return self._state

    def reconfigure(self, site: Site) -> None:
        """Go on with a changed site; what stays of it keeps its memory."""
        known = self._state.connectors
        self._departures.note(self._site, site, known)
        self._site = site
        self._plan = Plan.of(site)
        self._state.connectors = {
            connector.id: known.get(connector.id) or ConnectorState()
            for connector in site.connectors
        }
        self._loads = {zone.id: self._loads.get(zone.id) or OtherLoads() for zone in site.zones}
        self._members = {
            zone.id: tuple(
                connector.id
                for connector in site.connectors
                if zone.id in site.path(site.zone_of[connector.id])
            )
            for zone in site.zones
        }

    def stand_down(self, now: datetime) -> dict[str, float]:
        """Lower every connector to its fallback, for nobody will watch; return the setpoints."""
        self._state.orderly = True
        for key, state in self._state.connectors.items():
            state.command(min(state.commanded, self._site.fallback_of[key]), now)
        return {key: state.commanded for key, state in self._state.connectors.items()}

    def step(self, snapshot: Snapshot) -> Decision:
        """Decide what every connector gets now."""
        view = self._look(snapshot)
        targets = self._share(view)
        self._lower(view, targets)
        raises = self._raise(view, targets)
        return self._decide(view, targets, raises)

    def _look(self, snapshot: Snapshot) -> _View:
        self._keep_time(snapshot)
        observations = self._observe(snapshot)
        states = self._state.connectors
        for key, observation in observations.items():
            note_arrival(observation, states[key], snapshot)
        demands = {
            key: demand_of(observation, states[key], snapshot)
            for key, observation in observations.items()
        }
        return _View(
            snapshot=snapshot,
            observations=observations,
            demands=demands,
            budgets=self._budgets(snapshot, observations),
        )

    def _keep_time(self, snapshot: Snapshot) -> None:
        """Let what ends by time end."""
        tuning = self._tuning
        if not self._awake:
            self._awake = True
            maxima = {c.id: c.max_current for c in self._site.connectors}
            self._state.awaken(maxima, snapshot.now, tuning.longest_lease)
        self._state.follow_clock(snapshot.now)
        self._departures.expire(snapshot, tuning.longest_lease + tuning.lease_grace, tuning.settle)

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

    def _budgets(
        self, snapshot: Snapshot, observations: Mapping[str, Observation]
    ) -> dict[str, Budget]:
        return {
            zone.id: budget_of(
                zone,
                self._site.meter_of(zone.id),
                snapshot,
                [observations[key] for key in self._members[zone.id]],
                history=self._loads[zone.id],
                tuning=self._tuning,
            )
            for zone in self._site.zones
        }

    def _looked_at(self, snapshot: Snapshot) -> datetime:
        """Return when the oldest meter reading in use was taken."""
        readings = ((meter, snapshot.meters.get(meter.id)) for meter in self._site.meters)
        times = (r.at for meter, r in readings if r and speaks(meter, r, snapshot.now))
        return min(times, default=snapshot.now)

    def _share(self, view: _View) -> dict[str, Grant]:
        """Return each connector's fair share of what the EVs may go on drawing.

        What connectors beyond control may draw is taken off first. They get the share that they
        would have if they followed, so that they are never told to draw more than that.
        """
        headroom = self._plan.headroom(view.keep)
        claims = {
            connector.id: self._claim(connector, demand.cap)
            for connector, observation, demand in view.connectors()
            if observation.reading.online
        }
        held = {key for key, observation in view.observations.items() if observation.held}
        lost = {key for key in held if key not in claims}
        targets = allocate(self._plan, self._less(headroom, view, lost), claims.values())
        if held != lost:
            obedient = [claim for key, claim in claims.items() if key not in held]
            targets |= allocate(self._plan, self._less(headroom, view, held), obedient)
        return targets

    def _less(self, headroom: list[int], view: _View, held: set[str]) -> list[int]:
        return self._left(
            headroom,
            {
                key: observation.worst if key in held else observation.excess
                for key, observation in view.observations.items()
            },
        )

    def _left(self, headroom: list[int], taken: Mapping[str, float]) -> list[int]:
        """Return what currents of connectors, in A, and departed ones leave on each link."""
        used = self._plan.total(taken)
        return [
            max(0, room - current - round_up(self._departures.on(link.zone, link.phase)))
            for room, current, link in zip(headroom, used, self._plan.links, strict=True)
        ]

    def _claim(self, connector: Connector, cap: float, base: float = 0.0) -> Claim:
        state = self._state.connectors[connector.id]
        return Claim(
            connector=connector.id,
            floor=round_up(connector.floor),
            cap=round_down(cap),
            step=round_up(connector.step),
            rank=(state.commanded == 0, state.arrived_at or _NEVER),
            base=round_up(base),
        )

    def _lower(self, view: _View, targets: Mapping[str, Grant]) -> None:
        """Lower at once whatever is above its budget, its demand, or clearly above its share."""
        headroom = self._left(self._plan.headroom(view.keep), {})
        in_force = self._plan.total(
            {
                key: o.worst if o.held else self._commanded(key) + o.excess
                for key, o in view.observations.items()
            }
        )
        for connector, observation, demand in view.connectors():
            state = self._state.connectors[connector.id]
            if not observation.reading.online:
                # It must not come back with more than what is kept for it meanwhile.
                state.command(min(state.commanded, observation.worst), view.snapshot.now)
                continue
            target = to_amperes(targets[connector.id].current)
            if state.commanded < connector.entry:
                target = 0.0
            crowded = any(
                in_force[link] > headroom[link] for link in self._plan.loads[connector.id]
            )
            excess = state.commanded - target
            worth_it = excess >= self._tuning.redistribute or state.commanded > demand.cap
            if excess > 0 and (crowded or worth_it or target == 0):
                state.command(target, view.snapshot.now)
                if target == 0 and demand.cap >= connector.entry:
                    state.paused_at = view.snapshot.now

    def _commanded(self, connector: str) -> float:
        return self._state.connectors[connector].commanded

    def _raise(self, view: _View, targets: Mapping[str, Grant]) -> dict[str, Reason]:
        """Raise into room that nobody may draw any more.

        Return for each connector that stays below its target what it waits for.
        """
        held_back: dict[str, Reason] = {}
        claims = []
        for connector, observation, _ in view.connectors():
            target = targets.get(connector.id)
            if target is None or not self._worth_raising(connector.id, target):
                continue
            code = self._not_yet(connector, observation, view.snapshot.now)
            if code is None:
                claims.append(self._raise_claim(connector, to_amperes(target.current)))
            else:
                held_back[connector.id] = Reason(code=code, connector=connector.id)
        for key, grant in allocate(self._plan, self._free(view), claims).items():
            granted = to_amperes(grant.current)
            state = self._state.connectors[key]
            if granted > max(state.commanded, state.worst):
                state.command(granted, view.snapshot.now)
                state.paused_at = None
            if grant.current < targets[key].current:
                held_back[key] = self._waiting_reason(view, grant)
        return held_back

    def _worth_raising(self, connector: str, target: Grant) -> bool:
        """Return whether a raise is large enough for its wear, or reaches all that is useful."""
        more = to_amperes(target.current) - self._commanded(connector)
        reaches = target.bottleneck is None and more > 0
        return reaches or more >= self._tuning.redistribute

    def _free(self, view: _View) -> list[int]:
        """Return the room for raises that nobody may draw, in deciamps per link."""
        worst = {key: self._state.connectors[key].worst for key in view.observations}
        return self._left(self._plan.headroom(view.grow), worst)

    def _not_yet(
        self, connector: Connector, observation: Observation, now: datetime
    ) -> ReasonCode | None:
        """Return why a connector may not be raised at this moment."""
        state, tuning = self._state.connectors[connector.id], self._tuning
        if observation.held or state.worst > state.commanded + tuning.tolerance:
            return ReasonCode.NOT_FOLLOWED
        if state.paused_at is not None and now - state.paused_at < tuning.resume_after:
            return ReasonCode.MIN_PAUSE
        changed_at = state.raised_at if state.commanded else state.commanded_at
        if changed_at is not None and now - changed_at < tuning.raise_interval:
            return ReasonCode.WAITING_TO_RAISE
        return None

    def _raise_claim(self, connector: Connector, target: float) -> Claim:
        state = self._state.connectors[connector.id]
        step = self._tuning.raise_step
        cap = min(target, state.commanded + step) if state.commanded else target
        return self._claim(connector, cap, base=state.worst)

    def _waiting_reason(self, view: _View, grant: Grant) -> Reason:
        if grant.bottleneck is None:
            return Reason(code=ReasonCode.WAITING_TO_RAISE)
        link = self._plan.links[grant.bottleneck]
        budget = view.budgets[link.zone]
        settling = budget.grow[link.phase] < budget.keep[link.phase] - self._tuning.raise_margin
        return Reason(
            code=ReasonCode.WAITING_TO_RAISE if settling else ReasonCode.WAITING_FOR_OTHERS,
            current=to_amperes(grant.current),
            zone=link.zone,
            phase=link.phase,
        )

    def _decide(
        self, view: _View, targets: Mapping[str, Grant], held_back: Mapping[str, Reason]
    ) -> Decision:
        setpoints = {
            key: Setpoint(
                current=self._commanded(key),
                reasons=self._reasons(key, view, targets.get(key), held_back.get(key)),
            )
            for key in view.observations
        }
        return Decision(
            setpoints=setpoints,
            zones={zone.id: self._zone_state(zone.id, view) for zone in self._site.zones},
        )

    def _reasons(
        self, key: str, view: _View, target: Grant | None, held_back: Reason | None
    ) -> tuple[Reason, ...]:
        """Return what binds a connector's setpoint, the tightest first."""
        demand = view.demands[key]
        if target is None:
            return (demand.reason,)
        reasons = [] if held_back is None else [held_back]
        if target.bottleneck is not None:
            reasons.extend(self._bottleneck_reasons(view, target.current, target.bottleneck))
        return (*reasons, demand.reason)

    def _bottleneck_reasons(self, view: _View, current: int, bottleneck: int) -> tuple[Reason, ...]:
        link = self._plan.links[bottleneck]
        budget = view.budgets[link.zone]
        full = Reason(
            code=ReasonCode.ZONE_LIMIT if current else ReasonCode.FLOOR_DOES_NOT_FIT,
            current=to_amperes(current),
            zone=link.zone,
            phase=link.phase,
        )
        return (full, *budget.reasons[link.phase])

    def _zone_state(self, zone: str, view: _View) -> ZoneState:
        budget = view.budgets[zone]
        drawn = PerPhase()
        committed = PerPhase()
        beyond = PerPhase()
        for key in self._members[zone]:
            observation = view.observations[key]
            share = PerPhase.on(
                observation.connector.wiring.phases, self._state.connectors[key].worst
            )
            drawn += observation.drawn
            committed += share
            if observation.held:
                beyond += share
        reasons = tuple(
            (*budget.reasons[phase], *_beyond_control(zone, phase, beyond[phase]))
            for phase in PHASES
        )
        return ZoneState(
            limit=budget.limit,
            measured=budget.measured,
            budget=budget.now,
            drawn=drawn,
            committed=committed,
            headroom=(budget.now - committed).highest(PerPhase()),
            degraded=budget.degraded,
            reasons=reasons,
        )


def _beyond_control(zone: str, phase: int, current: float) -> tuple[Reason, ...]:
    if current == 0:
        return ()
    return (Reason(code=ReasonCode.BEYOND_CONTROL, current=current, zone=zone, phase=phase),)
