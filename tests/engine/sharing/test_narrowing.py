"""One phase in place of three where limits leave too little for three."""

from datetime import timedelta
from typing import override

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custom_components.headroom.engine.cars.narrowing import Narrowing
from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.engine.decision import ReasonCode
from custom_components.headroom.engine.inputs import Ask, Inputs, LimitUnit, Reach, ZoneLimit
from custom_components.headroom.engine.site.model import Site
from custom_components.headroom.engine.site.wiring import Wiring
from custom_components.headroom.engine.snapshot import ConnectorStatus
from custom_components.headroom.engine.when.permit import SunMode

from ..plant import Car, Plant, charger, dynamic_site, static_site

NARROW, WIDEN, SWITCH = 300, 1200, 90
"""Seconds that the choice takes, and at most a switch and the first raises after it."""
BETWEEN = 300
"""Seconds between two switches."""
FULL = PerPhase(2, 16, 2)
"""A house that leaves a fuse of 20 A no floor on its second phase."""


def switching(site: Site) -> Plant:
    """Return a plant whose chargers all switch automatically, and say what they use."""
    plant = Plant(site, tick=1.0)
    plant.automatic_phases = frozenset(plant.cars)
    for car in plant.cars.values():
        car.wants, car.phase_count, car.per_phase = 16.0, 3, True
    return plant


def house(limit: float = 20.0, names: str = "a", **zone: float) -> Plant:
    """Return a metered house with chargers."""
    return switching(dynamic_site(limit, [charger(n, max_current=16.0) for n in names], **zone))


def watts(most: float, reach: Reach = Reach.EVS) -> Inputs:
    """Return a limit on the power of a zone."""
    limit = ZoneLimit(
        zone="z",
        ask=Ask(most),
        unit=LimitUnit.NOMINAL_WATTS,
        reach=reach,
        code=ReasonCode.PEAK_GUARD,
    )
    return Inputs(limits=(limit,))


def codes(plant: Plant, key: str = "a") -> list[ReasonCode]:
    return [reason.code for reason in plant.decision.setpoints[key].reasons]


def switches(plant: Plant, key: str = "a") -> int:
    return len(plant.controller.state.connectors[key].wear.switches)


def test_a_car_goes_on_with_the_one_phase_that_has_room_beneath_a_fuse() -> None:
    plant = house()
    plant.house = FULL
    assert plant.run(NARROW - 60).setpoints["a"].current == 0
    waits = next(r for r in plant.decision.setpoints["a"].reasons if r.until is not None)
    assert waits.code is ReasonCode.PHASE_SWITCH_WAITS
    assert plant.cars["a"].terminals == 3
    assert plant.run(120 + SWITCH).setpoints["a"].current == pytest.approx(16, abs=0.5)
    assert plant.cars["a"].terminals == 1
    assert ReasonCode.ONE_PHASE in codes(plant)


def test_a_kettle_switches_no_phases() -> None:
    plant = house()
    plant.run(60)
    for _ in range(5):
        plant.house = FULL
        plant.run(180)
        plant.house = PerPhase.same(2)
        plant.run(180)
    assert switches(plant) == 0
    assert plant.setpoints()["a"] == 16


def test_nobody_is_switched_who_could_not_charge_on_one_phase_either() -> None:
    plant = house()
    plant.house = PerPhase(16, 2, 2)
    plant.run(NARROW + SWITCH)
    assert switches(plant) == 0
    assert ReasonCode.PHASE_SWITCH_WAITS not in codes(plant)


def test_nobody_is_switched_whose_charger_is_not_left_to_choose() -> None:
    plant = house()
    plant.automatic_phases, plant.phase_counts = frozenset(), {"a": 3}
    plant.house = FULL
    plant.run(NARROW + SWITCH)
    assert switches(plant) == 0


def test_a_car_that_charges_gets_three_phases_back_once_the_room_has_lasted() -> None:
    plant = house()
    plant.house = FULL
    plant.run(NARROW + SWITCH)
    plant.house = PerPhase.same(2)
    plant.run(WIDEN - 60)
    assert plant.cars["a"].terminals == 1
    plant.house = FULL
    plant.run(60)
    plant.house = PerPhase.same(2)
    plant.run(WIDEN - 60)
    assert plant.cars["a"].terminals == 1
    plant.run(120 + SWITCH)
    assert plant.cars["a"].terminals == 3
    assert plant.setpoints()["a"] == pytest.approx(16, abs=0.5)
    assert ReasonCode.ONE_PHASE not in codes(plant)
    assert switches(plant) == 2


