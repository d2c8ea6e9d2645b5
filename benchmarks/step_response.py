"""How controllers answer one large load that comes and goes while a car fills the limit."""

import statistics
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from itertools import groupby, product
from random import Random

from benchmarks.markdown import head, line, percentile
from benchmarks.peers.line_up import CONTROLLERS
from simulator.trial.clock import TICK, ticks
from simulator.trial.house import add_load
from simulator.trial.steps import BEGIN, LASTS, STEPS
from simulator.trial.world import World, draw_fate

COLUMNS = (
    "controller",
    "steady EV A",
    "first under limit s med (p95)",
    "last over limit s med (p95)",
    "A·s over med (p95)",
    "back to 90 % s med",
    "setpoints after step",
    "setpoints in 5 min steady before",
)
AFTERWARDS = 1000.0
NOTICEABLE = 0.5


@dataclass(slots=True)
class Response:
    """What is seen of one answer; A and s, times since the load came or, for `back`, went."""

    controller: str
    step: str
    begin: float
    steady: float = 0.0
    first_under: float = LASTS
    last_over: float = 0.0
    ampere_seconds: float = 0.0
    back: float = AFTERWARDS
    setpoints: int = 0
    before: int = 0


def run(task: tuple[str, str, int]) -> Response:
    """Run one step of one controller and seed."""
    name, controller, seed = task
    step = STEPS[name]
    scenario = step.scenario
    begin = BEGIN + Random(seed).uniform(0, 30)
    fate = draw_fate(scenario, seed, begin + LASTS + AFTERWARDS)
    add_load(fate.house[0], begin, begin + LASTS, step.size)
    world = World(scenario, fate, CONTROLLERS[controller](scenario.installation, fate.house))
    response = Response(controller, name, begin)
    commands = {ticks(begin - 300): 0, ticks(begin): 0}

    def watch(tick: int, totals: Sequence[float], cars: Sequence[float]) -> None:
        if tick in commands:
            commands[tick] = world.chargers[0].commands
        _note(response, tick * TICK, max(totals) - scenario.limit, cars[0])

    world.run(watch)
    first, second = commands.values()
    response.before = second - first
    response.setpoints = world.chargers[0].commands - second
    return response


def _note(response: Response, now: float, over: float, drawn: float) -> None:
    since = now - response.begin
    if since < 0:
        response.steady = drawn
    elif since < LASTS:
        if over > 0:
            response.ampere_seconds += min(over, drawn) * TICK
        if over > NOTICEABLE and drawn > 0:
            response.last_over = since
        else:
            response.first_under = min(response.first_under, since)
    elif drawn >= 0.9 * response.steady:
        response.back = min(response.back, since - LASTS)


def print_tables(controllers: Sequence[str] | None, seeds: Sequence[int], pool: Executor) -> None:
    """Run all steps and print a table of each."""
    tasks = list(product(STEPS, controllers or CONTROLLERS, seeds))
    for name, of_step in groupby(pool.map(run, tasks), key=lambda response: response.step):
        print(f"\n**{STEPS[name].title}** ({len(seeds)} seeds)\n\n{head(COLUMNS)}")
        for _, group in groupby(of_step, key=lambda response: response.controller):
            print(row(list(group)), flush=True)


def row(responses: Sequence[Response]) -> str:
    """Return the line of one controller."""
    return line(
        (
            responses[0].controller,
            f"{statistics.median(r.steady for r in responses):.1f}",
            _middle_and_end([r.first_under for r in responses]),
            _middle_and_end([r.last_over for r in responses]),
            _middle_and_end([r.ampere_seconds for r in responses]),
            f"{statistics.median(r.back for r in responses):.0f}",
            f"{statistics.median(r.setpoints for r in responses):.0f}",
            f"{statistics.median(r.before for r in responses):.0f}",
        )
    )


def _middle_and_end(values: list[float]) -> str:
    return f"{statistics.median(values):.0f} ({percentile(sorted(values), 0.95):.0f})"
