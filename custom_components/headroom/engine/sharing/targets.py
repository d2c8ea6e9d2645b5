"""The fair share of each connector: what it should have in the end."""

from collections.abc import Sequence

from ..view import View
from .admission import Claim
from .allocation import Grant, allocate
from .plan import above_zero, less, round_down


def fair_shares(view: View) -> dict[str, Grant]:
    """Return what each connector in contact should have of what the EVs may go on drawing.

    What connectors beyond control may draw is taken off first. They get the share that they
    would have if they followed, so that they are never told to draw more than that.
    """
    online = {key for key, seen in view.observations.items() if seen.reading.online}
    held = {key for key, seen in view.observations.items() if seen.held}
    targets = _share(view, beyond_control(view, held - online), online)
    if held & online:
        targets |= _share(view, beyond_control(view, held), online - held)
    return targets


def beyond_control(view: View, held: set[str]) -> Sequence[int]:
    """Return what connectors draw on each link that does not follow their setpoints."""
    return view.total(
        {key: seen.worst if key in held else seen.excess for key, seen in view.observations.items()}
    )


def _share(view: View, taken: Sequence[int], keys: set[str]) -> dict[str, Grant]:
    """Share first what cars are seen to need, then the rest among those that could take more."""
    headroom = above_zero(less(view.room_to_aim_at, taken))
    to_start = above_zero(less(view.room_to_grow, taken))
    claims = [
        view.claim(connector, round_down(demand.enough))
        for connector, _, demand in view.connectors()
        if connector.id in keys
    ]
    grants = allocate(view.plan, headroom, claims, overdraft=view.overdraft(), to_start=to_start)
    modest = [
        view.claim(connector, round_down(demand.cap), base=grants[connector.id].current)
        for connector, _, demand in view.connectors()
        if connector.id in keys
        and demand.enough < demand.cap
        and grants[connector.id].current >= round_down(demand.enough)
    ]
    if modest:
        left = _left_by(view, headroom, claims, grants)
        if awaited := view.awaited(grants):
            # Who is to start needs room that stays free for longer.
            lasting = _left_by(view, to_start, claims, grants)
            for link in awaited:
                left[link] = min(left[link], lasting[link])
        grants |= allocate(view.plan, left, modest)
    return grants


def _left_by(
    view: View, headroom: Sequence[int], claims: Sequence[Claim], grants: dict[str, Grant]
) -> list[int]:
    left = list(headroom)
    for claim in claims:
        for link in view.links[claim.connector]:
            left[link] -= grants[claim.connector].current
    return above_zero(left)
