"""One phase or three by the room that limits leave, where phases are switched automatically.

A car on three phases needs three floors. Where limits leave less for longer, even if it were alone,
it goes on with one phase: beneath a fuse if that phase has the room, and beneath a limit on power
if all phases together have it. Who waits only for others takes turns with them on three phases.

Going back waits for longer, unless the car gets nothing in any case. Each way there and back on a
day lets the next one wait twice as long, and the last switch of a day is one back to three phases.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from math import inf
from typing import Final

from ..currents import PHASES, PerPhase
from ..inputs import Reach
from ..known.terms import supply_of
from ..memory.state import ConnectorState
from ..snapshot import ConnectorStatus
from ..turns.priority import Priority
from ..view import View
from .allocation import Grant
from .plan import LinkKind, less, round_down, round_up
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
        narrowing.gather(now, elapsed, _WIDEN_AFTER if state.commanded else timedelta())
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
class _Room:
    """What limits leave to a connector if others of its class have nothing; deciamps per link."""

    view: View
    targets: Mapping[str, Grant]
    _lasting: Sequence[int]
    _splits_power: frozenset[str]
    """Zones in which phases without cars leave their part to the others."""
    _beside: dict[Priority, list[int]] = field(default_factory=dict)
    """What each class could claim, once it was worked out."""
    _carried: dict[str, PerPhase] = field(default_factory=dict)
    """What each zone's phases can carry beside other loads, once it was worked out, in A."""

    @classmethod
    def of(cls, view: View, targets: Mapping[str, Grant]) -> _Room:
        """Return the room that is there for longer."""
        held = {key for key, seen in view.observations.items() if seen.held}
        splits = {
            limit.zone
            for limit in view.snapshot.inputs.limits
            if limit.is_power and limit.reach is not Reach.EVERYTHING
        }
        lasting = less(view.room_to_grow, beyond_control(view, held))
        return cls(view, targets, lasting, frozenset(splits))

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
        free, plan = self._free_for(key), self.view.plan
        most: float = inf
        for number in plan.links_of(key, phases):
            link, room = plan.links[number], float(free[number])
            if link.kind is LinkKind.CURRENT and link.zone in self._splits_power:
                shared = self._in_all(link.zone, free) / len(phases)
                room = max(room, min(shared, self._carried_by(number, free)))
            most = min(most, room)
        return most

    def _free_for(self, key: str) -> list[int]:
        """Return the lasting room beside all that those have who go first."""
        priority = self.view.demands[key].priority
        if (free := self._beside.get(priority)) is None:
            free = self._beside[priority] = list(self._lasting)
            for other, grant in self.targets.items():
                if grant.current and self.view.demands[other].priority < priority:
                    for link in self.view.links[other]:
                        free[link] -= grant.current
        return free

    def _in_all(self, zone: str, free: Sequence[int]) -> int:
        """Return what is free in a zone on all phases together."""
        return sum(
            free[number]
            for number, link in enumerate(self.view.plan.links)
            if link.zone == zone and link.kind is LinkKind.CURRENT
        )

    def _carried_by(self, number: int, free: Sequence[int]) -> int:
        """Return what a phase can carry beside those who go first or do not follow."""
        link = self.view.plan.links[number]
        others = self.view.room_to_grow[number] - free[number]
        return round_down(self._carries(link.zone)[link.phase]) - others

    def _carries(self, zone: str) -> PerPhase:
        """Return what phases could carry of a zone's EVs if nothing counted all phases together."""
        if (known := self._carried.get(zone)) is not None:
            return known
        view, budget = self.view, self.view.budgets[zone]
        supply = supply_of(view.site.zone_by_id[zone], view.snapshot, None, _unbounded)
        left = supply.limit
        if budget.measured is not None:
            left = left - budget.measured + self._drawn_in(zone)
        carried = left.lowest(supply.cap).without(budget.lost)
        self._carried[zone] = carried
        return carried

    def _drawn_in(self, zone: str) -> PerPhase:
        """Return what those draw who follow."""
        drawn = PerPhase()
        for key, seen in self.view.observations.items():
            if not seen.held and zone in self.view.plan.zones_of[key]:
                drawn += seen.drawn
        return drawn


def _unbounded(_power: float, _voltages: PerPhase) -> PerPhase:
    return PerPhase.same(inf)
