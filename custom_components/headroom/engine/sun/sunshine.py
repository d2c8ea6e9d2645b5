"""What the sun lets each car of a site draw."""

from collections.abc import Container, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Self

from ..cars.demand import demand_of
from ..cars.following import Car
from ..currents import PHASES
from ..decision import ReasonCode, Sunlight
from ..known.observation import Observation
from ..known.phases import IDLE
from ..known.power import NOMINAL_VOLTAGE
from ..memory.state import ConnectorState
from ..sharing.plan import Plan
from ..site.model import MeterRole, Site, Zone
from ..snapshot import ConnectorStatus, Snapshot
from ..turns.priority import Priority
from ..when.permit import Bound, Permits, SunMode, granted
from .chances import Chance, standing_back
from .chase import rests_until
from .following import Following
from .hold import EATERS
from .phases import phase_choice
from .ration import Ration, Stage, Want
from .rules import BatteryPolicy
from .surplus import NO_SURPLUS, Gauge, Surplus

_BEGINS_WITHIN: Final = timedelta(seconds=60)
"""For so long what a car is offered is kept for it though it does not take it."""
_LONGEST_STEP: Final = timedelta(minutes=1)
"""What lies further back than this says nothing about the time in between."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What a step knows before it asks the sun; mappings go by connector id."""

    snapshot: Snapshot
    elapsed: timedelta
    observations: Mapping[str, Observation]
    cars: Mapping[str, Car]
    ranks: Mapping[str, tuple[object, ...]]
    arrivals: Mapping[str, tuple[object, ...]]

    @property
    def believed(self) -> timedelta:
        """Return the time since the last step of which this one can tell anything."""
        return min(self.elapsed, _LONGEST_STEP)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Root:
    """A connection to the grid."""

    ration: Ration
    gauge: Gauge
    members: frozenset[str]
    """Ids of the connectors below it."""

    @classmethod
    def of(cls, site: Site, zone: Zone) -> Self:
        """Return the connection of a zone that has none above it."""
        members = [key for key, own in site.zone_of.items() if site.path(own)[-1] == zone.id]
        batteries = [
            meter
            for meter in site.meters
            if meter.role is MeterRole.BATTERY and site.path(meter.zone)[-1] == zone.id
        ]
        ration = Ration(Plan.flat(zone, members), site.rules.sun.metering)
        gauge = Gauge(zone, site.meter_of(zone.id), batteries, ration, site.rules.sun)
        return cls(ration=ration, gauge=gauge, members=frozenset(members))


