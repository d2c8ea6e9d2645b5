"""The decision with its reasons: what binds each setpoint and each zone, the tightest first."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Final, NamedTuple

from ..currents import PHASES, PerPhase
from ..decision import REMEMBERED, Decision, Reason, ReasonCode, Setpoint, ZoneState
from ..sharing.allocation import Grant
from ..sharing.plan import Link, LinkKind, to_amperes
from ..sun.hold import holds_battery
from ..turns.priority import Priority
from ..turns.rotation import SheddingPriority
from ..view import View
from .load_table import Member

type Charging = defaultdict[int, Counter[Priority]]
"""How many of each class charge on a link, by its index."""
type Beyond = Mapping[str, Sequence[float]]
"""A per phase of each zone."""

_NOTHING: Final = PerPhase()
_UNASKED: Final = frozenset(
    {
        ReasonCode.NOMINAL,
        ReasonCode.OTHER_LOADS,
        ReasonCode.METER_SILENT,
        ReasonCode.PHASE_LOST,
    }
)
"""What bounds a zone although nobody asks for it."""
_TAKES_TURNS: Final = frozenset({SheddingPriority.ENERGY, SheddingPriority.DURATION})


class _Taken(NamedTuple):
    """Who has the current that somebody lacks."""

    charging: Charging
    beyond: Beyond


def explain(view: View, targets: Mapping[str, Grant], held_back: Mapping[str, Reason]) -> Decision:
    """Return what was decided and why.

    `held_back` says for connectors below their target what they wait for.
    """
    taken = _Taken(_charging(view, targets), _beyond(view))
    return Decision(
        setpoints={
            key: Setpoint(
                current=view.states[key].commanded,
                reasons=_reasons(view, key, targets.get(key), held_back.get(key), taken),
                phases=view.phases[key],
                toggle_pilot=view.cars[key].wants_pilot_toggled,
                switch_to=view.states[key].phase_switch.order,
            )
            for key in view.observations
        },
        zones=_zone_states(view, taken.beyond),
        members=_members(view),
        spent_forces=frozenset(
            key for key, state in view.states.items() if state.waits.force.is_spent
        ),
        tariffs=view.tariffs,
        sun=replace(view.sunlight, holds_battery=holds_battery(view)),
        guards=view.guards,
    )


def _charging(view: View, targets: Mapping[str, Grant]) -> Charging:
    """Return who charges on the links that leave somebody without current."""
    full = {
        target.bottleneck
        for target in targets.values()
        if target.bottleneck is not None and not target.current
    }
    charging: Charging = defaultdict(Counter)
    for key, state in view.states.items():
        if state.commanded > 0 and not view.observations[key].held:
            for link in full.intersection(view.links[key]):
                charging[link][view.demands[key].priority] += 1
    return charging


def _reasons(
    view: View,
    key: str,
    target: Grant | None,
    held_back: Reason | None,
    taken: _Taken,
) -> tuple[Reason, ...]:
    demand = view.demands[key]
    if target is None:
        return demand.reasons
    reasons = [] if held_back is None else [held_back]
    if target.bottleneck is not None:
        link = view.plan.links[target.bottleneck]
        if not target.current and link.kind is LinkKind.CURRENT:
            reasons.extend(_who_came_first(view, key, taken.charging[target.bottleneck]))
        entry = view.observations[key].connector.entry
        reasons.extend(_bottleneck_reasons(view, link, target.current, entry))
        reasons.extend(_beyond_control(link.zone, link.phase, taken.beyond[link.zone][link.phase]))
    return (*reasons, *demand.reasons)


def _bottleneck_reasons(view: View, link: Link, current: int, entry: float) -> tuple[Reason, ...]:
    """Return why a link is full; who leaves too little even for one car comes first."""
    full = _full(link.zone, link.phase, current)
    if link.kind is LinkKind.UNBALANCE:
        room = view.unbalance[link.zone][link.phase]
        unbalance = Reason(
            code=ReasonCode.UNBALANCE, current=room, zone=link.zone, phase=link.phase
        )
        return (unbalance, full)
    tightest, *behind = view.budgets[link.zone].reasons[link.phase]
    if not current and tightest.code not in _UNASKED and (tightest.current or 0.0) < entry:
        return (tightest, full, *behind)
    return (full, tightest, *behind)


@lru_cache(maxsize=REMEMBERED)
def _full(zone: str, phase: int, current: int) -> Reason:
    return Reason(
        code=ReasonCode.ZONE_LIMIT if current else ReasonCode.FLOOR_DOES_NOT_FIT,
        current=to_amperes(current),
        zone=zone,
        phase=phase,
    )


def _who_came_first(view: View, key: str, charging: Counter[Priority]) -> tuple[Reason, ...]:
    """Return why others hold the link on which a connector's floor does not fit."""
    own = view.demands[key].priority
    if any(priority < own and priority <= Priority.HOURS for priority in charging):
        return (Reason(code=ReasonCode.VIP_PREEMPTED, connector=key),)
    alike = charging[own] - (view.states[key].commanded > 0)
    if alike and view.site.rules.shedding in _TAKES_TURNS:
        return (Reason(code=ReasonCode.ROTATED_OUT, connector=key),)
    return ()