def test_a_car_that_waits_on_one_phase_gets_three_as_soon_as_there_is_room() -> None:
    plant = house()
    plant.house = FULL
    plant.run(NARROW + SWITCH)
    plant.house = PerPhase.same(16)
    assert plant.run(400).setpoints["a"].current == 0
    plant.house = PerPhase.same(2)
    plant.run(60 + SWITCH)
    assert plant.cars["a"].terminals == 3
    assert plant.setpoints()["a"] > 0


def test_what_a_quarter_of_an_hour_leaves_at_its_end_switches_nobody_back() -> None:
    plant = house(40)
    plant.inputs = watts(3000, Reach.SUM)
    plant.run(NARROW + SWITCH)
    for _ in range(4):
        plant.inputs = watts(1000, Reach.SUM)
        plant.run(600)
        plant.inputs = watts(9000, Reach.SUM)
        plant.run(300)
    assert switches(plant) == 1


def test_a_power_that_is_no_floor_for_three_phases_is_given_to_one() -> None:
    for reach in (Reach.EVS, Reach.SUM, Reach.EVS_FROM_GRID):
        plant = house()
        plant.inputs = watts(3000, reach)
        assert plant.run(60).setpoints["a"].current == 0
        plant.run(NARROW + SWITCH)
        assert plant.cars["a"].terminals == 1
        assert 3000 * 0.85 <= plant.setpoints()["a"] * 230 <= 3000


def test_two_cars_share_a_power_that_is_enough_for_neither_on_three_phases() -> None:
    plant = house(32, "ab")
    plant.inputs = watts(3500)
    plant.run(NARROW + SWITCH + 60)
    assert [car.terminals for car in plant.cars.values()] == [1, 1]
    assert all(current >= 6 for current in plant.setpoints().values())
    assert sum(plant.true_current()) * 230 <= 3500


def test_who_waits_only_for_others_keeps_three_phases_for_its_turn() -> None:
    plant = house(32, "abcdefg")
    plant.house = PerPhase(0, 10, 10)
    for inputs in (Inputs(), watts(6700)):
        plant.inputs = inputs
        plant.run(900)
    assert not any(switches(plant, key) for key in plant.cars)


def test_a_power_is_given_to_one_phase_without_a_meter_too() -> None:
    plant = switching(static_site(20, [charger("a", max_current=16.0)]))
    plant.inputs = watts(3000)
    plant.run(NARROW + SWITCH + 60)
    assert plant.cars["a"].terminals == 1
    assert plant.setpoints()["a"] == pytest.approx(13, abs=0.1)


@pytest.mark.parametrize("lost", [frozenset(), frozenset({0})])
def test_a_power_is_not_given_to_a_phase_that_cannot_carry_it(lost: frozenset[int]) -> None:
    plant = house()
    plant.house = PerPhase(2 if lost else 16, 0, 0)
    plant.lost = lost
    plant.inputs = watts(3000)
    plant.run(NARROW + SWITCH)
    assert switches(plant) == 0


def test_a_phase_may_be_full_of_what_comes_down() -> None:
    """Another car has it all, but only its floor is its own."""
    plant = house(20, "ab")
    plant.cars["b"].terminals, plant.cars["b"].phase_count = 1, 3
    plant.run(60)
    plant.house = FULL
    plant.run(NARROW + SWITCH + 60)
    assert plant.cars["a"].terminals == 1
    assert plant.setpoints()["a"] >= 6
    assert plant.setpoints()["b"] >= 6


def test_what_a_privileged_car_has_is_its_own() -> None:
    vip = charger("v", wiring=Wiring.MONO1, vip=True)
    plant = switching(dynamic_site(20, [charger("a", max_current=16.0), vip]))
    plant.cars["v"].wants, plant.cars["v"].terminals = 32.0, 1
    plant.house = PerPhase(1, 16, 1)
    plant.run(NARROW + SWITCH)
    assert plant.setpoints()["v"] > 14
    assert switches(plant) == 0


