"""The bound: a controller that only surprises can hurt, and what is read off its family."""

from argparse import Namespace
from array import array
from collections.abc import Sequence
from dataclasses import replace

import pytest

from benchmarks import bound
from benchmarks.bound import Kind, Point
from benchmarks.closed_loop import Outcome, Task
from benchmarks.peers.foresight import Foresight
from benchmarks.peers.prescient import Prescient
from simulator.trial.ev import CarTraits
from simulator.trial.house import Course, House, Use
from simulator.trial.meter import MeterKind
from simulator.trial.outlet import Outlet
from simulator.trial.scenarios import Scenario
from simulator.trial.world import Fate, World

ALL = Outlet(phases=(0, 1, 2), most=16)
ONE = Outlet(phases=(0,), most=32)
SECONDS = 200
QUICK = CarTraits(reaction=1, ramp_up=6, ramp_down=16, start_delay=5, undershoot=0.5)


def flat(current: float) -> Course:
    one, two, three = (array("d", [current] * (SECONDS * 10)) for _ in range(3))
    return one, two, three


def fate_of(*uses: Use, base: float = 5, cars: int = 1, wish: float = 32) -> Fate:
    house = flat(base)
    for use in uses:
        use.add_to(house)
    return Fate(
        house=house,
        traits=(QUICK,) * cars,
        appetites=(array("d", [wish] * (SECONDS + 1)),) * cars,
        seed=1,
        uses=uses,
    )


def load(current: float, *heats: tuple[float, float]) -> Use:
    return Use(phases=(0,), current=current, heats=heats)


def trial(
    fate: Fate,
    *outlets: Outlet,
    reserve: float = 0,
    look_back: float = 0,
    surprises: bool = True,
) -> tuple[World, list[Sequence[float]]]:
    """Return the world at its end, and the setpoints of each second."""
    scenario = Scenario(
        title="bench",
        limit=25,
        house=House(base=(0, 0, 0)),
        outlets=outlets,
        meter=MeterKind(period=1, latency=(0.5, 1)),
    )
    known = fate if surprises else replace(fate, uses=())
    prescient = Prescient(scenario.installation, known, reserve, look_back=look_back)
    world = World(scenario, fate, prescient)
    setpoints: list[Sequence[float]] = []

    def watch(tick: int, _totals: Sequence[float], _cars: Sequence[float]) -> None:
        if tick % 10 == 0:
            setpoints.append([charger.setpoint for charger in world.chargers])

    world.run(watch)
    return world, setpoints


def test_a_use_is_unknown_before_it_begins_and_known_to_its_end_afterwards() -> None:
    house = Foresight(fate_of(load(9, (60, 80), (120, 140))), shortest_gap=30)
    house.learn(599)
    assert house.highest(0, SECONDS) == pytest.approx([5, 5, 5])
    house.learn(600)
    assert house.highest(50, 58) == pytest.approx([5, 5, 5])
    assert house.highest(58, 60) == pytest.approx([14, 5, 5])
    assert house.highest(85, 115) == pytest.approx([5, 5, 5])
    assert house.highest(110, 125) == pytest.approx([14, 5, 5])
    assert house.highest(SECONDS + 5, SECONDS + 20) == pytest.approx([5, 5, 5])


@pytest.mark.parametrize(("shortest_gap", "highest"), [(0, 5), (20, 5), (30, 14)])
def test_a_gap_that_is_too_short_is_closed(shortest_gap: float, highest: float) -> None:
    house = Foresight(fate_of(load(9, (60, 80), (105, 140))), shortest_gap)
    house.learn(SECONDS * 10)
    assert house.highest(85, 100)[0] == pytest.approx(highest)


def test_without_surprises_nothing_is_above_the_limit_and_no_room_is_left_for_long() -> None:
    use = load(9, (60, 100))
    world, setpoints = trial(fate_of(use), ALL, surprises=False)
    assert world.tally.ampere_seconds == 0
    assert setpoints[40] == [16]
    assert setpoints[70] == [11.5]
    assert setpoints[100] == [16]


def test_a_surprise_is_above_the_limit_until_the_charger_follows() -> None:
    world, setpoints = trial(fate_of(load(9, (60, 100))), ALL)
    assert setpoints[60] == [16]
    assert setpoints[63] == [11.5]
    assert 4.5 * 1.5 < world.tally.ampere_seconds < 4.5 * 10


def test_known_cycles_of_a_use_are_not_above_the_limit() -> None:
    once, _ = trial(fate_of(load(9, (60, 80))), ALL)
    again, _ = trial(fate_of(load(9, (60, 80), (130, 150))), ALL)
    assert again.tally.ampere_seconds == once.tally.ampere_seconds > 0
    assert again.tally.charge < once.tally.charge


def test_a_reserve_is_left_free_but_not_by_a_floor() -> None:
    spared, setpoints = trial(fate_of(load(4, (60, 100)), base=12), ALL, reserve=4)
    assert setpoints[40] == [9.5]
    assert spared.tally.ampere_seconds == 0
    _, setpoints = trial(fate_of(base=18), ALL, reserve=4)
    assert setpoints[40] == [6]


def test_a_floor_that_does_not_fit_pauses_its_car_at_once() -> None:
    world, setpoints = trial(fate_of(load(9, (60, 100)), base=13), ALL)
    assert setpoints[63] == [0]
    assert setpoints[110] == [12.5]
    assert world.chargers[0].pauses == 1


