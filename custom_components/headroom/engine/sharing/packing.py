"""Packing: hand out, a step at a time, what rounding to steps leaves.

Whoever has least comes first. Where not all who are level can rise, those rise who take least of
what others need: each link has a price, its risers over its slack. A car on three phases counts
for one, as a car on one phase does, so this serves most cars; only then is the step moved to
whom it gives more power.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import groupby
from operator import itemgetter
from typing import Final

from .filling import Bundle, Share

_PRICE_BITS: Final = 20
"""Binary places of a price."""
_MOST_RIVALS: Final = 60
"""Among more than these a single step is no matter, and to compare all pairs takes too long."""


def pack(bundles: Sequence[Bundle], slack: list[int]) -> None:
    """Give steps to whoever has least until nobody can take another, nor put it to better use."""
    packing = _Packing(bundles, slack)
    while packing.run():
        packing = _Packing(bundles, slack)


def walk(shares: Iterable[Share], slack: list[int]) -> None:
    """Raise shares one after the other, each as far as its cap and the links allow."""
    for share in shares:
        if share.level < share.cap:
            room = min([slack[link] for link in share.links])
            level = min(share.cap, (share.level + room) // share.step * share.step)
            if level > share.level:
                share.move(level, slack)


@dataclass(slots=True, eq=False)
class _Row:
    """Shares of one bundle at one level: each can take the next step if one of them can."""

    bundle: Bundle
    level: int
    need: int
    """What the next step costs."""
    shares: list[Share]

    def fits(self, slack: Sequence[int]) -> int:
        """Return how many shares could take the next step; below 1, none."""
        return min([slack[link] for link in self.bundle.tight]) // self.need


class _Packing:
    """Rows waiting for their turn, the lowest first."""

    def __init__(self, bundles: Iterable[Bundle], slack: list[int]) -> None:
        self._slack = slack
        self._wish = [0] * len(slack)
        """For each link, what one step of everybody who may rise costs."""
        self._rows: dict[int, list[_Row]] = {}
        self._levels: list[int] = []
        self._contests: list[list[Share]] = []
        for bundle in bundles:
            room = min([slack[link] for link in bundle.tight])
            if room > 0:
                self._enter_bundle(bundle, room)

    def run(self) -> bool:
        """Raise row after row until nobody rises; return whether somebody may after all."""
        slack = self._slack
        while self._levels:
            rows = self._rows.pop(heappop(self._levels))
            if len(rows) == 1:
                self._raise_row(rows[0])
            else:
                self._raise_rows([row for row in rows if row.fits(slack) > 0])
        small = [rivals for rivals in self._contests if len(rivals) <= _MOST_RIVALS]
        return sum([_exchange(rivals, slack) for rivals in small]) > 0

    def _raise_row(self, row: _Row) -> None:
        """Raise those of a lonely row who fit until others are level with them."""
        fits, count = row.fits(self._slack), len(row.shares)
        if fits <= 0:
            return
        if fits < count:
            self._contests.append(row.shares)
            self._raise(row, row.shares[:fits])
        else:
            steps = (self._levels[0] - row.level) // row.need if self._levels else 1
            self._raise(row, row.shares, max(1, min(fits // count, steps)))

    def _raise_rows(self, rows: Sequence[_Row]) -> None:
        """Raise rows that are level with each other, or some of them where not all fit."""
        wanted = _wanted(rows)
        contested = {link for link, more in wanted.items() if more > self._slack[link]}
        if contested:
            self._choose([row for row in rows if not contested.isdisjoint(row.bundle.tight)])
            rows = [row for row in rows if contested.isdisjoint(row.bundle.tight)]
        steps = 1 if contested else self._steps(rows, wanted)
        for row in rows:
            self._raise(row, row.shares, steps)

    def _enter_bundle(self, bundle: Bundle, room: int) -> None:
        levels: dict[int, list[Share]] = {}
        for share in bundle.members:
            if share.level < share.cap and room >= bundle.step - share.level % bundle.step:
                levels.setdefault(share.level, []).append(share)
        for level, shares in levels.items():
            cost = len(shares) * bundle.step
            for link in bundle.tight:
                self._wish[link] += cost
            self._enter(bundle, level, shares)

    def _enter(self, bundle: Bundle, level: int, shares: list[Share]) -> None:
        if level not in self._rows:
            self._rows[level] = []
            heappush(self._levels, level)
        need = bundle.step - level % bundle.step
        self._rows[level].append(_Row(bundle, level, need, shares))

    def _steps(self, rows: Sequence[_Row], wanted: Mapping[int, int]) -> int:
        """Return how many steps some rows can take before others are level with them."""
        if not rows or not self._levels or len({row.need for row in rows}) > 1:
            return 1
        steps = min([self._slack[link] // more for link, more in wanted.items()])
        return max(1, min(steps, (self._levels[0] - rows[0].level) // rows[0].need))

    def _choose(self, rows: Sequence[_Row]) -> None:
        """Raise those who cost least, as many as fit, and be done with the others."""
        self._contests.append([share for row in rows for share in row.shares])
        priced = sorted([(self._price(row), row) for row in rows], key=itemgetter(0))
        for _, group in groupby(priced, key=itemgetter(0)):
            tied = [row for _, row in group]
            if len(tied) == 1:
                self._raise(tied[0], tied[0].shares[: max(0, tied[0].fits(self._slack))])
            else:
                self._choose_by_rank(tied)

    def _price(self, row: _Row) -> int:
        return row.need * sum(
            [(self._wish[link] << _PRICE_BITS) // self._slack[link] for link in row.bundle.tight]
        )

    def _choose_by_rank(self, rows: Iterable[_Row]) -> None:
        single = [
            _Row(row.bundle, row.level, row.need, [share]) for row in rows for share in row.shares
        ]
        for row in sorted(single, key=lambda row: row.shares[0].order):
            if row.fits(self._slack) > 0:
                self._raise(row, row.shares)

    def _raise(self, row: _Row, chosen: Sequence[Share], steps: int = 1) -> None:
        bundle = row.bundle
        level = row.level + row.need + (steps - 1) * bundle.step
        going_on = []
        spent = 0
        for share in chosen:
            share.level = min(level, share.cap)
            spent += share.level - row.level
            if share.level < share.cap:
                going_on.append(share)
        for link in bundle.links:
            self._slack[link] -= spent
        if going_on:
            self._enter(bundle, level, going_on)


def _wanted(rows: Iterable[_Row]) -> dict[int, int]:
    """Return for each link what a step of all shares in some rows costs."""
    wanted: dict[int, int] = {}
    for row in rows:
        more = row.need * len(row.shares)
        for link in row.bundle.tight:
            wanted[link] = wanted.get(link, 0) + more
    return wanted


def _exchange(rivals: Sequence[Share], slack: list[int]) -> int:
    """Move steps to rivals with less, or with as much on more phases; return how many."""
    moved = 0
    levels = [share.level for share in rivals]
    low, top = min(levels), max(levels)
    if low == top:
        return 0
    donors = _rich(rivals, low)
    # Until something moves, who is like one that was denied is denied too.
    denied: set[tuple[tuple[int, ...], int, int]] = set()
    for taker in sorted(rivals, key=lambda share: (share.level, -share.phases, share.order)):
        raised = taker.next
        kind = (taker.links, taker.level, taker.step)
        if raised > top or raised > taker.cap or kind in denied:
            continue
        full = [link for link in taker.links if slack[link] < raised - taker.level]
        donor = _donor(taker, donors, full, slack) if full else None
        if donor is not None:
            donor.move(donor.level - donor.step, slack)
        if donor is not None or not full:
            taker.move(raised, slack)
            moved += 1
            donors = _rich(rivals, low)
            denied.clear()
        else:
            denied.add(kind)
    return moved


def _rich(shares: Iterable[Share], level: int) -> list[Share]:
    """Return the shares that a step less would not bring below a level."""
    return [share for share in shares if share.level - share.step >= level]


def _donor(
    taker: Share, others: Iterable[Share], full: Sequence[int], slack: Sequence[int]
) -> Share | None:
    """Return a share that is better a step lower, for then the taker can rise."""
    level, phases = taker.level, taker.phases
    need = taker.next - level
    for donor in others:
        left = donor.level - donor.step
        if (
            (left > level or (left == level and donor.phases < phases))
            and left >= donor.entry
            and all(link in donor.links and slack[link] + donor.step >= need for link in full)
        ):
            return donor
    return None
