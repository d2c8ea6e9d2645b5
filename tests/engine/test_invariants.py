"""The controller against arbitrary histories: what may never happen, whatever happens.

`HYPOTHESIS_PROFILE=nightly` makes a million steps of the controller; `scripts/test` some thousands.
"""

import logging
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import time
from math import inf
from typing import ClassVar, Final, override

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from custom_components.headroom.engine.controller import SiteController
from custom_components.headroom.engine.currents import PHASES, PerPhase
from custom_components.headroom.engine.decision import Decision, ReasonCode
from custom_components.headroom.engine.inputs import (
    TOTALS,
    Ask,
    Inputs,
    LimitUnit,
    Reach,
    ZoneLimit,
)
from custom_components.headroom.engine.known.power import NOMINAL_VOLTAGE
from custom_components.headroom.engine.memory.state import ControllerState
from custom_components.headroom.engine.site.breaker import ProtectiveDevice
from custom_components.headroom.engine.site.model import Site, Zone
from custom_components.headroom.engine.site.tariff import TariffPeriod, part_of
from custom_components.headroom.engine.snapshot import ConnectorStatus, Snapshot
from custom_components.headroom.engine.tuning import Tuning
from custom_components.headroom.engine.turns.priority import Priority
from custom_components.headroom.engine.when.tariffs import Tariff
from custom_components.headroom.engine.when.weekly import EVERY_DAY, WeeklySlot

from .plant import Car, Plant
from .sites import boards, car_parks, houses

NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
NIGHTLY_STEPS = 1_000_000
"""Of all histories together."""
EXAMPLES = 25
QUICK_STEPS = 2000
"""Of each history; what so few examples are sure to make."""
LOGGER = logging.getLogger(__name__)
NAMES = ("a", "b", "c", "d", "e")
REACTION = 16.0
"""Seconds: the slowest ramp and the settling time for what nobody measured."""
DEVICE = 10.0
"""Seconds for which a protective device may be made to bear an overload."""
LONGEST_REPLAY = 300
"""Steps; longer histories are not decided a second time."""
QUIET = 1200.0
"""Seconds without events after which everything has settled: longer than the longest pause."""
MOST_QUIET = 3
"""So often in one history; it takes hundreds of steps, and chance may like nothing better."""
EPSILON = 1e-6
ALWAYS: Final = WeeklySlot(EVERY_DAY, time(0), time(0))
TARIFFS: Final = tuple(
    TariffPeriod(id=str(percent), slots=(ALWAYS,), percent=percent) for percent in (30, 0)
)
NO_TARIFF: Final = frozenset(period.id for period in TARIFFS)
"""With these off, none counts."""


@dataclass(frozen=True)
class Restart:
    """The controller was stopped and started again."""

    stored: Mapping[str, object]


type RecordProperty = Callable[[str, object], None]
type Event = Site | Snapshot | Restart


class Excuses:
    """Until when what happened explains a current above a limit."""

    def __init__(self) -> None:
        self.left = 0.0

    def give(self, seconds: float) -> None:
        self.left = max(self.left, seconds)

    def pass_time(self, seconds: float) -> None:
        self.left = max(0.0, self.left - seconds)

    @property
    def none(self) -> bool:
        return self.left == 0


def tariff_of(decision: Decision, zone: Zone) -> Tariff:
    """Return what is left of a zone's limit by the period that counts, or all of it."""
    return decision.tariffs.zones.get(zone.id, Tariff())


