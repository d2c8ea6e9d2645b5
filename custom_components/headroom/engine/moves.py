"""From the setpoints in force towards the fair shares: lower at once, raise when it is safe."""

from collections.abc import Mapping
from datetime import datetime

from .admission import Claim
from .decision import Reason, ReasonCode
from .grid import down_to_step
from .model import Connector
from .observation import Observation
from .plan import LinkKind, round_down, round_up, to_amperes
from .sharing import Grant, allocate
from .state import ConnectorState
from .view import View


def lower(view: View, targets: Mapping[str, Grant]) -> None:
    """Lower at once whatever is above its budget, its demand, or clearly above its share."""
    crowded = _crowded(view)
    awaited = _awaited(view, targets)
    for connector, observation, demand in view.connectors():
        state = view.states[connector.id]
        if not observation.reading.online:
            # It must not come back with more than what is kept for it meanwhile.
            state.command(min(state.commanded, observation.worst), view.snapshot.now)
            continue
        on_grid = down_to_step(state.commanded, connector.step)
        target = min(to_amperes(targets[connector.id].current), on_grid)
        if on_grid < connector.entry or demand.held_off:
            target = 0.0
        links = view.links_of(connector.id)
        must = not crowded.isdisjoint(links) or not awaited.isdisjoint(links) or target == 0
        worth_it = (
            _is_unfair(view, state, state.commanded - target)
            or state.commanded > demand.cap
            or state.commanded > on_grid
        )
        if state.commanded > target and (must or worth_it):
            lacking = demand.cap >= connector.entry and not demand.held_off
            _lower_to(target, state, view.snapshot.now, lacking=lacking)


def _crowded(view: View) -> set[int]:
    """Return the links on which more is in force than the EVs may go on drawing."""
    return view.crowding.crowded(
        view.plan.total(_in_force(view), view.phases),
        view.left(view.room_to_keep(), {}),
        view.slack(),
        now=view.snapshot.now,
        patience=view.tuning.slack_for,
    )


def _awaited(view: View, targets: Mapping[str, Grant]) -> set[int]:
    """Return the links on which somebody waits for the floor that others are to make room for."""
    return {
        link
        for key, target in targets.items()
        if target.current and not view.states[key].commanded
        for link in view.links_of(key)
    }


def _is_unfair(view: View, state: ConnectorState, excess: float) -> bool:
    tuning = view.tuning
    lasted = state.note_share(excess, view.snapshot.now, tuning.redistribute)
    return excess >= tuning.redistribute and lasted >= tuning.redistribute_after


def _in_force(view: View) -> dict[str, float]:
    return {
        key: seen.worst if seen.held else view.states[key].commanded + seen.excess
        for key, seen in view.observations.items()
    }


def _lower_to(target: float, state: ConnectorState, now: datetime, *, lacking: bool) -> None:
    state.command(target, now)
    if target == 0 and lacking:
        state.wear.note_stop(now)
    elif target == 0:
        state.wear.started_at = None


def raise_(view: View, targets: Mapping[str, Grant]) -> dict[str, Reason]:
    """Raise into room that nobody may draw any more.

    Return for each connector that stays below its target what it waits for.
    """
    held_back: dict[str, Reason] = {}
    claims = []
    for connector, observation, demand in view.connectors():
        target = targets.get(connector.id)
        if target is None or demand.held_off or not _worth_raising(view, connector.id, target):
            continue
        code = _not_yet(view, connector, observation, target)
        if code is None:
            claims.append(_raise_claim(view, connector, target))
        else:
            held_back[connector.id] = Reason(code=code, connector=connector.id)
    if claims:
        _raise_all(view, targets, claims, held_back)
    return held_back


def _raise_all(
    view: View,
    targets: Mapping[str, Grant],
    claims: list[Claim],
    held_back: dict[str, Reason],
) -> None:
    worst = {key: view.states[key].worst for key in view.observations}
    free = view.left(view.room_to_grow(), worst)
    for key, grant in allocate(view.plan, free, claims).items():
        granted = to_amperes(grant.current)
        state = view.states[key]
        # One that is held already draws its worst; for others that is a cut on its way.
        beyond = granted > state.worst or (view.observations[key].held and granted >= state.worst)
        if beyond and _is_worth(view, state, granted, targets[key], grant):
            state.command(granted, view.snapshot.now)
            state.wear.note_start(view.snapshot.now)
        if grant.current < targets[key].current:
            held_back[key] = _waiting_reason(view, grant)


def _worth_raising(view: View, connector: str, target: Grant) -> bool:
    """Return whether a raise to the target is large enough for its wear."""
    state = view.states[connector]
    return _is_worth(view, state, to_amperes(target.current), target, target)


def _is_worth(
    view: View, state: ConnectorState, current: float, target: Grant, grant: Grant
) -> bool:
    """Return whether a raise is large enough for its wear, or reaches all that is useful."""
    more = round_down(current) - round_up(state.commanded)
    if more >= round_up(view.tuning.raise_worth):
        return True
    reaches = target.bottleneck is None and grant.current == target.current
    return reaches and more > round_up(view.tuning.raise_margin)


def _not_yet(
    view: View, connector: Connector, observation: Observation, target: Grant
) -> ReasonCode | None:
    """Return why a connector may not be raised at this moment."""
    state, tuning, now = view.states[connector.id], view.tuning, view.snapshot.now
    if observation.held:
        # What it draws is reserved already; a setpoint of that or more tells it nothing unsafe.
        return None if to_amperes(target.current) >= state.worst else ReasonCode.NOT_FOLLOWED
    if state.worst > state.commanded + tuning.tolerance:
        return ReasonCode.NOT_FOLLOWED
    if not state.commanded and not state.wear.off_long_enough(view.site.rules.wear, now):
        return ReasonCode.MIN_PAUSE
    changed_at = state.raised_at if state.commanded else state.commanded_at
    if changed_at is not None and now - changed_at < tuning.raise_interval:
        return ReasonCode.WAITING_TO_RAISE
    return None


def _raise_claim(view: View, connector: Connector, target: Grant) -> Claim:
    """Return what a connector may rise to now; below a meter it begins with its floor."""
    state = view.states[connector.id]
    cap = target.current
    if not state.commanded and connector.id in view.metered:
        cap = min(cap, round_up(connector.entry))
    return view.claim(connector, cap, base=round_up(state.worst))


def _waiting_reason(view: View, grant: Grant) -> Reason:
    if grant.bottleneck is None:
        return Reason(code=ReasonCode.WAITING_TO_RAISE)
    link = view.plan.links[grant.bottleneck]
    budget = view.budgets[link.zone]
    settling = budget.grow[link.phase] < budget.keep[link.phase] - view.tuning.raise_margin
    waiting = settling or link.kind is LinkKind.UNBALANCE
    return Reason(
        code=ReasonCode.WAITING_TO_RAISE if waiting else ReasonCode.WAITING_FOR_OTHERS,
        current=to_amperes(grant.current),
        zone=link.zone,
        phase=link.phase,
    )
