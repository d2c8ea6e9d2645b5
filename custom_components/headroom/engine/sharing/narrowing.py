"""One phase or three by the room that limits leave, where phases are switched automatically.

A car on three phases needs three floors. Where limits leave less for longer, even if it were alone,
it goes on with one phase: beneath a fuse if that phase has the room, and beneath a limit on power
if all phases together have it. Who waits only for others takes turns with them on three phases.

Going back waits for longer, unless the car gets nothing in any case and room beneath a fuse is what
it lacked: limits on power may come and go by the quarter of an hour. Each way there and back on a
day lets the next one wait twice as long, and the last switch of a day is one back to three phases.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from math import inf
from typing import Final

from ..currents import PHASES, PerPhase
from ..inputs import Reach, ZoneLimit
from ..known.power import NOMINAL_VOLTAGE
from ..known.terms import supply_of
from ..memory.state import ConnectorState
from ..snapshot import ConnectorStatus
from ..turns.priority import Priority
from ..view import View
from .allocation import Grant
from .plan import LinkKind, round_down, round_up
from .targets import beyond_control

_NARROW_AFTER: Final = timedelta(minutes=5)
"""Kettles are off by then, and it is certain that they stay off."""
_WIDEN_AFTER: Final = timedelta(minutes=20)
"""Longer than a quarter of an hour, within which a capacity tariff leaves more and more."""
_LONGEST_STEP: Final = timedelta(minutes=1)
"""What lies further back than this says nothing about the time in between."""
_THERE_AND_BACK: Final = 2
"""Switches."""


def consider_phases(view: View, targets: Mapping[str, Grant], elapsed: timedelta) -> None:
    """Choose between one phase and three for those whose charger switches automatically.

    `elapsed` is the time since the last step.
    """
    if not view.snapshot.automatic_phases:
        return
    room = _Room.of(view, targets)
    for key in view.snapshot.automatic_phases & view.states.keys():
        if key in targets:
            _consider(room, key, min(elapsed, _LONGEST_STEP))
        else:
            view.states[key].narrowing.pause()


def _consider(room: _Room, key: str, elapsed: timedelta) -> None:
    view = room.view
    state, now = view.states[key], view.snapshot.now
    narrowing = state.narrowing
    if narrowing.narrow and _is_wide(view, key) and room.fits_on_three(key):
        narrowing.forget()  # it was not switched yet, or could not be
    elif not _may_change(view, key):
        narrowing.pause()
    elif narrowing.narrow and room.fits_on_three(key):
        at_once = not state.commanded and not room.is_pooled(key)
        narrowing.gather(now, elapsed, timedelta() if at_once else _WIDEN_AFTER)
    elif not narrowing.narrow and room.fits_on_one_alone(key):
        if narrowing.gather(now, elapsed, _NARROW_AFTER * (1 << _ways(state))):
            state.chase.take(1)  # the sun goes on with that, and decides about three anew
    else:
        narrowing.pause()


def _is_wide(view: View, key: str) -> bool:
    """Return whether a charger shows that it uses all phases, and is not told otherwise now."""
    reading, switch = view.observations[key].reading, view.states[key].phase_switch
    return reading.phase_count == len(PHASES) and not switch.is_switching


def _may_change(view: View, key: str) -> bool:
    """Return whether a car wants current, and its phases may be switched for it.

    Only where the charger shows its phases is it known at once that one is enough.
    """
    state, demand, observation = view.states[key], view.demands[key], view.observations[key]
    connector, wear = observation.connector, view.site.rules.wear
    needed = 1 if state.narrowing.narrow else _THERE_AND_BACK
    return (
        set(connector.wiring.phases) == set(PHASES)
        and observation.reading.phase_count is not None
        and observation.reading.status is not ConnectorStatus.SUSPENDED_EV
        and demand.priority is not Priority.ASLEEP
        and demand.enough >= connector.entry
        and not demand.held_off
        and not state.phase_switch.holds
        and state.phase_switch.may_begin(state.wear, wear, view.snapshot.now)
        and state.wear.switches_left(wear) >= needed
    )


def _ways(state: ConnectorState) -> int:
    """Return how often the charger has been switched there and back on this day."""
    return len(state.wear.switches) // _THERE_AND_BACK


@dataclass(frozen=True, slots=True)
class _Pool:
    """What the EVs of a zone may draw where phases leave their parts to each other; A."""

    in_all: float
    """By limits on power, on all phases together."""
    carried: PerPhase
    """By everything else, on each phase."""
    links: tuple[int, ...]
    """Indices of the zone's links."""

    @classmethod
    def of(cls, view: View, zone: str) -> _Pool:
        """Return what is left beside other loads, as far as a meter shows these."""
        supply = supply_of(view.site.zone_by_id[zone], view.snapshot, None, _unbounded)
        loads = _loads(view, zone)
        limits = [one for one in view.snapshot.inputs.limits if one.zone == zone and _splits(one)]
        return cls(
            in_all=min(_left(limit, sum(loads)) for limit in limits),
            carried=(supply.limit - loads).lowest(supply.cap),
            links=tuple(
                number
                for number, link in enumerate(view.plan.links)
                if link.zone == zone and link.kind is LinkKind.CURRENT
            ),
        )


