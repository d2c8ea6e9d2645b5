"""Chargers of entities that are switched between one phase and three."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from custom_components.headroom.chargers.base import ChargerOffline, ChargerRefused
from custom_components.headroom.chargers.entities.config import LimitUnit
from custom_components.headroom.chargers.entities.phase_entity import phase_action, phases_shown
from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.entity_state import EntityState

from .entities import Bench, World

GO_E = ("Auto", "Force single phase", "Force three phases")


def entity(domain: str, value: str | None, *options: str) -> EntityState:
    reported_at = datetime(2026, 1, 1, tzinfo=UTC)
    return EntityState(domain=domain, value=value, reported_at=reported_at, options=options)


@pytest.mark.parametrize(
    ("domain", "value", "count"),
    [
        ("switch", "on", 1),
        ("input_boolean", "off", 3),
        ("number", "1.0", 1),
        ("input_number", "3", 3),
        ("number", "2", None),
        ("number", "many", None),
        ("select", "Auto", None),
        ("select", "Force single phase", 1),
        ("select", "Force three phases", 3),
        ("select", "1 phase", 1),
        ("select", "force_3", 3),
        ("select", "1p", 1),
        ("select", "L1-L3", 3),
        ("select", "L1", 1),
        ("input_select", "monophasic", 1),
        ("select", "16 A", None),
        ("select", None, None),
    ],
)
def test_what_an_entity_shows(domain: str, value: str | None, count: int | None) -> None:
    assert phases_shown(entity(domain, value)) == count


@pytest.mark.parametrize(
    ("state", "one", "three"),
    [
        (entity("switch", "off"), ("turn_on", {}), ("turn_off", {})),
        (entity("number", "3"), ("set_value", {"value": 1}), ("set_value", {"value": 3})),
        (
            entity("select", "Auto", *GO_E),
            ("select_option", {"option": "Force single phase"}),
            ("select_option", {"option": "Force three phases"}),
        ),
    ],
)
def test_what_an_entity_is_told(state: EntityState, one: object, three: object) -> None:
    assert phase_action(state, 1) == one
    assert phase_action(state, 3) == three


def test_a_list_without_such_a_choice() -> None:
    with pytest.raises(ChargerRefused, match=r"no choice of Auto, Off is 1 phase\(s\)"):
        phase_action(entity("select", "Auto", "Auto", "Off"), 1)


@pytest.fixture
def world() -> World:
    world = World()
    world.number()
    return world


async def test_a_charger_is_switched_by_its_entity(world: World) -> None:
    world.put("phases", entity("switch", "off"))
    bench = Bench(world, phases="phases")
    assert bench.charger.capabilities.switches_phases
    counts = [bench.reading.phase_count]
    await bench.charger.set_phases(1, 1)
    assert bench.calls == [("phases", "turn_on", None)]
    counts += [bench.reading.phase_count, bench.charger.connectors[1].phase_count]
    world.put("phases", None)
    assert [*counts, bench.reading.phase_count] == [3, 1, 1, None]
    with pytest.raises(ChargerOffline):
        await bench.charger.set_phases(1, 3)
    await bench.charger.close()


async def test_a_charger_without_such_an_entity_is_not_switched(world: World) -> None:
    bench = Bench(world)
    assert not bench.charger.capabilities.switches_phases
    with pytest.raises(ChargerRefused):
        await bench.charger.set_phases(1, 1)
    await bench.charger.close()


async def test_on_one_phase_the_power_flows_there(world: World) -> None:
    world.put("phases", entity("switch", "off"))
    world.show("power", "6900")
    bench = Bench(world, phases="phases", power="power")
    assert bench.reading.drawn == PerPhase(10, 10, 10)
    world.put("phases", entity("switch", "on"))
    assert bench.reading.drawn == PerPhase(30, 0, 0)
    await bench.charger.close()


async def test_on_one_phase_a_limit_in_w_is_that_of_one(world: World) -> None:
    world.number("22080", high=22080)
    world.put("phases", entity("switch", "off"))
    for terminal in ("l1", "l2", "l3"):
        world.show(terminal, "10")
    world.show("status", "charging")
    bench = Bench(
        world,
        unit=LimitUnit.WATT,
        phases="phases",
        status="status",
        currents=("l1", "l2", "l3"),
    )
    assert await bench.set(10) == [("number", "set_value", 6900.0)]
    world.put("phases", entity("switch", "on"))
    assert bench.reading.confirmed == 30
    assert await bench.set(10) == [("number", "set_value", 2300.0)]
    assert bench.reading.confirmed == 10
    await bench.charger.close()


async def test_more_phases_than_are_wired_are_not_counted(world: World) -> None:
    world.put("phases", entity("switch", "off"))
    world.show("power", "2300")
    bench = Bench(world, phases="phases", power="power")
    bench.charger.update({1: replace(bench.profile, phases=1)})
    assert bench.reading.drawn == PerPhase(10, 0, 0)
    await bench.charger.close()
