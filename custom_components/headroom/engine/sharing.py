"""Water-filling: share the headroom of a per-phase zone tree equally among connectors.

All numbers here are whole deciamps, so that limits and steps hold exactly. Headroom is rounded
down and loads are rounded up once, where they enter.

Each connector loads some links; a link is one phase of one zone. Connectors are admitted in the
order of their rank while their floors fit, then all admitted ones rise together until their cap
or a full link stops them (max-min fairness), and what rounding to steps leaves goes one step at a
time to the connector that has least.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from math import ceil, floor
from typing import Final

from .currents import PHASES, PerPhase
from .model import Site

TICKS_PER_AMPERE: Final = 10
_EPSILON: Final = 1e-6


def round_down(amperes: float) -> int:
    """Return the whole deciamps in a current, rounded down."""
    return floor(amperes * TICKS_PER_AMPERE + _EPSILON)


def round_up(amperes: float) -> int:
    """Return the whole deciamps in a current, rounded up."""
    return ceil(amperes * TICKS_PER_AMPERE - _EPSILON)


def to_amperes(ticks: int) -> float:
    """Return a current in A."""
    return ticks / TICKS_PER_AMPERE


@dataclass(frozen=True, slots=True)
class Link:
    """One phase of one zone."""

    zone: str
    phase: int


@dataclass(frozen=True, slots=True)
class Plan:
    """The links of a site and which of them each connector loads; changes with the site only."""

    links: tuple[Link, ...]
    loads: Mapping[str, tuple[int, ...]]
    """Indices into `links` for each connector id, from its own zone up to the root."""

    @classmethod
    def of(cls, site: Site) -> Plan:
        """Return the plan of a site."""
        links = tuple(Link(zone.id, phase) for zone in site.zones for phase in PHASES)
        index = {link: number for number, link in enumerate(links)}
        loads = {
            connector.id: tuple(
                index[Link(zone, phase)]
                for zone in site.path(site.zone_of[connector.id])
                for phase in connector.wiring.phases
            )
            for connector in site.connectors
        }
        return cls(links, loads)

    def headroom(self, budgets: Mapping[str, PerPhase]) -> list[int]:
        """Return the budget of each link in deciamps, never below 0."""
        return [max(0, round_down(budgets[link.zone][link.phase])) for link in self.links]

    def total(self, currents: Mapping[str, float]) -> list[int]:
        """Return the sum of the connectors' currents in A on each link, in deciamps."""
        totals = [0] * len(self.links)
        for connector, current in currents.items():
            ticks = round_up(current)
            for link in self.loads[connector]:
                totals[link] += ticks
        return totals


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What one connector asks for; deciamps."""

    connector: str
    floor: int
    cap: int
    step: int = 1
    rank: tuple[object, ...] = ()
    """Order of admission, the lowest first; ties go by connector id."""
    base: int = 0
    """What the connector holds already. It costs no headroom and is never taken away."""

    @property
    def entry(self) -> int:
        """Return the least that admission gives: the floor on the step's grid, or the base."""
        return max(self.base, -(-self.floor // self.step) * self.step)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a connector gets, in deciamps, and the link that denies it more."""

    current: int
    bottleneck: int | None = None
    """Index of the full link; None if the cap is reached."""


def allocate(plan: Plan, headroom: Sequence[int], claims: Iterable[Claim]) -> dict[str, Grant]:
    """Share `headroom`, in deciamps per link of the plan, among the claims.

    Every grant is 0, the claim's base, or between its floor and its cap on its step's grid.
    """
    slack = list(headroom)
    waiting = sorted(claims, key=lambda claim: (claim.rank, claim.connector))
    admitted = [claim for claim in waiting if _admit(claim, plan.loads[claim.connector], slack)]
    levels = _Filling(plan, slack, admitted).run()
    _round_to_steps(plan, slack, admitted, levels)
    _hand_out_rest(plan, slack, admitted, levels)
    return {
        claim.connector: _grant(claim, levels.get(claim.connector), plan, slack)
        for claim in waiting
    }


def _admit(claim: Claim, links: tuple[int, ...], slack: list[int]) -> bool:
    need = claim.entry - claim.base
    if claim.entry > claim.cap or any(slack[link] < need for link in links):
        return False
    for link in links:
        slack[link] -= need
    return True


# Events at one level run in this order: whoever leaves at a level does not fill a link there.
_CAP: Final = 0
_JOIN: Final = 1
_FULL: Final = 2


class _Filling:
    """Progressive filling by events: a connector joins, reaches its cap, or a link is full.

    `slack` holds for each link what was left when its number of risers last changed, at the
    level `seen`; it is brought up to date only when the link is touched.
    """

    def __init__(self, plan: Plan, slack: list[int], admitted: Sequence[Claim]) -> None:
        self._loads = plan.loads
        self._claims = admitted
        self._slack = slack
        self._risers: list[set[int]] = [set() for _ in slack]
        self._seen = [0] * len(slack)
        self._levels: dict[str, int] = {}
        self._rising: set[int] = set()
        self._events: list[tuple[int, int, int]] = []

    def run(self) -> dict[str, int]:
        """Return the level of each admitted connector; `slack` is left up to date."""
        for number, claim in enumerate(self._claims):
            self._levels[claim.connector] = claim.entry
            if claim.entry < claim.cap:
                self._events.append((claim.entry, _JOIN, number))
        heapify(self._events)
        while self._events:
            level, kind, number = heappop(self._events)
            if kind == _JOIN:
                self._join(number, level)
            elif kind == _CAP:
                if number in self._rising:
                    self._stop(number, level)
            else:
                self._check_full(number, level)
        return self._levels

    def _join(self, number: int, level: int) -> None:
        claim = self._claims[number]
        self._rising.add(number)
        for link in self._loads[claim.connector]:
            self._touch(link, level)
            self._risers[link].add(number)
            self._schedule(link, level)
        heappush(self._events, (claim.cap, _CAP, number))

    def _stop(self, number: int, level: int) -> None:
        claim = self._claims[number]
        self._rising.discard(number)
        self._levels[claim.connector] = level
        for link in self._loads[claim.connector]:
            self._touch(link, level)
            self._risers[link].discard(number)

    def _check_full(self, link: int, level: int) -> None:
        if not self._risers[link]:
            return
        self._touch(link, level)
        if self._slack[link] < len(self._risers[link]):
            stopped = sorted(self._risers[link])
            for number in stopped:
                self._stop(number, level)
            for number in stopped:
                self._take_remainder(number, level)
        else:
            self._schedule(link, level)

    def _take_remainder(self, number: int, level: int) -> None:
        """Give one more deciamp of what could not be divided, before others can take it."""
        links = self._loads[self._claims[number].connector]
        if any(self._slack[link] < 1 for link in links):
            return
        self._levels[self._claims[number].connector] = level + 1
        for link in links:
            self._slack[link] -= 1
            if self._risers[link]:
                self._schedule(link, level)

    def _touch(self, link: int, level: int) -> None:
        self._slack[link] -= (level - self._seen[link]) * len(self._risers[link])
        self._seen[link] = level

    def _schedule(self, link: int, level: int) -> None:
        full_at = level + self._slack[link] // len(self._risers[link])
        heappush(self._events, (full_at, _FULL, link))


def _round_to_steps(
    plan: Plan, slack: list[int], admitted: Sequence[Claim], levels: dict[str, int]
) -> None:
    for claim in admitted:
        level = levels[claim.connector]
        rounded = max(claim.entry, level // claim.step * claim.step)
        if rounded < level:
            levels[claim.connector] = rounded
            for link in plan.loads[claim.connector]:
                slack[link] += level - rounded


def _hand_out_rest(
    plan: Plan, slack: list[int], admitted: Sequence[Claim], levels: dict[str, int]
) -> None:
    queue = [(levels[claim.connector], order) for order, claim in enumerate(admitted)]
    heapify(queue)
    while queue:
        level, order = heappop(queue)
        claim = admitted[order]
        raised = (level // claim.step + 1) * claim.step
        links = plan.loads[claim.connector]
        if raised > claim.cap or any(slack[link] < raised - level for link in links):
            continue
        for link in links:
            slack[link] -= raised - level
        levels[claim.connector] = raised
        heappush(queue, (raised, order))


def _grant(claim: Claim, level: int | None, plan: Plan, slack: Sequence[int]) -> Grant:
    links = plan.loads[claim.connector]
    if level is None:
        need = claim.entry - claim.base
        lacking = [link for link in links if slack[link] < need]
        if claim.entry > claim.cap or not lacking:
            return Grant(current=claim.base)
        return Grant(current=claim.base, bottleneck=min(lacking, key=slack.__getitem__))
    if level // claim.step * claim.step + claim.step > claim.cap:
        return Grant(current=level)
    return Grant(current=level, bottleneck=min(links, key=slack.__getitem__))
