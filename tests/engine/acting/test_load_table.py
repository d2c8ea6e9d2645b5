"""The table of loads per phase: the seeds' own figures, and what holds for every zone."""

import json
from dataclasses import replace
from math import floor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.headroom.engine.acting.load_table import (
    LoadGroup,
    LoadState,
    Member,
    PhaseLoad,
    load_table,
)
from custom_components.headroom.engine.currents import PHASES, PerPhase

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "load_table.json").read_text())


def plug(number: int, **changes) -> Member:
    plain = Member(
        connector=str(number), phases=(0,), charging=True, floor=8, cap=32, rank=(number,)
    )
    return replace(plain, **changes)


def members_of(table) -> list[Member]:
    return [
        plug(
            row["id"],
            phases=(row["phase"] - 1,),
            priority=row["priority"] and table["priority_hours"],
            charging=row["charging"],
            floor=table["floor"],
        )
        for row in VECTORS["plugs"]
    ]


def identity(number: int | None) -> str | None:
    return None if number is None else str(number)


# --- Vectors ----------------------------------------------------------------------------------


@pytest.mark.parametrize("table", VECTORS["tables"], ids=lambda table: table["group"])
@pytest.mark.parametrize("phase", PHASES)
def test_table_of_the_manual(table, phase: int) -> None:
    load = load_table(members_of(table), PerPhase(*table["available"]))[table["group"], phase]
    for figure in ("state", "allowed", "charging", "paused", "occupied"):
        assert getattr(load, figure) == table[figure][phase], figure
    assert load.available == pytest.approx(table["group_available"][phase])
    assert load.shared == pytest.approx(table["shared"][phase], abs=0.051)
    assert load.next_to_resume == identity(table["next_to_resume"][phase])
    assert load.next_to_pause == identity(table["next_to_pause"][phase])


def test_priority_takes_up_to_its_caps() -> None:
    example = VECTORS["priority_example"]
    table = load_table([plug(1, priority=True), plug(2)], PerPhase(example["available"]))
    assert table[LoadGroup.NORMAL, 0].available == example["left"]
    assert table[LoadGroup.NORMAL, 0].state is LoadState.AVAILABLE


@pytest.mark.parametrize("step", VECTORS["pausing"]["steps"] + VECTORS["resuming"]["steps"])
def test_pausing_and_resuming_one_by_one(step) -> None:
    members = [plug(number, charging=number in step["charging"]) for number in (1, 2, 3, 4)]
    load = load_table(members, PerPhase(step["available"]))[LoadGroup.ALL, 0]
    assert load.state == step["state"]
    assert load.next_to_pause == identity(step["pause"])
    assert load.next_to_resume == identity(step["resume"])


# --- Cases that the manual leaves open ---------------------------------------------------------


def test_group_without_cars_lacks_nothing() -> None:
    table = load_table([], PerPhase())
    assert set(table) == {(group, phase) for group in LoadGroup for phase in PHASES}
    assert set(table.values()) == {
        PhaseLoad(
            state=LoadState.AVAILABLE,
            allowed=0,
            charging=0,
            paused=0,
            occupied=0,
            available=0,
            shared=0,
            next_to_resume=None,
            next_to_pause=None,
        )
    }


def test_priority_car_whose_floor_does_not_fit_takes_nothing() -> None:
    members = [plug(1, priority=True, floor=14), plug(2, floor=6)]
    table = load_table(members, PerPhase(10))
    assert table[LoadGroup.PRIORITY, 0].allowed == 0
    assert table[LoadGroup.PRIORITY, 0].shared == 0
    assert table[LoadGroup.NORMAL, 0].available == 10


def test_priority_group_takes_no_more_than_there_is() -> None:
    table = load_table([plug(1, priority=True), plug(2)], PerPhase(20))
    assert table[LoadGroup.NORMAL, 0].available == 0
    assert table[LoadGroup.NORMAL, 0].state is LoadState.EXCEEDED


