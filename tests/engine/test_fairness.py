"""What holds over hours: everybody gets a turn, VIPs get theirs, and a restart changes nothing."""

import json
from math import ceil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.engine.memory.state import ControllerState
from custom_components.headroom.engine.site.model import Meter, Rules, Site, Supply, Zone
from custom_components.headroom.engine.site.wiring import Wiring
from custom_components.headroom.engine.snapshot import ConnectorStatus
from custom_components.headroom.engine.turns.rotation import SLOT, WORN_SLOTS, SheddingPriority

from .plant import Plant, charger

TURNS = [SheddingPriority.ENERGY, SheddingPriority.DURATION]
SLOT_SECONDS = SLOT.total_seconds()


def longest_waits(plant: Plant, hours: float) -> dict[str, float]:
    """Return in slots how long each connector has waited at most."""
    waits = dict.fromkeys(plant.cars, 0.0)
    longest = dict(waits)
    for _ in range(round(hours * 3600 / plant.tick)):
        plant.run(plant.tick)
        for key, current in plant.setpoints().items():
            waits[key] = 0.0 if current else waits[key] + plant.tick / SLOT_SECONDS
            longest[key] = max(longest[key], waits[key])
    return longest


def equal_cars(number: int, room: int, shedding: SheddingPriority, *, metered: bool) -> Plant:
    """Return a plant where the floors of `room` of the cars fit."""
    zone = Zone(
        id="z",
        limit=PerPhase.same(room * 6 + (11 if metered else 1)),
        supply=Supply.DYNAMIC if metered else Supply.STATIC,
    )
    site = Site(
        zones=(zone,),
        meters=(Meter(id="m", zone="z"),) if metered else (),
        chargers=tuple(charger(f"c{n}") for n in range(number)),
        rules=Rules(shedding=shedding),
    )
    return Plant(site, house=10.0 if metered else 0.0, tick=10)


@pytest.mark.parametrize("metered", [False, True])
@pytest.mark.parametrize("shedding", TURNS)
@pytest.mark.parametrize(("number", "room"), [(2, 1), (3, 2), (5, 2)])
def test_nobody_waits_for_a_second_round(
    number: int, room: int, shedding: SheddingPriority, *, metered: bool
) -> None:
    plant = equal_cars(number, room, shedding, metered=metered)
    hours = (ceil(number / room) + 1) / 4
    assert max(longest_waits(plant, hours).values()) <= ceil(number / room) + 0.3


@settings(max_examples=max(4, settings().max_examples // 20))
@given(
    wirings=st.lists(st.sampled_from(list(Wiring)), min_size=2, max_size=5),
    floors=st.lists(st.sampled_from([6.0, 8.0]), min_size=5, max_size=5),
    limit=st.tuples(*[st.integers(8, 20)] * 3),
    shedding=st.sampled_from(TURNS),
)
def test_everybody_who_wants_gets_a_turn(
    wirings: list[Wiring],
    floors: list[float],
    limit: tuple[int, int, int],
    shedding: SheddingPriority,
) -> None:
    site = Site(
        zones=(Zone(id="z", limit=PerPhase(*limit)),),
        chargers=tuple(
            charger(f"c{n}", wiring=wiring, floor=floors[n]) for n, wiring in enumerate(wirings)
        ),
        rules=Rules(shedding=shedding),
    )
    waits = longest_waits(Plant(site, tick=30), 8)
    assert max(waits.values()) <= len(wirings) + 3 * WORN_SLOTS


def test_a_vip_takes_the_place_of_whoever_charges_and_keeps_it() -> None:
    plant = equal_cars(3, 1, SheddingPriority.ENERGY, metered=True)
    for name in ("c0", "c1", "c2"):
        plant.cars[name].badge = name
    plant.cars["c2"].status = ConnectorStatus.AVAILABLE
    plant.run(1800)
    plant.cars["c2"].status = ConnectorStatus.CHARGING
    plant.vip_badges = frozenset({"c2"})
    plant.run(300)
    for _ in range(360):
        plant.run(10)
        assert plant.setpoints()["c0"] == plant.setpoints()["c1"] == 0 < plant.setpoints()["c2"]


@settings(max_examples=max(5, settings().max_examples // 10))
@given(
    limit=st.integers(7, 40),
    shedding=st.sampled_from(TURNS),
    events=st.lists(
        st.tuples(st.integers(0, 2), st.booleans(), st.integers(1, 60)), min_size=1, max_size=20
    ),
    stop=st.integers(0, 19),
)
def test_a_restart_after_a_moment_without_events_changes_no_decision(
    limit: int,
    shedding: SheddingPriority,
    events: list[tuple[int, bool, int]],
    stop: int,
) -> None:
    """What is forgotten are observations: they make no difference where nothing is measured."""
    site = Site(
        zones=(Zone(id="z", limit=PerPhase.same(limit)),),
        chargers=tuple(charger(name) for name in "abc"),
        rules=Rules(shedding=shedding),
    )
    decisions = []
    for restarts in (False, True):
        plant = Plant(site, tick=5)
        made = []
        for number, (car, present, ticks) in enumerate(events):
            status = ConnectorStatus.CHARGING if present else ConnectorStatus.AVAILABLE
            plant.cars["abc"[car]].status = status
            plant.cars["abc"[car]].counts = True
            for _ in range(ticks):
                plant.run(plant.tick)
                made.append(plant.setpoints())
            if restarts and number == stop:
                plant.restart_as_it_is()
        decisions.append(made)
    assert decisions[0] == decisions[1]


def test_what_is_stored_is_json() -> None:
    plant = equal_cars(3, 1, SheddingPriority.ENERGY, metered=True)
    plant.run(3600)
    stored = json.loads(json.dumps(plant.controller.state.to_json()))
    assert ControllerState.from_json(stored).to_json() == plant.controller.state.to_json()
