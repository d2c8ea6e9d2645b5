"""Share the headroom of a per-phase zone tree among connectors.

All numbers here are whole deciamps, so that limits and steps hold exactly. Classes are served one
after the other. Within a class, connectors are admitted in the order of their rank while their
floors fit (admission.py); then each group of zones shares by its mode what is left above them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Final

from ..site.model import SharingMode
from .admission import Claim, Entrance
from .filling import Share, fill
from .packing import pack, walk
from .plan import Group, Plan

_EPSILON: Final = 1e-9


@dataclass(slots=True)
class Grant:
    """What a connector gets, in deciamps, and the link that denies it more."""

    current: int
    bottleneck: int | None = None
    """Index of the full link; None if the cap is reached."""


def allocate(
    plan: Plan,
    headroom: Sequence[int],
    claims: Iterable[Claim],
    *,
    overdraft: Sequence[int] | None = None,
    to_start: Sequence[int] | None = None,
) -> dict[str, Grant]:
    """Share `headroom`, in deciamps per link of the plan, among the claims.

    Every grant is the claim's base, or between its floor and its cap on its step's grid.
    `overdraft` says for each link by how much the floors of those who hold may exceed it.
    `to_start` is the headroom, no larger, into which those who do not hold can be raised; they are
    admitted only where they fit into it together with all who are admitted beside them.
    """
    queue = _by_rank(claims)
    slack = list(headroom)
    entrance = Entrance(plan, slack, queue, overdraft=overdraft, to_start=to_start)
    grants: dict[str, Grant] = {}
    for _, members in groupby(queue, key=attrgetter("priority")):
        grants |= _serve(plan, slack, list(members), entrance)
    return grants


def _by_rank(claims: Iterable[Claim]) -> list[Claim]:
    """Return the claims in the order of service; sorting by one key after the other is faster."""
    queue = sorted(claims, key=attrgetter("connector"))
    queue.sort(key=attrgetter("rank"))
    queue.sort(key=attrgetter("priority"))
    return queue


def _serve(
    plan: Plan, slack: list[int], claims: Sequence[Claim], entrance: Entrance
) -> dict[str, Grant]:
    """Admit a class, share among it, and leave in `slack` what it does not take."""
    room = list(slack)
    shares = entrance.admit(claims)
    before = list(slack)
    for members in _fronts(claims, shares):
        _share_groups(plan, room, slack, members)
    entrance.close(before)
    tightest = _Tightest(slack)
    grants = {}
    for claim, share in zip(claims, shares, strict=True):
        if share is not None:
            full = None if share.level >= share.cap else tightest[share.links]
            grants[claim.connector] = Grant(share.level, full)
        elif claim.base < claim.entry <= claim.cap:
            links = plan.links_of(claim.connector, claim.phases)
            grants[claim.connector] = Grant(claim.base, tightest[links])
        else:
            grants[claim.connector] = Grant(claim.base)
    return grants


def _fronts(claims: Sequence[Claim], shares: Sequence[Share | None]) -> list[list[Share]]:
    """Return the admitted, those first who do not stand back."""
    fronts: list[list[Share]] = [[], []]
    for claim, share in zip(claims, shares, strict=True):
        if share is not None:
            fronts[claim.stands_back].append(share)
    return [front for front in fronts if front] or [[]]


class _Tightest(dict[tuple[int, ...], int]):
    """The fullest link of each set of links, sought when it is first asked for."""

    def __init__(self, slack: Sequence[int]) -> None:
        super().__init__()
        self._slack = slack

    def __missing__(self, links: tuple[int, ...]) -> int:
        self[links] = tightest = min(links, key=self._slack.__getitem__)
        return tightest


def _share_groups(
    plan: Plan, room: Sequence[int], slack: list[int], shares: Sequence[Share]
) -> None:
    """Share in the outer groups; then again within each inner one what its members got."""
    if len(plan.groups) == 1:
        _share_by_mode(plan, plan.groups[0], shares, room, slack)
        return
    for number, group in enumerate(plan.groups):
        members = [s for s in shares if number in plan.lineage[plan.group_of[s.connector]]]
        if group.parent is None:
            _share_by_mode(plan, group, members, room, slack)
        else:
            _share_again(plan, group, members, slack)
    pack(fill(shares, slack, plan.above), slack)


def _share_again(plan: Plan, group: Group, members: Sequence[Share], slack: list[int]) -> None:
    """Share by an inner group's mode what its members got."""
    for share in members:
        share.move(share.entry, slack)
    room = list(slack)
    for share in members:
        for link in share.links:
            room[link] += share.entry
    _share_by_mode(plan, group, members, room, slack)


def _share_by_mode(
    plan: Plan, group: Group, members: Sequence[Share], room: Sequence[int], slack: list[int]
) -> None:
    if group.mode is SharingMode.EQUAL:
        pack(fill(members, slack, plan.above), slack)
        return
    caps = [share.cap for share in members]
    for share, base in zip(members, _bases(group, members, room), strict=True):
        share.cap = base
    fill(members, slack, plan.above)
    for share, cap in zip(members, caps, strict=True):
        share.cap = cap
    walk(sorted(members, key=attrgetter("arrival", "order")), slack)


def _bases(group: Group, members: Sequence[Share], room: Sequence[int]) -> list[int]:
    """Return what each member gets before the rest goes in order of arrival (A13.3)."""
    count = [0] * len(room)
    for share in members:
        for link in share.links:
            count[link] += 1
    part = 1 - group.fifo_share
    quanta = [int(part * left / max(1, n) + _EPSILON) for left, n in zip(room, count, strict=True)]
    bases = []
    for share in members:
        quantum = min([quanta[link] for link in share.links]) // share.step * share.step
        bases.append(min(share.cap, max(share.entry, quantum)))
    return bases
