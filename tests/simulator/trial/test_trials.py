"""Whole trials: repeatable, and each controller does what it is known for."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import override

import pytest

from benchmarks import closed_loop, step_response
from benchmarks.closed_loop import Outcome, Task
from benchmarks.peers.line_up import CONTROLLERS, ONE_CHARGER_ONLY
from simulator.trial.controller import Controller, View
from simulator.trial.scenarios import SCENARIOS
from simulator.trial.world import World, draw_fate

PEERS = sorted(CONTROLLERS)


def trial(scenario: str, controller: str, *, seed: int = 1, minutes: float = 6) -> Outcome:
    return closed_loop.run(
        Task(scenario=scenario, controller=controller, seed=seed, hours=minutes / 60)
    )


@pytest.mark.parametrize("controller", PEERS)
def test_every_controller_lets_a_lone_car_charge(controller: str) -> None:
    outcome = trial("A", controller)
    assert 0.5 < outcome.of_ideal < 1.1
    assert outcome.setpoints > 0
    assert outcome == trial("A", controller)


@pytest.mark.parametrize("controller", [peer for peer in PEERS if peer not in ONE_CHARGER_ONLY])
@pytest.mark.parametrize("scenario", ["D", "E"])
def test_every_controller_of_several_lets_cars_charge(controller: str, scenario: str) -> None:
    assert 0.1 < trial(scenario, controller).of_ideal < 1.3


def test_headroom_spares_the_limit_where_a_naive_rule_does_not() -> None:
    naive, headroom = trial("B", "naive", minutes=30), trial("B", "headroom", minutes=30)
    assert headroom.ampere_seconds < naive.ampere_seconds / 3
    assert headroom.damage < 1


def test_the_plant_does_not_depend_on_who_controls_it() -> None:
    scenario = SCENARIOS["D"]
    assert draw_fate(scenario, 5, 60) == draw_fate(scenario, 5, 60)
    assert draw_fate(scenario, 5, 60) != draw_fate(scenario, 6, 60)


def test_a_controller_knows_how_late_its_meter_is() -> None:
    site = SCENARIOS["C"].installation
    assert (site.meter_period, site.meter_latency, site.mean_meter_latency) == (10, 10, 7.5)


class Recorder(Controller):
    """Gives everybody too much and remembers when it was asked."""

    def __init__(self) -> None:
        self.views: list[View] = []

    @override
    def decide(self, view: View) -> Sequence[float]:
        self.views.append(view)
        return [99.0] * len(view.setpoints)


def test_a_controller_is_asked_at_least_once_a_second_and_at_each_sample() -> None:
    scenario = SCENARIOS["C"]
    recorder = Recorder()
    World(scenario, draw_fate(scenario, 1, 120), recorder).run()
    times = [view.now for view in recorder.views]
    gaps = [after - before for before, after in pairwise(times)]
    assert max(gaps) <= 1.0 + 1e-9
    assert sum(view.fresh for view in recorder.views) in range(10, 13)
    assert all(view.sample is not None for view in recorder.views if view.fresh)


def test_no_charger_gets_more_than_it_can_take() -> None:
    scenario = SCENARIOS["D"]
    world = World(scenario, draw_fate(scenario, 1, 30), Recorder())
    world.run()
    assert [charger.setpoint for charger in world.chargers] == [16, 32, 16]


@pytest.mark.parametrize("step", ["kettle", "cooker"])
def test_headroom_answers_a_step_and_comes_back(step: str) -> None:
    response = step_response.run((step, "headroom", 1))
    assert response.steady > 15
    assert 2 < response.first_under < 20
    assert response.ampere_seconds < 500
    assert response.back < 200


def test_tables_have_a_line_per_controller(capsys: pytest.CaptureFixture[str]) -> None:
    outcomes = [trial("A", name, seed=seed) for name in ("evcc30", "naive") for seed in (1, 2)]
    closed_loop.print_tables(outcomes)
    lines = capsys.readouterr().out.strip().splitlines()
    assert lines[0].startswith("**A home 3x25A")
    assert [line.split(" | ")[0] for line in lines[4:-2]] == ["| evcc30", "| naive"]
    assert all(line.count("|") == len(closed_loop.COLUMNS) + 1 for line in lines[2:-2])
    assert lines[-1] == closed_loop.IDEALS["same"]


def test_the_ideal_may_have_cars_that_draw_all_of_their_offer() -> None:
    task = Task(scenario="A", controller="evcc30", seed=1, hours=0.1)
    usual, strict = closed_loop.run(task), closed_loop.run(replace(task, perfect=True))
    assert strict.of_ideal < usual.of_ideal
    assert strict.of_ideal_without_cycles < usual.of_ideal_without_cycles
    assert strict.ampere_seconds == usual.ampere_seconds


@pytest.mark.parametrize(("text", "seeds"), [("11-13", [11, 12, 13]), ("4", [4]), ("1,5", [1, 5])])
def test_seeds_are_a_range_or_a_list(text: str, seeds: list[int]) -> None:
    assert closed_loop.seeds_in(text) == seeds