def test_a_car_on_one_phase_that_can_take_all_of_a_power_stays_there() -> None:
    plant = switching(dynamic_site(40, [charger("a", max_current=32.0)]))
    plant.cars["a"].wants = 32.0
    plant.inputs = watts(3000)
    plant.run(NARROW + SWITCH)
    plant.inputs = watts(6000)
    plant.run(WIDEN + SWITCH)
    assert plant.cars["a"].terminals == 1
    assert 6000 * 0.9 <= plant.setpoints()["a"] * 230 <= 6000
    plant.inputs = watts(9000)
    plant.run(WIDEN + SWITCH)
    assert plant.cars["a"].terminals == 3


def test_one_phase_is_loaded_no_more_than_it_may_be_beside_the_others() -> None:
    plant = house(unbalance=7.0)
    plant.house = FULL
    plant.run(NARROW + SWITCH + 60)
    assert plant.cars["a"].terminals == 1
    assert 6 <= plant.setpoints()["a"] <= 7


@pytest.mark.parametrize("reach", [Reach.EVS, Reach.SUM, Reach.EVS_FROM_GRID])
def test_a_full_phase_does_not_keep_a_car_from_the_power_of_the_others(reach: Reach) -> None:
    plant = house(17)
    plant.inputs = watts(3000, reach)
    plant.run(NARROW + SWITCH)
    plant.inputs = watts(9000, reach)
    plant.run(BETWEEN + WIDEN + SWITCH)
    assert plant.cars["a"].terminals == 3
    assert plant.setpoints()["a"] > 10


def test_where_one_phase_may_not_be_loaded_more_than_others_none_is_chosen() -> None:
    mono = charger("m", wiring=Wiring.MONO1, max_current=16.0, vip=True)
    plant = switching(dynamic_site(20, [charger("a", max_current=16.0), mono], unbalance=7.0))
    plant.cars["m"].terminals = 1
    plant.house = FULL
    plant.run(NARROW + SWITCH)
    assert 6 <= plant.setpoints()["m"] <= 7
    assert switches(plant) == 0


def test_who_could_not_be_switched_back_on_this_day_is_not_switched() -> None:
    plant = house()
    wear = plant.controller.state.connectors["a"].wear
    for minutes in range(5):
        wear.note_switch(plant.now + timedelta(minutes=minutes))
    plant.house = FULL
    plant.run(4 * NARROW + SWITCH)
    assert plant.cars["a"].terminals == 3


def test_a_load_that_comes_and_goes_all_day_does_not_leave_a_car_on_one_phase() -> None:
    plant = house()
    plant.tick = 2.0
    for _ in range(8):
        plant.house = FULL
        plant.run(600)
        plant.house = PerPhase.same(2)
        plant.run(1700)
    assert switches(plant) == 4
    assert plant.cars["a"].terminals == 3


def test_a_charger_that_does_not_show_its_phases_is_not_switched() -> None:
    """All three would count until current flows, and none could."""
    plant = house()
    plant.cars["a"].phase_count = None
    plant.run(SWITCH)
    plant.inputs = watts(3000)
    plant.run(NARROW + SWITCH)
    assert plant.cars["a"].terminals == 3


class _Stubborn(Car):
    """Its charger takes the order and does nothing."""

    @override
    def switch_to(self, count: int) -> None:
        assert self.drawn == 0


def test_what_could_not_be_switched_is_forgotten_with_its_reason() -> None:
    plant = house()
    plant.cars["a"] = _Stubborn(plant.cars["a"].connector, wants=16.0, phase_count=3)
    plant.inputs = watts(3000)
    plant.run(NARROW + SWITCH + 60)
    assert switches(plant) == 1
    plant.inputs = Inputs()
    plant.run(120)
    plant.history.clear()
    plant.run(3600)
    assert all(min(flowing) > 15 for _, flowing in plant.history)
    assert switches(plant) == 1


def test_a_switch_that_has_not_begun_yet_is_given_up_when_there_is_room() -> None:
    plant = house()
    plant.cars["a"].status = ConnectorStatus.SUSPENDED_EVSE
    plant.inputs = watts(3000)
    plant.run(NARROW)
    while not plant.controller.state.connectors["a"].narrowing.narrow:
        plant.run(1)
    plant.inputs = Inputs()
    plant.run(60)
    assert switches(plant) == 0
    assert not plant.controller.state.connectors["a"].narrowing.narrow