class History(RuleBasedStateMachine):
    """Cars come and go, the house steps, meters and chargers fall silent, people intervene."""

    sites: ClassVar[st.SearchStrategy[Site]]
    total_steps: ClassVar[int] = 0

    @initialize(
        data=st.data(),
        replayed=st.integers(0, 4),
        terminals=st.lists(st.integers(0, 3), min_size=5, max_size=5),
        store_every=st.sampled_from([0.0, 5.0]),
    )
    def build(
        self, data: st.DataObject, replayed: int, terminals: list[int], store_every: float
    ) -> None:
        self.full = replace(data.draw(self.sites), tariffs=TARIFFS)
        self.plant = Plant(self.full)
        self.plant.tariffs_off = NO_TARIFF
        self.plant.store_every = store_every
        self.names = tuple(self.plant.cars)
        self.overload = dict.fromkeys(self.full.zone_by_id, 0.0)
        self.excuses = Excuses()
        self.decided: list[tuple[Event, Decision | None]] | None = [] if replayed == 0 else None
        self.sessions = self.settled = 0
        for used, (name, car) in zip(terminals, self.plant.cars.items(), strict=False):
            car.per_phase = name != "b"
            if used:
                car.terminals, car.session = used, f"s{name}"
            else:
                car.status = ConnectorStatus.AVAILABLE

    # What happens

    def car(self, number: int) -> Car:
        return self.plant.cars[self.names[number % len(self.names)]]

    def has_all(self) -> bool:
        return not self.plant.gone

    @precondition(has_all)
    @rule(
        number=st.integers(0, 4),
        wants=st.sampled_from([0.0, 2.0, 6.0, 10.0, 16.0, 32.0]),
        terminals=st.integers(1, 3),
        badge=st.sampled_from([None, "guest", "boss"]),
        status=st.sampled_from([ConnectorStatus.CHARGING] * 3 + [ConnectorStatus.PREPARING]),
    )
    def arrive(
        self, number: int, wants: float, terminals: int, badge: str | None, status: ConnectorStatus
    ) -> None:
        car = self.car(number)
        if car.status is not ConnectorStatus.AVAILABLE:
            return
        self.sessions += 1
        car.status, car.wants, car.terminals = status, wants, terminals
        car.session, car.badge = f"s{self.sessions}", badge

    @precondition(has_all)
    @rule(number=st.integers(0, 4))
    def leave(self, number: int) -> None:
        self.car(number).leave()

    @precondition(has_all)
    @rule(number=st.integers(0, 4))
    def begin_another_session(self, number: int) -> None:
        car = self.car(number)
        if car.session is not None:
            self.sessions += 1
            car.session, car.energy = f"s{self.sessions}", 0.0

    @precondition(has_all)
    @rule(
        number=st.integers(0, 4),
        status=st.sampled_from([ConnectorStatus.SUSPENDED_EV, ConnectorStatus.CHARGING]),
    )
    def sleep_or_wake(self, number: int, status: ConnectorStatus) -> None:
        if self.car(number).status.has_car:
            self.car(number).status = status

    @precondition(has_all)
    @rule(number=st.integers(0, 4))
    def reveal_more_phases(self, number: int) -> None:
        """Let a car that was learned to use one phase draw on all of its outlet's."""
        car = self.car(number)
        if car.terminals < len(car.connector.wiring.phases):
            car.terminals = 3
            self.excuse()

    @rule(badges=st.sampled_from([frozenset[str](), frozenset({"boss"})]))
    def choose_vips(self, badges: frozenset[str]) -> None:
        self.plant.vip_badges = badges

    @rule(
        off_peak=st.frozensets(st.sampled_from(NAMES), max_size=3),
        forced=st.frozensets(st.sampled_from(NAMES), max_size=1),
    )
    def choose_hours(self, off_peak: frozenset[str], forced: frozenset[str]) -> None:
        self.plant.off_peak, self.plant.forced = off_peak, forced

    @precondition(has_all)
    @rule(number=st.integers(0, 4))
    def start_charger_anew(self, number: int) -> None:
        self.car(number).booted_at = self.plant.now

    @rule(house=st.tuples(*[st.integers(-20, 60)] * 3))
    def step_house(self, house: tuple[int, int, int]) -> None:
        self.plant.house = PerPhase(*house)

    @rule(metered=st.booleans())
    def toggle_meter(self, *, metered: bool) -> None:
        self.plant.metered = metered
        self.begin_anew()

    @rule(lost=st.frozensets(st.sampled_from(PHASES), max_size=2))
    def lose_phases(self, lost: frozenset[int]) -> None:
        """Let the meters show no more than one or two phases, or all of them again."""
        self.plant.lost = lost
        self.begin_anew()

    @rule(volts=st.sampled_from([None, 207.0, 253.0]))
    def change_voltage(self, volts: float | None) -> None:
        self.plant.voltages = None if volts is None else PerPhase.same(volts)

    @precondition(has_all)
    @rule(number=st.integers(0, 4))
    def lose_charger(self, number: int) -> None:
        if self.car(number).online:
            self.car(number).lose(self.plant.now)
        if not self.excuses.none:
            self.excuse_the_lost()

    @precondition(has_all)
    @rule(number=st.integers(0, 4))
    def regain_charger(self, number: int) -> None:
        self.car(number).come_back()

    @precondition(has_all)
    @rule(number=st.integers(0, 4), obeys=st.booleans())
    def disobey(self, number: int, *, obeys: bool) -> None:
        self.car(number).obeys = obeys
        self.excuse()

    @precondition(has_all)
    @rule(number=st.integers(0, 4), lag=st.sampled_from([0.0, 1.0, 4.0, 15.0]))
    def change_lag(self, number: int, lag: float) -> None:
        self.car(number).lag = lag

    @precondition(has_all)
    @rule(number=st.integers(0, 4), silent=st.booleans(), counts=st.booleans())
    def change_charger(self, number: int, *, silent: bool, counts: bool) -> None:
        self.car(number).silent, self.car(number).counts = silent, counts

    @rule(telemetry=st.sampled_from([0.0, 5.0, 15.0]), period=st.sampled_from([0.5, 2.0]))
    def change_measuring(self, telemetry: float, period: float) -> None:
        self.plant.telemetry, self.plant.meter_period = telemetry, period

    @rule(limit=st.sampled_from([None, 0.0, 10.0, 20.0]))
    def limit_zone(self, limit: float | None) -> None:
        zone = self.plant.site.zones[-1].id
        self.plant.zone_limits = {} if limit is None else {zone: limit}

    @precondition(has_all)
    @rule(number=st.integers(0, 4), limit=st.sampled_from([None, 4.0, 7.5, 13.0]))
    def limit_connector(self, number: int, limit: float | None) -> None:
        key = self.car(number).connector.id
        self.plant.connector_limits = {} if limit is None else {key: limit}

    @rule(paused=st.frozensets(st.sampled_from(NAMES), max_size=2))
    def pause(self, paused: frozenset[str]) -> None:
        self.plant.paused = paused

    @rule(
        shed=st.sampled_from([None, None, 0.0, 8.0]),
        stopped=st.sampled_from([False, False, True]),
        percent=st.sampled_from([None, None, 0.0, 40.0, 99.0]),
        power=st.sampled_from([None, None, 0.0, 9_000.0]),
        current=st.sampled_from([None, None, 12.0]),
        reach=st.sampled_from(Reach),
        silent=st.booleans(),
    )
    def switch_inputs(
        self,
        *,
        shed: float | None,
        stopped: bool,
        percent: float | None,
        power: float | None,
        current: float | None,
        reach: Reach,
        silent: bool,
    ) -> None:
        self.plant.inputs = Inputs(
            shedding=None if shed is None else Ask(shed, silent),
            stop=Ask(0.0, silent) if stopped else None,
            percent=None if percent is None else Ask(percent),
            limits=tuple(self._limits(current, power, reach, silent=silent)),
        )

    def _limits(
        self, current: float | None, power: float | None, reach: Reach, *, silent: bool
    ) -> Iterator[ZoneLimit]:
        zones = self.plant.site.zones
        if current is not None:
            own = Reach.EVERYTHING if reach in TOTALS else reach
            yield ZoneLimit(zone=zones[-1].id, ask=Ask(current, silent), reach=own)
        if power is not None:
            unit = LimitUnit.WATTS
            yield ZoneLimit(zone=zones[0].id, ask=Ask(power), unit=unit, reach=reach)

    @rule(off=st.sampled_from([NO_TARIFF, NO_TARIFF, NO_TARIFF - {"30"}, frozenset[str]()]))
    def switch_tariffs(self, off: frozenset[str]) -> None:
        self.plant.tariffs_off = off

    @rule(share=st.sampled_from([1.0, 0.8]))
    def change_limit(self, share: float) -> None:
        """Give the lowest board another limit."""
        zone = self.full.zones[-1]
        limit = PerPhase(*(current * share for current in zone.limit))
        zones = (*self.plant.site.zones[:-1], replace(zone, limit=limit))
        self.rebuild(replace(self.plant.site, zones=zones))
        self.excuse()
        self.excuse_the_lost()

    @precondition(has_all)
    @rule()
    def remove_connector(self) -> None:
        self.rebuild(replace(self.plant.site, chargers=self.full.chargers[:-1]))
        self.pass_some_time()

    @precondition(lambda self: not self.has_all())
    @rule()
    def add_connector(self) -> None:
        self.rebuild(replace(self.plant.site, chargers=self.full.chargers))
        self.plant.cars[self.names[-1]].come_back()

    def rebuild(self, site: Site) -> None:
        self.plant.rebuild(site)
        self.log(site)

    @rule(orderly=st.booleans())
    def restart(self, *, orderly: bool) -> None:
        before = self.plant.controller.state.to_json()
        assert ControllerState.from_json(before).to_json() == before
        self.log(Restart(self.plant.restart(orderly=orderly)))

    @rule(minutes=st.sampled_from([-60, -5, -1, 1, 5, 60]))
    def leap(self, minutes: int) -> None:
        self.plant.leap(minutes * 60)
        self.excuse()

    def begin_anew(self) -> None:
        """Give time to react to what the meters show now."""
        self.overload = dict.fromkeys(self.overload, 0.0)

    def excuse(self) -> None:
        """Give time for what has just happened to be seen and answered."""
        slowest = max((car.lag for _, car in self.plant.all_cars()), default=0.0)
        self.excuses.give(REACTION + 15.0 + slowest + self.plant.telemetry)

    def excuse_the_lost(self) -> None:
        """Give time for limits to end that chargers without contact cannot be told to lower.

        Some keep theirs for as long as they are lost.
        """
        for _, car in self.plant.all_cars():
            if not car.online:
                ends = car.lease_until
                lasts = inf if ends is None else (ends - self.plant.now).total_seconds()
                self.excuses.give(lasts + REACTION)

    # Time passes

    @rule(ticks=st.integers(1, 60))
    def pass_time(self, ticks: int) -> None:
        self.pass_some_time(ticks)

    def pass_some_time(self, ticks: int = 20) -> None:
        for _ in range(ticks):
            self.step()

    @precondition(lambda self: self.settled < MOST_QUIET)
    @rule()
    def settle(self) -> None:
        """Let nothing happen for long."""
        self.settled += 1
        self.plant.tick = 5.0
        for _ in range(round(QUIET / self.plant.tick)):
            self.step()
        self.check_vips()
        self.check_unbalance()
        self.plant.tick = 0.5

    def step(self) -> None:
        before = self.plant.setpoints()
        self.plant.run(self.plant.tick)
        type(self).total_steps += 1
        self.excuses.pass_time(self.plant.tick)
        self.log(self.plant.seen)
        self.check_setpoints()
        self.check_inputs()
        self.check_hours()
        self.check_boards()
        self.check_raises(before)
        self.check_overload()

    def log(self, event: Event) -> None:
        if self.decided is not None and len(self.decided) < LONGEST_REPLAY:
            decision = self.plant.decision if isinstance(event, Snapshot) else None
            self.decided.append((event, decision))

    # What must hold

    def is_listening(self, key: str) -> bool:
        return self.plant.cars[key].online and self.plant.cars[key].obeys

    def members(self, zone: str) -> list[str]:
        site = self.plant.site
        return [key for key in self.plant.cars if zone in site.path(site.zone_of[key])]

    def phases_known(self, key: str) -> set[int]:
        """Return the phases that the controller counts or was shown to be used."""
        car = self.plant.cars[key]
        drawn = car.connector.wiring.to_grid(car.sample)
        shown = set() if car.silent else {phase for phase in PHASES if drawn[phase] > 0.5}
        return shown | set(self.plant.decision.setpoints[key].phases)

    def check_setpoints(self) -> None:
        for key, setpoint in self.plant.decision.setpoints.items():
            connector, current = self.plant.site.connector_by_id[key], setpoint.current
            assert current == 0 or connector.floor <= current <= connector.max_current
            assert setpoint.reasons
            assert all(isinstance(reason.code, ReasonCode) for reason in setpoint.reasons)
            if self.plant.cars[key].online:
                steps = current / connector.step
                assert abs(steps - round(steps)) < EPSILON

    def check_inputs(self) -> None:
        """Nothing that can be commanded is above what inputs ask for, from the first step on."""
        inputs, decision = self.plant.inputs, self.plant.decision
        for key, setpoint in decision.setpoints.items():
            if self.plant.cars[key].online:
                assert inputs.shedding is None or setpoint.current <= inputs.shedding.most
                assert inputs.standstill is None or setpoint.current == 0
        for zone in self.plant.site.zones:
            state, asked = decision.zones[zone.id], [zone.limit]
            if inputs.percent is not None:
                asked.append(part_of(zone.limit, inputs.percent.most))
            else:
                asked.append(part_of(zone.limit, tariff_of(decision, zone).percent))
            asked += [
                PerPhase.same(limit.ask.most)
                for limit in inputs.limits
                if limit.zone == zone.id and limit.unit is LimitUnit.AMPERES
            ]
            for most in asked:
                assert all(state.budget[phase] <= most[phase] + EPSILON for phase in PHASES)
                assert self.is_within(zone, most)

    def check_hours(self) -> None:
        """Who waits for cheap hours gets nothing outside them, from the first step on."""
        rules, plant = self.plant.site.rules, self.plant
        goes_on = rules.clock.continues or rules.clock.delays_end
        if goes_on or rules.clock.times(rules.time_zone).contains(plant.now):
            return
        for key in plant.off_peak - plant.forced:
            if key in plant.site.connector_by_id and plant.cars[key].online:
                assert plant.decision.setpoints[key].current == 0

    def is_within(self, zone: Zone, most: PerPhase) -> bool:
        """Return whether what connectors are told in a zone is not above a limit for its EVs."""
        total = PerPhase()
        for key in self.members(zone.id):
            if self.plant.cars[key].online:
                setpoint = self.plant.decision.setpoints[key]
                total += PerPhase.on(setpoint.phases, setpoint.current)
        bears = zone.protection is not ProtectiveDevice.HARD
        slack = Tuning().slack if bears else 0.0
        return all(total[phase] <= most[phase] + slack + EPSILON for phase in PHASES)

    def check_boards(self) -> None:
        """What is commanded in a static zone never exceeds the limit in force."""
        for zone in self.plant.site.zones:
            if zone.is_dynamic:
                continue
            total = PerPhase()
            for key in self.members(zone.id):
                if self.plant.cars[key].online:
                    phases = tuple(self.phases_known(key))
                    total += PerPhase.on(phases, self.plant.setpoints()[key])
            limit = self.plant.decision.zones[zone.id].limit
            if zone.cluster_max is not None:
                limit = limit.lowest(PerPhase.same(zone.cluster_max))
            assert all(total[phase] <= limit[phase] + EPSILON for phase in PHASES)
            self.check_true_current(zone)

    def check_true_current(self, zone: Zone) -> None:
        """What flows in a static zone is explained by what it is not in the power of anybody."""
        if not self.excuses.none:
            return
        flowing = PerPhase()
        for zones, car in self.plant.all_cars():
            if zone.id in zones and car.obeys:
                flowing += car.current
        assert all(flowing[phase] <= zone.limit[phase] + EPSILON for phase in PHASES)

    def check_raises(self, before: dict[str, float]) -> None:
        """Nothing is raised unless the worst case of everybody fits."""
        for key, current in self.plant.setpoints().items():
            if current <= before.get(key, 0.0) or not self.plant.cars[key].online:
                continue
            phases = self.plant.decision.setpoints[key].phases
            for zone in self.plant.site.path(self.plant.site.zone_of[key]):
                state = self.plant.decision.zones[zone]
                assert all(state.committed[p] <= state.budget[p] + EPSILON for p in phases)
                for limit in self.plant.inputs.limits:
                    if limit.zone == zone and limit.unit is LimitUnit.WATTS:
                        self.check_power(limit, state.committed)
                self.check_reach(zone, phases)

    def check_power(self, limit: ZoneLimit, committed: PerPhase) -> None:
        """The worst case of all EVs, whatever phases they are on, is within a power for them."""
        if limit.reach is Reach.EVS:
            measured = self.plant.voltages or PerPhase.same(NOMINAL_VOLTAGE)
            volts = min(measured.l1, NOMINAL_VOLTAGE)
            assert sum(committed) * volts <= limit.ask.most + EPSILON

    def check_reach(self, zone: str, phases: tuple[int, ...]) -> None:
        """What everybody may really draw, with commands on their way, fits beside the house."""
        if not self.excuses.none or not all(car.obeys for _, car in self.plant.all_cars()):
            return
        site, state = self.plant.site, self.plant.decision.zones[zone]
        reach = self.plant.metered_house if site.zone_by_id[zone].is_dynamic else PerPhase()
        reach = reach.without(self.hidden(zone))
        for zones, car in self.plant.all_cars():
            if zone in zones:
                reach += PerPhase.on(car.phases, car.reach)
        assert all(reach[phase] <= state.limit[phase] + EPSILON for phase in phases)

    def hidden(self, zone: str) -> frozenset[int]:
        """Return the phases on which nobody shows the controller what else a zone supplies."""
        if not self.plant.site.zone_by_id[zone].is_dynamic:
            return frozenset()
        if self.plant.decision.zones[zone].measured is None:
            return frozenset(PHASES)
        return frozenset().union(*(reading.lost for reading in self.plant.metering.values()))

    def permitted(self, zone: str) -> PerPhase:
        """Return what EVs of a dynamic zone may draw while nobody shows its other loads."""
        settings = self.plant.site.zone_by_id[zone]
        if settings.assumed_loads is None:
            return PerPhase.same(settings.degraded)
        return (settings.limit - settings.assumed_loads).highest(PerPhase())

    def excess(self, zone: str) -> PerPhase:
        """Return what flows above the limit, on hidden phases what EVs draw above what they may."""
        state, hidden = self.plant.decision.zones[zone], self.hidden(zone)
        permitted = self.permitted(zone)
        total, drawn = self.plant.true_current(zone), PerPhase()
        for zones, car in self.plant.all_cars():
            if zone in zones:
                drawn += car.current
        return PerPhase(
            *(drawn[p] - permitted[p] if p in hidden else total[p] - state.limit[p] for p in PHASES)
        )

    def check_overload(self) -> None:
        """What EVs could avoid of an overload never outlasts their own reaction."""
        plant = self.plant
        listening = all(car.online and car.obeys for _, car in plant.all_cars())
        slowest = max((car.lag for _, car in plant.all_cars()), default=0.0)
        for zone in plant.site.zones:
            excess = self.excess(zone.id)
            avoidable = listening and any(
                excess[phase] > 0.5
                and any(plant.cars[key].current[phase] > 0 for key in self.members(zone.id))
                for phase in PHASES
            )
            counts = avoidable and self.excuses.none
            now = self.overload[zone.id] + plant.tick if counts else 0.0
            self.overload[zone.id] = now
            device = 0.0 if zone.protection is ProtectiveDevice.HARD else DEVICE
            assert now <= REACTION + slowest + device + plant.tick

    def is_vip(self, key: str) -> bool:
        badge = self.plant.cars[key].badge
        return self.plant.site.connector_by_id[key].vip or badge in self.plant.vip_badges

    def check_vips(self) -> None:
        """No VIP that is awake waits while another car holds the same links."""
        setpoints, members = self.plant.decision.setpoints, self.plant.decision.members
        for key, member in members.items():
            sleeps = member.rank[0] is Priority.ASLEEP
            waits = setpoints[key].current == 0 and member.cap >= member.floor and not sleeps
            if waits and self.is_vip(key) and self.is_listening(key):
                assert not any(self.is_in_the_way(other, key) for other in members)

    def is_in_the_way(self, other: str, vip: str) -> bool:
        site, setpoints = self.plant.site, self.plant.decision.setpoints
        same_zone = site.zone_of[other] == site.zone_of[vip]
        same_phases = set(setpoints[other].phases) == set(setpoints[vip].phases)
        enough = setpoints[other].current >= site.connector_by_id[vip].entry
        beneath = not self.is_vip(other) and self.is_listening(other)
        return same_zone and same_phases and enough and beneath

    def check_unbalance(self) -> None:
        """What one- and two-phase cars may draw differs by no more than is permitted."""
        if not all(self.is_listening(key) for key in self.plant.cars):
            return
        for zone in self.plant.site.zones:
            if zone.unbalance is None:
                continue
            total = PerPhase()
            for key in self.members(zone.id):
                setpoint = self.plant.decision.setpoints[key]
                if len(setpoint.phases) < len(PHASES):
                    total += PerPhase.on(setpoint.phases, setpoint.current)
            assert max(total) - min(total) <= zone.unbalance + EPSILON

    @override
    def teardown(self) -> None:
        """Decide the same history once more."""
        if not getattr(self, "decided", None):
            return
        assert self.decided is not None
        controller = SiteController(self.full)
        for event, decision in self.decided:
            match event:
                case Restart():
                    stored = ControllerState.from_json(event.stored)
                    controller = SiteController(controller.site, stored)
                case Site():
                    controller.reconfigure(event)
                case Snapshot():
                    assert controller.step(event) == decision


class CarPark(History):
    sites = car_parks()


class House(History):
    sites = houses()


class Board(History):
    sites = boards()


@pytest.mark.timeout(3600 if NIGHTLY else 600)  # a busy machine makes minutes of half a minute
@pytest.mark.parametrize("history", [CarPark, House, Board])
def test_what_may_never_happen(history: type[History], record_property: RecordProperty) -> None:
    rounds = settings(stateful_step_count=40, max_examples=300 if NIGHTLY else EXAMPLES)
    run_state_machine_as_test(history, settings=rounds)
    while NIGHTLY and history.total_steps < NIGHTLY_STEPS / 3:
        run_state_machine_as_test(history, settings=rounds)
    record_property("steps", history.total_steps)
    LOGGER.info("%s: %d steps of the controller", history.__name__, history.total_steps)
    assert history.total_steps >= (NIGHTLY_STEPS / 3 if NIGHTLY else QUICK_STEPS)
