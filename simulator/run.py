"""Runs a scenario through the engine: one decision per step, no sockets, no waiting."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol, TextIO

from custom_components.headroom.engine.acting.load_table import LoadGroup, PhaseLoad
from custom_components.headroom.engine.controller import SiteController
from custom_components.headroom.engine.currents import PHASE_NAMES, PHASES, PerPhase
from custom_components.headroom.engine.decision import Decision, Reason
from custom_components.headroom.engine.snapshot import Snapshot

from .closed_loop import PlantInputs
from .inputs import Inputs, ScriptedInputs
from .scenario import Expectation, Invariant, Scenario, load_scenario

TOLERANCE: Final = 0.05
"""A; currents this close count as equal."""


type LoadTable = Mapping[tuple[LoadGroup, int], PhaseLoad]


class Controller(Protocol):
    """What decides."""

    def step(self, snapshot: Snapshot) -> Decision:
        """Decide what every connector gets now."""

    def load_table(self, decision: Decision, zone: str) -> LoadTable:
        """Return how the connectors of a zone stand in a decision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A decision and the currents in A that must stay below the limits of their zones."""

    at: float
    decision: Decision
    currents: Mapping[str, PerPhase]


def run(path: Path, *, out: TextIO, err: TextIO) -> bool:
    """Run a file, print its decisions as JSON lines and return whether it went as expected.

    Raises FileError if the file cannot be used.
    """
    scenario = load_scenario(path)
    controller = SiteController(scenario.site)
    steps = []
    for step in play(scenario, controller):
        print(json.dumps(_plain(step)), file=out)
        steps.append(step)
    failures = list(check(scenario, steps, controller))
    for failure in failures:
        print(f"{path.name}: {failure}", file=err)
    return not failures


def play(scenario: Scenario, controller: Controller) -> Iterator[Step]:
    """Yield the decisions of a scenario."""
    world: Inputs = (
        PlantInputs(scenario, scenario.plant) if scenario.plant else ScriptedInputs(scenario)
    )
    events = sorted(scenario.events, key=lambda event: event.at)
    for number in range(_step_of(scenario.duration, scenario) + 1):
        second = number * scenario.step
        if number:
            world.advance(scenario.step)
        while events and events[0].at <= second:
            world.happen(events.pop(0))
        decision = controller.step(world.snapshot(second))
        yield Step(at=second, decision=decision, currents=world.currents(decision))
        world.end_forces(decision)
        world.follow(decision, world.time(second))


def check(scenario: Scenario, steps: list[Step], controller: Controller) -> Iterator[str]:
    """Yield what did not go as expected."""
    for expectation in scenario.expectations:
        decision = steps[_step_of(expectation.at, scenario)].decision
        where = f"second {expectation.at:g}: {expectation.kind} {expectation.id}"
        complaints = (
            _check_connector(expectation, decision, scenario)
            if expectation.kind == "connector"
            else _check_zone(expectation, decision, controller)
        )
        yield from (f"{where}: {complaint}" for complaint in complaints)
    for invariant in scenario.invariants:
        yield from _check_invariant(invariant, scenario, steps)


def _step_of(second: float, scenario: Scenario) -> int:
    return int(second / scenario.step + 1e-9)


def _check_connector(
    expected: Expectation, decision: Decision, scenario: Scenario
) -> Iterator[str]:
    setpoint = decision.setpoints[expected.id]
    yield from _check_number(expected, setpoint.current, "setpoint")
    yield from _check_reason(expected, [setpoint.reasons])
    if expected.toggle_pilot not in {None, setpoint.toggle_pilot}:
        yield f"toggle_pilot is {setpoint.toggle_pilot}"
    if expected.switch_to not in {None, setpoint.switch_to}:
        yield f"switch_to is {setpoint.switch_to}"
    if expected.until is not None:
        until = setpoint.reasons[0].until
        ends = None if until is None else (until - scenario.start).total_seconds()
        if ends != expected.until:
            yield f"its first reason ends at second {ends}, expected {expected.until:g}"
    if expected.phases not in {None, tuple(sorted(setpoint.phases))}:
        yield f"its phases are {', '.join(PHASE_NAMES[phase] for phase in setpoint.phases)}"


def _check_zone(expected: Expectation, decision: Decision, controller: Controller) -> Iterator[str]:
    zone = decision.zones[expected.id]
    phases = PHASES if expected.phase is None else (expected.phase,)
    for phase in phases:
        yield from _check_number(expected, zone.budget[phase], f"budget {PHASE_NAMES[phase]}")
    yield from _check_reason(expected, [zone.reasons[phase] for phase in phases])
    if expected.degraded not in {None, zone.degraded}:
        yield f"degraded is {zone.degraded}"
    if expected.load:
        table = controller.load_table(decision, expected.id)
        for phase in phases:
            yield from _check_load(expected, table[expected.group, phase], phase)


def _check_load(expected: Expectation, load: PhaseLoad, phase: int) -> Iterator[str]:
    for name, wanted in expected.load.items():
        actual = getattr(load, name)
        is_number = isinstance(actual, int | float)
        if abs(actual - wanted) > TOLERANCE if is_number else actual != wanted:
            yield f"{name} of {expected.group} {PHASE_NAMES[phase]} is {actual}, expected {wanted}"


def _check_number(expected: Expectation, actual: float, what: str) -> Iterator[str]:
    if expected.equal is not None and abs(actual - expected.equal) > TOLERANCE:
        yield f"{what} is {actual:g} A, expected {expected.equal:g} A"
    if expected.min is not None and actual < expected.min - TOLERANCE:
        yield f"{what} is {actual:g} A, expected at least {expected.min:g} A"
    if expected.max is not None and actual > expected.max + TOLERANCE:
        yield f"{what} is {actual:g} A, expected at most {expected.max:g} A"


def _check_reason(expected: Expectation, lists: Sequence[Sequence[Reason]]) -> Iterator[str]:
    """Look for the reasons in any of the lists."""
    codes = sorted({reason.code for reasons in lists for reason in reasons})
    if expected.reason is not None and expected.reason not in codes:
        yield f"no reason {expected.reason}, only {', '.join(codes) or 'none'}"
    first = sorted({reasons[0].code for reasons in lists if reasons})
    if expected.primary_reason is not None and expected.primary_reason not in first:
        yield f"no primary reason {expected.primary_reason}, only {', '.join(first) or 'none'}"


def _check_invariant(invariant: Invariant, scenario: Scenario, steps: list[Step]) -> Iterator[str]:
    for zone in [invariant.zone] if invariant.zone else scenario.site.zone_by_id:
        limit = scenario.site.zone_by_id[zone].limit
        for phase in PHASES:
            currents = [step.currents[zone][phase] for step in steps]
            if overlong := _first_overlong(currents, limit[phase], invariant.grace / scenario.step):
                begin, end = overlong
                yield (
                    f"second {steps[end].at:g}: zone {zone}: {currents[end]:.1f} A on"
                    f" {PHASE_NAMES[phase]}, above {limit[phase]:g} A"
                    f" since second {steps[begin].at:g}"
                )


def _first_overlong(
    currents: Sequence[float], limit: float, grace: float
) -> tuple[int, int] | None:
    """Return first and last step of the first run above a limit that is longer than the grace."""
    begin: int | None = None
    for index, current in enumerate(currents):
        if current <= limit + TOLERANCE:
            begin = None
            continue
        begin = index if begin is None else begin
        if index + 1 - begin > grace:
            return begin, index
    return None


def _plain(value: object) -> object:
    """Return what JSON can hold; fields that are None are left out."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, PerPhase):
        return [round(number, 2) for number in value]
    if is_dataclass(value) and not isinstance(value, type):
        named = {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
        if isinstance(value, Reason) and value.phase is not None:
            named["phase"] = PHASE_NAMES[value.phase]
        return {name: item for name, item in named.items() if item is not None}
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | frozenset):
        return [_plain(item) for item in (value if isinstance(value, tuple) else sorted(value))]
    return value
