"""The controller in closed loop with a small plant."""

from datetime import timedelta

import pytest

from custom_components.headroom.engine.controller import SiteController
from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.engine.decision import ReasonCode
from custom_components.headroom.engine.memory.state import ControllerState
from custom_components.headroom.engine.site.breaker import ProtectiveDevice
from custom_components.headroom.engine.site.model import Meter, Site, Supply, Zone
from custom_components.headroom.engine.site.wiring import Wiring
from custom_components.headroom.engine.snapshot import ConnectorStatus, Snapshot

from .plant import START, Plant, charger, dynamic_site, static_site


def codes(plant: Plant, connector: str) -> list[ReasonCode]:
    return [reason.code for reason in plant.decision.setpoints[connector].reasons]


def test_static_zone_is_shared_equally_at_once() -> None:
    plant = Plant(static_site(32, [charger("a"), charger("b")]))
    plant.run(1)
    assert plant.setpoints() == {"a": 16.0, "b": 16.0}
    assert codes(plant, "a") == [
        ReasonCode.ZONE_LIMIT,
        ReasonCode.NOMINAL,
        ReasonCode.CONNECTOR_MAX,
    ]


def test_newcomer_waits_until_others_have_come_down() -> None:
    plant = Plant(static_site(32, [charger("a"), charger("b")]))
    plant.cars["b"].status = ConnectorStatus.AVAILABLE
    plant.run(60)
    assert plant.setpoints() == {"a": 32.0, "b": 0.0}
    plant.cars["b"].status = ConnectorStatus.CHARGING
    plant.run(0.5)
    assert plant.setpoints() == {"a": 16.0, "b": 0.0}
    assert codes(plant, "b")[0] is ReasonCode.WAITING_FOR_OTHERS
    plant.run(25)
    assert plant.setpoints() == {"a": 16.0, "b": 16.0}
    assert max(max(current) for _, current in plant.history) <= 32


def test_nobody_waits_for_less_than_is_worth_a_change() -> None:
    plant = Plant(dynamic_site(21, [charger("a"), charger("b")]))
    plant.connector_limits["b"] = 9.8
    plant.run(120)
    before = plant.setpoints()
    del plant.connector_limits["b"]
    plant.run(120)
    assert plant.setpoints() == before
    assert before["b"] < before["a"]
    assert codes(plant, "b")[0] is ReasonCode.ZONE_LIMIT


def test_no_car_gets_nothing_and_says_so() -> None:
    plant = Plant(static_site(32, [charger("a")]))
    plant.cars["a"].status = ConnectorStatus.AVAILABLE
    plant.run(5)
    assert plant.setpoints() == {"a": 0.0}
    assert codes(plant, "a") == [ReasonCode.NO_CAR]


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (ConnectorStatus.SUSPENDED_EV, ReasonCode.CAR_SUSPENDED),
        (ConnectorStatus.PREPARING, ReasonCode.CAR_NOT_READY),
    ],
)
def test_car_that_does_not_draw_keeps_its_place_with_the_floor(
    status: ConnectorStatus, code: ReasonCode
) -> None:
    plant = Plant(static_site(32, [charger("a"), charger("b")]))
    plant.cars["a"].status = status
    plant.run(40)
    assert plant.setpoints() == {"a": 6.0, "b": 26.0}
    assert codes(plant, "a")[-1] is code


@pytest.mark.parametrize("status", [ConnectorStatus.FAULTED, ConnectorStatus.UNAVAILABLE])
def test_connector_out_of_order_gets_nothing(status: ConnectorStatus) -> None:
    plant = Plant(static_site(32, [charger("a")]))
    plant.run(5)
    plant.cars["a"].status = status
    plant.run(1)
    assert plant.setpoints() == {"a": 0.0}
    assert codes(plant, "a")[-1] is ReasonCode.UNAVAILABLE


def test_pausing_stops_and_resuming_starts_without_delay() -> None:
    plant = Plant(static_site(32, [charger("a")]))
    plant.run(10)
    plant.paused = frozenset({"a"})
    plant.run(0.5)
    assert plant.setpoints() == {"a": 0.0}
    assert codes(plant, "a")[-1] is ReasonCode.PAUSED
    plant.paused = frozenset()
    plant.run(15)
    assert plant.setpoints() == {"a": 32.0}


