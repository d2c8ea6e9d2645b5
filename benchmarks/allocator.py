"""How long sharing takes: `python -m benchmarks.allocator --help`.

Beside it a whole step of the controller, and acnportal's round robin on the same instances where
that package can be imported. It needs `setuptools<81`, so it is best kept apart:
`pip install --target DIR acnportal "setuptools<81"`, then run with `PYTHONPATH=DIR`.
"""

import argparse
from collections.abc import Callable
from datetime import UTC, datetime
from statistics import median
from time import perf_counter

from benchmarks.instances import Instance, car_park
from benchmarks.markdown import head, line, percentile
from benchmarks.round_robin import has_acnportal, round_robin
from custom_components.headroom.engine.controller import SiteController
from custom_components.headroom.engine.sharing import allocate
from custom_components.headroom.engine.snapshot import ConnectorReading, ConnectorStatus, Snapshot

SIZES = (5, 30, 100, 1000, 10_000)
AIMS = {100: 0.4, 1000: 3.0, 10_000: 35.0}
"""Longest median of sharing, in ms, at so many connectors."""
COLUMNS = ("connectors", "allocate median ms", "p99 ms", "step median ms", "p99 ms", "round robin")
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def times(function: Callable[[], object], seconds: float, least: int = 10) -> list[float]:
    """Return how long single runs take, in ms; the first one does not count."""
    function()
    taken: list[float] = []
    end = perf_counter() + seconds
    while len(taken) < least or perf_counter() < end:
        start = perf_counter()
        function()
        taken.append(1000 * (perf_counter() - start))
    return taken


def step_of(instance: Instance) -> Callable[[], object]:
    """Return a whole step of a controller whose connectors all charge."""
    controller = SiteController(instance.site)
    reading = ConnectorReading(
        online=True, status=ConnectorStatus.CHARGING, confirmed=0.0, confirmed_at=NOW
    )
    snapshot = Snapshot(
        now=NOW, connectors={connector.id: reading for connector in instance.site.connectors}
    )
    return lambda: controller.step(snapshot)


def measure(size: int, arguments: argparse.Namespace) -> tuple[str, float]:
    """Return a row of the table, and the median time of sharing in ms."""
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
        step += times(step_of(instance), arguments.seconds)
        if has_acnportal() and size <= arguments.round_robin:
            ratios.append(median(times(round_robin(instance), 0, least=1)) / median(own))
    cells = [str(size)]
    for taken in (allocation, step):
        cells += [f"{median(taken):.3f}", f"{percentile(sorted(taken), 0.99):.3f}"]
    cells.append(f"{median(ratios):.0f}x" if ratios else "-")
    return line(cells), median(allocation)


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
    print(head(COLUMNS))
    taken = {}
    for size in arguments.sizes:
        text, taken[size] = measure(size, arguments)
        print(text, flush=True)
    print()
    for size, aim in AIMS.items():
        if size in taken:
            word = "met" if taken[size] <= aim else "NOT MET"
            print(f"{word}: {size} connectors within {aim:g} ms ({taken[size]:.2f} ms)")


if __name__ == "__main__":
    main()
