"""How near plans come to the exact optimum, and how long they take.

`python -m benchmarks.planning --help`
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

from benchmarks.markdown import head, line
from benchmarks.planning_instances import instance
from benchmarks.planning_reference import Optimum
from benchmarks.planning_reference import solve as solve_exactly
from custom_components.headroom.planner.solve import solve

SIZES = (5, 10, 20)
SAME_ENERGY = 0.06
"""kWh; costs are compared where no more than this differs."""
COLUMNS = (
    "cars",
    "instances",
    "planned in s med (max)",
    "HiGHS in s med (max)",
    "HiGHS out of time",
    "compared",
    "cost above HiGHS med (max)",
    "unmet kWh",
    "of HiGHS",
)


@dataclass(frozen=True, slots=True)
class Comparison:
    """One instance, planned both ways."""

    seconds: float
    cost: float
    unmet: float
    """kWh at the meters."""
    exact_seconds: float
    optimum: Optimum

    @property
    def gap(self) -> float | None:
        """Return by which part the plan costs more, if as much is charged."""
        if abs(self.unmet - self.optimum.unmet) > SAME_ENERGY or not self.optimum.exact:
            return None
        return (self.cost - self.optimum.cost) / abs(self.optimum.cost)


def compare(size: int, seed: int, limit: float) -> Comparison:
    """Plan an instance both ways."""
    task = instance(size, seed)
    began = process_time()
    plan = solve(task)
    seconds = process_time() - began
    unmet = sum(sum(plan.cars[car.id].lacking) / car.efficiency for car in task.cars) / 1000
    began = perf_counter()
    optimum = solve_exactly(task, limit)
    assert optimum is not None
    return Comparison(seconds, plan.cost, unmet, perf_counter() - began, optimum)


def row(size: int, results: Sequence[Comparison]) -> str:
    """Return a row of the table for the comparisons of one size."""
    gaps = [result.gap for result in results if result.gap is not None]
    return line(
        map(
            str,
            (
                size,
                len(results),
                _spread([result.seconds for result in results]),
                _spread([result.exact_seconds for result in results]),
                sum(not result.optimum.exact for result in results),
                len(gaps),
                f"{median(gaps):.2%} ({max(gaps):.2%})" if gaps else "-",
                f"{sum(result.unmet for result in results):.1f}",
                f"{sum(result.optimum.unmet for result in results):.1f}",
            ),
        )
    )


def store(path: Path, seconds: float) -> None:
    """Write the optimum of some instances, for tests that have no time for a solver."""
    solved = []
    for size, seed in product(SIZES, range(6)):
        optimum = solve_exactly(instance(size, seed), seconds)
        if optimum is not None and optimum.exact:
            record = {"size": size, "seed": seed}
            solved.append(record | {"cost": optimum.cost, "unmet": round(optimum.unmet, 3)})
    lines = ",\n".join(json.dumps(item) for item in solved)
    path.write_text(f"[\n{lines}\n]\n")


def _spread(seconds: Sequence[float]) -> str:
    return f"{median(seconds):.2f} ({max(seconds):.2f})"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--instances", type=int, default=40, help="of each size")
    parser.add_argument("--seed", type=int, default=0, help="the first seed")
    parser.add_argument("--seconds", type=float, default=30, help="that HiGHS has at most")
    parser.add_argument("--store", type=Path, help="write optima for the tests to this file")
    arguments = parser.parse_args()
    if arguments.store:
        store(arguments.store, arguments.seconds)
        return
    seeds = range(arguments.seed, arguments.seed + arguments.instances)
    print(head(COLUMNS))
    for size in SIZES:
        results = [compare(size, seed, arguments.seconds) for seed in seeds]
        print(row(size, results), flush=True)


if __name__ == "__main__":
    main()
