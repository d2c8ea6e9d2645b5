"""Defects that a hostile review has found, each as the smallest history that shows it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import override

import pytest

from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.engine.decision import ReasonCode
from custom_components.headroom.engine.known.observation import observe
from custom_components.headroom.engine.memory.state import ConnectorState
from custom_components.headroom.engine.site.breaker import ProtectiveDevice
from custom_components.headroom.engine.site.degraded import OfflinePolicy
from custom_components.headroom.engine.site.model import Connector, Site, Zone
from custom_components.headroom.engine.site.wiring import Wiring
from custom_components.headroom.engine.snapshot import ConnectorReading, ConnectorStatus, Snapshot
from custom_components.headroom.engine.tuning import Tuning

from .plant import START, Car, Plant, charger, dynamic_site, static_site


def turns(plant: Plant, hours: float) -> dict[str, float]:
    """Return how many hours each connector has charged meanwhile."""
    charged = dict.fromkeys(plant.cars, 0.0)
    for _ in range(round(hours * 3600 / plant.tick)):
        plant.run(plant.tick)
        for key, current in plant.setpoints().items():
            charged[key] += plant.tick / 3600 * (current > 0)
    return charged


def arrives_later(plant: Plant, name: str, after: float) -> None:
    plant.cars[name].status = ConnectorStatus.AVAILABLE
    plant.run(after)
    plant.cars[name].status = ConnectorStatus.CHARGING


def test_a_floor_that_just_fits_does_not_stop_everybody() -> None:
    plant = Plant(dynamic_site(25, [charger("a"), charger("b")]), house=18)
    arrives_later(plant, "b", 120)
    plant.house = PerPhase.same(19)
    plant.tick = 2
    plant.run(2000)
    assert max(plant.setpoints().values()) == 6.0


def test_nobody_is_lowered_for_a_floor_that_never_fits() -> None:
    plant = Plant(dynamic_site(25, [charger("a"), charger("b")]), house=12.9)
    arrives_later(plant, "b", 120)
    plant.run(600)
    assert sum(plant.setpoints().values()) > 10


def test_cars_without_a_measured_draw_share_a_metered_zone() -> None:
    plant = Plant(dynamic_site(40, [charger("a"), charger("b")]), house=4)
    for car in plant.cars.values():
        car.silent = True
    arrives_later(plant, "b", 120)
    plant.run(600)
    assert min(plant.setpoints().values()) >= 6


@pytest.mark.parametrize("vip", [True, False])
def test_an_overdraft_is_not_used_to_keep_others_out(*, vip: bool) -> None:
    site = dynamic_site(
        25, [charger("a"), charger("b", vip=vip)], protection=ProtectiveDevice.MCB_B
    )
    plant = Plant(site, house=15, tick=2)
    arrives_later(plant, "b", 400)
    plant.run(3600)
    assert plant.controller.state.connectors["b"].turn.energy > 0


def test_an_overdraft_counts_the_overload_of_the_other_loads() -> None:
    site = dynamic_site(25, [charger("a")], protection=ProtectiveDevice.MCB_B)
    plant = Plant(site, house=2)
    plant.run(400)
    plant.house = PerPhase.same(35)
    plant.run(0.5)
    assert 35 + plant.setpoints()["a"] <= 1.45 * 25


def test_an_overdraft_does_not_exceed_what_a_cluster_may_draw() -> None:
    def site(cluster_max: float) -> Site:
        chargers = [charger("a"), charger("b")]
        return dynamic_site(
            40, chargers, protection=ProtectiveDevice.MCB_B, cluster_max=cluster_max
        )

    plant = Plant(site(20), house=2)
    plant.run(400)
    plant.rebuild(site(10))
    plant.run(60)
    assert sum(plant.setpoints().values()) <= 10


def one_phase_car_that_has_stopped(wiring: Wiring) -> Plant:
    """Return a plant whose outlet was rewired after its car was learned to use one phase."""
    plant = Plant(static_site(32, [charger("a"), charger("b")]))
    car = plant.cars["a"]
    car.terminals, car.per_phase = 1, True
    plant.run(60)
    car.status = ConnectorStatus.SUSPENDED_EV
    plant.run(20)
    plant.rebuild(static_site(32, [charger("a", wiring=wiring), charger("b")]))
    plant.run(1)
    return plant


@pytest.mark.parametrize("wiring", [Wiring.MONO2, Wiring.TRI231])
def test_new_wiring_is_learned_anew(wiring: Wiring) -> None:
    plant = one_phase_car_that_has_stopped(wiring)
    assert plant.decision.setpoints["a"].phases == wiring.phases


def test_connector_that_is_removed_and_added_again_stays_reserved() -> None:
    site = static_site(32, [charger("a"), charger("b")])
    plant = Plant(site)
    plant.run(30)
    plant.rebuild(static_site(32, [charger("b")]))
    plant.run(5)
    plant.rebuild(site)
    plant.cars["a"].online = False
    plant.cars["a"].lease_until = None
    plant.run(30)
    assert max(plant.true_current()) <= 32


@pytest.mark.parametrize("orderly", [True, False])
def test_departed_connector_stays_reserved_over_a_restart(*, orderly: bool) -> None:
    plant = Plant(static_site(32, [charger("a"), charger("b", fallback=16.0)]))
    plant.run(30)
    plant.rebuild(static_site(32, [charger("b", fallback=16.0)]))
    plant.run(5)
    plant.restart(orderly=orderly)
    plant.run(60)
    assert max(plant.true_current()) <= 32


def test_status_that_flaps_within_a_transaction_wins_no_turns() -> None:
    plant = Plant(static_site(11, [charger("a"), charger("b")]), tick=5)
    for name, car in plant.cars.items():
        car.session = name
    charged = dict.fromkeys(plant.cars, 0.0)
    for _ in range(16):
        for key, hours in turns(plant, 0.245).items():
            charged[key] += hours
        plant.cars["a"].status = ConnectorStatus.FINISHING
        plant.run(5)
        plant.cars["a"].status = ConnectorStatus.CHARGING
    assert min(charged.values()) > 1


def test_car_without_telemetry_takes_turns() -> None:
    plant = Plant(static_site(11, [charger("a"), charger("b")]), tick=10)
    plant.cars["a"].silent = True
    assert min(turns(plant, 8).values()) > 2


def test_setpoints_stay_on_the_grid_when_nobody_will_watch() -> None:
    zone = Zone(id="z", limit=PerPhase.same(32), scale_fallback=True)
    site = Site(zones=(zone,), chargers=tuple(charger(name, step=1.0) for name in "abc"))
    plant = Plant(site)
    plant.run(30)
    assert all(current.is_integer() for current in plant.controller.stand_down(plant.now).values())


def test_setpoint_moves_to_the_grid_of_a_new_step() -> None:
    plant = Plant(static_site(15, [charger("a"), charger("b")]))
    plant.run(30)
    plant.rebuild(static_site(15, [charger("a", step=1.0), charger("b", step=1.0)]))
    plant.run(60)
    assert all(current.is_integer() for current in plant.setpoints().values())


def test_fallback_between_two_steps_at_the_floor_is_refused() -> None:
    with pytest.raises(ValueError, match="fallback_below_floor"):
        static_site(26, [charger("a", floor=6.5, step=1.0, fallback=6.5)])


class NeverPauses(Car):
    """A charger that goes on with 6 A whatever it is told."""

    __slots__ = ()

    @override
    def told(self, current: float, now: datetime) -> None:
        super().told(max(6.0, current), now)


def test_charger_that_cannot_pause_is_raised_when_there_is_room() -> None:
    site = dynamic_site(40, [charger("a")])
    plant = Plant(site, house=4)
    plant.cars["a"] = NeverPauses(site.connectors[0])
    plant.run(60)
    plant.house = PerPhase.same(38)
    plant.run(60)
    plant.house = PerPhase.same(4)
    plant.run(300)
    assert plant.setpoints()["a"] > 6


def lowered_just_now(reading: Callable[[ConnectorReading], ConnectorReading]) -> float:
    """Return the worst case of a connector that was lowered from 16 to 6 A 2 s ago."""
    state = ConnectorState()
    state.command(16.0, START)
    state.command(6.0, START + timedelta(seconds=98))
    told = ConnectorReading(
        online=True,
        status=ConnectorStatus.CHARGING,
        confirmed=6.0,
        confirmed_at=START + timedelta(seconds=99),
    )
    now = START + timedelta(seconds=100)
    return observe(
        Connector(id="c"),
        6.0,
        state,
        Snapshot(now=now, connectors={"c": reading(told)}),
        looked_at=now,
        tuning=Tuning(),
    ).worst


def test_measurement_from_before_the_clock_was_set_back_proves_nothing() -> None:
    later = START + timedelta(seconds=400)
    assert lowered_just_now(lambda told: replace(told, drawn=PerPhase(), drawn_at=later)) == 16


def test_lost_charger_that_keeps_a_setpoint_it_never_followed_is_held_at_its_maximum() -> None:
    plant = Plant(static_site(40, [charger("a", offline=OfflinePolicy.KEEP), charger("b")]))
    plant.run(30)
    plant.cars["a"].obeys = False
    plant.cars["a"].wants = 22.0
    plant.run(40)
    plant.cars["a"].online = False
    plant.run(60)
    assert plant.setpoints()["b"] == 8.0


def test_connector_whose_smallest_setpoint_is_above_its_maximum_is_refused() -> None:
    with pytest.raises(ValueError, match="floor_above_max"):
        static_site(32, [charger("a", floor=6.5, max_current=6.8, step=1.0)])


def test_other_loads_that_are_not_there_are_no_reason() -> None:
    plant = Plant(dynamic_site(50, [], margin=10.0))
    plant.run(1)
    told = [reason.code for reason in plant.decision.zones["z"].reasons[0]]
    assert told == [ReasonCode.MARGIN, ReasonCode.NOMINAL]


def test_connector_that_is_removed_and_added_again_at_once_stays_reserved() -> None:
    site = static_site(32, [charger("a"), charger("b")])
    plant = Plant(site)
    plant.run(30)
    plant.rebuild(static_site(32, [charger("b")]))
    plant.rebuild(site)
    plant.cars["a"].online = False
    plant.cars["a"].lease_until = None
    plant.run(30)
    assert max(plant.true_current()) <= 32


def test_a_cut_on_its_way_is_not_taken_back() -> None:
    plant = Plant(dynamic_site(32, [charger("c", step=1.0), charger("a")]), house=5)
    plant.run(300)
    plant.house = PerPhase.same(6)
    told = []
    for _ in range(20):
        plant.run(0.5)
        told.append(plant.setpoints()["c"])
    assert told == sorted(told, reverse=True)


def test_charger_that_follows_late_is_not_raised_while_more_is_taken_than_there_is() -> None:
    plant = Plant(dynamic_site(32, [charger("a"), charger("b")]), house=4)
    plant.run(200)
    plant.cars["a"].lag = 40.0
    plant.house = PerPhase.same(16)
    told = []
    for _ in range(70):
        plant.run(0.5)
        zone = plant.decision.zones["z"]
        if zone.committed.l1 > zone.budget.l1:
            told.append(plant.setpoints()["a"])
    assert told
    assert told == sorted(told, reverse=True)
