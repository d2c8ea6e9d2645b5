"""Whose turn it is: the seeds' timeline, and that nobody flaps or starves."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from math import ceil, inf, nan
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.headroom.engine.turns.rotation import (
    SLOT,
    WORN_SLOTS,
    Contender,
    Rotation,
    SheddingPriority,
    Turn,
)

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "rotation.json").read_text())
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
MIN_ON = timedelta(minutes=5)
FLOOR_POWER = 6 * 230.0
ROTATING = (SheddingPriority.ENERGY, SheddingPriority.DURATION)


class CarPark:
    """Equal cars of which only some find room."""

    def __init__(
        self,
        energies: Iterable[float] | Mapping[str, float],
        room: int,
        *,
        power: float = FLOOR_POWER,
        priority: SheddingPriority = SheddingPriority.ENERGY,
        worn: Iterable[str] = (),
        charging: Iterable[str] = (),
    ) -> None:
        if not isinstance(energies, Mapping):
            energies = {f"c{number:02}": energy for number, energy in enumerate(energies)}
        self.turns = {
            name: Turn(energy=energy, charged=timedelta(hours=energy / power))
            for name, energy in energies.items()
        }
        self.room = room
        self.power = power
        self.priority = priority
        self.worn = set(worn)
        self.since = dict.fromkeys(charging, NOON - timedelta(hours=1))
        self.arrived = dict.fromkeys(self.turns, NOON)
        self.asleep: set[str] = set()
        self.rotation = Rotation()
        self.now = NOON

    @property
    def waiting(self) -> list[str]:
        return [name for name in self.turns if name not in self.since]

    def plug_in(self, name: str) -> None:
        self.turns[name] = Turn()
        self.arrived[name] = self.now

    def decide(self) -> None:
        contenders = [
            Contender(
                connector=name,
                arrived_at=self.arrived[name],
                order=order,
                charging=name in self.since,
                charging_since=self.since.get(name),
                worn=name in self.worn,
                slot_energy=self.power / 4,
            )
            for order, name in enumerate(self.turns)
            if name not in self.asleep
        ]
        ranks = self.rotation.ranks(contenders, self.turns, self.priority, self.now, MIN_ON)
        assert set(ranks) == {contender.connector for contender in contenders}
        served = sorted(ranks, key=lambda name: ranks[name])[: self.room]
        self.since = {name: self.since.get(name, self.now) for name in served}

    def draw(self, duration: timedelta) -> None:
        for name in self.since:
            self.turns[name].count(self.power, duration)
        self.now += duration

    def restart(self) -> None:
        stored = json.dumps(
            [self.rotation.to_json(), {name: turn.to_json() for name, turn in self.turns.items()}]
        )
        rotation, turns = json.loads(stored)
        self.rotation = Rotation.from_json(rotation)
        self.turns = {name: Turn.from_json(turn) for name, turn in turns.items()}

    def longest_wait(self, slots: int) -> int:
        """Return the most slots in a row for which any car has waited."""
        waits = dict.fromkeys(self.turns, 0)
        longest = 0
        for _ in range(slots):
            self.decide()
            for name in waits:
                waits[name] = waits[name] + 1 if name in self.waiting else 0
            longest = max(longest, *waits.values())
            self.draw(SLOT)
        return longest


# --- Vectors ----------------------------------------------------------------------------------


def test_timeline_of_the_energy_rotation() -> None:
    timeline = VECTORS["timeline"]
    park = CarPark(
        timeline["energy"],
        timeline["room"],
        power=timeline["power"],
        charging=timeline["charging"],
    )
    for wait in timeline["waits"]:
        assert park.now == NOON + wait["minute"] * MINUTE
        for _ in range(15):
            park.decide()
            assert park.waiting == [wait["connector"]], f"{park.now:%H:%M}"
            park.draw(MINUTE)
        if wait["minute"] == 45:
            energy = {name: turn.energy for name, turn in park.turns.items()}
            assert energy == pytest.approx(timeline["energy_after_60"], abs=1)


@pytest.mark.parametrize("case", VECTORS["fixed_orders"], ids=lambda case: case["priority"])
def test_fixed_orders(case) -> None:
    contenders = [
        Contender(
            connector=row["connector"],
            order=row["order"],
            arrived_at=None if row["arrived"] is None else NOON + row["arrived"] * MINUTE,
            charging=row["charging"],
        )
        for row in case["connectors"]
    ]
    turns = {contender.connector: Turn() for contender in contenders}
    priority = SheddingPriority(case["priority"])
    now = NOON + timedelta(hours=1)
    ranks = Rotation().ranks(contenders, turns, priority, now, MIN_ON)
    assert sorted(ranks, key=lambda name: ranks[name]) == case["expected"]


# --- Nobody starves ---------------------------------------------------------------------------


def start_levels(number: int) -> list[list[float]]:
    random = Random(number)
    return [
        [0.0] * number,
        [400 * car / (number - 1) for car in range(number)],
        [400.0] + [0.0] * (number - 1),
        [0.0] + [400.0] * (number - 1),
        [random.uniform(0, 400) for _ in range(number)],
        [random.choice((0.0, 100.0, 200.0, 300.0)) for _ in range(number)],
    ]


@pytest.mark.parametrize("priority", ROTATING)
@pytest.mark.parametrize("phases", [1, 3])
@pytest.mark.parametrize("number", range(2, 16))
def test_nobody_waits_longer_than_a_round(
    number: int, phases: int, priority: SheddingPriority
) -> None:
    for room in range(1, number):
        for levels in start_levels(number):
            park = CarPark(levels, room, power=phases * FLOOR_POWER, priority=priority)
            assert park.longest_wait(3 * number // room + 3) <= ceil(number / room)


@pytest.mark.parametrize("priority", ROTATING)
@pytest.mark.parametrize("room", [1, 2, 4, 6])
def test_worn_cars_only_lengthen_the_round(room: int, priority: SheddingPriority) -> None:
    names = [f"c{number:02}" for number in range(7)]
    park = CarPark([0] * 7, room, priority=priority, worn=names)
    longest = park.longest_wait(20 * WORN_SLOTS)
    assert ceil(7 / room) < longest <= 2 * WORN_SLOTS * ceil(7 / room)


@pytest.mark.parametrize("priority", ROTATING)
def test_worn_car_keeps_its_place_for_four_slots(priority: SheddingPriority) -> None:
    fresh = CarPark([0, 0], 1, priority=priority, charging=["c00"])
    worn = CarPark([0, 0], 1, priority=priority, charging=["c00"], worn=["c00"])
    assert fresh.longest_wait(2) == 1
    assert worn.longest_wait(WORN_SLOTS + 2) == WORN_SLOTS
    assert "c00" in worn.waiting


def test_worn_car_without_known_floor_has_the_usual_deadband() -> None:
    park = CarPark([200, 0], 1, power=0.0001, charging=["c00"], worn=["c00"])
    park.decide()
    assert park.waiting == ["c00"]


def test_car_far_ahead_is_served_before_the_others_have_caught_up() -> None:
    park = CarPark([20_000, 0, 0], 2, power=FLOOR_POWER)
    assert park.longest_wait(60) < 20_000 / (FLOOR_POWER / 4)


# --- Nobody flaps -----------------------------------------------------------------------------


@given(
    st.lists(st.floats(0, 5000), min_size=2, max_size=8),
    st.integers(1, 7),
    st.sampled_from(ROTATING),
)
def test_places_keep_within_a_slot(
    levels: list[float], room: int, priority: SheddingPriority
) -> None:
    park = CarPark(levels, room, priority=priority)
    for minute in range(61):
        before = set(park.since)
        park.decide()
        assert minute % 15 == 0 or set(park.since) == before
        park.draw(MINUTE)


@given(
    st.lists(st.floats(0, 5000), min_size=2, max_size=8),
    st.integers(1, 7),
    st.sampled_from(list(SheddingPriority)),
)
def test_restart_changes_nothing(
    levels: list[float], room: int, priority: SheddingPriority
) -> None:
    steady = CarPark(levels, room, priority=priority)
    restarted = CarPark(levels, room, priority=priority)
    for _ in range(10):
        for park in (steady, restarted):
            park.decide()
            park.draw(5 * MINUTE)
        assert restarted.since == steady.since
        restarted.restart()


def test_small_difference_is_not_worth_a_swap() -> None:
    for lead, waiting in ((100, "c01"), (101, "c00")):
        park = CarPark([1000 + lead, 1000], 1, charging=["c00"])
        park.decide()
        assert park.waiting == [waiting]


def test_small_difference_of_time_is_not_worth_a_swap() -> None:
    for lead, waiting in ((5 * MINUTE, "c01"), (6 * MINUTE, "c00")):
        park = CarPark([0, 0], 1, priority=SheddingPriority.DURATION, charging=["c00"])
        park.turns["c00"].charged = lead
        park.decide()
        assert park.waiting == [waiting]


def test_newcomer_displaces_at_once_whoever_has_most() -> None:
    park = CarPark([3000, 2000], 2)
    park.decide()
    park.draw(7 * MINUTE)
    park.plug_in("new")
    park.decide()
    assert park.waiting == ["c00"]


def test_newcomer_takes_nothing_from_one_that_has_as_little() -> None:
    park = CarPark([0, 0], 2)
    park.decide()
    park.draw(7 * MINUTE)
    park.plug_in("new")
    park.decide()
    assert park.waiting == ["new"]


def test_car_that_has_just_begun_keeps_its_place_for_min_on() -> None:
    park = CarPark([3000], 1)
    park.decide()
    park.draw(2 * MINUTE)
    park.plug_in("new")
    park.decide()
    assert park.waiting == ["new"]
    park.draw(MIN_ON - 2 * MINUTE)
    park.decide()
    assert park.waiting == ["c00"]


def test_car_that_comes_back_has_its_place_by_what_it_has_then() -> None:
    park = CarPark([0, 1000], 1)
    park.decide()
    park.draw(10 * MINUTE)
    park.asleep = {"c00"}
    park.decide()
    park.draw(SLOT)
    park.decide()
    park.turns["c00"].energy = 9000
    park.asleep = set()
    park.decide()
    assert park.waiting == ["c00"]


def test_other_priority_is_evaluated_at_once() -> None:
    park = CarPark([2000, 0], 1)
    park.turns["c01"].charged = timedelta(hours=5)
    park.decide()
    assert park.waiting == ["c00"]
    park.draw(6 * MINUTE)
    park.priority = SheddingPriority.DURATION
    park.decide()
    assert park.waiting == ["c01"]


# --- The clock leaps --------------------------------------------------------------------------


@pytest.mark.parametrize("leap", [-timedelta(days=400), -2 * SLOT, timedelta(days=400)])
def test_leap_of_the_clock_only_evaluates_again(leap: timedelta) -> None:
    park = CarPark([0, 300], 1)
    park.decide()
    park.draw(SLOT)
    taken = {name: turn.energy for name, turn in park.turns.items()}
    waited = park.turns["c01"].waited
    park.now += leap
    park.turns["c01"].energy = 0.0
    park.decide()
    assert park.waiting == ["c00"]
    assert park.turns["c00"].energy == taken["c00"]
    assert park.turns["c01"].waited == waited + (leap > timedelta(0))


def test_beginning_in_the_future_gives_no_protection() -> None:
    park = CarPark([3000, 0], 1, charging=["c00"])
    park.since["c00"] = NOON + timedelta(hours=3)
    park.decide()
    assert park.waiting == ["c00"]


# --- What is counted and stored ---------------------------------------------------------------


def test_counts_energy_and_time_of_drawing() -> None:
    turn = Turn()
    turn.count(7360.0, 6 * MINUTE)
    assert turn.energy == pytest.approx(736)
    assert turn.charged == 6 * MINUTE
    turn.count(20.0, 6 * MINUTE)
    assert turn.energy == pytest.approx(738)
    assert turn.charged == 6 * MINUTE


@pytest.mark.parametrize(
    ("power", "duration"),
    [(-3000.0, MINUTE), (nan, MINUTE), (inf, MINUTE), (3000.0, -MINUTE), (3000.0, 0 * MINUTE)],
)
def test_nonsense_is_not_counted(power: float, duration: timedelta) -> None:
    turn = Turn(energy=5.0)
    turn.count(power, duration)
    assert turn == Turn(energy=5.0)


def test_standstill_counts_for_one_slot_at_most() -> None:
    turn = Turn()
    turn.count(4000.0, timedelta(days=3))
    assert turn == Turn(energy=1000.0, charged=SLOT)


def test_new_session_begins_with_nothing() -> None:
    turn = Turn(energy=9.0, charged=MINUTE, key=3.0, waited=2)
    turn.begin()
    assert turn == Turn()


@pytest.mark.parametrize(
    "turn", [Turn(), Turn(energy=4150.25, charged=timedelta(seconds=90.5), key=-12.5, waited=3)]
)
def test_turn_survives_json(turn: Turn) -> None:
    assert Turn.from_json(json.loads(json.dumps(turn.to_json()))) == turn


@pytest.mark.parametrize("rotation", [Rotation(), Rotation(slot=7, priority=ROTATING[1])])
def test_rotation_survives_json(rotation: Rotation) -> None:
    assert Rotation.from_json(json.loads(json.dumps(rotation.to_json()))) == rotation


@pytest.mark.parametrize(
    "damage",
    [
        {"energy": -1},
        {"energy": "4"},
        {"energy": None},
        {"energy": True},
        {"energy": nan},
        {"energy": 10**400},
        {"charged": -1},
        {"charged": 1e300},
        {"key": "first"},
        {"key": inf},
        {"waited": -1},
        {"waited": 1.5},
        {"waited": True},
    ],
)
def test_damaged_turn_is_refused(damage: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="not a"):
        Turn.from_json(Turn().to_json() | damage)


@pytest.mark.parametrize(
    "data",
    [{"slot": 7}, {"slot": "7", "priority": "energy"}, {"slot": 7, "priority": "beauty"}, [], None],
)
def test_damaged_rotation_is_refused(data: object) -> None:
    with pytest.raises(ValueError, match="not a"):
        Rotation.from_json(data)


@pytest.mark.parametrize("data", [None, 3, "turn", []])
def test_what_is_not_an_object_is_no_turn(data: object) -> None:
    with pytest.raises(ValueError, match="not an object"):
        Turn.from_json(data)
