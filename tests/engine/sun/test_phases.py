"""Automatic switching between one phase and three by the surplus."""

from datetime import timedelta

import pytest

from custom_components.headroom.engine.currents import PHASES, PerPhase
from custom_components.headroom.engine.decision import ReasonCode
from custom_components.headroom.engine.site.wiring import Wiring
from custom_components.headroom.engine.snapshot import ConnectorStatus
from custom_components.headroom.engine.when.permit import SunMode
from custom_components.headroom.engine.when.planned import PlannedQuarter

from ..plant import Plant, charger
from .sunny import currents, plant, shine

TOGETHER = 3


def switching(
    mode: SunMode = SunMode.SUN_ONLY, *, phases: int = 3, maximum: float = 16.0, **rules: object
) -> Plant:
    """Return a plant with a car whose number of phases goes by the sun."""
    site = plant(charger("a", max_current=maximum), mode=mode, **rules)
    site.automatic_phases = frozenset({"a"})
    car = site.cars["a"]
    car.terminals = car.phase_count = phases
    car.per_phase = True
    return site


def sun(site: Plant, total: float, seconds: float) -> float:
    """Let the sun leave that much in all phases together, in A; return the setpoint."""
    return shine(site, total / TOGETHER, seconds)["a"].current


def switches(site: Plant) -> int:
    return len(site.controller.state.connectors["a"].wear.switches)


def test_little_sun_makes_a_car_begin_on_one_phase() -> None:
    site = switching()
    assert 9 - 0.3 <= sun(site, 9, 200) <= 9
    assert site.cars["a"].terminals == 1
    assert site.decision.setpoints["a"].phases == PHASES[:1]


def test_much_sun_makes_a_car_begin_on_three_phases_without_a_switch() -> None:
    site = switching()
    assert 9 - 0.3 <= sun(site, 27, 200) <= 9
    assert site.cars["a"].terminals == 3
    assert switches(site) == 0


def test_a_charger_that_is_on_one_phase_is_switched_before_the_car_begins() -> None:
    site = switching(phases=1)
    assert 9 - 0.3 <= sun(site, 27, 200) <= 9
    assert site.cars["a"].terminals == 3


def test_a_car_on_one_phase_waits_for_lasting_surplus_and_says_until_when() -> None:
    site = switching(phases=1)
    sun(site, 14, 200)
    assert sun(site, 24, 120) == 16
    waits = site.decision.setpoints["a"].reasons[-1]
    assert waits.code is ReasonCode.PHASE_SWITCH_WAITS
    assert waits.until is not None
    assert timedelta(minutes=7) < waits.until - site.now < timedelta(minutes=9)
    sun(site, 19, 20)
    assert ReasonCode.PHASE_SWITCH_WAITS not in {
        reason.code for reason in site.decision.setpoints["a"].reasons
    }
    assert sun(site, 24, 580) == 16
    assert 8 - 0.3 <= sun(site, 24, 120) <= 8
    assert site.cars["a"].terminals == 3


def test_while_it_waits_on_one_phase_a_car_stays_within_that_phase() -> None:
    """The power of three phases is not drawn from one of them."""
    site = switching(phases=1, maximum=32.0)
    site.zone_limits = {"z": 20.0}
    site.house = PerPhase(2, -30, -30)
    site.run(90)
    site.history.clear()
    assert 17 <= site.run(200).setpoints["a"].current <= 18
    assert max(grid.l1 for _, grid in site.history) <= 20


def test_a_car_on_three_phases_does_with_one_when_the_sun_is_too_little_for_the_stop_delay() -> (
    None
):
    site = switching()
    sun(site, 30, 200)
    assert sun(site, 10, 100) == 6
    assert site.cars["a"].terminals == 3
    sun(site, 10, 500)
    assert site.cars["a"].terminals == 1
    assert 10 - 0.7 <= sun(site, 10, 60) <= 10
    assert site.controller.state.connectors["a"].wear.stops == 0


def test_without_sun_a_car_on_three_phases_stops() -> None:
    site = switching()
    sun(site, 30, 200)
    assert sun(site, 0, 400) == 0
    assert site.cars["a"].terminals == 3
    assert site.controller.state.connectors["a"].wear.stops == 1


def test_no_more_phases_are_taken_than_the_budget_lets_a_car_give_back() -> None:
    site = switching(phases=1)
    wear = site.controller.state.connectors["a"].wear
    for minutes in range(5):
        wear.note_switch(site.now + timedelta(minutes=minutes))
    assert sun(site, 30, 1200) == 16
    assert site.cars["a"].terminals == 1


def test_without_a_switch_left_a_car_stays_as_it_is() -> None:
    site = switching()
    wear = site.controller.state.connectors["a"].wear
    for minutes in range(6):
        wear.note_switch(site.now + timedelta(minutes=minutes))
    assert sun(site, 10, 300) == 0
    assert 8 - 0.3 <= sun(site, 24, 300) <= 8


def test_a_car_that_uses_one_phase_of_three_is_not_switched() -> None:
    site = switching()
    site.cars["a"].terminals, site.cars["a"].phase_count = 1, 3
    sun(site, 30, 300)
    assert 9 - 0.3 <= sun(site, 9, 900) <= 10
    assert switches(site) == 0


