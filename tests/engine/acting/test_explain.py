"""The reasons of a decision, where several things bind at once."""

import pytest

from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.engine.decision import ReasonCode
from custom_components.headroom.engine.inputs import Ask, Inputs, ZoneLimit
from custom_components.headroom.engine.site.breaker import ProtectiveDevice
from custom_components.headroom.engine.site.model import Charger, Rules, Site, Zone
from custom_components.headroom.engine.site.wiring import Wiring
from custom_components.headroom.engine.snapshot import ConnectorStatus
from custom_components.headroom.engine.turns.rotation import SheddingPriority

from ..plant import Plant, charger, dynamic_site, static_site


def codes(plant: Plant, connector: str) -> list[ReasonCode]:
    return [reason.code for reason in plant.decision.setpoints[connector].reasons]


def test_who_waits_for_a_vip_is_told_so() -> None:
    plant = Plant(static_site(11, [charger("a"), charger("b", vip=True)]))
    plant.run(60)
    assert plant.setpoints() == {"a": 0.0, "b": 11.0}
    assert codes(plant, "a") == [
        ReasonCode.VIP_PREEMPTED,
        ReasonCode.FLOOR_DOES_NOT_FIT,
        ReasonCode.NOMINAL,
        ReasonCode.CONNECTOR_MAX,
    ]
    assert codes(plant, "b")[-1] is ReasonCode.VIP


def test_priority_hours_preempt_and_are_told() -> None:
    site = static_site(11, [charger("a"), charger("b", priority=True)])
    rules = Rules(priority_hours=frozenset({12}))
    plant = Plant(Site(zones=site.zones, chargers=site.chargers, rules=rules))
    plant.run(60)
    assert codes(plant, "a")[0] is ReasonCode.VIP_PREEMPTED
    assert codes(plant, "b")[-1] is ReasonCode.PRIORITY_HOURS


@pytest.mark.parametrize(
    ("shedding", "told"),
    [
        (SheddingPriority.ENERGY, True),
        (SheddingPriority.DURATION, True),
        (SheddingPriority.ARRIVAL, False),
        (SheddingPriority.CONNECTOR_ORDER, False),
    ],
)
def test_who_waits_for_a_turn_is_told_where_turns_are_taken(
    shedding: SheddingPriority, told: bool
) -> None:
    site = static_site(11, [charger("a"), charger("b")])
    plant = Plant(Site(zones=site.zones, chargers=site.chargers, rules=Rules(shedding=shedding)))
    plant.run(60)
    waiting = next(key for key, current in plant.setpoints().items() if current == 0)
    assert (ReasonCode.ROTATED_OUT in codes(plant, waiting)) is told
    assert ReasonCode.FLOOR_DOES_NOT_FIT in codes(plant, waiting)


def test_a_floor_that_does_not_fit_alone_blames_nobody() -> None:
    plant = Plant(static_site(5, [charger("a", fallback=0.0)]))
    plant.run(5)
    assert codes(plant, "a")[0] is ReasonCode.FLOOR_DOES_NOT_FIT


def asked(most: float, *chargers: Charger, code: ReasonCode = ReasonCode.ENERGY_MANAGER) -> Plant:
    """Return a plant whose zone somebody outside leaves so much."""
    plant = Plant(static_site(32, chargers or [charger("a"), charger("b")]))
    plant.inputs = Inputs(limits=(ZoneLimit(zone="z", ask=Ask(most), code=code),))
    plant.run(60)
    return plant


@pytest.mark.parametrize("most", [0.0, 5.9])
@pytest.mark.parametrize(
    "code", [ReasonCode.ENERGY_MANAGER, ReasonCode.G100_LOCKOUT, ReasonCode.EXTERNAL_LIMIT]
)
def test_who_leaves_too_little_for_any_car_is_named_at_each_of_them(
    most: float, code: ReasonCode
) -> None:
    plant = asked(most, code=code)
    for key in ("a", "b"):
        first, second, *_ = plant.decision.setpoints[key].reasons
        assert (first.code, first.current, first.zone) == (code, most, "z")
        assert second.code is ReasonCode.FLOOR_DOES_NOT_FIT
        assert codes(plant, key).count(code) == 1


def test_who_leaves_enough_for_one_car_is_not_to_blame_that_another_one_waits() -> None:
    plant = asked(8.0)
    waiting = next(key for key, current in plant.setpoints().items() if current == 0)
    assert codes(plant, waiting)[:3] == [
        ReasonCode.ROTATED_OUT,
        ReasonCode.FLOOR_DOES_NOT_FIT,
        ReasonCode.ENERGY_MANAGER,
    ]


def test_a_higher_floor_that_somebody_outside_does_not_leave_is_told() -> None:
    plant = asked(8.0, charger("a", floor=13.0))
    assert codes(plant, "a")[0] is ReasonCode.ENERGY_MANAGER


