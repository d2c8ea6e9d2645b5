"""How near sharing comes to the exact optimum: `python -m benchmarks.optimality --help`."""

import argparse
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.instances import Instance, random_tree
from benchmarks.markdown import head, line
from benchmarks.reference import solve
from custom_components.headroom.engine.sharing.allocation import allocate

SIZES = (5, 10, 20, 30)
LARGE = 100
COLUMNS = (
    "n",
    "instances",
    "same active set",
    "infeasible",
    "not work-conserving",
    "identical leximin vector",
    "worst element gap A",
    "phase-amps / reference med (min)",
    "below 0.995",
)


@dataclass(frozen=True, slots=True)
class Comparison:
    """One instance: what sharing gives beside the optimum."""

    size: int
    same_set: bool
    feasible: bool
    conserving: bool
    identical: bool
    gap: float
    """Largest difference of the sorted vectors, in A."""
    power: float
    """Phase-amperes, as a part of the reference's."""


def compare(size: int, seed: int) -> Comparison:
    """Solve an instance both ways."""
    instance = random_tree(size, seed)
    grants = allocate(instance.plan, instance.headroom, instance.claims)
    ours = {key: grant.current for key, grant in grants.items()}
    best = solve(instance)
    slack = _slack(instance, ours)
    gaps = [abs(a - b) for a, b in zip(sorted(ours.values()), sorted(best.values()), strict=True)]
    power = sum(len(claim.phases) * best[claim.connector] for claim in instance.claims)
    return Comparison(
        size=size,
        same_set=all((ours[key] > 0) == (best[key] > 0) for key in best),
        feasible=min(slack) >= 0,
        conserving=not any(_could_rise(instance, key, ours, slack) for key in range(size)),
        identical=max(gaps) == 0,
        gap=max(gaps) / 10,
        power=sum(len(claim.phases) * ours[claim.connector] for claim in instance.claims) / power
        if power
        else 1.0,
    )


def _slack(instance: Instance, currents: dict[str, int]) -> list[int]:
    slack = list(instance.headroom)
    for claim in instance.claims:
        for link in instance.plan.links_of(claim.connector, claim.phases):
            slack[link] -= currents[claim.connector]
    return slack


def _could_rise(
    instance: Instance, index: int, currents: dict[str, int], slack: Sequence[int]
) -> bool:
    claim = instance.claims[index]
    current = currents[claim.connector]
    more = claim.step if current else claim.entry
    links = instance.plan.links_of(claim.connector, claim.phases)
    return current + more <= claim.cap and all(slack[link] >= more for link in links)


def row(results: Sequence[Comparison]) -> str:
    """Return a row of the table for the comparisons of one size."""
    powers = [result.power for result in results]
    cells = (
        results[0].size,
        len(results),
        _percent(result.same_set for result in results),
        sum(not result.feasible for result in results),
        sum(not result.conserving for result in results),
        _percent(result.identical for result in results),
        f"{max(result.gap for result in results):g}",
        f"{median(powers):.4f} ({min(powers):.4f})",
        sum(power < 0.995 for power in powers),
    )
    return line(map(str, cells))


def _percent(flags: Iterable[bool]) -> str:
    values = list(flags)
    return f"{100 * sum(values) / len(values):.1f} %"


type Aim = tuple[str, Callable[[Sequence[Comparison]], bool]]

AIMS: Sequence[Aim] = (
    ("active set as by rank in all", lambda all_: all(result.same_set for result in all_)),
    ("none infeasible", lambda all_: all(result.feasible for result in all_)),
    ("all work-conserving", lambda all_: all(result.conserving for result in all_)),
    ("identical vector in 90 % for each n up to 30", lambda all_: _identical(all_) >= 0.9),
    ("no element more than one step off", lambda all_: max(r.gap for r in all_) <= 1),
    ("phase-amps at least 0.995 in all", lambda all_: min(r.power for r in all_) >= 0.995),
)


def _identical(results: Sequence[Comparison]) -> float:
    """Return the part of identical vectors at the size where it is lowest."""
    sizes = {result.size for result in results if result.size < LARGE}
    parts = []
    for size in sizes:
        flags = [result.identical for result in results if result.size == size]
        parts.append(sum(flags) / len(flags))
    return min(parts, default=1.0)


def store(path: Path) -> None:
    """Write the optimum of some instances, for tests that have no solver."""
    solved = []
    for size in SIZES:
        for seed in range(10):
            instance = random_tree(size, seed)
            best = solve(instance)
            solved.append(record(instance, best) | {"size": size, "seed": seed})
    lines = ",\n".join(json.dumps(item) for item in solved)
    path.write_text(f"[\n{lines}\n]\n")


def record(instance: Instance, best: Mapping[str, int]) -> dict[str, object]:
    """Return what a test can compare; deciamps."""
    return {
        "suspended": sorted(key for key, current in best.items() if not current),
        "vector": sorted(best.values()),
        "phase_amperes": sum(
            len(claim.phases) * best[claim.connector] for claim in instance.claims
        ),
    }


def main() -> None:
    """Print the table and which aims are met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--instances", type=int, default=125, help="of 5 to 30 connectors each")
    parser.add_argument("--large", type=int, default=50, help="of 100 connectors")
    parser.add_argument("--seed", type=int, default=0, help="the first seed")
    parser.add_argument("--store", type=Path, help="write optima for the tests to this file")
    arguments = parser.parse_args()
    if arguments.store:
        store(arguments.store)
        return
    results: list[Comparison] = []
    print(head(COLUMNS))
    counts = {**dict.fromkeys(SIZES, arguments.instances), LARGE: arguments.large}
    for size, count in counts.items():
        of_size = [compare(size, arguments.seed + number) for number in range(count)]
        if of_size:
            print(row(of_size), flush=True)
        results += of_size
    print()
    for name, is_met in AIMS:
        print(f"{'met' if is_met(results) else 'NOT MET'}: {name}")


if __name__ == "__main__":
    main()
