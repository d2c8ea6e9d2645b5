"""The links of a site: what each connector loads, and who shares with whom."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from math import ceil, floor
from typing import Final, Self

from ..currents import PHASES, PerPhase
from ..site.model import SharingMode, Site, Zone

TICKS_PER_AMPERE: Final = 10
UNLIMITED: Final = 10**9
"""Headroom in deciamps of a link that limits nothing."""
_ENDLESS: Final = (UNLIMITED, UNLIMITED, UNLIMITED)
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


def less(room: Sequence[int], taken: Sequence[int]) -> list[int]:
    """Return what is left on each link, below 0 where more is taken than there is."""
    return [most - current for most, current in zip(room, taken, strict=True)]


def above_zero(room: Sequence[int]) -> list[int]:
    """Return the room on each link, 0 where it is negative."""
    return [max(0, most) for most in room]


class LinkKind(Enum):
    """What a link limits."""

    CURRENT = auto()
    """The current of all connectors on a phase of a zone."""
    UNBALANCE = auto()
    """The current on a phase that is not drawn from all three alike."""


@dataclass(frozen=True, slots=True)
class Link:
    """One phase of one zone."""

    zone: str
    phase: int
    kind: LinkKind = LinkKind.CURRENT


@dataclass(frozen=True, slots=True)
class Group:
    """A zone that shares in its own way what it gets, and the connectors in it."""

    zone: str
    mode: SharingMode
    fifo_share: float
    parent: int | None
    """Index of the group that the zone is in."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The links and groups of a site and how its connectors use them; changes with it only."""

    links: tuple[Link, ...]
    """From the leaves to the roots."""
    above: tuple[int | None, ...]
    """For each link, the one of its kind and phase in the nearest zone above that has one."""
    groups: tuple[Group, ...]
    """A group comes after the one that it is in."""
    group_of: Mapping[str, int]
    """Index of the innermost group of each connector id."""
    lineage: tuple[frozenset[int], ...]
    """For each group, itself and the ones that it is in."""
    zones_of: Mapping[str, tuple[str, ...]]
    """The zones that each connector id is in, its own first."""
    _reach: Mapping[str, tuple[int, ...]]
    """All links from each zone up to its root."""
    _loads: dict[tuple[str, tuple[int, ...]], tuple[int, ...]] = field(
        default_factory=dict, compare=False, repr=False
    )
    _shared: dict[tuple[int, ...], tuple[int, ...]] = field(
        default_factory=dict, compare=False, repr=False
    )
    """Each set of loads once: the same object compares at once."""

    @classmethod
    def of(cls, site: Site) -> Plan:
        """Return the plan of a site."""
        upward = sorted(site.zones, key=lambda zone: -len(site.path(zone.id)))
        links = tuple(link for zone in upward for link in _links_in(zone))
        index = {link: number for number, link in enumerate(links)}
        own = {zone.id: tuple(index[link] for link in _links_in(zone)) for zone in site.zones}
        groups = _groups_of(site)
        lineage: list[frozenset[int]] = []
        for number, group in enumerate(groups):
            outer = frozenset[int]() if group.parent is None else lineage[group.parent]
            lineage.append(outer | {number})
        paths = {zone.id: site.path(zone.id) for zone in site.zones}
        numbers = {group.zone: number for number, group in enumerate(groups)}
        return cls(
            links=links,
            above=tuple(_link_above(link, site, index) for link in links),
            groups=groups,
            group_of={
                connector: next(numbers[step] for step in paths[zone] if step in numbers)
                for connector, zone in site.zone_of.items()
            },
            lineage=tuple(lineage),
            zones_of={connector: paths[zone] for connector, zone in site.zone_of.items()},
            _reach={
                zone: tuple(link for step in path for link in own[step])
                for zone, path in paths.items()
            },
        )

    @classmethod
    def flat(cls, zone: Zone, connectors: Iterable[str]) -> Self:
        """Return a plan in which connectors share what one zone has, whatever is between."""
        links = tuple(Link(zone.id, phase) for phase in PHASES)
        members = list(connectors)
        return cls(
            links=links,
            above=(None,) * len(links),
            groups=(Group(zone.id, *_rule(zone), None),),
            group_of=dict.fromkeys(members, 0),
            lineage=(frozenset({0}),),
            zones_of=dict.fromkeys(members, (zone.id,)),
            _reach={zone.id: PHASES},
        )

    def links_of(self, connector_id: str, phases: tuple[int, ...]) -> tuple[int, ...]:
        """Return the links that a connector loads by drawing on some phases, its own zone first.

        What is drawn from all three phases alike unbalances none of them.
        """
        loads = self._loads.get((connector_id, phases))
        if loads is None:
            loads = self._find_loads(self.zones_of[connector_id][0], phases)
            self._loads[connector_id, phases] = loads
        return loads

    def _find_loads(self, zone: str, phases: tuple[int, ...]) -> tuple[int, ...]:
        balanced = set(phases) == set(PHASES)
        loads = tuple(
            number
            for number in self._reach[zone]
            if (link := self.links[number]).phase in phases
            and not (balanced and link.kind is LinkKind.UNBALANCE)
        )
        return self._shared.setdefault(loads, loads)

    def headroom(
        self,
        budgets: Mapping[str, PerPhase],
        unbalance: Mapping[str, PerPhase] | None = None,
    ) -> list[int]:
        """Return the room on each link in deciamps, never below 0.

        Both mappings go from zone id to A per phase; what is not in `unbalance` is unlimited.
        """
        rooms = {zone: _room(budget) for zone, budget in budgets.items()}
        single = {zone: _room(most) for zone, most in (unbalance or {}).items()}
        return [
            rooms[link.zone][link.phase]
            if link.kind is LinkKind.CURRENT
            else single.get(link.zone, _ENDLESS)[link.phase]
            for link in self.links
        ]

    def total(
        self, currents: Mapping[str, float], phases: Mapping[str, tuple[int, ...]]
    ) -> list[int]:
        """Return the sum of the connectors' currents in A on each link, in deciamps."""
        totals = [0] * len(self.links)
        for connector, current in currents.items():
            if current:
                ticks = round_up(current)
                for link in self.links_of(connector, phases[connector]):
                    totals[link] += ticks
        return totals