def test_limit_of_a_person_holds_and_below_the_floor_means_nothing() -> None:
    plant = Plant(static_site(32, [charger("a")]))
    plant.connector_limits["a"] = 10.0
    plant.run(5)
    assert plant.setpoints() == {"a": 10.0}
    assert codes(plant, "a") == [ReasonCode.USER_LIMIT]
    plant.connector_limits["a"] = 5.0
    plant.run(1)
    assert plant.setpoints() == {"a": 0.0}
    plant.connector_limits["a"] = 40.0
    plant.run(60)
    assert plant.setpoints() == {"a": 32.0}


def test_zone_limit_of_a_person_applies_at_once() -> None:
    plant = Plant(static_site(32, [charger("a")]))
    plant.run(5)
    plant.zone_limits["z"] = 20.0
    plant.run(0.5)
    assert plant.setpoints() == {"a": 20.0}
    assert ReasonCode.PERSON_LIMIT in codes(plant, "a")
    plant.zone_limits["z"] = 60.0
    plant.run(30)
    assert plant.setpoints() == {"a": 32.0}


def test_kettle_is_answered_in_the_same_step_and_raised_again_slowly() -> None:
    plant = Plant(dynamic_site(25, [charger("a", max_current=16)]), house=2)
    plant.run(60)
    assert plant.setpoints() == {"a": 16.0}
    plant.house = PerPhase(16, 2, 2)
    plant.run(0.5)
    assert plant.setpoints() == {"a": 8.7}
    assert codes(plant, "a")[:2] == [ReasonCode.ZONE_LIMIT, ReasonCode.OTHER_LOADS]
    plant.run(15)
    assert max(plant.true_current()) <= 25
    plant.house = PerPhase.same(2)
    plant.run(12)
    assert plant.setpoints() == {"a": 8.7}
    assert codes(plant, "a")[0] is ReasonCode.WAITING_TO_RAISE
    plant.run(30)
    assert plant.setpoints() == {"a": 16.0}


def test_overload_lasts_no_longer_than_the_ramp() -> None:
    plant = Plant(dynamic_site(63, [charger(f"c{n}") for n in range(4)]), house=10)
    plant.run(120)
    plant.house = PerPhase.same(40)
    stepped_at = plant.now
    plant.run(60)
    over = [time for time, current in plant.history if time > stepped_at and max(current) > 63.01]
    lag_and_ramp = timedelta(seconds=1.5 + 32 / 6)
    assert all(time - stepped_at <= lag_and_ramp for time in over)


def test_house_noise_moves_nothing() -> None:
    plant = Plant(dynamic_site(25, [charger("a")]), house=10)
    plant.run(120)
    settled = plant.setpoints()
    for wobble in (0.2, -0.2, 0.1, 0.25, -0.25) * 20:
        plant.house = PerPhase.same(10 + wobble)
        plant.run(0.5)
        assert plant.setpoints() == settled


def test_floor_that_does_not_fit_pauses_the_last_and_waits_before_resuming() -> None:
    plant = Plant(dynamic_site(25, [charger("a"), charger("b")]), house=5)
    plant.cars["b"].status = ConnectorStatus.AVAILABLE
    plant.run(40)
    plant.cars["b"].status = ConnectorStatus.CHARGING
    plant.run(100)
    plant.house = PerPhase.same(15)
    plant.run(1)
    assert plant.setpoints() == {"a": pytest.approx(9.7, abs=0.5), "b": 0.0}
    assert codes(plant, "b")[:2] == [ReasonCode.ROTATED_OUT, ReasonCode.FLOOR_DOES_NOT_FIT]
    plant.house = PerPhase.same(2)
    plant.run(45)
    assert plant.setpoints()["b"] == 0.0
    assert codes(plant, "b")[0] is ReasonCode.MIN_PAUSE
    plant.run(60)
    assert plant.setpoints()["b"] > 6


def test_silent_meter_stops_everything_and_speaking_again_resumes() -> None:
    plant = Plant(dynamic_site(25, [charger("a", max_current=16)]), house=2)
    plant.run(60)
    plant.metered = False
    plant.run(0.5)
    assert plant.setpoints() == {"a": 0.0}
    assert plant.decision.zones["z"].degraded
    assert codes(plant, "a")[:2] == [ReasonCode.FLOOR_DOES_NOT_FIT, ReasonCode.METER_SILENT]
    plant.metered = True
    plant.run(80)
    assert plant.setpoints() == {"a": 16.0}
    assert not plant.decision.zones["z"].degraded