@pytest.mark.parametrize("status", [ConnectorStatus.SUSPENDED_EV, ConnectorStatus.FINISHING])
def test_a_car_that_takes_nothing_is_not_switched(status: ConnectorStatus) -> None:
    plant = house()
    plant.run(60)
    plant.cars["a"].status = status
    plant.inputs = watts(3000)
    plant.run(NARROW + SWITCH)
    assert switches(plant) == 0


def test_a_cap_on_each_phase_holds_beneath_a_power_too() -> None:
    mono = charger("v", wiring=Wiring.MONO1, max_current=16.0, vip=True)
    site = dynamic_site(40, [charger("a", max_current=16.0), mono], cluster_max=10.0)
    plant = switching(site)
    plant.cars["v"].terminals = 1
    plant.inputs = watts(5000)
    plant.run(NARROW + SWITCH)
    assert plant.setpoints()["v"] > 8
    assert switches(plant) == 0


def test_the_sun_goes_on_with_one_phase_when_the_limit_is_lifted() -> None:
    plant = house(40)
    plant.sun_modes = {"a": SunMode.SUN_ONLY}
    plant.house = PerPhase.same(-10)
    plant.run(300)
    assert plant.cars["a"].terminals == 3
    plant.inputs = watts(3000)
    plant.run(NARROW + SWITCH + 60)
    assert plant.cars["a"].terminals == 1
    plant.house, plant.inputs = PerPhase.same(-3), Inputs()
    plant.run(BETWEEN + WIDEN + SWITCH)
    assert plant.cars["a"].terminals == 1
    assert plant.setpoints()["a"] > 6
    assert switches(plant) == 1


def test_a_charger_that_is_lost_begins_anew_with_its_wait() -> None:
    plant = house()
    plant.inputs = watts(3000)
    plant.run(NARROW - 60)
    plant.cars["a"].lose(plant.now)
    plant.run(30)
    assert plant.controller.state.connectors["a"].narrowing.changes_at is None


def test_the_next_car_begins_on_three_phases() -> None:
    plant = house()
    plant.house = FULL
    plant.run(NARROW + SWITCH)
    plant.cars["a"].leave()
    plant.run(400)
    assert plant.cars["a"].terminals == 3


def test_a_car_stays_on_one_phase_over_a_restart() -> None:
    plant = house()
    plant.house = FULL
    plant.run(NARROW + SWITCH)
    plant.restart_as_it_is()
    plant.run(120)
    assert plant.cars["a"].terminals == 1
    assert switches(plant) == 1


def test_what_is_remembered_outlives_a_restart() -> None:
    assert Narrowing.from_json(Narrowing(narrow=True).to_json()).narrow
    assert not Narrowing.from_json({}).narrow
    with pytest.raises(ValueError, match="not an object"):
        Narrowing.from_json([])


@settings(max_examples=12, deadline=None)
@given(
    steps=st.lists(
        st.tuples(
            st.tuples(*[st.integers(-5, 20)] * 3),
            st.sampled_from([None, 1500, 3000, 4300, 7000]),
            st.sampled_from([40, 200, 700, 1500]),
        ),
        max_size=8,
    )
)
def test_whatever_comes_fuses_hold_and_in_the_end_all_have_three_phases(
    steps: list[tuple[tuple[int, int, int], int | None, int]],
) -> None:
    plant = house(20, "ab")
    plant.tick = 2.0
    for loads, most, seconds in [*steps, ((0, 0, 0), None, 60)]:
        plant.house = PerPhase(*loads)
        plant.inputs = Inputs() if most is None else watts(most)
        plant.run(30)
        plant.history.clear()
        plant.run(seconds)
        for _, flowing in plant.history:
            assert all(flow <= max(20.5, load) for flow, load in zip(flowing, loads, strict=True))
    assert max(switches(plant, key) for key in "ab") <= 6
    plant.run(BETWEEN + WIDEN + 2 * SWITCH)
    for key, car in plant.cars.items():
        assert plant.setpoints()[key] >= 6
        assert car.terminals == 3
