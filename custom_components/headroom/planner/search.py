"""The search for a cheap plan: some cars at a time are planned anew, around the others."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from random import Random
from typing import Final, NamedTuple

from .filling import Filling, fill
from .ledger import NOTHING, Ledger, Member

TRIES: Final = 1500
"""Takes about a second for 20 cars on a small machine; docs/benchmarks.md tells what it brings."""
TRIES_PER_CAR: Final = 75
"""For more cars than that."""
_GROUPS: Final = (2, 2, 3, 3, 4, 5)
"""Sizes of groups; large ones find more, and take longer."""

_LEAVES_QUARTERS: Final = 0.25
_LEAVES_FLOOR: Final = 0.45
_TAKES_FLOOR: Final = 0.6

_ROUNDS: Final = 3
_LENIENCE: Final = 2.5
"""Of the cost of all cars, over the cube of their number: few have the tries to come back."""

type Fillings = dict[str, Filling]


class Worth(NamedTuple):
    """What one plan has more than another one; unmet energy counts first."""

    unmet: int = 0
    """Wh"""
    cost: float = 0.0


class Search:
    """The plan so far, and the ledger that it is booked in."""

    def __init__(self, ledger: Ledger, members: Sequence[Member]) -> None:
        """Begin with one car after the other, the one with the least time to spare first."""
        self.ledger = ledger
        self.fillings: Fillings = {}
        self._members = members
        self._random = Random(0)  # noqa: S311 - the same task has the same plan
        hurried = sorted(members, key=lambda member: _haste(member, ledger), reverse=True)
        self.fillings.update(self._place(hurried))

    def improve(self, tries: int) -> None:
        """Try so many groups of cars, each in an order of its own."""
        if (cars := len(self._members)) > 1:
            cost = sum(abs(filling.cost) for filling in self.fillings.values())
            for _ in range(_ROUNDS):
                self._go_round(tries // _ROUNDS, _LENIENCE * cost / cars**3)

    def _go_round(self, tries: int, lenience: float) -> None:
        """Search on from the best plan so far, at first by way of plans that cost a little more.

        The floor of one car can keep all others from where they would be cheaper together.
        """
        best, best_worth, worth = dict(self.fillings), Worth(), Worth()
        for left in range(tries, 0, -1):
            change = self._retry(self._group(), lenience * (left / tries) ** 2)
            worth = Worth(worth.unmet + change.unmet, worth.cost + change.cost)
            if worth < best_worth:
                best, best_worth = dict(self.fillings), worth
        self._clear(self._members, self.fillings)
        self._take(self._members, best)

    def _group(self) -> list[Member]:
        """Return some cars; as long as cars lack energy, one of those comes first."""
        size = min(len(self._members), self._random.choice(_GROUPS))
        group = self._random.sample(self._members, size)
        short = [member for member in self._members if self.fillings[member.id].unmet > NOTHING]
        if not short or self._random.random() < 0.5:
            return group
        first = self._random.choice(short)
        return [first, *(member for member in group if member is not first)]

    def _retry(self, group: Sequence[Member], lenience: float) -> Worth:
        """Plan some cars anew unless that is worse; return what it changes."""
        before = {member.id: self.fillings[member.id] for member in group}
        self._clear(group, before)
        cost = self.ledger.cost(_together(before.values()))
        after = self._place(self._modest(group))
        added = sum(filling.cost for filling in after.values())
        change = Worth(_unmet(after.values()) - _unmet(before.values()), added - cost)
        if change <= Worth(cost=lenience):
            self.fillings.update(after)
            return change
        self._clear(group, after)
        self._take(group, before)
        return Worth()

    def _modest(self, group: Sequence[Member]) -> Sequence[Member]:
        """Return a group, of which some at times leave something to those that come after them."""
        first, *others = group
        last = group[-1]
        chance = self._random.random()
        if chance < _LEAVES_QUARTERS:
            used = sorted(self.fillings[first.id].power)
            start = self._random.randrange(len(used)) if used else 0
            return first.without(used[start : start + self._random.randint(1, 4)]), *others
        if chance < _LEAVES_FLOOR:
            return [replace(one, leaves=last.floor_on_links) for one in group[:-1]] + [last]
        if chance < _TAKES_FLOOR:
            frugal = replace(last, most=last.floor)
            return [replace(one, leaves=last.floor_on_links) for one in group[:-1]] + [frugal]
        return group

    def _place(self, members: Iterable[Member]) -> Fillings:
        placed = {}
        for member in members:
            placed[member.id] = filling = fill(self.ledger, member)
            self.ledger.book(member, filling.power)
        return placed

    def _take(self, members: Iterable[Member], fillings: Fillings) -> None:
        for member in members:
            self.fillings[member.id] = fillings[member.id]
            self.ledger.book(member, fillings[member.id].power)

    def _clear(self, members: Iterable[Member], fillings: Mapping[str, Filling]) -> None:
        for member in members:
            self.ledger.book(member, fillings[member.id].power, -1)


def _haste(member: Member, ledger: Ledger) -> float:
    """Return which part of the time that is left a car needs at its highest power."""
    return max(
        energy / max(NOTHING, member.most * sum(ledger.hours[index] for index in window))
        for window, energy in member.stages
    )


def _unmet(fillings: Iterable[Filling]) -> int:
    """Return what cars lack together, in whole Wh: what is below that is not worth money."""
    return round(sum(filling.unmet for filling in fillings))


def _together(fillings: Iterable[Filling]) -> dict[int, float]:
    total: dict[int, float] = {}
    for filling in fillings:
        for index, watts in filling.power.items():
            total[index] = total.get(index, 0.0) + watts
    return total
