"""Powers that are shared by cars on several phases."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.headroom.engine.currents import PHASES, PerPhase
from custom_components.headroom.engine.known.fleet import Fleet, evenly
from custom_components.headroom.engine.known.observation import Draw, Observation
from custom_components.headroom.engine.site.model import Connector
from custom_components.headroom.engine.site.wiring import Wiring
from custom_components.headroom.engine.snapshot import ConnectorReading, ConnectorStatus

VOLTS = PerPhase(230, 240, 220)
ROUNDING = 0.01 * 3 * 240


def ev(
    worst: float,
    phases: tuple[int, ...],
    *,
    key: str = "c",
    held: bool = False,
    excess: float = 0.0,
    status: ConnectorStatus = ConnectorStatus.CHARGING,
) -> Observation:
    nothing = PerPhase()
    return Observation(
        connector=Connector(id=key, wiring=Wiring.TRI123),
        reading=ConnectorReading(status=status),
        phases=phases,
        drawn=nothing,
        low=nothing,
        high=nothing,
        nominal=Draw(nothing, nothing),
        worst=worst,
        excess=excess,
        measured=True,
        steady_at=None,
        held=held,
    )


evs = st.builds(
    ev,
    st.sampled_from((0.0, 6.0, 10.5, 32.0)),
    st.sampled_from(((0,), (1,), (2,), (0, 1), PHASES)),
    held=st.booleans(),
    status=st.sampled_from((ConnectorStatus.CHARGING, ConnectorStatus.AVAILABLE)),
)
fleets = st.builds(
    Fleet,
    st.just(PHASES),
    st.lists(evs, max_size=5).map(tuple),
    st.sampled_from((PerPhase(), PerPhase(0, 16, 0))),
)
powers = st.floats(0, 40_000)


def watts(currents: PerPhase) -> float:
    return sum(currents[phase] * VOLTS[phase] for phase in PHASES)


def drawn(fleet: Fleet, *, held: bool) -> PerPhase:
    total = fleet.departed
    for one in fleet.evs:
        if one.held or not held:
            total += PerPhase.on(one.phases, one.worst)
    return total


@given(fleets, powers)
def test_all_phases_together_come_to_the_power_or_to_what_nobody_can_lower(
    fleet: Fleet, power: float
) -> None:
    settled, beyond = fleet.settled(power, VOLTS), drawn(fleet, held=True)
    most = max(power, watts(beyond))
    assert most - ROUNDING <= watts(settled) <= most + 1e-6
    assert settled == settled.highest(beyond)


@given(fleets, powers)
def test_whatever_is_filled_by_raising_stays_within_the_power(fleet: Fleet, power: float) -> None:
    rising, worst = fleet.rising(power, VOLTS), drawn(fleet, held=False)
    raised = rising.highest(worst)
    assert raised == worst or watts(raised) <= power + 1e-6


def test_cars_that_obey_share_by_the_phases_that_they_use() -> None:
    fleet = Fleet(
        PHASES, (ev(6.0, (0,)), ev(6.0, PHASES), ev(0.0, (2,), status=ConnectorStatus.PREPARING))
    )
    assert fleet.settled(1000.0, PerPhase.same(1)) == PerPhase(400, 200, 400)


def test_what_a_car_beyond_control_draws_is_missing_on_the_other_phases() -> None:
    fleet = Fleet(PHASES, (ev(6.0, (0,)), ev(16.0, (1,), held=True)))
    assert fleet.settled(4600.0, PerPhase.same(230)) == PerPhase(4, 16, 0)
    assert fleet.rising(4600.0, PerPhase.same(230)) == PerPhase(0, 16, 0)


def test_a_car_beyond_control_leaves_the_phase_that_it_shares_to_others_as_well() -> None:
    """3.7 of 9.6 kW are taken on L1, and 8.6 A are left to a car on three phases."""
    fleet = Fleet(PHASES, (ev(16.0, (0,), held=True), ev(0.0, PHASES)))
    volts = PerPhase.same(230)
    assert fleet.settled(9600.0, volts) == fleet.rising(9600.0, volts)
    assert fleet.rising(9600.0, volts) == PerPhase(24.57, 8.57, 8.57)


def test_who_may_not_charge_takes_no_part() -> None:
    waits = ev(0.0, (1,), status=ConnectorStatus.PREPARING)
    fleet = Fleet(PHASES, (ev(6.0, (0,), key="a"), waits), idle={"c"})
    assert fleet.settled(2300.0, PerPhase.same(230)) == PerPhase(10, 0, 0)


@pytest.mark.parametrize(
    ("power", "parts"), [(5580.0, PerPhase.same(8.08)), (5600.0, PerPhase(12.12, 6.11, 6.11))]
)
def test_a_car_has_what_it_draws_above_its_floor_before_another_one_has_a_part(
    power: float, parts: PerPhase
) -> None:
    """Currents are given in tenths, so that 0.01 A above 6 A takes 6.1 A."""
    waits = ev(0.0, (0,), status=ConnectorStatus.PREPARING)
    fleet = Fleet(PHASES, (ev(6.0, PHASES, excess=0.01), waits))
    assert fleet.settled(power, PerPhase.same(230)) == parts


@pytest.mark.parametrize(
    ("order", "parts"), [((0, 1), PerPhase(18.26, 0, 0)), ((1, 0), PerPhase.same(6.08))]
)
def test_power_that_lasts_for_one_of_two_cars_goes_to_the_one_that_comes_first(
    order: tuple[int, int], parts: PerPhase
) -> None:
    cars = ev(6.0, (0,)), ev(0.0, PHASES, status=ConnectorStatus.PREPARING)
    fleet = Fleet(PHASES, tuple(cars[place] for place in order))
    assert fleet.settled(4200.0, PerPhase.same(230)) == parts


def test_what_floors_leave_is_shared_by_phases() -> None:
    """A car on L1 and one on three phases need 5.5 kW; two thirds of the rest are for L2 and L3."""
    fleet = Fleet(PHASES, (ev(6.0, (0,)), ev(6.0, PHASES)))
    assert fleet.settled(5980.0, PerPhase.same(230)) == PerPhase(13, 6.5, 6.5)


def test_the_room_of_a_car_that_is_being_lowered_is_not_given_away_yet() -> None:
    fleet = Fleet(PHASES, (ev(16.0, (0,)), ev(0.0, (1,)), ev(0.0, (2,))))
    assert fleet.settled(4600.0, PerPhase.same(230))[1] == pytest.approx(6.66)
    assert fleet.rising(4600.0, PerPhase.same(230)) == PerPhase(0, 2, 2)


@pytest.mark.parametrize("evs", [(), (ev(0.0, (0,), status=ConnectorStatus.AVAILABLE),)])
def test_without_cars_each_phase_of_the_zone_has_an_equal_part(evs: Any) -> None:
    fleet = Fleet((0, 2), evs)
    assert fleet.settled(460.0, PerPhase.same(230)) == PerPhase(1, 0, 1)
    assert evenly((0, 2))(460.0, PerPhase.same(230)) == PerPhase(1, 0, 1)
    assert evenly(())(460.0, PerPhase.same(230)) == PerPhase()