def test_silent_meter_leaves_the_degraded_current() -> None:
    plant = Plant(dynamic_site(25, [charger("a")], degraded=8.0), house=2)
    plant.run(60)
    plant.metered = False
    plant.run(1)
    assert plant.setpoints() == {"a": 8.0}


def test_child_zone_is_bound_by_its_metered_parent() -> None:
    site = Site(
        zones=(
            Zone(id="house", limit=PerPhase.same(35), supply=Supply.DYNAMIC),
            Zone(id="garage", parent="house", limit=PerPhase.same(32)),
        ),
        meters=(Meter(id="m", zone="house"),),
        chargers=(charger("a", "garage"), charger("b", "garage", Wiring.MONO2)),
    )
    plant = Plant(site, house=15)
    plant.run(90)
    assert plant.setpoints()["a"] + plant.setpoints()["b"] == pytest.approx(20, abs=1)
    assert plant.decision.zones["garage"].budget == PerPhase.same(32)
    assert plant.decision.zones["house"].budget.l2 == pytest.approx(20)


def test_lost_charger_is_held_at_its_lease_and_then_at_its_fallback() -> None:
    plant = Plant(static_site(32, [charger("a", fallback=6.0), charger("b")]))
    plant.run(30)
    lost = plant.cars["a"]
    lost.online, lost.lease_until = False, plant.now + timedelta(seconds=60)
    plant.run(80)
    assert plant.setpoints()["b"] == 16.0
    assert codes(plant, "a") == [ReasonCode.OFFLINE]
    plant.run(40)
    assert plant.setpoints() == {"a": 6.0, "b": 26.0}
    zone = plant.decision.zones["z"]
    assert [reason.code for reason in zone.reasons[0]] == [
        ReasonCode.NOMINAL,
        ReasonCode.BEYOND_CONTROL,
    ]


def test_lost_charger_that_refused_its_base_limit_is_held_at_its_maximum() -> None:
    site = static_site(40, [charger("a", fallback=0.0), charger("b")])
    plant = Plant(site)
    plant.run(30)
    readings = dict(plant.snapshot().connectors)
    readings["a"] = readings["a"].__class__(online=False, fallback_refused=True)
    decision = plant.controller.step(Snapshot(now=plant.now, connectors=readings))
    assert decision.setpoints["b"].current == 8.0


def test_charger_above_its_setpoint_is_paid_for_by_the_others() -> None:
    plant = Plant(static_site(40, [charger("a"), charger("b")]))
    plant.cars["a"].obeys = False
    plant.run(60)
    assert plant.setpoints()["b"] == 8.0
    assert plant.decision.zones["z"].committed.l1 <= 40
    plant.cars["a"].obeys = True
    plant.run(60)
    assert plant.setpoints() == {"a": 20.0, "b": pytest.approx(20.0, abs=0.9)}


def test_charger_that_accepts_nothing_counts_with_its_maximum_after_a_grace() -> None:
    plant = Plant(static_site(40, [charger("a"), charger("b")]))
    plant.cars["a"].confirmed = None
    plant.cars["a"].obeys = False
    plant.cars["a"].wants = 0.0
    plant.run(60)
    assert plant.setpoints()["b"] == 8.0


def test_reconnecting_charger_is_not_told_its_old_setpoint() -> None:
    plant = Plant(static_site(40, [charger("a", fallback=6.0), charger("b")]))
    plant.run(30)
    lost = plant.cars["a"]
    lost.online, lost.lease_until = False, plant.now
    plant.run(60)
    assert plant.setpoints() == {"a": 6.0, "b": 32.0}


def test_state_survives_a_restart() -> None:
    plant = Plant(static_site(32, [charger("a"), charger("b")]))
    plant.run(60)
    stored = ControllerState.from_json(plant.controller.state.to_json())
    plant.controller = SiteController(plant.site, stored)
    plant.run(0.5)
    assert plant.setpoints() == {"a": 16.0, "b": 16.0}


def restarted(plant: Plant) -> None:
    stored = ControllerState.from_json(plant.controller.state.to_json())
    plant.controller = SiteController(plant.site, stored)


def test_charger_that_is_not_back_after_a_crash_is_held_at_what_is_stored() -> None:
    plant = Plant(static_site(40, [charger("a"), charger("b")]))
    plant.run(60)
    restarted(plant)
    plant.cars["a"].online = False
    plant.run(200)
    assert plant.setpoints()["b"] == 20.0
    plant.run(90)
    assert plant.setpoints()["b"] == 32.0


