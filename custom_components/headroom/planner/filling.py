"""The cheapest quarters for one car, with the others as they are."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from .ledger import NOTHING, Ledger, Member

type Offer = tuple[float, int, int, int, float]
"""Price, then late quarters first, then the floor before what is above it; the quarter; its Wh."""


@dataclass(slots=True)
class Filling:
    """What a car takes."""

    power: dict[int, float] = field(default_factory=dict)
    """W by quarter."""
    unmet: float = 0.0
    """Wh at the meter that lack at the milestones, counted at each of them."""
    cost: float = 0.0


def fill(ledger: Ledger, member: Member) -> Filling:
    """Return the cheapest way to a car's milestones that the ledger leaves."""
    energy: dict[int, float] = {}
    unmet = 0.0
    for window, wanted in member.stages:
        stage = _Stage(ledger, member, energy)
        unmet += stage.reach(window, wanted)
    power = {index: taken / ledger.hours[index] for index, taken in energy.items()}
    return Filling(power, unmet, ledger.cost(power))


class _Stage:
    """The way to one milestone, on top of what the earlier ones need."""

    def __init__(self, ledger: Ledger, member: Member, energy: dict[int, float]) -> None:
        self._ledger = ledger
        self._member = member
        self._energy = energy
        self._taken: list[Offer] = []

    def reach(self, window: Sequence[int], wanted: float) -> float:
        """Take the cheapest offers until the milestone is reached; return the Wh that lack."""
        need = wanted - sum(self._energy.values())
        offers = iter(sorted(self._offers(window))) if need > NOTHING else iter(())
        for offer in offers:
            _, _, rank, _, size = offer
            if size >= need - NOTHING:
                if rank == 0 and size > need + NOTHING:
                    return self._end_with(offer, offers, need)
                self._take(offer, need)
                return 0.0
            self._take(offer, size)
            need -= size
        return max(0.0, need)

    def _offers(self, window: Iterable[int]) -> Iterator[Offer]:
        ledger, member, floor = self._ledger, self._member, self._member.floor
        for index in window:
            room, hours = ledger.room(member, index), ledger.hours[index]
            start = self._energy.get(index, 0.0) / hours
            if not start:
                if not room:
                    continue
                start = floor
                yield ledger.price(index, floor), -index, 0, index, floor * hours
            for rank, (price, watts) in enumerate(ledger.parts(index, start, room), start=1):
                yield price, -index, rank, index, watts * hours

    def _end_with(self, opening: Offer, later: Iterable[Offer], need: float) -> float:
        """Take the rest, which is less than the floor of another quarter.

        Quarters that are in use take more, or another one begins and they take less; where
        neither can be, the car takes more than it needs, and ends within the last quarter.
        """
        stretch = list(_limited((o for o in later if o[2] and o[3] in self._energy), need))
        surplus = opening[4] - need
        shrink = list(_limited((o for o in reversed(self._taken) if o[2]), surplus))
        stretches = _size(stretch) >= need - NOTHING
        shrinks = _size(shrink) >= surplus - NOTHING
        begins = _worth((opening,)) - _worth(shrink)
        if stretches and not (shrinks and begins < _worth(stretch)):
            for offer in stretch:
                self._take(offer, offer[4])
            return 0.0
        self._take(opening, opening[4])
        for offer in shrink if shrinks else ():
            self._energy[offer[3]] -= offer[4]
        return 0.0

    def _take(self, offer: Offer, size: float) -> None:
        price, late, rank, index, _ = offer
        self._energy[index] = self._energy.get(index, 0.0) + size
        self._taken.append((price, late, rank, index, size))


def _limited(offers: Iterable[Offer], size: float) -> Iterator[Offer]:
    """Return the first offers that have a size together, the last one cut."""
    for price, late, rank, index, most in offers:
        if size <= NOTHING:
            return
        yield price, late, rank, index, min(most, size)
        size -= most


def _size(offers: Iterable[Offer]) -> float:
    return sum(offer[4] for offer in offers)


def _worth(offers: Iterable[Offer]) -> float:
    return sum(offer[0] * offer[4] for offer in offers)