@pytest.mark.parametrize(("look_back", "since"), [(0, -6), (30, 27)])
def test_who_looks_back_waits_after_a_load_has_ended(look_back: float, since: int) -> None:
    _, setpoints = trial(fate_of(load(9, (60, 100))), ALL, look_back=look_back)
    raised = next(second for second in range(70, SECONDS) if setpoints[second] == [16])
    assert raised - 100 == pytest.approx(since, abs=5)


def test_nobody_rises_before_another_has_come_down() -> None:
    fate = fate_of(base=5, cars=2)
    first, second = array("d", [32] * (SECONDS + 1)), array("d", [4] * 100 + [32] * 101)
    world, setpoints = trial(replace(fate, appetites=(first, second)), ONE, ONE)
    assert setpoints[80][0] > 15
    assert setpoints[-1] == pytest.approx([10.5, 10.5], abs=0.5)
    assert world.tally.ampere_seconds == 0


def test_it_offers_no_more_than_is_of_use() -> None:
    _, setpoints = trial(fate_of(wish=8.2), ALL)
    assert setpoints[-1] == [9]


def point(ampere_seconds: float, energy: float) -> Point:
    return Point(ampere_seconds=ampere_seconds, energy=energy, damage=0.125, setpoints=20, pauses=1)


FAMILY = [point(300, 1.02), point(200, 1.0), point(100, 0.9)]


@pytest.mark.parametrize(
    ("ampere_seconds", "energy"),
    [(400, 1.02), (300, 1.02), (250, 1.01), (200, 1.0), (150, 0.95), (100, 0.9), (99, None)],
)
def test_energy_is_read_off_between_two_members(
    ampere_seconds: float, energy: float | None
) -> None:
    assert bound.energy_at(FAMILY, ampere_seconds) == pytest.approx(energy)


@pytest.mark.parametrize(
    ("energy", "ampere_seconds"),
    [(1.03, None), (1.02, 300), (1.01, 250), (0.95, 150), (0.9, 100), (0.89, None)],
)
def test_ampere_seconds_are_read_off_between_two_members(
    energy: float, ampere_seconds: float | None
) -> None:
    assert bound.ampere_seconds_at(FAMILY, energy) == pytest.approx(ampere_seconds)


def test_members_of_one_energy_are_told_by_the_first() -> None:
    assert bound.ampere_seconds_at([point(300, 1), point(200, 1)], 1) == 300


def test_the_summary_says_what_is_reached() -> None:
    assert bound.summary(point(5, 1.01), FAMILY, point(150, 0.96)).splitlines() == [
        "- Surprises without a reserve: 295 A·s/h",
        "- E/ideal 30 s at the reference's A·s: 0.950",
        "- A·s/h at an E/ideal 30 s of 0.95: 150",
    ]
    text = bound.summary(point(5, 1.01), FAMILY[:2], point(150, 0.96))
    assert text.count("not reached") == 2


def test_a_family_begins_without_surprises_and_then_without_a_reserve() -> None:
    arguments = Namespace(reserves=[2.0, 0.5], shortest_gap=10.0, look_back=5.0)
    kinds = bound.kinds_of(arguments)
    assert [kind.name for kind in kinds] == ["0, no surprises", "0", "0.5", "2"]
    assert {(kind.shortest_gap, kind.look_back) for kind in kinds} == {(10, 5)}


def outcome(task: Task) -> Outcome:
    return Outcome(
        task=task,
        ampere_seconds=100,
        excursion=1,
        episodes=(),
        damage=task.seed / 100,
        of_ideal=0.9,
        of_ideal_without_cycles=0.96,
        setpoints=20,
        pauses=1,
    )


def test_a_table_has_a_line_per_member_and_rival(capsys: pytest.CaptureFixture[str]) -> None:
    kinds = [Kind(reserve=0, surprises=False), Kind(reserve=0)]
    trials = bound.trials_of("AD", kinds, [1, 2], 0.1)
    bound.print_tables(outcome(task) for task, _ in trials)
    tables = capsys.readouterr().out.split("\n\n**")
    assert len(tables) == 2
    lines = tables[0].strip().splitlines()
    assert lines[0].removeprefix("**").startswith("A home 3x25A")
    assert [line.split(" | ")[0] for line in lines[4:8]] == [
        "| 0, no surprises",
        "| 0",
        "| reference",
        "| headroom",
    ]
    assert lines[5] == "| 0 | 100 | 0.960 | 0.02 | 20 | 1.0 |"
    assert lines[-1] == "- A·s/h at an E/ideal 30 s of 0.95: not reached"


def test_a_trial_can_be_repeated_and_reserves_spare_the_limit() -> None:
    kinds = [Kind(reserve=0, surprises=False), Kind(reserve=0), Kind(reserve=4)]
    trials = bound.trials_of("D", kinds, [21], 0.5)
    sure, surprised, careful = (bound.run(trial) for trial in trials[:3])
    assert surprised == bound.run(trials[1])
    assert sure.ampere_seconds < 5
    assert sure.ampere_seconds < careful.ampere_seconds < surprised.ampere_seconds
    assert careful.of_ideal_without_cycles < surprised.of_ideal_without_cycles
    assert surprised.of_ideal_without_cycles > 0.95


def test_rivals_run_beside_the_family() -> None:
    trials = bound.trials_of("A", [], [1], 0.05)
    assert [bound.run(trial).task.controller for trial in trials] == ["reference", "headroom"]