def test_charger_that_is_not_back_counts_with_its_maximum_if_nothing_could_be_read() -> None:
    plant = Plant(static_site(40, [charger("a"), charger("b")]))
    plant.run(60)
    plant.controller = SiteController(plant.site, ControllerState(complete=False))
    plant.cars["a"].online = False
    plant.run(200)
    assert plant.setpoints()["b"] == 8.0


def test_chargers_that_come_back_one_by_one_after_a_crash_go_on() -> None:
    keys = "abcdefghij"
    chargers = [charger(key, max_current=16.0, fallback=6.0) for key in keys]
    plant = Plant(static_site(125, chargers))
    plant.store_every = 5.0
    plant.run(120)
    before = plant.setpoints()
    assert set(before.values()) == {12.5}
    plant.restart(orderly=False)
    for key, car in plant.cars.items():
        car.online, car.free = False, key in "ij"
    for key in keys:
        plant.cars[key].online = True
        plant.run(1)
        assert plant.setpoints() == before


def test_charger_without_a_fallback_that_stays_away_after_a_start_counts_with_its_maximum() -> None:
    plant = Plant(static_site(40, [charger("a"), charger("b")]))
    plant.cars["a"].free = True
    plant.run(60)
    plant.restart(orderly=False)
    plant.cars["a"].online = False
    plant.run(59)
    assert plant.setpoints()["b"] == 20.0
    plant.run(2)
    assert plant.setpoints()["b"] == 8.0


def test_charger_that_is_not_back_after_an_orderly_stop_is_held_at_its_last_limit() -> None:
    plant = Plant(static_site(40, [charger("a", fallback=6.0), charger("b", fallback=0.0)]))
    plant.run(60)
    assert plant.controller.stand_down(plant.now) == {"a": 6.0, "b": 0.0}
    plant.controller.state.connectors["a"].worst = 10.0
    restarted(plant)
    plant.cars["a"].online = False
    plant.run(120)
    assert plant.setpoints()["b"] == 30.0
    plant.run(180)
    assert plant.setpoints()["b"] == 32.0


def test_contact_without_acceptance_does_not_end_the_hold_after_a_crash() -> None:
    plant = Plant(static_site(40, [charger("a"), charger("b")]))
    plant.run(60)
    restarted(plant)
    plant.cars["a"].confirmed = None
    plant.cars["a"].obeys = False
    plant.run(1)
    plant.cars["a"].online = False
    plant.run(100)
    assert plant.setpoints()["b"] == 18.0, "the other has been seen to draw 22 A"


def test_charger_that_was_lost_while_it_did_not_follow_is_held_at_its_maximum() -> None:
    plant = Plant(static_site(40, [charger("a"), charger("b")]))
    plant.run(30)
    plant.cars["a"].obeys = False
    plant.run(40)
    plant.cars["a"].online = False
    plant.run(300)
    assert plant.setpoints()["b"] == 8.0


def test_charger_that_ignores_a_creeping_limit_is_paid_for_by_the_others() -> None:
    plant = Plant(dynamic_site(40, [charger("a"), charger("b")]), house=2)
    plant.run(60)
    plant.cars["a"].obeys = False
    for _ in range(20):
        plant.house += PerPhase.same(0.3)
        plant.run(4)
    assert plant.setpoints()["b"] == 0.0
    assert max(plant.true_current()) <= 41


def test_many_small_excesses_are_counted() -> None:
    names = [f"c{n}" for n in range(10)]
    plant = Plant(static_site(100, [charger(name) for name in names]))
    plant.run(30)
    for car in plant.cars.values():
        car.lead = 0.9
    plant.run(120)
    assert max(plant.true_current()) <= 100.5


def test_departed_connector_is_counted_until_its_lease_has_ended() -> None:
    plant = Plant(static_site(32, [charger("a"), charger("b")]))
    plant.run(30)
    plant.site = static_site(32, [charger("b")])
    del plant.cars["a"]
    plant.controller.reconfigure(plant.site)
    plant.run(200)
    assert plant.setpoints() == {"b": 16.0}
    plant.run(60)
    assert plant.setpoints() == {"b": 32.0}


