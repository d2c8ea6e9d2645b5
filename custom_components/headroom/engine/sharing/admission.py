"""Who may charge at all: the floors that fit, in the order of rank."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from .filling import Share
from .plan import Plan


@dataclass(slots=True, kw_only=True)
class Claim:
    """What one connector asks for; deciamps."""

    connector: str
    phases: tuple[int, ...]
    """Grid phases that it draws from."""
    floor: int
    cap: int
    step: int = 1
    priority: int = 0
    """Class; a lower one takes what it wants before a higher one gets anything."""
    rank: tuple[object, ...] = ()
    """Order of admission within the class, the lowest first; ties go by connector id."""
    stands_back: bool = False
    """Others of its class have all that they can use before it has more than its floor."""
    arrival: tuple[object, ...] = ()
    """Order in which FIFO fills, the lowest first; ties go by rank."""
    base: int = 0
    """What the connector holds already. It costs no headroom and is never taken away."""
    holds: bool = False
    """It is charging, and may keep its floor at the price of an overdraft."""
    doubt: int = 0
    """What it may draw unseen. A meter cannot tell that from other loads, so it counts twice where
    room for a start is sought: as its own current and as theirs."""
    entry: int = field(init=False)
    """The least that admission gives: the floor on the step's grid, or the base."""

    def __post_init__(self) -> None:
        """Work out the entry."""
        self.entry = max(self.base, -(-self.floor // self.step) * self.step)


class Entrance:
    """Admits claims by their entries and takes these off the slack of their links.

    Whoever holds a place keeps it as long as its entry fits into the slack. Whoever does not can
    start only in room that is free for longer, so its entry, and the entries of those who share a
    link with it, must fit into that room too: nobody is paused for one who could not start.
    """

    def __init__(
        self,
        plan: Plan,
        slack: list[int],
        claims: Iterable[Claim],
        *,
        overdraft: Sequence[int] | None,
        to_start: Sequence[int] | None,
    ) -> None:
        self._plan = plan
        self._slack = slack
        self._overdraft = None if overdraft is None else self._bearable(claims, overdraft)
        self._to_start = None if to_start is None else list(to_start)
        self._promised = [False] * len(slack)
        self._doubted = [False] * len(slack)
        self._clear_doubts(claims)

    def admit(self, claims: Iterable[Claim]) -> list[Share | None]:
        """Return in order the share of each whose entry fits, None for the others."""
        slack, links_of = self._slack, self._plan.links_of
        shares: list[Share | None] = []
        for order, claim in enumerate(claims):
            entry = claim.entry
            need = entry - claim.base
            links = links_of(claim.connector, claim.phases)
            full = [link for link in links if slack[link] < need]
            fits = entry <= claim.cap and (not full or self._bears(claim, full, need))
            if fits and self._lets_start(claim, links, need):
                for link in links:
                    slack[link] -= need
                step, arrival, phases = claim.step, claim.arrival, len(claim.phases)
                cap = max(entry, claim.cap // step * step)
                shares.append(
                    Share(claim.connector, links, order, arrival, phases, step, entry, cap, entry)
                )
            else:
                shares.append(None)
        self._save_for_starts()
        return shares

    def _save_for_starts(self) -> None:
        """Let nobody rise into what those who are to start need."""
        if self._to_start is None:
            return
        for link, promised in enumerate(self._promised):
            if promised:
                parts = 2 if self._doubted[link] else 1
                self._slack[link] = min(self._slack[link], self._to_start[link] // parts)

    def close(self, before: Sequence[int]) -> None:
        """Take off what the admitted have got since the slack was as it was `before`."""
        if self._to_start is not None:
            for link, (had, left) in enumerate(zip(before, self._slack, strict=True)):
                self._to_start[link] -= had - left

    def _bears(self, claim: Claim, full: Iterable[int], need: int) -> bool:
        """Return whether a claim may keep its place by an overdraft of the links that are full."""
        extra = self._overdraft
        if extra is None or not claim.holds:
            return False
        return all(self._slack[link] + extra[link] >= need for link in full)

    def _lets_start(self, claim: Claim, links: tuple[int, ...], need: int) -> bool:
        """Take an entry off the room for starts; return False if that would be too small."""
        room, promised = self._to_start, self._promised
        if room is None:
            return True
        cost = need + _unseen(claim)
        for link in links:
            if room[link] < cost and (promised[link] or not claim.holds):
                return False
        for link in links:
            room[link] -= cost
            if not claim.holds:
                promised[link] = True
        return True

    def _clear_doubts(self, claims: Iterable[Claim]) -> None:
        """Count room that is free as soon as those who draw unseen are lowered."""
        if self._to_start is None:
            return
        for claim in claims:
            if claim.doubt:
                for link in self._plan.links_of(claim.connector, claim.phases):
                    self._to_start[link] += claim.doubt
                    self._doubted[link] = True

    def _bearable(self, claims: Iterable[Claim], overdraft: Sequence[int]) -> list[int]:
        """Return the overdraft as far as the floors of those who hold lack it.

        What lacks because others are to start, or to have more, is nothing to bear.
        """
        left = list(self._slack)
        for claim in claims:
            if claim.holds:
                for link in self._plan.links_of(claim.connector, claim.phases):
                    left[link] -= claim.entry - claim.base
        return [min(most, max(0, -room)) for most, room in zip(overdraft, left, strict=True)]


def _unseen(claim: Claim) -> int:
    """Return what a claim may draw unseen once it has come down to its entry."""
    return min(claim.doubt, claim.entry)
