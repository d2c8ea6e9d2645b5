"""A month of a capacity tariff: `python -m benchmarks.capacity --help`."""

import argparse
from concurrent.futures import ProcessPoolExecutor
from typing import Final

from benchmarks.closed_loop import seeds_in
from benchmarks.markdown import head, line

from .month import Outcome, Task, run
from .sites import SITES

_COLUMNS: Final = (
    "site",
    "seed",
    "periods",
    "above, by other loads alone",
    "above, with cars",
    "worst W above",
    "worst %",
    "use of what was free %",
    "highest average kW",
    "stops a day and car",
    "setpoints a day and car",
    "switches a day, most",
    "unmet kWh",
)


def row(task: Task, outcome: Outcome) -> str:
    """Return the line of a month."""
    visits = task.days * len(SITES[task.site].household.cars)
    worst = max(outcome.exceeded, key=outcome.above, default=None)
    above = 0.0 if worst is None else outcome.above(worst)
    highest = max(one.house + one.cars for one in outcome.periods) / outcome.seconds
    cells = (
        task.site,
        f"{task.seed}",
        f"{len(outcome.periods)}",
        f"{sum(map(outcome.by_house, outcome.periods))}",
        f"{len(outcome.exceeded)}",
        f"{above:.0f}",
        f"{0.0 if worst is None else 100 * above / worst.allowed:.1f}",
        f"{100 * outcome.use:.1f}",
        f"{highest / 1000:.2f}",
        f"{outcome.stops / visits:.1f}",
        f"{outcome.setpoints / visits:.0f}",
        f"{outcome.switches}",
        f"{outcome.unmet:.0f}",
    )
    return line(cells)


def main(words: list[str] | None = None) -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=31)
    parser.add_argument("--seed", type=seeds_in, default=[11], metavar="SEEDS")
    parser.add_argument("--site", action="append", choices=SITES)
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args(words)
    tasks = [
        Task(site=site, seed=seed, days=arguments.days)
        for site in arguments.site or SITES
        for seed in arguments.seed
    ]
    print(head(_COLUMNS))
    with ProcessPoolExecutor(arguments.jobs) as pool:
        for task, outcome in zip(tasks, pool.map(run, tasks), strict=True):
            print(row(task, outcome), flush=True)


if __name__ == "__main__":
    main()