def test_departed_connector_that_has_accepted_0_a_is_free_soon() -> None:
    plant = Plant(static_site(32, [charger("a"), charger("b")]))
    plant.run(30)
    plant.site = static_site(32, [charger("b")])
    plant.cars["a"].confirmed = 0.0
    plant.controller.reconfigure(plant.site)
    plant.run(60)
    assert plant.setpoints() == {"b": 32.0}


def test_status_that_flaps_does_not_operate_the_contactor_each_time() -> None:
    plant = Plant(static_site(32, [charger("a")]))
    changes, last = 0, 0.0
    for n in range(60):
        flapping = (ConnectorStatus.CHARGING, ConnectorStatus.AVAILABLE)
        plant.cars["a"].status = flapping[n % 2]
        plant.run(5)
        changes += (plant.setpoints()["a"] > 0) != (last > 0)
        last = plant.setpoints()["a"]
    assert changes <= 30


def test_finishing_for_a_moment_does_not_end_a_pause() -> None:
    plant = Plant(dynamic_site(25, [charger("a")]), house=2)
    plant.run(60)
    plant.house = PerPhase.same(22)
    plant.run(1)
    plant.house = PerPhase.same(2)
    plant.cars["a"].status = ConnectorStatus.FINISHING
    plant.run(0.5)
    plant.cars["a"].status = ConnectorStatus.CHARGING
    plant.run(45)
    assert plant.setpoints() == {"a": 0.0}
    assert codes(plant, "a")[0] is ReasonCode.MIN_PAUSE


def test_silent_meter_raises_nothing_at_first() -> None:
    plant = Plant(dynamic_site(25, [charger("a")], degraded=16.0), house=20)
    plant.run(60)
    assert plant.setpoints() == {"a": 0.0}
    plant.metered = False
    plant.run(14)
    assert plant.setpoints() == {"a": 0.0}
    plant.run(60)
    assert plant.setpoints() == {"a": 16.0}


def test_clock_that_leaps_forward_does_not_fill_the_raise_window() -> None:
    plant = Plant(dynamic_site(25, [charger("a", max_current=16)]), house=2)
    plant.run(60)
    plant.house = PerPhase.same(14)
    plant.run(20)
    plant.now += timedelta(hours=1)
    plant.house = PerPhase.same(2)
    plant.run(5)
    assert plant.setpoints() == {"a": 10.7}


@pytest.mark.parametrize(("floor", "step", "entry"), [(6.25, 0.1, 6.3), (6.5, 1.0, 7.0)])
def test_floor_between_two_steps_is_rounded_up(floor: float, step: float, entry: float) -> None:
    plant = Plant(static_site(32, [charger("a", floor=floor, step=step)]))
    plant.cars["a"].status = ConnectorStatus.PREPARING
    plant.run(5)
    assert plant.setpoints() == {"a": pytest.approx(entry)}


def test_setpoint_below_a_raised_floor_is_ended() -> None:
    plant = Plant(static_site(13, [charger("a"), charger("b")]))
    plant.run(30)
    plant.controller.reconfigure(
        static_site(13, [charger("a", floor=8.0), charger("b", floor=8.0)])
    )
    plant.run(1)
    assert all(current == 0 or current >= 8 for current in plant.setpoints().values())


def test_unknown_status_after_a_restart_keeps_the_setpoint_and_does_not_raise() -> None:
    plant = Plant(static_site(32, [charger("a"), charger("b")]))
    plant.run(30)
    plant.cars["a"].status = ConnectorStatus.UNKNOWN
    plant.cars["b"].status = ConnectorStatus.AVAILABLE
    plant.run(30)
    assert plant.setpoints() == {"a": 16.0, "b": 0.0}
    assert codes(plant, "a") == [ReasonCode.STATUS_UNKNOWN]


def test_changing_the_site_keeps_sessions_running() -> None:
    plant = Plant(static_site(32, [charger("a"), charger("b")]))
    plant.run(30)
    wider = static_site(32, [charger("a"), charger("c")])
    plant.controller.reconfigure(wider)
    decision = plant.controller.step(plant.snapshot())
    assert decision.setpoints["a"].current >= 6.0
    assert set(decision.setpoints) == {"a", "c"}


def test_clock_that_leaps_back_does_not_block_raising() -> None:
    plant = Plant(static_site(32, [charger("a"), charger("b")]))
    plant.run(30)
    plant.now = START - timedelta(hours=2)
    for car in plant.cars.values():
        car.confirmed_at = car.sampled_at = plant.now
    plant.cars["b"].status = ConnectorStatus.AVAILABLE
    plant.run(60)
    assert plant.setpoints() == {"a": 32.0, "b": 0.0}


