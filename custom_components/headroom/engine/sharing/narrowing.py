"""One phase or three by the room that limits leave, where phases are switched automatically.

A car on three phases needs three floors. Where limits leave less for longer, it goes on with one
phase: beneath a fuse if that phase has the room, and beneath a limit on power if all phases
together have it. Going back waits for much longer, and for a switch that would be left to come
down again. A car that waits on one phase goes back as soon as there is room.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import inf
from typing import Final

from ..currents import PHASES
from ..inputs import Reach
from ..site.model import Connector
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
_UP_AND_DOWN: Final = 2
"""Switches."""


def consider_phases(view: View, targets: Mapping[str, Grant], elapsed: timedelta) -> None:
    """Choose between one phase and three for those whose charger switches automatically.

    `elapsed` is the time since the last step.
    """
    concerned = [key for key in view.snapshot.automatic_phases if key in targets]
    if not concerned:
        return
    room = _Room.of(view, targets)
    for key in concerned:
        _consider(room, key, min(elapsed, _LONGEST_STEP))


def _consider(room: _Room, key: str, elapsed: timedelta) -> None:
    view = room.view
    state, now = view.states[key], view.snapshot.now
    narrowing = state.narrowing
    if not _may_change(view, key):
        narrowing.pause()
    elif narrowing.narrow and room.fits_on_three(key):
        narrowing.gather(now, elapsed, _WIDEN_AFTER if state.commanded else timedelta())
    elif not narrowing.narrow and room.fits_on_one_alone(key):
        narrowing.gather(now, elapsed, _NARROW_AFTER)
    else:
        narrowing.pause()


def _may_change(view: View, key: str) -> bool:
    """Return whether a car wants current, and its phases may be switched for it."""
    state, demand = view.states[key], view.demands[key]
    connector, wear = view.observations[key].connector, view.site.rules.wear
    enough_switches = _UP_AND_DOWN if state.narrowing.narrow else 1
    return (
        set(connector.wiring.phases) == set(PHASES)
        and demand.enough >= connector.entry
        and not demand.held_off
        and not state.phase_switch.holds
        and state.phase_switch.may_begin(state.wear, wear, view.snapshot.now)
        and state.wear.switches_left(wear) >= enough_switches
    )


@dataclass(frozen=True, slots=True)
class _Room:
    """What limits leave to a connector beside the floors of others; deciamps per link."""

    view: View
    targets: Mapping[str, Grant]
    _lasting: Sequence[int]
    _splits_power: frozenset[str]
    """Zones in which phases without cars leave their part to the others."""

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
        return self._reach(key, connector.wiring.phases[:1]) >= round_up(connector.entry)

    def fits_on_three(self, key: str) -> bool:
        """Return whether a car on one phase would have more on three, and its floor for sure."""
        connector = self.view.observations[key].connector
        share = self._reach(key, connector.wiring.phases)
        least = connector.entry + self.view.site.rules.sun.hysteresis
        return share >= round_up(min(least, _most(connector))) and (
            len(PHASES) * share > self.targets[key].current
        )

    def _reach(self, key: str, phases: tuple[int, ...]) -> float:
        """Return what a car could have on some phases, per phase, if others came down."""
        free, plan = self._free_for(key), self.view.plan
        most: float = inf
        for number in plan.links_of(key, phases):
            link, room = plan.links[number], float(free[number])
            if link.kind is LinkKind.CURRENT and link.zone in self._splits_power:
                shared = self._in_all(link.zone, free) / len(phases)
                room = max(room, min(shared, self._installed(key, link.zone, number)))
            most = min(most, room)
        return most

    def _free_for(self, key: str) -> list[int]:
        """Return the lasting room beside floors, and beside all that those have who go first."""
        view, free = self.view, list(self._lasting)
        own = view.demands[key].priority
        for other, grant in self.targets.items():
            if other == key or not grant.current:
                continue
            goes_first = view.demands[other].priority < own
            floor = round_up(view.observations[other].connector.entry)
            taken = grant.current if goes_first else min(floor, grant.current)
            for link in view.links[other]:
                free[link] -= taken
        return free

    def _in_all(self, zone: str, free: Sequence[int]) -> int:
        """Return what is free in a zone on all phases together."""
        return sum(
            free[number]
            for number, link in enumerate(self.view.plan.links)
            if link.zone == zone and link.kind is LinkKind.CURRENT
        )

    def _installed(self, key: str, zone: str, number: int) -> float:
        """Return what a phase can carry beside all that flows there now, or that was granted."""
        budget, phase = self.view.budgets[zone], self.view.plan.links[number].phase
        if phase in budget.lost:
            return 0.0
        own = self.targets[key].current if number in self.view.links[key] else 0
        if budget.measured is not None:
            drawn = round_up(self.view.observations[key].drawn[phase])
            return float(round_down(budget.limit[phase] - budget.measured[phase]) + drawn)
        granted = sum(
            grant.current
            for other, grant in self.targets.items()
            if number in self.view.links[other]
        )
        return float(round_down(budget.limit[phase]) - granted + own)


def _most(connector: Connector) -> float:
    return max(connector.entry, connector.max_current)
