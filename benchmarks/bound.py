"""How good any controller can be in the trials: `python -m benchmarks.bound --help`.

A family of controllers that know all but the onsets of appliances, each with another constant
reserve, trades ampere-seconds above the limit for energy; see `benchmarks.peers.prescient` for
what that proves and what it does not.
"""

import argparse
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from statistics import fmean

from benchmarks import closed_loop
from benchmarks.closed_loop import Outcome, Task, seeds_in
from benchmarks.markdown import head, line
from benchmarks.peers.prescient import SHORTEST_GAP, Prescient
from simulator.trial.controller import Installation
from simulator.trial.scenarios import SCENARIOS
from simulator.trial.world import Fate

COLUMNS = (
    "reserve A",
    "A·s over /h",
    "E/ideal 30 s",
    "trip damage (1=trip)",
    "setpoints/h/EV",
    "pauses/h/EV",
)
RIVALS = ("reference", "headroom")
AIM = 0.95
"""Of the energy of the clairvoyant that uses no gaps shorter than 30 s."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A member of the family; without surprises it knows every use from the start."""

    reserve: float
    shortest_gap: float = SHORTEST_GAP
    look_back: float = 0.0
    surprises: bool = True

    @property
    def name(self) -> str:
        """Return how it is called in a table."""
        return f"{self.reserve:g}" if self.surprises else f"{self.reserve:g}, no surprises"

    def controller(self, site: Installation, fate: Fate) -> Prescient:
        """Build it for a trial."""
        known = fate if self.surprises else replace(fate, uses=())
        return Prescient(site, known, self.reserve, self.shortest_gap, self.look_back)


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """The mean of several trials, of damage the worst; rates per hour and charger."""

    ampere_seconds: float
    energy: float
    damage: float
    setpoints: float
    pauses: float

    @classmethod
    def of(cls, outcomes: Sequence[Outcome]) -> Point:
        """Sum up trials of one controller."""
        return cls(
            ampere_seconds=fmean(o.ampere_seconds for o in outcomes),
            energy=fmean(o.of_ideal_without_cycles for o in outcomes),
            damage=max(o.damage for o in outcomes),
            setpoints=fmean(o.setpoints for o in outcomes),
            pauses=fmean(o.pauses for o in outcomes),
        )

    def row(self, name: str) -> str:
        """Return its line of a table."""
        return line(
            (
                name,
                f"{self.ampere_seconds:.0f}",
                f"{self.energy:.3f}",
                f"{self.damage:.2f}",
                f"{self.setpoints:.0f}",
                f"{self.pauses:.1f}",
            )
        )


def run(trial: tuple[Task, Kind | None]) -> Outcome:
    """Run one trial, of a member of the family or else of the controller that the task names."""
    task, kind = trial
    return closed_loop.run(task) if kind is None else closed_loop.run_with(task, kind.controller)


def energy_at(family: Sequence[Point], ampere_seconds: float) -> float | None:
    """Return the most energy with no more than so much above the limit; None if not reached."""
    if family[0].ampere_seconds <= ampere_seconds:
        return family[0].energy
    for more, less in pairwise(family):
        if less.ampere_seconds <= ampere_seconds:
            part = (more.ampere_seconds - ampere_seconds) / (
                more.ampere_seconds - less.ampere_seconds
            )
            return more.energy + part * (less.energy - more.energy)
    return None


def ampere_seconds_at(family: Sequence[Point], energy: float) -> float | None:
    """Return what is above the limit at so much energy; None outside of the family."""
    for more, less in pairwise(family):
        if more.energy >= energy >= less.energy:
            span = more.energy - less.energy
            part = (more.energy - energy) / span if span else 0.0
            return more.ampere_seconds + part * (less.ampere_seconds - more.ampere_seconds)
    return None


def summary(omniscient: Point, family: Sequence[Point], reference: Point) -> str:
    """Return what the family shows, a line each."""
    surprise = family[0].ampere_seconds - omniscient.ampere_seconds
    energy = energy_at(family, reference.ampere_seconds)
    over = ampere_seconds_at(family, AIM)
    lines = (
        f"Surprises without a reserve: {surprise:.0f} A·s/h",
        f"E/ideal 30 s at the reference's A·s: {_text(energy, '.3f')}",
        f"A·s/h at an E/ideal 30 s of {AIM}: {_text(over, '.0f')}",
    )
    return "\n".join(f"- {text}" for text in lines)


def _text(value: float | None, form: str) -> str:
    return "not reached" if value is None else format(value, form)


def kinds_of(arguments: argparse.Namespace) -> list[Kind]:
    """Return the omniscient one, and the family by rising reserve from 0."""
    reserves = sorted({0.0, *arguments.reserves})
    first = Kind(reserve=0.0, shortest_gap=arguments.shortest_gap, look_back=arguments.look_back)
    family = [replace(first, reserve=reserve) for reserve in reserves]
    return [replace(first, surprises=False), *family]


def trials_of(
    scenarios: Iterable[str], kinds: Sequence[Kind], seeds: Sequence[int], hours: float
) -> list[tuple[Task, Kind | None]]:
    """Return every trial of the family and of its rivals."""
    named = [(kind.name, kind) for kind in kinds] + [(rival, None) for rival in RIVALS]
    return [
        (Task(scenario=scenario, controller=name, seed=seed, hours=hours), kind)
        for scenario in scenarios
        for name, kind in named
        for seed in seeds
    ]


def print_tables(outcomes: Iterable[Outcome]) -> None:
    """Print a table per scenario, and below it what it shows."""
    for scenario, group in groupby(outcomes, key=lambda outcome: outcome.task.scenario):
        print(f"\n**{scenario} {SCENARIOS[scenario].title}**\n\n{head(COLUMNS)}")
        points = []
        for name, of_one in groupby(group, key=lambda outcome: outcome.task.controller):
            points.append(Point.of(list(of_one)))
            print(points[-1].row(name), flush=True)
        omniscient, *family = points[: -len(RIVALS)]
        print(f"\n{summary(omniscient, family, points[-len(RIVALS)])}", flush=True)


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenarios", default="".join(SCENARIOS))
    parser.add_argument("--seeds", type=seeds_in, default=[21, 22])
    parser.add_argument("--hours", type=float, default=0.5)
    parser.add_argument("--reserves", type=_reserves_in, default=[0.0, 1.0, 2.0, 4.0])
    parser.add_argument("--shortest-gap", type=float, default=SHORTEST_GAP, help="in s")
    parser.add_argument("--look-back", type=float, default=0.0, help="in s")
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    trials = trials_of(arguments.scenarios, kinds_of(arguments), arguments.seeds, arguments.hours)
    with ProcessPoolExecutor(arguments.jobs) as pool:
        print_tables(pool.map(run, trials))


def _reserves_in(text: str) -> list[float]:
    return [float(number) for number in text.split(",")]


if __name__ == "__main__":
    main()