def test_draw_without_command_is_seen_as_other_load() -> None:
    """A dynamic zone is shared by what is measured, so that nothing is counted twice."""
    plant = Plant(dynamic_site(40, [charger("a"), charger("b")]), house=4)
    plant.run(120)
    zone = plant.decision.zones["z"]
    assert zone.drawn.l1 == pytest.approx(sum(plant.setpoints().values()), abs=0.2)
    assert zone.budget.l1 == pytest.approx(36, abs=0.2)
    assert zone.headroom.l1 <= 1


@pytest.mark.parametrize(("telemetry", "meter_period"), [(10, 0.5), (45, 0.5), (5, 4.5), (30, 4.5)])
def test_late_measurements_lead_to_no_raise_that_does_not_fit(
    telemetry: float, meter_period: float
) -> None:
    """What a charger or a meter measured before a command says nothing of its effect."""
    plant = Plant(dynamic_site(40, [charger("a"), charger("b")]), house=4)
    plant.telemetry, plant.meter_period = telemetry, meter_period
    plant.run(300)
    assert sum(plant.setpoints().values()) == pytest.approx(36, abs=1.5)
    plant.house = PerPhase.same(20)
    plant.run(meter_period + 12)
    assert max(plant.true_current()) <= 40.5
    begin = len(plant.history)
    plant.run(300)
    assert max(max(current) for _, current in plant.history[begin:]) <= 40.5
    assert sum(plant.setpoints().values()) == pytest.approx(20, abs=1.5)


def test_second_load_is_answered_while_the_first_cut_is_not_measured_yet() -> None:
    plant = Plant(dynamic_site(40, [charger("a", max_current=30)]), house=4)
    plant.run(120)
    plant.telemetry = 50
    plant.run(50)
    plant.house = PerPhase.same(20)
    plant.run(14)
    assert plant.setpoints() == {"a": 19.7}
    plant.house = PerPhase.same(30)
    plant.run(2)
    assert plant.setpoints() == {"a": 9.7}


def test_below_a_meter_a_car_begins_with_its_floor_and_rises_apart() -> None:
    plant = Plant(dynamic_site(40, [charger("a", max_current=30)]), house=4)
    raises = [(plant.now, 0.0)]
    while plant.now < START + timedelta(seconds=120):
        plant.run(0.5)
        if plant.setpoints()["a"] > raises[-1][1]:
            raises.append((plant.now, plant.setpoints()["a"]))
    assert [current for _, current in raises] == [0.0, 6.0, 29.7]
    assert raises[2][0] - raises[1][0] >= timedelta(seconds=10)


def test_small_room_is_not_worth_a_raise_unless_it_is_all_that_is_useful() -> None:
    plant = Plant(static_site(32, [charger("a", max_current=16)]))
    plant.connector_limits["a"] = 15.5
    plant.run(30)
    plant.zone_limits["z"] = 15.9
    plant.connector_limits.clear()
    plant.run(30)
    assert plant.setpoints() == {"a": 15.5}
    plant.zone_limits.clear()
    plant.run(30)
    assert plant.setpoints() == {"a": 16.0}


@pytest.mark.parametrize("held", [False, True])
def test_small_overload_is_cut_in_the_same_step(*, held: bool) -> None:
    names = ("a", "b", "c") if held else ("a", "b")
    plant = Plant(dynamic_site(40, [charger(name, fallback=8.0) for name in names]), house=8)
    if held:
        plant.cars["c"].status = ConnectorStatus.AVAILABLE
        plant.cars["c"].online = False
    plant.run(200)
    before = sum(plant.setpoints()[name] for name in ("a", "b"))
    over = 40.6 - before - (8 if held else 0)
    plant.house = PerPhase.same(over)
    plant.run(0.5)
    after = sum(plant.setpoints()[name] for name in ("a", "b"))
    assert after < before
    assert after + over + (8 if held else 0) <= 40 + 1e-6


