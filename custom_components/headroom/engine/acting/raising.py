"""Raising: into room that nobody may draw any more, those first that lack most."""

from collections.abc import Mapping

from ..decision import Reason, ReasonCode
from ..sharing.allocation import Grant
from ..sharing.plan import LinkKind, less, round_down, round_up, to_amperes
from ..site.model import Connector
from ..snapshot import ConnectorStatus
from ..view import View


def raise_(view: View, targets: Mapping[str, Grant]) -> dict[str, Reason]:
    """Raise what is below its share as far as there is room for it.

    Return for each connector that stays below its target what it waits for.
    """
    below = [
        connector
        for connector, _, demand in view.connectors()
        if connector.id in targets
        and not demand.held_off
        and view.deficit(connector.id, targets[connector.id].current) > 0
    ]
    if not below:
        return {}
    below.sort(key=lambda connector: _urgency(view, connector, targets))
    worst = {key: state.worst for key, state in view.states.items()}
    free = less(view.room_to_grow, view.total(worst))
    waiting = {c.id: _raise_one(view, c, targets[c.id], free) for c in below}
    return {key: reason for key, reason in waiting.items() if reason is not None}


def _urgency(
    view: View, connector: Connector, targets: Mapping[str, Grant]
) -> tuple[int, bool, int, tuple[object, ...]]:
    key = connector.id
    begins = view.states[key].commanded == 0
    return (
        view.demands[key].priority,
        not begins,
        -view.deficit(key, targets[key].current),
        view.ranks.get(key, ()),
    )


def _raise_one(view: View, connector: Connector, target: Grant, free: list[int]) -> Reason | None:
    """Raise a connector and take that off the free room; return why it stays below its target."""
    state, links = view.states[connector.id], view.links[connector.id]
    base, step = round_up(state.worst), round_up(connector.step)
    entry = round_up(connector.entry)
    wanted = _wanted(view, connector, target)
    granted = min(wanted, base + min(free[link] for link in links)) // step * step
    code = _not_yet(view, connector, target)
    rises = code is None and granted >= entry and _is_worth(view, connector, granted)
    if rises:
        taken = granted - base
        state.command(to_amperes(granted), view.snapshot.now)
        state.wear.note_start(view.snapshot.now)
    else:
        # Nobody else may take what it waits for, beside what is counted for it already.
        taken = 0 if state.commanded else max(0, entry - base)
    for link in links:
        free[link] -= taken
    if rises and granted >= min(wanted, target.current):
        return None
    if code is not None:
        return Reason(code=code, connector=connector.id)
    if state.commanded and not _lacks_much(view, connector, target):
        return None
    return _waiting_reason(view, links, granted, free)


def _wanted(view: View, connector: Connector, target: Grant) -> int:
    """Return what a connector may rise to now.

    Below a meter, and until its car draws, it begins with its floor. Where its share is too
    little above what it has to be worth a raise, it may go a little beyond: so one rises after the
    other where otherwise none would.
    """
    key = connector.id
    commanded = round_up(view.states[key].commanded)
    drawing = view.observations[key].reading.status is ConnectorStatus.CHARGING
    if not commanded and (key in view.metered or not drawing):
        return min(target.current, round_up(connector.entry))
    if key not in view.metered:
        return target.current
    least = min(round_down(view.demands[key].enough), commanded + view.lenience(key))
    return max(target.current, least)


def _is_worth(view: View, connector: Connector, granted: int) -> bool:
    """Return whether a raise is large enough for its wear, or reaches all that is useful."""
    state, observation = view.states[connector.id], view.observations[connector.id]
    base = round_up(state.worst)
    # One that is held draws its worst already; for others that is a cut on its way.
    if granted < base or (granted == base and not observation.held):
        return False
    more = granted - round_up(state.commanded)
    if more >= _worth(view, connector):
        return True
    reaches = granted + round_up(connector.step) > round_down(view.demands[connector.id].cap)
    return reaches and more > round_up(view.tuning.raise_margin)


def _lacks_much(view: View, connector: Connector, target: Grant) -> bool:
    """Return whether a connector would rise if it had the room: else it waits for nobody."""
    lack = target.current - round_up(view.states[connector.id].commanded)
    return lack >= _worth(view, connector)


def _worth(view: View, connector: Connector) -> int:
    tuning = view.tuning
    return round_up(tuning.raise_worth if connector.id in view.metered else tuning.calm_worth)


def _not_yet(view: View, connector: Connector, target: Grant) -> ReasonCode | None:
    """Return why a connector may not be raised at this moment."""
    state, tuning, now = view.states[connector.id], view.tuning, view.snapshot.now
    if view.observations[connector.id].held:
        # What it draws is reserved already; a setpoint of that or more tells it nothing unsafe.
        reserved = to_amperes(target.current) >= state.worst
        return None if reserved and not _is_missed(view, connector) else ReasonCode.NOT_FOLLOWED
    if state.worst > state.commanded + tuning.tolerance:
        return ReasonCode.NOT_FOLLOWED
    if not state.commanded and not state.wear.off_long_enough(view.site.rules.wear, now):
        return ReasonCode.MIN_PAUSE
    changed_at = state.raised_at if state.commanded else state.commanded_at
    if changed_at is not None and now - changed_at < tuning.raise_interval:
        return ReasonCode.WAITING_TO_RAISE
    return None


def _is_missed(view: View, connector: Connector) -> bool:
    """Return whether what it draws beyond control is taken off the power of others.

    Told that it may draw as much, it would seem to obey, have less again, and so on.
    """
    if not view.observations[connector.id].reading.online:
        return False
    zones = view.site.path(view.site.zone_of[connector.id])
    return any(limit.zone in zones and limit.is_power for limit in view.snapshot.inputs.limits)


def _waiting_reason(view: View, links: tuple[int, ...], granted: int, free: list[int]) -> Reason:
    tightest = min(links, key=free.__getitem__)
    link, budget = view.plan.links[tightest], view.budgets[view.plan.links[tightest].zone]
    settling = budget.grow[link.phase] < budget.keep[link.phase] - view.tuning.raise_margin
    waiting = settling or link.kind is LinkKind.UNBALANCE
    return Reason(
        code=ReasonCode.WAITING_TO_RAISE if waiting else ReasonCode.WAITING_FOR_OTHERS,
        current=to_amperes(max(0, granted)),
        zone=link.zone,
        phase=link.phase,
    )