@dataclass(frozen=True, slots=True)
class _Room:
    """What limits leave to a connector if others of its class have nothing; deciamps per link."""

    view: View
    targets: Mapping[str, Grant]
    _lasting: Sequence[int]
    _pools: Mapping[str, _Pool]
    """By zone id."""
    _claimed: dict[Priority, list[int]] = field(default_factory=dict)
    """What nobody of each class can have, once it was worked out."""

    @classmethod
    def of(cls, view: View, targets: Mapping[str, Grant]) -> _Room:
        """Return the room that is there for longer."""
        pooled = {limit.zone for limit in view.snapshot.inputs.limits if _splits(limit)}
        return cls(
            view,
            targets,
            view.room_to_grow,
            {zone: _Pool.of(view, zone) for zone in pooled if not view.budgets[zone].degraded},
        )

    def is_pooled(self, key: str) -> bool:
        """Return whether a limit on power bounds a connector."""
        return not self._pools.keys().isdisjoint(self.view.plan.zones_of[key])

    def fits_on_one_alone(self, key: str) -> bool:
        """Return whether a car gets nothing on three phases and would get something on one."""
        if self.targets[key].current or len(self.view.phases[key]) == 1:
            return False
        connector = self.view.observations[key].connector
        entry, every = round_up(connector.entry), connector.wiring.phases
        return self._reach(key, every) < entry <= self._reach(key, every[:1])

    def fits_on_three(self, key: str) -> bool:
        """Return whether a car on one phase would have more on three, and its floor for sure."""
        connector = self.view.observations[key].connector
        share = self._reach(key, connector.wiring.phases)
        least = connector.entry + self.view.site.rules.sun.hysteresis
        least = min(least, max(connector.entry, connector.max_current))
        return share >= round_up(least) and len(PHASES) * share > self.targets[key].current

    def _reach(self, key: str, phases: tuple[int, ...]) -> float:
        """Return what a car could have on some phases at most, per phase."""
        claimed, plan = self._claimed_before(key), self.view.plan
        most: float = inf
        for number in plan.links_of(key, phases):
            link = plan.links[number]
            room: float = self._lasting[number]
            pool = self._pools.get(link.zone)
            if pool is not None and link.kind is LinkKind.CURRENT:
                taken = sum(claimed[each] for each in pool.links)
                shared = (round_down(pool.in_all) - taken) / len(phases)
                carried = round_down(pool.carried[link.phase]) - claimed[number]
                most = min(most, max(room - claimed[number], min(shared, carried)))
            else:
                most = min(most, room - claimed[number])
        return most

    def _claimed_before(self, key: str) -> Sequence[int]:
        """Return what those have who go first, and those who do not follow."""
        priority = self.view.demands[key].priority
        if (known := self._claimed.get(priority)) is None:
            known = self._claimed[priority] = self._claimed_before_class(priority)
        return known

    def _claimed_before_class(self, priority: Priority) -> list[int]:
        view = self.view
        held = {key for key, seen in view.observations.items() if seen.held}
        claimed = list(beyond_control(view, held))
        for key, grant in self.targets.items():
            if grant.current and view.demands[key].priority < priority:
                for link in view.links[key]:
                    claimed[link] += grant.current
        return claimed


def _loads(view: View, zone: str) -> PerPhase:
    """Return what a zone supplies beside EVs that follow; nothing where no meter shows it."""
    loads = view.budgets[zone].measured
    if loads is None:
        return PerPhase()
    for key, seen in view.observations.items():
        if not seen.held and zone in view.plan.zones_of[key]:
            loads -= seen.drawn
    return loads


def _splits(limit: ZoneLimit) -> bool:
    """Return whether phases without cars leave their part of a limit to the others."""
    return limit.is_power and limit.reach is not Reach.EVERYTHING


def _left(limit: ZoneLimit, loads: float) -> float:
    """Return what a limit on power leaves beside other loads, in A on all phases together."""
    most = limit.ask.most / NOMINAL_VOLTAGE
    match limit.reach:
        case Reach.EVS_FROM_GRID:
            return most + max(0.0, -loads)
        case Reach.SUM:
            return most - loads
        case _:
            return most


def _unbounded(_power: float, _voltages: PerPhase) -> PerPhase:
    return PerPhase.same(inf)
