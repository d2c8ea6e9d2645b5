"""The decision with its reasons: what binds each setpoint and each zone, the tightest first."""

from collections.abc import Mapping, Sequence

from .currents import PHASES, PerPhase
from .decision import Decision, Reason, ReasonCode, Setpoint, ZoneState
from .load_table import Member
from .plan import LinkKind, to_amperes
from .priority import Priority
from .rotation import SheddingPriority
from .sharing import Grant
from .view import View

_TAKES_TURNS = frozenset({SheddingPriority.ENERGY, SheddingPriority.DURATION})


def explain(view: View, targets: Mapping[str, Grant], held_back: Mapping[str, Reason]) -> Decision:
    """Return what was decided and why.

    `held_back` says for connectors below their target what they wait for.
    """
    return Decision(
        setpoints={
            key: Setpoint(
                current=view.states[key].commanded,
                reasons=_reasons(view, key, targets.get(key), held_back.get(key)),
                phases=view.phases[key],
                toggle_pilot=view.cars[key].wants_pilot_toggled,
            )
            for key in view.observations
        },
        zones=_zone_states(view),
        members=_members(view),
    )


def _reasons(
    view: View, key: str, target: Grant | None, held_back: Reason | None
) -> tuple[Reason, ...]:
    demand = view.demands[key]
    if target is None:
        return demand.reasons
    reasons = [] if held_back is None else [held_back]
    if target.bottleneck is not None:
        reasons.extend(_bottleneck_reasons(view, key, target.current, target.bottleneck))
    return (*reasons, *demand.reasons)


def _bottleneck_reasons(view: View, key: str, current: int, bottleneck: int) -> tuple[Reason, ...]:
    link = view.plan.links[bottleneck]
    full = Reason(
        code=ReasonCode.ZONE_LIMIT if current else ReasonCode.FLOOR_DOES_NOT_FIT,
        current=to_amperes(current),
        zone=link.zone,
        phase=link.phase,
    )
    if link.kind is LinkKind.UNBALANCE:
        room = view.unbalance[link.zone][link.phase]
        unbalance = Reason(
            code=ReasonCode.UNBALANCE, current=room, zone=link.zone, phase=link.phase
        )
        return (unbalance, full)
    why = () if current else _who_came_first(view, key, bottleneck)
    return (*why, full, *view.budgets[link.zone].reasons[link.phase])


def _who_came_first(view: View, key: str, link: int) -> tuple[Reason, ...]:
    """Return why others hold the link on which a connector's floor does not fit."""
    own = view.demands[key].priority
    others = [
        view.demands[other].priority
        for other, state in view.states.items()
        if other != key and state.commanded > 0 and link in view.links_of(other)
    ]
    if any(priority < own and priority <= Priority.HOURS for priority in others):
        return (Reason(code=ReasonCode.VIP_PREEMPTED, connector=key),)
    if own in others and view.site.rules.shedding in _TAKES_TURNS:
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


def _zone_states(view: View) -> dict[str, ZoneState]:
    drawn = {zone: [0.0, 0.0, 0.0] for zone in view.budgets}
    committed = {zone: [0.0, 0.0, 0.0] for zone in view.budgets}
    beyond = {zone: [0.0, 0.0, 0.0] for zone in view.budgets}
    for key, observation in view.observations.items():
        worst = view.states[key].worst
        for zone in view.site.path(view.site.zone_of[key]):
            for phase, current in enumerate(observation.drawn):
                drawn[zone][phase] += current
            for phase in view.phases[key]:
                committed[zone][phase] += worst
                if observation.held:
                    beyond[zone][phase] += worst
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
        headroom=(budget.now - held).highest(PerPhase()),
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