def _members(view: View) -> dict[str, Member]:
    return {
        connector.id: Member(
            connector=connector.id,
            phases=view.phases[connector.id],
            priority=demand.priority <= Priority.HOURS,
            charging=view.states[connector.id].commanded > 0,
            floor=connector.floor,
            cap=demand.cap,
            rank=(demand.priority, *view.ranks[connector.id]),
        )
        for connector, _, demand in view.connectors()
        if connector.id in view.ranks
    }


def _beyond(view: View) -> Beyond:
    """Return what connectors may draw that commands do not reach now."""
    beyond = {zone: [0.0, 0.0, 0.0] for zone in view.budgets}
    for key, observation in view.observations.items():
        if observation.held:
            for zone in view.plan.zones_of[key]:
                for phase in observation.phases:
                    beyond[zone][phase] += view.states[key].worst
    return beyond


def _zone_states(view: View, beyond: Beyond) -> dict[str, ZoneState]:
    zones_of, states = view.plan.zones_of, view.states
    drawn = {zone: [0.0, 0.0, 0.0] for zone in view.budgets}
    committed = {zone: [0.0, 0.0, 0.0] for zone in view.budgets}
    for key, observation in view.observations.items():
        worst = states[key].worst
        l1, l2, l3 = observation.drawn
        for zone in zones_of[key]:
            here = drawn[zone]
            here[0] += l1
            here[1] += l2
            here[2] += l3
            for phase in observation.phases if worst else ():
                committed[zone][phase] += worst
    return {
        zone: _zone_state(view, zone, drawn[zone], committed[zone], beyond[zone])
        for zone in view.budgets
    }


def _zone_state(
    view: View,
    zone: str,
    drawn: Sequence[float],
    committed: Sequence[float],
    beyond: Sequence[float],
) -> ZoneState:
    budget = view.budgets[zone]
    held = PerPhase(*committed)
    return ZoneState(
        limit=budget.limit,
        measured=budget.measured,
        budget=budget.now,
        drawn=PerPhase(*drawn),
        committed=held,
        headroom=(budget.now - held).highest(_NOTHING),
        degraded=budget.degraded,
        reasons=tuple(
            (
                *budget.reasons[phase],
                *_beyond_control(zone, phase, beyond[phase]),
                *_short_overload(view, zone, phase),
            )
            for phase in PHASES
        ),
    )


def _beyond_control(zone: str, phase: int, current: float) -> tuple[Reason, ...]:
    if current == 0:
        return ()
    return (Reason(code=ReasonCode.BEYOND_CONTROL, current=current, zone=zone, phase=phase),)


def _short_overload(view: View, zone: str, phase: int) -> tuple[Reason, ...]:
    """Return what an overload rests on that floors of charging cars are let make for a moment."""
    budget = view.budgets[zone]
    measured = budget.measured
    if measured is None or measured[phase] <= budget.limit[phase]:
        return ()
    allowed = view.overdrafts[zone][phase] if zone in view.overdrafts else 0.0
    if allowed == 0:
        return ()
    return (Reason(code=ReasonCode.SHORT_OVERLOAD, current=allowed, zone=zone, phase=phase),)
