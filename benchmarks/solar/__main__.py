"""A year of sun under several rules: `python -m benchmarks.solar --help`."""

import argparse
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import chain
from pathlib import Path
from typing import Final

from benchmarks.closed_loop import seeds_in
from benchmarks.markdown import head, line
from custom_components.headroom.engine.when.permit import SunMode

from .diary import Diary
from .grid import DAYS_PER_WEEK
from .households import HOUSEHOLDS
from .rules.line_up import RULES
from .sky import Weather
from .trial import Outcome, Task, joined, run
from .year import mondays

_MODES: Final = [mode.value for mode in SunMode if mode is not SunMode.OFF]
_WEATHERS: Final = {weather.name.lower(): weather for weather in Weather}
_COLUMNS: Final = (
    "rule",
    "solar kWh",
    "of best %",
    "of best with holds %",
    "of usable %",
    "grid kWh",
    "late grid kWh",
    "self-consumption %",
    "starts a week",
    "stops per plug-in and day mean",
    "max",
    "switches a day mean",
    "max",
    "unmet kWh",
    "setpoints/h",
)


def row(outcome: Outcome) -> str:
    """Return the line of one rule, with energies as they are in a year."""
    solar, days = outcome.energies.solar, len(outcome.switches)
    cells = (
        outcome.rule,
        f"{outcome.yearly(solar):.0f}",
        *(_share(solar, most) for most in (outcome.best, outcome.holding, outcome.usable)),
        f"{outcome.yearly(outcome.energies.grid):.0f}",
        f"{outcome.yearly(outcome.energies.late):.1f}",
        f"{100 * outcome.used / outcome.sun:.1f}",
        f"{outcome.starts / outcome.weeks:.1f}",
        f"{sum(outcome.stops) / len(outcome.stops):.2f}",
        f"{max(outcome.stops)}",
        f"{sum(outcome.switches) / days:.2f}",
        f"{max(outcome.switches)}",
        f"{outcome.yearly(outcome.unmet):.0f}",
        f"{outcome.setpoints / outcome.plugged:.1f}",
    )
    return line(cells)


def _share(part: float, whole: float) -> str:
    return f"{100 * part / whole:.1f}" if whole else "-"


def print_table(title: str, outcomes: Iterable[Outcome]) -> None:
    """Print what each rule came to."""
    print(f"\n**{title}**\n")
    print(head(_COLUMNS))
    for outcome in joined(outcomes).values():
        print(row(outcome), flush=True)


def tasks_of(arguments: argparse.Namespace, household: str, mode: str) -> list[Task]:
    """Return the weeks of one table."""
    return [
        Task(
            household=household,
            mode=SunMode(mode),
            rules=tuple(arguments.rule or RULES),
            begin=begin,
            seed=seed,
            weather=_WEATHERS.get(arguments.weather),
        )
        for seed in arguments.seed
        for begin in mondays(arguments.days)
    ]


def outcomes_of(tasks: Iterable[Task], jobs: int) -> Iterator[list[Outcome]]:
    """Iterate over what each task came to."""
    if jobs == 1:
        yield from map(run, tasks)
    else:
        with ProcessPoolExecutor(jobs) as pool:
            yield from pool.map(run, tasks)


def live_through(tasks: Sequence[Task], diary: Diary, jobs: int) -> Iterable[Outcome]:
    """Return what each rule came to in each week; the diary keeps it."""
    ahead = [task for task in map(diary.missing, tasks) if task.rules]
    for task, outcomes in zip(ahead, outcomes_of(ahead, jobs), strict=True):
        diary.note(task, outcomes)
    return chain.from_iterable(map(diary.outcomes, tasks))


def main(words: list[str] | None = None) -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=9 * DAYS_PER_WEEK, help="in whole weeks")
    parser.add_argument("--seed", type=seeds_in, default=[1], metavar="SEEDS")
    parser.add_argument("--mode", action="append", choices=_MODES)
    parser.add_argument("--household", action="append", choices=HOUSEHOLDS)
    parser.add_argument("--rule", action="append", choices=RULES)
    parser.add_argument("--weather", choices=_WEATHERS, help="the same on all days")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--diary", type=Path, help="file that keeps each week, to go on later")
    arguments = parser.parse_args(words)
    diary = Diary(arguments.diary)
    for household in arguments.household or HOUSEHOLDS:
        for mode in arguments.mode or _MODES:
            tasks = tasks_of(arguments, household, mode)
            print_table(f"{household}, {mode}", live_through(tasks, diary, arguments.jobs))


if __name__ == "__main__":
    main()