def test_other_loads_that_leave_too_little_make_a_full_zone() -> None:
    plant = Plant(dynamic_site(25, [charger("a", fallback=0.0)]), house=22)
    plant.run(60)
    assert codes(plant, "a")[:2] == [ReasonCode.FLOOR_DOES_NOT_FIT, ReasonCode.OTHER_LOADS]


def one_phase_cars(unbalance: float) -> Plant:
    zone = Zone(id="z", limit=PerPhase.same(32), unbalance=unbalance)
    site = Site(
        zones=(zone,),
        chargers=(charger("a", wiring=Wiring.MONO1), charger("b", max_current=16.0)),
    )
    return Plant(site)


def test_unbalance_bounds_one_phase_cars_and_is_told() -> None:
    plant = one_phase_cars(10)
    plant.run(60)
    assert plant.setpoints() == {"a": 10.0, "b": 16.0}
    first = plant.decision.setpoints["a"].reasons[0]
    assert (first.code, first.current, first.zone, first.phase) == (
        ReasonCode.UNBALANCE,
        10.0,
        "z",
        0,
    )
    assert ReasonCode.UNBALANCE not in codes(plant, "b")


def test_a_floor_that_unbalance_does_not_leave_is_told() -> None:
    zone = Zone(id="z", limit=PerPhase.same(32), unbalance=8)
    chargers = tuple(charger(name, wiring=Wiring.MONO1) for name in "ab")
    plant = Plant(Site(zones=(zone,), chargers=chargers))
    plant.run(60)
    waiting = next(key for key, current in plant.setpoints().items() if current == 0)
    assert codes(plant, waiting)[:2] == [ReasonCode.UNBALANCE, ReasonCode.FLOOR_DOES_NOT_FIT]


def test_cars_on_other_phases_lift_the_bound_of_the_unbalance() -> None:
    zone = Zone(id="z", limit=PerPhase.same(32), unbalance=8)
    wirings = {"a": Wiring.MONO1, "b": Wiring.MONO2, "c": Wiring.MONO3}
    chargers = tuple(charger(name, wiring=wiring) for name, wiring in wirings.items())
    plant = Plant(Site(zones=(zone,), chargers=chargers))
    plant.run(300)
    assert min(plant.setpoints().values()) == 32.0
    plant.cars["c"].status = ConnectorStatus.AVAILABLE
    plant.run(30)
    assert plant.setpoints() == {"a": 8.0, "b": 8.0, "c": 0.0}


def overloaded(protection: ProtectiveDevice) -> Plant:
    """Return a plant 1 s after a kettle has left less than the floor of the car."""
    plant = Plant(dynamic_site(25, [charger("a", max_current=6.0)], protection=protection), house=2)
    plant.run(400)
    plant.house = PerPhase(22, 2, 2)
    plant.run(1)
    return plant


def test_a_short_overload_is_borne_and_told() -> None:
    plant = overloaded(ProtectiveDevice.MCB_B)
    assert plant.setpoints() == {"a": 6.0}
    zone = plant.decision.zones["z"]
    assert zone.reasons[0][-1].code is ReasonCode.SHORT_OVERLOAD
    assert zone.reasons[0][-1].current is not None
    assert 3 <= zone.reasons[0][-1].current <= 0.45 * 25
    assert ReasonCode.SHORT_OVERLOAD not in [reason.code for reason in zone.reasons[1]]
    plant.run(11)
    assert plant.setpoints() == {"a": 0.0}


def test_a_hard_limit_bears_nothing() -> None:
    plant = overloaded(ProtectiveDevice.HARD)
    assert plant.setpoints() == {"a": 0.0}
    told = [reason.code for reason in plant.decision.zones["z"].reasons[0]]
    assert ReasonCode.SHORT_OVERLOAD not in told


def test_who_cannot_be_reached_is_told_in_each_zone_above() -> None:
    plant = Plant(static_site(32, [charger("a", wiring=Wiring.MONO2), charger("b")]))
    plant.run(30)
    plant.cars["a"].lose(plant.now, lease=1)
    plant.run(60)
    zone = plant.decision.zones["z"]
    beyond = [reason for reason in zone.reasons[1] if reason.code is ReasonCode.BEYOND_CONTROL]
    assert [reason.current for reason in beyond] == [6.0]
    assert all(reason.code is not ReasonCode.BEYOND_CONTROL for reason in zone.reasons[0])
    assert codes(plant, "a") == [ReasonCode.OFFLINE]


def test_members_are_those_with_a_car_in_the_order_of_their_classes() -> None:
    plant = Plant(static_site(32, [charger("a"), charger("b", vip=True), charger("c")]))
    plant.cars["c"].status = ConnectorStatus.AVAILABLE
    plant.run(5)
    members = plant.decision.members
    assert set(members) == {"a", "b"}
    assert min(members, key=lambda key: members[key].rank) == "b"
    assert [members[key].priority for key in ("a", "b")] == [False, True]