class Sunshine:
    """Follows the sun at every connection of a site to the grid."""

    def __init__(self, site: Site, states: Mapping[str, ConnectorState]) -> None:
        self._site = site
        self._states = states
        self._roots = [_Root.of(site, zone) for zone in site.zones if zone.parent is None]
        self._followed: AbstractSet[str] = site.connector_by_id.keys()
        """Who followed the sun in the last step, or may have."""

    def shine(
        self, scene: Scene, permits: Mapping[str, Permits]
    ) -> tuple[Sunlight, Mapping[str, Permits]]:
        """Return the surplus, and permits by connector id with what the sun adds to them.

        Who has no permit does not follow the sun, whatever its mode.
        """
        sunlight, shares = self._look(scene, permits)
        if not shares:
            return sunlight, permits
        lit = {
            key: replace(
                permits[key],
                sun=share,
                start=self._start_of(scene.observations[key], scene.snapshot.now),
            )
            for key, share in shares.items()
        }
        return sunlight, {**permits, **lit}

    def _look(
        self, scene: Scene, permits: Mapping[str, Permits]
    ) -> tuple[Sunlight, dict[str, Bound]]:
        modes = self._modes(scene.snapshot, permits)
        topped_up = {key for key, mode in modes.items() if _is_topped_up(mode, permits[key])}
        wants = {
            key: want
            for key, mode in modes.items()
            if (want := self._want(key, mode, scene, permits[key])) is not None
        }
        self._forget_all_but(wants.keys() | {key for key in modes if _is_lost(key, scene)})
        self._free_phases(scene.snapshot, modes)
        bounds: dict[str, Bound] = {}
        left: list[float] = []
        for root in self._roots:
            here = [want for key, want in wants.items() if key in root.members]
            surplus = root.gauge.read(
                scene.snapshot, [scene.observations[want.key] for want in here]
            )
            if surplus is not None:
                left.append(sum(surplus.shown) * NOMINAL_VOLTAGE)
                self._note_chances(root, surplus, scene)
            if here:
                here = self._ordered(here, scene.snapshot.now)
                bounds |= self._follow(root, surplus, scene, here, topped_up)
        return Sunlight(surplus=sum(left) if left else None, shares=_powers(bounds, wants)), bounds

    def _start_of(self, observation: Observation, now: datetime) -> float:
        """Return what the grid tops sun up to for a car that has just begun or is to begin, in A.

        Some cars need a little more than their floor to start (A13.8).
        """
        rules, state = self._site.rules.sun, self._states[observation.connector.id]
        began = state.status_changed_at or now
        if state.status is ConnectorStatus.CHARGING and now - began >= rules.start_delay:
            return 0.0
        return observation.connector.entry + rules.hysteresis

    def _modes(self, snapshot: Snapshot, permits: Mapping[str, Permits]) -> dict[str, SunMode]:
        """Return the modes of those for whom it matters what the sun gives."""
        return {
            key: mode
            for key, mode in snapshot.sun_modes.items()
            if mode is not SunMode.OFF
            and key in permits
            and (mode is not SunMode.MAX_HYBRID or permits[key].grid is not None)
        }

    def _ordered(self, wants: Iterable[Want], now: datetime) -> list[Want]:
        """Return wants with who lets others go first, among those who compete for the same sun."""
        competing = [
            want for want in wants if not want.idle and not self._rests(self._states[want.key], now)
        ]
        classes: dict[int, dict[str, Chance]] = {}
        for want in competing:
            classes.setdefault(want.priority, {})[want.key] = self._states[want.key].chance
        back = frozenset[str]().union(*map(standing_back, classes.values()))
        return [replace(want, stands_back=want.key in back) for want in wants]

    def _rests(self, state: ConnectorState, now: datetime) -> bool:
        rules = self._site.rules
        return rests_until(state.wear, rules.wear, now, rules.time_zone) is not None

    def _note_chances(self, root: _Root, surplus: Surplus, scene: Scene) -> None:
        """Count what the sun leaves; what the grid may give is no sun."""
        sun = surplus.shown - root.gauge.allowance
        power = sum(max(0.0, current) for current in sun) * NOMINAL_VOLTAGE
        for key in root.members:
            state = self._states[key]
            state.chance.note(power if state.present else 0.0, scene.believed)

    def _want(self, key: str, mode: SunMode, scene: Scene, permits: Permits) -> Want | None:
        """Return what a car can use; None without a car that could use anything."""
        seen, state, rules = scene.observations[key], self._states[key], self._site.rules
        chase = state.chase
        demand = demand_of(seen, state, scene.cars[key], scene.snapshot, rules)
        switching = state.phase_switch.holds
        if not seen.reading.online or (demand.enough < seen.connector.entry and not switching):
            return None
        automatic = key in scene.snapshot.automatic_phases
        choice = phase_choice(seen, state, rules.wear, scene.snapshot.now, automatic=automatic)
        if not state.commanded and not chase.charging:
            choice = choice.before_start()
        idle = _is_idle(seen, scene.cars[key])
        return Want(
            connector=seen.connector,
            choice=choice,
            fed=EATERS[mode] in rules.sun.battery.feeds,
            idle=idle,
            automatic=automatic,
            granted=granted(mode, permits),
            cap=seen.connector.max_current if switching else demand.enough,
            priority=Priority.ASLEEP if idle else demand.priority,
            stage=_stage(state, topped_up=_is_topped_up(mode, permits)),
            last_start=state.wear.has_one_stop_left(rules.wear),
            rank=(chase.owed, *scene.ranks.get(key, ())),
            arrival=scene.arrivals.get(key, ()),
        )

    def _forget_all_but(self, followers: AbstractSet[str]) -> None:
        for key in self._followed - followers:
            self._states[key].chase.forget()
        self._followed = followers

    def _free_phases(self, snapshot: Snapshot, modes: Container[str]) -> None:
        """Let those charge on three phases for whom the sun does not matter."""
        for key in snapshot.automatic_phases:
            if key not in modes and key in self._states:
                self._states[key].chase.phases = len(PHASES)

    def _follow(
        self,
        root: _Root,
        surplus: Surplus | None,
        scene: Scene,
        wants: Iterable[Want],
        topped_up: Container[str],
    ) -> Mapping[str, Bound]:
        step = Following(
            ration=root.ration,
            surplus=NO_SURPLUS if surplus is None else surplus,
            dark=self._why_dark(surplus, scene.snapshot.battery_charge),
            states=self._states,
            rules=self._site.rules,
            now=scene.snapshot.now,
            elapsed=scene.believed,
        )
        return step.run(
            [want for want in wants if want.key not in topped_up],
            [want for want in wants if want.key in topped_up],
        )

    def _why_dark(self, surplus: Surplus | None, charge: float | None) -> ReasonCode:
        """Return what those wait for who have no surplus."""
        if surplus is None:
            return ReasonCode.SUN_UNKNOWN
        by_charge = self._site.rules.sun.battery.policy is BatteryPolicy.BY_CHARGE
        if by_charge and charge is None:
            return ReasonCode.BATTERY_CHARGE_UNKNOWN
        return ReasonCode.WAITING_FOR_SUN


def _is_topped_up(mode: SunMode, permits: Permits) -> bool:
    """Return whether the grid adds what the sun lacks of the floor."""
    return mode is SunMode.SUN_HYBRID and permits.grid is None


def _stage(state: ConnectorState, *, topped_up: bool) -> Stage:
    if topped_up:
        return Stage.TOPPED_UP
    if not state.chase.charging:
        return Stage.WAITS
    return Stage.RUNS if state.chase.current or state.commanded else Stage.BEGINS


def _is_idle(seen: Observation, car: Car) -> bool:
    """Return whether a car has been offered current for long enough to take it, and takes none."""
    refuses = car.asleep or car.wakefulness.refused >= _BEGINS_WITHIN
    return refuses and seen.drawn.largest() <= IDLE


def _is_lost(key: str, scene: Scene) -> bool:
    return not scene.observations[key].reading.online


def _powers(bounds: Mapping[str, Bound], wants: Mapping[str, Want]) -> dict[str, float]:
    """Return what cars are given, in W."""
    return {
        key: bound.current * len(wants[key].phases) * NOMINAL_VOLTAGE
        for key, bound in bounds.items()
    }
