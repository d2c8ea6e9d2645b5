"""Fewer starts for a little more money: cars do not like to be switched on and off."""

from collections.abc import Iterable
from typing import Final

from .filling import Filling, fill
from .ledger import NOTHING, Member
from .search import Search

WORTH: Final = 0.003
"""Part of a car's cost that may be added so that it charges in fewer blocks."""


def tidy(search: Search, members: Iterable[Member]) -> None:
    """Leave out blocks of each car as long as that costs next to nothing."""
    for member in members:
        filling = search.fillings[member.id]
        search.ledger.book(member, filling.power, -1)
        search.fillings[member.id] = calmer = _calmer(search, member, filling)
        search.ledger.book(member, calmer.power)


def _calmer(search: Search, member: Member, filling: Filling) -> Filling:
    """Return a filling with fewer starts, its car not being booked."""
    cost = search.ledger.cost(filling.power)
    most = cost + WORTH * abs(cost)
    best, shut = filling, set[int]()
    for block in sorted(blocks_of(filling.power), key=len):
        trial = fill(search.ledger, member.without(shut | set(block)))
        ready = trial.unmet <= filling.unmet + NOTHING
        if ready and trial.cost <= most and _starts(trial, member) < _starts(best, member):
            best = trial
            shut.update(block)
    return best


def _starts(filling: Filling, member: Member) -> int:
    """Return how often a car is switched on."""
    return len(blocks_of(filling.power)) - (member.charging and 0 in filling.power)


def blocks_of(quarters: Iterable[int]) -> list[list[int]]:
    """Return the quarters that follow each other, in order."""
    blocks: list[list[int]] = []
    for index in sorted(quarters):
        if blocks and blocks[-1][-1] == index - 1:
            blocks[-1].append(index)
        else:
            blocks.append([index])
    return blocks
