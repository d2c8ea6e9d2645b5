"""How long sharing takes: `python -m benchmarks.allocator --help`.

Beside it a whole step of a running controller, and acnportal's round robin on the same instances
where that package can be imported. It needs `setuptools<81`, so it is best kept apart:
`pip install --target DIR acnportal "setuptools<81"`, then run with `PYTHONPATH=DIR`.
Times are of the processor, so that what else runs on the machine counts less.
"""

import argparse
import gc
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from statistics import median
from time import process_time

from benchmarks.instances import Instance, car_park
from benchmarks.markdown import head, line, percentile
from benchmarks.round_robin import has_acnportal, round_robin
from custom_components.headroom.engine.controller import SiteController
from custom_components.headroom.engine.currents import PHASES, PerPhase
from custom_components.headroom.engine.sharing.allocation import allocate
from custom_components.headroom.engine.sharing.plan import to_amperes
from custom_components.headroom.engine.site.model import Connector, Meter, Site, Supply, Zone
from custom_components.headroom.engine.snapshot import (
    ConnectorReading,
    ConnectorStatus,
    MeterReading,
    Snapshot,
)

SIZES = (5, 30, 100, 1000, 10_000)
AIMS = {100: 0.4, 1000: 3.0, 10_000: 35.0}
"""Longest median of sharing, in ms, at so many connectors."""
STEP_AIMS = {100: 5.0, 1000: 60.0}
"""The same for a whole step."""
START = 20
"""Steps that do not count."""
HOUSE = 20.0
"""Other loads of the site, in A per phase."""
COLUMNS = ("connectors", "allocate median ms", "p99 ms", "step median ms", "p99 ms", "round robin")
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def times(function: Callable[[], object], seconds: float, least: int = 10) -> list[float]:
    """Return how long single runs take, in ms; the first one does not count."""
    function()
    taken: list[float] = []
    end = process_time() + seconds
    while len(taken) < least or process_time() < end:
        start = process_time()
        function()
        taken.append(1000 * (process_time() - start))
    return taken


class Park:
    """A contested site with a metered main board: cars draw what they were offered before."""

    def __init__(self, instance: Instance) -> None:
        """Start with everything at 0."""
        self.site = contested(instance)
        self._controller = SiteController(self.site)
        self._wants = {claim.connector: to_amperes(claim.cap) for claim in instance.claims}
        self._offers = dict.fromkeys(self.site.connector_by_id, 0.0)
        self._changed_at = dict.fromkeys(self.site.connector_by_id, NOW)
        self._now = NOW

    def look(self) -> Snapshot:
        """Let a second pass and return what there is to be seen."""
        self._now += timedelta(seconds=1)
        connectors = {c.id: self._reading(c) for c in self.site.connectors}
        total = [HOUSE] * len(PHASES)
        for connector in self.site.connectors:
            for phase in connector.wiring.phases:
                total[phase] += self._draw(connector)
        meter = MeterReading(currents=PerPhase(*total), at=self._now)
        return Snapshot(now=self._now, meters={"main": meter}, connectors=connectors)

    def step(self, snapshot: Snapshot) -> None:
        """Decide, and tell the chargers."""
        for key, setpoint in self._controller.step(snapshot).setpoints.items():
            if setpoint.current != self._offers[key]:
                self._offers[key], self._changed_at[key] = setpoint.current, self._now

    def _draw(self, connector: Connector) -> float:
        return min(self._wants[connector.id], self._offers[connector.id])

    def _reading(self, connector: Connector) -> ConnectorReading:
        terminals = len(connector.wiring.phases)
        return ConnectorReading(
            online=True,
            status=ConnectorStatus.CHARGING,
            drawn=PerPhase.on(PHASES[:terminals], self._draw(connector)),
            drawn_at=self._now,
            per_phase=True,
            confirmed=self._offers[connector.id],
            confirmed_at=self._changed_at[connector.id],
        )


def contested(instance: Instance) -> Site:
    """Return the site of an instance with limits that leave what the instance has to share."""
    limits: dict[str, list[float]] = {zone.id: [0.0] * len(PHASES) for zone in instance.site.zones}
    for room, link in zip(instance.headroom, instance.plan.links, strict=True):
        limits[link.zone][link.phase] = to_amperes(room)
    zones: dict[str, Zone] = {}
    for zone in instance.site.zones:
        limit = PerPhase(*limits[zone.id])
        if zone.parent is None:
            limit += PerPhase.same(HOUSE)
            zones[zone.id] = replace(zone, limit=limit, supply=Supply.DYNAMIC)
        else:
            zones[zone.id] = replace(zone, limit=limit.lowest(zones[zone.parent].limit))
    return replace(
        instance.site, zones=tuple(zones.values()), meters=(Meter(id="main", zone="main"),)
    )


def step_times(instance: Instance, seconds: float, least: int = 10) -> list[float]:
    """Return how long single steps of a running controller take, in ms.

    The first ones, in which everything starts, do not count.
    """
    park = Park(instance)
    for _ in range(START):
        park.step(park.look())
    taken: list[float] = []
    while len(taken) < least or sum(taken) < 1000 * seconds:
        snapshot = park.look()
        start = process_time()
        park.step(snapshot)
        taken.append(1000 * (process_time() - start))
    return taken


def measure(size: int, arguments: argparse.Namespace) -> tuple[str, float, float]:
    """Return a row of the table, and the median times of sharing and of a step in ms."""
    allocation: list[float] = []
    step: list[float] = []
    ratios: list[float] = []
    for seed in range(arguments.seed, arguments.seed + arguments.instances):
        instance = car_park(size, seed)
        own = times(
            lambda: allocate(instance.plan, instance.headroom, instance.claims),  # noqa: B023
            arguments.seconds,
        )
        allocation += own
        step += step_times(instance, arguments.seconds)
        if has_acnportal() and size <= arguments.round_robin:
            ratios.append(median(times(round_robin(instance), 0, least=1)) / median(own))
    cells = [str(size)]
    for taken in (allocation, step):
        cells += [f"{median(taken):.3f}", f"{percentile(sorted(taken), 0.99):.3f}"]
    cells.append(f"{median(ratios):.0f}x" if ratios else "-")
    return line(cells), median(allocation), median(step)


def compare(what: str, taken: Mapping[int, float], aims: Mapping[int, float]) -> None:
    """Print which aims are met; ms by number of connectors."""
    for size, aim in aims.items():
        if size in taken:
            word = "met" if taken[size] <= aim else "NOT MET"
            print(f"{word}: {what}, {size} connectors, within {aim:g} ms ({taken[size]:.2f} ms)")


def main() -> None:
    """Print the table and which aims are met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--instances", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0, help="the first seed")
    parser.add_argument("--seconds", type=float, default=0.5, help="for each figure and instance")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument(
        "--round-robin",
        type=int,
        default=100,
        help="the largest size to compare; at 1000 one run takes a minute",
    )
    arguments = parser.parse_args()
    if not has_acnportal():
        print("acnportal is not installed; its round robin is left out.\n")
    # A full collection of all that Home Assistant loads would take longer than most steps.
    gc.collect()
    gc.freeze()
    print(head(COLUMNS))
    sharing: dict[int, float] = {}
    step: dict[int, float] = {}
    for size in arguments.sizes:
        text, sharing[size], step[size] = measure(size, arguments)
        print(text, flush=True)
    print()
    compare("sharing", sharing, AIMS)
    compare("a step", step, STEP_AIMS)


if __name__ == "__main__":
    main()
