"""Lowering: at once what must be, and no more connectors than it takes."""

from collections.abc import Mapping
from datetime import datetime

from ..cars.demand import Demand
from ..known.observation import Observation
from ..memory.state import ConnectorState
from ..sharing.allocation import Grant
from ..sharing.plan import above_zero, round_down, round_up, to_amperes
from ..site.grid import down_to_step
from ..site.model import Connector
from ..view import View


def lower(view: View, targets: Mapping[str, Grant]) -> None:
    """Lower whatever is above its demand or clearly above its share, then make room that lacks."""
    # Others are to make room for their floors.
    awaited = view.awaited(targets)
    for connector, observation, demand in view.connectors():
        if observation.reading.online:
            _follow_share(view, connector, demand, targets[connector.id], awaited)
        else:
            # It must not come back with more than what is kept for it meanwhile.
            state = view.states[connector.id]
            state.command(min(state.commanded, observation.worst), view.snapshot.now)
    _make_room(view, targets)


def _follow_share(
    view: View, connector: Connector, demand: Demand, share: Grant, awaited: set[int]
) -> None:
    state, now = view.states[connector.id], view.snapshot.now
    on_grid = down_to_step(state.commanded, connector.step)
    target = min(to_amperes(share.current), on_grid)
    if on_grid < connector.entry or demand.held_off:
        target = 0.0
    unfair = _is_unfair(view, connector.id, state.commanded - target)
    if state.commanded > target and (
        unfair
        or target == 0
        or on_grid < state.commanded
        or demand.cap < state.commanded
        or not awaited.isdisjoint(view.links[connector.id])
    ):
        _lower_to(target, state, now, lacking=demand.cap >= connector.entry and not demand.held_off)


def _is_unfair(view: View, key: str, excess: float) -> bool:
    tuning = view.tuning
    if key not in view.metered:
        return excess >= tuning.calm_worth
    lasted = view.states[key].note_share(excess, view.snapshot.now, tuning.redistribute)
    return excess >= tuning.redistribute and lasted >= tuning.redistribute_after


def _make_room(view: View, targets: Mapping[str, Grant]) -> None:
    """Lower those furthest above their shares until no link is too full any more."""
    lacking = _lacking(view)
    if not lacking:
        return
    online = [
        (connector, observation)
        for connector, observation, _ in view.connectors()
        if observation.reading.online and view.states[connector.id].commanded > 0
    ]
    online.sort(key=lambda pair: view.deficit(pair[0].id, targets[pair[0].id].current))
    for connector, observation in online:
        links = [link for link in view.links[connector.id] if lacking.get(link, 0) > 0]
        if links:
            need = max(lacking[link] for link in links)
            freed = _give_up(view, connector, observation, targets[connector.id].current, need)
            for link in links:
                lacking[link] -= freed


def _lacking(view: View) -> dict[int, int]:
    """Return what the crowded links lack, in deciamps by index."""
    used = view.total(_in_force(view))
    crowded = view.crowding.crowded(
        used,
        above_zero(view.room_to_keep),
        view.slack(),
        now=view.snapshot.now,
        patience=view.tuning.slack_for,
    )
    if not crowded:
        return {}
    aim = above_zero(view.room_to_aim_at)
    return {link: used[link] - aim[link] for link in crowded}


def _in_force(view: View) -> dict[str, float]:
    return {
        key: seen.worst if seen.held else view.states[key].commanded + seen.excess
        for key, seen in view.observations.items()
    }


def _give_up(
    view: View, connector: Connector, observation: Observation, target: int, need: int
) -> int:
    """Lower a connector by what is needed, not far below its share; return what that frees."""
    state = view.states[connector.id]
    before = round_up(state.commanded)
    lowest = max(round_up(connector.entry), target - view.lenience(connector.id))
    wanted = target if observation.held else max(min(lowest, before), before - need)
    current = down_to_step(to_amperes(wanted), connector.step)
    if current < state.commanded:
        state.command(current, view.snapshot.now)
    return 0 if observation.held else before - round_down(state.commanded)


def _lower_to(target: float, state: ConnectorState, now: datetime, *, lacking: bool) -> None:
    state.command(target, now)
    if target == 0 and lacking:
        state.wear.note_stop(now)
        state.turn.lose_place(now)
    elif target == 0:
        state.wear.started_at = None
