"""How controllers fare on identical plants: `python -m benchmarks.closed_loop --help`."""

import argparse
import statistics
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from itertools import groupby

from benchmarks import step_response
from benchmarks.markdown import head, line, percentile
from benchmarks.peers.line_up import CONTROLLERS, ONE_CHARGER_ONLY
from simulator.trial.controller import Controller, Installation
from simulator.trial.ideal import HALF_CYCLE, charge_at_best
from simulator.trial.scenarios import SCENARIOS
from simulator.trial.world import Fate, World, draw_fate

COLUMNS = (
    "controller",
    "A·s over /h",
    "max excursion A",
    "over events/h",
    "recover median s",
    "p95 s",
    "max s",
    "trip damage (1=trip)",
    "E/ideal 1 s",
    "E/ideal 30 s",
    "setpoints/h/EV",
    "pauses/h/EV",
)

IDEALS = {
    "same": "E/ideal: the ideal has the same cars, which draw up to 0.6 A less than their offer.",
    "perfect": "E/ideal: the ideal has cars that draw all of their offer.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One trial."""

    scenario: str
    controller: str
    seed: int
    hours: float
    perfect: bool = False
    """Whether the clairvoyants' cars take all of what they are offered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one trial came to; rates per hour and charger where their names say so."""

    task: Task
    ampere_seconds: float
    excursion: float
    episodes: tuple[float, ...]
    damage: float
    of_ideal: float
    of_ideal_without_cycles: float
    setpoints: float
    pauses: float


def run(task: Task) -> Outcome:
    """Run one trial of the controller that the task names."""
    return run_with(task, lambda site, fate: CONTROLLERS[task.controller](site, fate.house))


def run_with(task: Task, maker: Callable[[Installation, Fate], Controller]) -> Outcome:
    """Run one trial of any controller."""
    scenario = SCENARIOS[task.scenario]
    seconds = task.hours * 3600
    site = scenario.installation
    fate = draw_fate(scenario, task.seed, seconds)
    world = World(scenario, fate, maker(site, fate))
    world.run()
    best = _of_perfect_cars(fate) if task.perfect else fate
    visits = task.hours * len(world.chargers)
    return Outcome(
        task=task,
        ampere_seconds=world.tally.ampere_seconds / task.hours,
        excursion=world.tally.excursion,
        episodes=tuple(world.tally.episodes),
        damage=world.tally.damage,
        of_ideal=world.tally.charge / charge_at_best(site, best, seconds, 0.0),
        of_ideal_without_cycles=world.tally.charge
        / charge_at_best(site, best, seconds, HALF_CYCLE),
        setpoints=sum(charger.commands for charger in world.chargers) / visits,
        pauses=sum(charger.pauses for charger in world.chargers) / visits,
    )


def _of_perfect_cars(fate: Fate) -> Fate:
    return replace(fate, traits=tuple(replace(traits, undershoot=0.0) for traits in fate.traits))


def row(outcomes: Sequence[Outcome]) -> str:
    """Return the line of one controller: means of rates, the highest of peaks."""
    episodes = sorted(seconds for outcome in outcomes for seconds in outcome.episodes) or [0.0]
    hours = sum(outcome.task.hours for outcome in outcomes)
    cells = (
        outcomes[0].task.controller,
        f"{statistics.fmean(o.ampere_seconds for o in outcomes):.0f}",
        f"{max(o.excursion for o in outcomes):.1f}",
        f"{sum(len(o.episodes) for o in outcomes) / hours:.1f}",
        f"{statistics.median(episodes):.1f}",
        f"{percentile(episodes, 0.95):.1f}",
        f"{episodes[-1]:.0f}",
        f"{max(o.damage for o in outcomes):.2f}",
        f"{statistics.fmean(o.of_ideal for o in outcomes):.3f}",
        f"{statistics.fmean(o.of_ideal_without_cycles for o in outcomes):.3f}",
        f"{statistics.fmean(o.setpoints for o in outcomes):.0f}",
        f"{statistics.fmean(o.pauses for o in outcomes):.1f}",
    )
    return line(cells)


def seeds_in(text: str) -> list[int]:
    """Return the numbers of a range such as 11-18, or of a list such as 1,2,5."""
    if "-" in text:
        first, last = text.split("-")
        return list(range(int(first), int(last) + 1))
    return [int(number) for number in text.split(",")]


def tasks_of(arguments: argparse.Namespace) -> list[Task]:
    """Return every trial that was asked for."""
    return [
        Task(
            scenario=scenario,
            controller=controller,
            seed=seed,
            hours=arguments.hours,
            perfect=arguments.ideal == "perfect",
        )
        for scenario in arguments.scenario or SCENARIOS
        for controller in arguments.controller or CONTROLLERS
        if len(SCENARIOS[scenario].outlets) == 1 or controller not in ONE_CHARGER_ONLY
        for seed in arguments.seeds
    ]


def print_tables(outcomes: Iterable[Outcome], ideal: str = "same") -> None:
    """Print a table per scenario, and below it which cars the clairvoyants had."""
    for name, of_scenario in groupby(outcomes, key=lambda outcome: outcome.task.scenario):
        scenario = SCENARIOS[name]
        print(f"\n**{name} {scenario.title}** (limit {scenario.limit:g} A)\n")
        print(head(COLUMNS))
        for _, group in groupby(of_scenario, key=lambda outcome: outcome.task.controller):
            print(row(list(group)), flush=True)
        print(f"\n{IDEALS[ideal]}")


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=seeds_in, default=[1, 2])
    parser.add_argument("--hours", type=float, default=0.5)
    parser.add_argument("--scenario", action="append", choices=sorted(SCENARIOS))
    parser.add_argument("--controller", action="append", choices=sorted(CONTROLLERS))
    parser.add_argument("--ideal", choices=sorted(IDEALS), default="same")
    parser.add_argument("--steps", action="store_true", help="responses to one load instead")
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    with ProcessPoolExecutor(arguments.jobs) as pool:
        if arguments.steps:
            step_response.print_tables(arguments.controller, arguments.seeds, pool)
        else:
            print_tables(pool.map(run, tasks_of(arguments)), arguments.ideal)


if __name__ == "__main__":
    main()