def test_a_hybrid_car_goes_to_one_phase_and_back() -> None:
    site = switching(SunMode.SUN_HYBRID)
    sun(site, 3, 600)
    assert site.cars["a"].terminals == 1
    assert site.decision.setpoints["a"].current == 6
    sun(site, 30, 1200)
    assert site.cars["a"].terminals == 3


def test_who_does_not_follow_the_sun_gets_three_phases() -> None:
    for forced, mode in ((frozenset({"a"}), SunMode.SUN_ONLY), (frozenset[str](), SunMode.OFF)):
        site = switching(mode, phases=1)
        site.forced = forced
        sun(site, 0, 120)
        assert site.cars["a"].terminals == 3
        assert site.decision.setpoints["a"].current == 16


def test_a_car_gets_three_phases_beside_another_that_could_take_all() -> None:
    site = plant(charger("a", max_current=16.0), charger("b", wiring=Wiring.MONO2))
    site.automatic_phases = frozenset({"a"})
    site.cars["a"].terminals = site.cars["a"].phase_count = 1
    site.cars["a"].per_phase = True
    shine(site, 12 / TOGETHER, 400)
    shine(site, 40 / TOGETHER, 800)
    assert site.cars["a"].terminals == 3
    assert currents(site.decision.setpoints) == pytest.approx({"a": 6.7, "b": 20}, abs=0.8)


def planned(site: Plant, current: float) -> None:
    """Let a plan give the car a current per phase for the next hours."""
    site.plans = {"a": PlannedQuarter(current=current, expires=site.now + timedelta(hours=9))}


@pytest.mark.parametrize("mode", [SunMode.SUN_ONLY, SunMode.SUN_HYBRID, SunMode.MAX_HYBRID])
def test_a_planned_charge_at_night_uses_three_phases(mode: SunMode) -> None:
    site = switching(mode, phases=1)
    planned(site, 0)
    sun(site, 9, 300)
    sun(site, 0, 1200)
    assert site.cars["a"].terminals == 1
    planned(site, 16)
    assert sun(site, 0, 120) == 16
    assert site.cars["a"].terminals == 3
    assert switches(site) == 1


def test_cheap_hours_use_three_phases() -> None:
    """The weekend is all cheap: the grid may give what the car can take."""
    site = switching(SunMode.MAX_HYBRID, phases=1)
    site.off_peak = frozenset({"a"})
    assert sun(site, 0, 120) == 16
    assert site.cars["a"].terminals == 3


def test_a_planned_charge_that_one_phase_can_carry_stays_on_it() -> None:
    site = switching(phases=1, maximum=32.0)
    planned(site, 8)
    assert sun(site, 0, 120) == 8
    assert site.cars["a"].terminals == 1
    planned(site, 12)
    assert sun(site, 0, 120) == 12
    assert site.cars["a"].terminals == 3


def test_a_planned_charge_is_not_narrowed_by_clouds() -> None:
    site = switching()
    planned(site, 16)
    sun(site, 30, 200)
    assert sun(site, 10, 900) == 16
    assert site.cars["a"].terminals == 3
    planned(site, 0)
    sun(site, 10, 900)
    assert site.cars["a"].terminals == 1


def test_a_planned_charge_spends_no_switch_that_is_needed_to_come_back() -> None:
    site = switching(phases=1)
    wear = site.controller.state.connectors["a"].wear
    for minutes in range(5):
        wear.note_switch(site.now + timedelta(minutes=minutes))
    planned(site, 16)
    assert sun(site, 0, 600) == 16
    assert site.cars["a"].terminals == 1


def after_one_on_one_phase() -> Plant:
    """Return a plant whose outlet has three phases, where a car on one of them has charged."""
    site = plant()
    car = site.cars["a"]
    car.terminals, car.per_phase = 1, True
    assert sun(site, 12, 400) == 0
    assert sun(site, 30, 400) >= 11
    car.leave()
    sun(site, 0, 60)
    return site


def test_after_a_car_on_one_phase_the_next_one_is_expected_to_need_no_more() -> None:
    site = after_one_on_one_phase()
    site.cars["a"].status = ConnectorStatus.CHARGING
    assert sun(site, 12, 400) == pytest.approx(12, abs=0.3)


def test_a_next_one_on_three_phases_shows_it_and_stops() -> None:
    site = after_one_on_one_phase()
    car = site.cars["a"]
    car.status, car.terminals = ConnectorStatus.CHARGING, 3
    sun(site, 12, 700)
    assert car.drawn == 0
    assert sun(site, 12, 900) == 0
    assert site.controller.state.connectors["a"].wear.stops == 1
    assert sun(site, 24, 600) == pytest.approx(8, abs=0.3)


def test_of_a_car_that_is_not_measured_nothing_less_is_expected_than_all_phases() -> None:
    site = after_one_on_one_phase()
    car = site.cars["a"]
    car.status, car.terminals, car.silent = ConnectorStatus.CHARGING, 3, True
    assert sun(site, 12, 3600) == 0
    assert site.true_current().l1 < 0


def test_switches_of_the_day_before_do_not_count() -> None:
    site = switching(phases=1)
    wear = site.controller.state.connectors["a"].wear
    for hours in range(6):
        wear.note_switch(site.now - timedelta(hours=12, minutes=-hours))
    assert sun(site, 30, 1200) == pytest.approx(10, abs=0.3)
    assert site.cars["a"].terminals == 3