def test_smaller_floor_fits_where_a_larger_one_before_it_does_not() -> None:
    members = [plug(1, floor=6), plug(2, floor=14, charging=False), plug(3, floor=6)]
    load = load_table(members, PerPhase(13))[LoadGroup.ALL, 0]
    assert load.allowed == 2
    assert load.shared == 6.5
    assert load.state is LoadState.LIMITED


def test_three_phase_car_counts_on_each_phase() -> None:
    members = [plug(1, phases=PHASES), plug(2, phases=(1,))]
    table = load_table(members, PerPhase(16, 16, 4))
    assert [table[LoadGroup.ALL, phase].allowed for phase in PHASES] == [1, 2, 0]
    assert [table[LoadGroup.ALL, phase].shared for phase in PHASES] == [16, 8, 0]


def test_all_has_the_priority_group_first() -> None:
    members = [plug(1), plug(2, priority=True), plug(3, charging=False)]
    load = load_table(members, PerPhase(80))[LoadGroup.ALL, 0]
    assert load.next_to_pause == "1"
    assert load.next_to_resume == "3"


def test_negative_current_is_none() -> None:
    load = load_table([plug(1)], PerPhase(-5))[LoadGroup.ALL, 0]
    assert load.available == 0
    assert load.state is LoadState.EXCEEDED


def test_sum_of_decimal_floors_fits_into_its_own_current() -> None:
    members = [plug(number, floor=6.1) for number in range(3)]
    assert load_table(members, PerPhase(18.3))[LoadGroup.ALL, 0].allowed == 3


# --- Properties -------------------------------------------------------------------------------

members = st.lists(
    st.builds(
        Member,
        connector=st.uuids().map(str),
        phases=st.sampled_from([(0,), (1,), (2,), PHASES]),
        priority=st.booleans(),
        charging=st.booleans(),
        floor=st.sampled_from([6.0, 8.0, 14.0]),
        cap=st.sampled_from([14.0, 16.0, 32.0]),
        rank=st.tuples(st.integers(0, 3)),
    ),
    max_size=12,
)
currents = st.builds(PerPhase, *[st.floats(0, 200)] * 3)


@given(members, currents)
def test_figures_agree_with_each_other(cars: list[Member], available: PerPhase) -> None:
    table = load_table(cars, available)
    for (_, phase), load in table.items():
        assert load.charging + load.paused == load.occupied
        assert 0 <= load.allowed <= load.occupied
        assert (load.next_to_resume is None) == (load.paused == 0)
        assert (load.next_to_pause is None) == (load.charging == 0)
        assert 0 <= load.available <= available[phase]
        assert load.shared * load.allowed == pytest.approx(load.available if load.allowed else 0)
        assert (load.state is LoadState.AVAILABLE) == (load.allowed == load.occupied)
        assert load.state is not LoadState.UNAVAILABLE or load.charging == load.allowed == 0
        assert load.state is not LoadState.DECREASING or load.paused > 0
        assert load.state is not LoadState.LIMITED or load.charging > 0
        assert load.state is not LoadState.EXCEEDED or load.charging > 0


@given(members, currents)
def test_groups_make_up_the_whole(cars: list[Member], available: PerPhase) -> None:
    table = load_table(cars, available)
    for phase in PHASES:
        parts = [table[LoadGroup.PRIORITY, phase], table[LoadGroup.NORMAL, phase]]
        whole = table[LoadGroup.ALL, phase]
        assert sum(part.occupied for part in parts) == whole.occupied
        assert sum(part.charging for part in parts) == whole.charging


@given(st.integers(0, 12), st.floats(0, 200), st.sampled_from([6, 8, 10, 14]))
def test_equal_floors_fit_as_often_as_they_go_into_the_current(
    occupied: int, available: float, least: int
) -> None:
    cars = [plug(number, floor=least) for number in range(occupied)]
    load = load_table(cars, PerPhase(available))[LoadGroup.ALL, 0]
    assert load.allowed == min(occupied, floor((available + 1e-6) / least))


@given(members, currents, st.randoms(use_true_random=False))
def test_order_of_input_does_not_matter(cars: list[Member], available: PerPhase, random) -> None:
    shuffled = list(cars)
    random.shuffle(shuffled)
    assert load_table(shuffled, available) == load_table(cars, available)