def _room(amperes: PerPhase) -> tuple[int, ...]:
    return tuple([max(0, round_down(current)) for current in amperes])


def _links_in(zone: Zone) -> list[Link]:
    kinds = [LinkKind.CURRENT] if zone.unbalance is None else list(LinkKind)
    return [Link(zone.id, phase, kind) for kind in kinds for phase in PHASES]


def _link_above(link: Link, site: Site, index: Mapping[Link, int]) -> int | None:
    above = (Link(step, link.phase, link.kind) for step in site.path(link.zone)[1:])
    return next((index[candidate] for candidate in above if candidate in index), None)


def _groups_of(site: Site) -> tuple[Group, ...]:
    """Return the groups, the outer ones first: roots, and zones that change the mode."""
    groups: list[Group] = []
    number_of: dict[str, int] = {}
    for zone in sorted(site.zones, key=lambda zone: len(site.path(zone.id))):
        outer = None if zone.parent is None else number_of[zone.parent]
        mode, share = _rule(zone)
        if outer is not None:
            above = groups[outer]
            if zone.sharing is None or (mode, share) == (above.mode, above.fifo_share):
                number_of[zone.id] = outer
                continue
        number_of[zone.id] = len(groups)
        groups.append(Group(zone.id, mode, share, outer))
    return tuple(groups)


def _rule(zone: Zone) -> tuple[SharingMode, float]:
    """Return the mode of a zone and the part of the current that goes by arrival."""
    mode = zone.sharing or SharingMode.EQUAL
    match mode:
        case SharingMode.EQUAL:
            return mode, 0.0
        case SharingMode.FIFO:
            return mode, 1.0
        case SharingMode.COMBINED:
            return mode, zone.fifo_share
