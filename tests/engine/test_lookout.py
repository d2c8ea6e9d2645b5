"""When a protective device is let bear an overload, and who comes first where modes differ."""

from typing import Any

import pytest

from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.engine.site.breaker import ProtectiveDevice
from custom_components.headroom.engine.site.model import Meter, SharingMode, Site, Supply, Zone
from custom_components.headroom.engine.site.wiring import Wiring
from custom_components.headroom.engine.snapshot import ConnectorStatus

from .plant import Plant, charger, dynamic_site


def floor_after_kettle(plant: Plant, *, rested: float = 400) -> float:
    """Return what a car at its floor has 1 s after a kettle has left less than that."""
    plant.run(rested)
    assert plant.setpoints()["a"] == 6.0
    plant.house += PerPhase(20, 0, 0)
    plant.run(1)
    return plant.setpoints()["a"]


def site(**zone: Any) -> Site:
    fields = {"protection": ProtectiveDevice.MCB_B} | zone
    return dynamic_site(25, [charger("a", max_current=6.0)], **fields)


@pytest.mark.parametrize(
    ("device", "current"),
    [
        (ProtectiveDevice.HARD, 0.0),
        (ProtectiveDevice.GG, 6.0),
        (ProtectiveDevice.MCB_B, 6.0),
        (ProtectiveDevice.MCB_C, 6.0),
    ],
)
def test_a_device_bears_a_short_overload(device: ProtectiveDevice, current: float) -> None:
    assert floor_after_kettle(Plant(site(protection=device), house=2)) == current


def test_a_device_of_unknown_past_bears_nothing() -> None:
    assert floor_after_kettle(Plant(site(), house=2), rested=200) == 0.0


@pytest.mark.parametrize(("lost", "current"), [(set(), 6.0), ({1}, 0.0)])
def test_a_device_of_which_a_phase_is_unknown_bears_nothing(lost: set[int], current: float) -> None:
    on_l1 = dynamic_site(
        25,
        [charger("a", max_current=6.0, wiring=Wiring.MONO1)],
        protection=ProtectiveDevice.MCB_B,
    )
    plant = Plant(on_l1, house=2)
    plant.lost = frozenset(lost)
    assert floor_after_kettle(plant) == current


def test_a_margin_belongs_to_the_rating_that_is_borne() -> None:
    plant = Plant(site(margin=10.0), house=2)
    assert floor_after_kettle(plant) == 6.0
    plant.house += PerPhase(7, 0, 0)
    plant.run(0.5)
    assert plant.setpoints() == {"a": 0.0}


def test_what_a_person_wants_is_not_exceeded() -> None:
    plant = Plant(site(), house=2)
    plant.zone_limits = {"z": 24.0}
    assert floor_after_kettle(plant) == 0.0


def test_a_contract_is_not_exceeded() -> None:
    assert floor_after_kettle(Plant(site(power=24 * 690.0), house=2)) == 0.0


def test_a_contract_above_the_limit_changes_nothing() -> None:
    assert floor_after_kettle(Plant(site(power=60 * 690.0), house=2)) == 6.0


def test_a_restart_forgets_that_the_device_was_cool() -> None:
    plant = Plant(site(), house=2)
    plant.run(400)
    plant.restart_as_it_is()
    assert floor_after_kettle(plant, rested=100) == 0.0


def test_a_silence_of_the_meter_forgets_that_the_device_was_cool() -> None:
    plant = Plant(site(degraded=6.0), house=2)
    plant.run(400)
    plant.metered = False
    plant.run(10)
    plant.metered = True
    assert floor_after_kettle(plant, rested=100) == 0.0


@pytest.mark.parametrize(
    ("parent", "current"), [(ProtectiveDevice.HARD, 0.0), (ProtectiveDevice.MCB_C, 6.0)]
)
def test_a_hard_limit_above_a_device_is_not_exceeded(
    parent: ProtectiveDevice, current: float
) -> None:
    zones = (
        Zone(id="main", limit=PerPhase.same(25), supply=Supply.DYNAMIC, protection=parent),
        Zone(
            id="sub",
            parent="main",
            limit=PerPhase.same(25),
            supply=Supply.DYNAMIC,
            protection=ProtectiveDevice.MCB_B,
        ),
    )
    nested = Site(
        zones=zones,
        meters=(Meter(id="m", zone="main"), Meter(id="n", zone="sub")),
        chargers=(charger("a", "sub", max_current=6.0),),
    )
    assert floor_after_kettle(Plant(nested, house=2)) == current


def test_a_static_zone_bears_nothing() -> None:
    zone = Zone(id="z", limit=PerPhase.same(13), protection=ProtectiveDevice.MCB_B)
    plant = Plant(Site(zones=(zone,), chargers=(charger("a"), charger("b"))))
    plant.run(400)
    plant.zone_limits = {"z": 11.0}
    plant.run(1)
    assert min(plant.setpoints().values()) == 0


def in_two_zones(first: SharingMode, second: SharingMode) -> Plant:
    """Return a plant of two boards with two cars each below a main board for two of them."""
    zones = (
        Zone(id="main", limit=PerPhase.same(13)),
        Zone(id="one", parent="main", limit=PerPhase.same(13), sharing=first),
        Zone(id="two", parent="main", limit=PerPhase.same(13), sharing=second),
    )
    chargers = (
        charger("a", "one"),
        charger("b", "one"),
        charger("c", "two"),
        charger("d", "two"),
    )
    plant = Plant(Site(zones=zones, chargers=chargers), tick=5)
    for name in "abcd":
        plant.cars[name].status = ConnectorStatus.AVAILABLE
    for name in "badc":
        plant.cars[name].status = ConnectorStatus.CHARGING
        plant.run(30)
    return plant


def test_boards_that_share_by_arrival_and_by_turns_take_places_alternately() -> None:
    plant = in_two_zones(SharingMode.FIFO, SharingMode.EQUAL)
    plant.run(3600)
    charging = {key for key, current in plant.setpoints().items() if current}
    assert "b" in charging
    assert charging & {"c", "d"}


def test_where_all_goes_by_arrival_the_first_ones_charge() -> None:
    plant = in_two_zones(SharingMode.FIFO, SharingMode.COMBINED)
    plant.run(3600)
    assert {key for key, current in plant.setpoints().items() if current} == {"a", "b"}
