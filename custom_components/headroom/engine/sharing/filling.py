"""Progressive filling: raise everybody together until a cap or a full link stops them.

All currents are whole deciamps. Shares that load the same links in the same steps rise as one
bundle. Links that could carry everybody's cap are left out of the search, for they stop nobody.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from math import inf


@dataclass(slots=True, eq=False)
class Share:
    """What one admitted connector has got so far, between its entry and its cap."""

    connector: str
    links: tuple[int, ...]
    order: int
    """Place in the order of rank."""
    arrival: tuple[object, ...]
    phases: int
    step: int
    entry: int
    cap: int
    level: int

    @property
    def next(self) -> int:
        """Return the lowest setpoint above the present one."""
        return (self.level // self.step + 1) * self.step

    def move(self, level: int, slack: list[int]) -> None:
        """Change the level at the cost of the links."""
        more = level - self.level
        for link in self.links:
            slack[link] -= more
        self.level = level


@dataclass(slots=True, eq=False)
class Bundle:
    """Shares below their caps that load the same links in the same steps, in order of rank."""

    links: tuple[int, ...]
    step: int
    members: list[Share] = field(default_factory=list)
    lack: int = 0
    """What they are all together below their caps."""
    tight: tuple[int, ...] = ()
    """Those of the links that may stop them."""
    risers: int = 0
    water: int | None = None
    """The level at which a full link has stopped them."""


def fill(shares: Iterable[Share], slack: list[int], above: Sequence[int | None]) -> list[Bundle]:
    """Raise shares to their equal levels, rounded down to steps; return who was stopped.

    `above` says for each link which one lies above it; the upper one has the higher number.
    """
    bundles = _bundles(shares)
    tight = _tight_links(bundles, slack, above)
    held = []
    for bundle in bundles:
        bundle.tight = tuple([link for link in bundle.links if link in tight])
        if bundle.tight:
            held.append(bundle)
    _Flood(held, slack).run()
    for bundle in bundles:
        _settle(bundle, slack)
    return [bundle for bundle in held if bundle.water is not None]


def _bundles(shares: Iterable[Share]) -> list[Bundle]:
    bundles: dict[tuple[tuple[int, ...], int], Bundle] = {}
    for share in shares:
        if share.level < share.cap:
            key = (share.links, share.step)
            bundle = bundles.get(key)
            if bundle is None:
                bundle = bundles[key] = Bundle(share.links, share.step)
            bundle.members.append(share)
            bundle.lack += share.cap - share.level
    return list(bundles.values())


def _tight_links(
    bundles: Iterable[Bundle], slack: Sequence[int], above: Sequence[int | None]
) -> set[int]:
    """Return the links that may stop somebody whom no link below has stopped."""
    wanted = [0] * len(slack)
    for bundle in bundles:
        for link in bundle.links:
            wanted[link] += bundle.lack
    tight = set()
    for link, upper in enumerate(above):
        more = wanted[link]
        if more > slack[link]:
            tight.add(link)
            if upper is not None:
                wanted[upper] -= min(more, more - slack[link])
    return tight


def _settle(bundle: Bundle, slack: list[int]) -> None:
    """Give the members what the water allows, on the grid of their step."""
    water = None if bundle.water is None else bundle.water // bundle.step * bundle.step
    raised = 0
    for share in bundle.members:
        level = share.cap if water is None or share.cap < water else water
        if level > share.level:
            raised += level - share.level
            share.level = level
    if raised:
        for link in bundle.links:
            slack[link] -= raised


class _Flood:
    """The rise by events: a share joins at its entry, leaves at its cap, or a link is full.

    At a level, a link has left its `_reach` less its `_rate`, the number of its risers, times the
    level.
    """

    def __init__(self, bundles: Sequence[Bundle], slack: Sequence[int]) -> None:
        self._bundles = bundles
        self._reach = list(slack)
        self._rate = [0] * len(slack)
        self._on: list[list[Bundle]] = [[] for _ in slack]
        self._full: list[tuple[int, int]] = []
        for bundle in bundles:
            for link in bundle.tight:
                self._on[link].append(bundle)

    def run(self) -> None:
        """Find the level at which each bundle is stopped."""
        events = self._events()
        for level in sorted(events):
            self._stop_below(level)
            self._change(level, events[level])
        self._stop_below(inf)

    def _events(self) -> Mapping[int, Mapping[Bundle, int]]:
        """Return by how much the number of risers of each bundle changes at each level."""
        events: defaultdict[int, dict[Bundle, int]] = defaultdict(dict)
        for bundle in self._bundles:
            for share in bundle.members:
                joining, leaving = events[share.level], events[share.cap]
                joining[bundle] = joining.get(bundle, 0) + 1
                leaving[bundle] = leaving.get(bundle, 0) - 1
        return events

    def _change(self, level: int, changes: Mapping[Bundle, int]) -> None:
        reach, rate = self._reach, self._rate
        joined: set[int] = set()
        for bundle, count in changes.items():
            if bundle.water is None:
                bundle.risers += count
                more = count * level
                for link in bundle.tight:
                    rate[link] += count
                    reach[link] += more
                if count > 0:
                    joined.update(bundle.tight)
        for link in joined:
            self._watch(link, level)

    def _stop_below(self, level: float) -> None:
        """Stop whoever rises on a link that is full below a level.

        Links full at one level stop their risers at once, so that no order of links counts.
        """
        full, reach, rate = self._full, self._reach, self._rate
        while full and full[0][0] < level:
            at = full[0][0]
            stopped: dict[Bundle, int] = {}
            charged: set[int] = set()
            while full and full[0][0] == at:
                link = heappop(full)[1]
                rest = reach[link] - at * rate[link]
                if rest >= rate[link]:
                    self._watch(link, at)
                    continue
                risers = [bundle for bundle in self._on[link] if bundle.risers]
                for bundle in risers:
                    stopped[bundle] = -bundle.risers
                if rest > 0:
                    charged.update(self._keep(rest, risers))
            if stopped:
                self._change(at, stopped)
            for bundle in stopped:
                bundle.water = at
            for link in charged:
                self._watch(link, at)

    def _keep(self, rest: int, risers: Iterable[Bundle]) -> list[int]:
        """Keep what a full link could not divide, wherever its risers are sure to take it.

        Each takes one more at most: a link is sure of what those who do not load it leave.
        """
        loading: defaultdict[int, int] = defaultdict(int)
        total = 0
        for bundle in risers:
            total += bundle.risers
            for link in bundle.tight:
                loading[link] += bundle.risers
        kept = [link for link, count in loading.items() if rest > total - count]
        for link in kept:
            self._reach[link] -= rest - (total - loading[link])
        return kept

    def _watch(self, link: int, level: int) -> None:
        """Look at a link again when it may be full."""
        rate = self._rate[link]
        if rate:
            heappush(self._full, (max(level, self._reach[link] // rate), link))