def test_nothing_is_raised_before_the_window_is_full_again_after_a_gap() -> None:
    plant = Plant(dynamic_site(25, [charger("a", max_current=16)]), house=2)
    plant.run(19)
    assert plant.setpoints() == {"a": 0.0}
    plant.run(31)
    assert plant.setpoints() == {"a": 16.0}
    plant.house = PerPhase.same(14)
    plant.run(20)
    plant.metered = False
    plant.run(1)
    plant.metered = True
    plant.house = PerPhase.same(2)
    plant.run(29)
    assert plant.setpoints() == {"a": 0.0}


def test_reconfiguring_keeps_the_window() -> None:
    plant = Plant(dynamic_site(25, [charger("a", max_current=16)]), house=2)
    plant.run(19)
    plant.controller.reconfigure(plant.site)
    plant.run(2)
    assert plant.setpoints() == {"a": 6.0}


def test_who_charges_already_comes_before_who_arrived_earlier() -> None:
    plant = Plant(static_site(11, [charger("a"), charger("b")]))
    plant.cars["b"].status = ConnectorStatus.AVAILABLE
    plant.paused = frozenset({"a"})
    plant.run(5)
    plant.cars["b"].status = ConnectorStatus.CHARGING
    plant.run(20)
    plant.paused = frozenset()
    plant.run(30)
    assert plant.setpoints() == {"a": 0.0, "b": 11.0}


def test_restart_in_a_pause_keeps_the_pause() -> None:
    plant = Plant(dynamic_site(25, [charger("a")]), house=2)
    plant.run(60)
    plant.house = PerPhase.same(22)
    plant.run(1)
    plant.house = PerPhase.same(2)
    restarted(plant)
    plant.run(45)
    assert plant.setpoints() == {"a": 0.0}
    assert codes(plant, "a")[0] is ReasonCode.MIN_PAUSE


def test_place_that_was_lost_is_not_won_back_within_the_slot() -> None:
    plant = Plant(static_site(24, [charger("a"), charger("b"), charger("c")]))
    for key, energy in (("a", 3000.0), ("b", 2000.0), ("c", 1000.0)):
        plant.cars[key].counts, plant.cars[key].energy = True, energy
    plant.zone_limits["z"] = 14
    plant.run(60)
    assert [key for key, current in plant.setpoints().items() if not current] == ["a"]
    plant.zone_limits["z"] = 20
    plant.run(4 * 60)
    assert all(plant.setpoints().values())
    plant.zone_limits["z"] = 14
    plant.run(30)
    while plant.now < START + timedelta(minutes=14, seconds=50):
        assert [key for key, current in plant.setpoints().items() if not current] == ["b"]
        plant.run(10)


@pytest.mark.parametrize(
    ("device", "least", "most"),
    [(ProtectiveDevice.MCB_B, 39.0, 40.0), (ProtectiveDevice.HARD, 38.0, 39.3)],
)
def test_what_cars_leave_of_their_setpoints_is_given_away_below_a_named_device(
    device: ProtectiveDevice, least: float, most: float
) -> None:
    plant = Plant(dynamic_site(40, [charger("a"), charger("b")], protection=device), house=10)
    for car in plant.cars.values():
        car.lead = -0.5
    plant.run(240)
    assert least <= plant.true_current().l1 <= most


def test_car_that_takes_all_at_last_is_back_within_the_limit_at_once() -> None:
    site = dynamic_site(40, [charger("a"), charger("b")], protection=ProtectiveDevice.MCB_B)
    plant = Plant(site, house=10)
    for car in plant.cars.values():
        car.lead = -0.9
    plant.run(240)
    for car in plant.cars.values():
        car.lead = 0.0
    plant.run(15)
    assert max(total.l1 for _, total in plant.history[-30:]) <= 41.8
    assert plant.true_current().l1 <= 40.3


def test_modest_car_leaves_the_room_in_which_another_is_to_start() -> None:
    """The rest that a modest car is offered must be free for longer where somebody is to start."""
    plant = Plant(dynamic_site(30, [charger("a"), charger("b")]), house=0)
    plant.cars["b"].leave()
    plant.cars["a"].wants = 4
    plant.run(120)
    plant.house = PerPhase.same(15)
    plant.run(15)
    plant.house = PerPhase.same(3)
    plant.run(5)
    plant.cars["b"].status = ConnectorStatus.PREPARING
    plant.run(1)
    waits = {reason.code for reason in plant.decision.setpoints["b"].reasons}
    assert ReasonCode.WAITING_TO_RAISE in waits or plant.setpoints()["b"] == 6
    assert plant.setpoints()["a"] <= 30 - 15 - 6
