"""A meter made of the sensors of another integration."""

import logging
from datetime import timedelta

import pytest

from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.engine.snapshot import MeterReading
from custom_components.headroom.entity_state import EntityState
from custom_components.headroom.meters.base import MeterUnreachable
from custom_components.headroom.meters.entity_meter import EntityMeter, EntityMeterConfig
from custom_components.headroom.meters.estimate import Spread
from custom_components.headroom.meters.measured import Mounting
from custom_components.headroom.meters.models import Kind
from tests.chargers.entities.entities import World

CURRENTS = {Kind.CURRENTS: ("i1", "i2", "i3")}
POWERS = {Kind.POWERS: ("p1", "p2", "p3")}
NOTHING_YOUNG = "no entity of its currents shows a value that is young enough"
LOGGER = "custom_components.headroom.meters.entity_meter"


@pytest.fixture
def world() -> World:
    return World()


def show(world: World, unit: str | None, **values: str | None) -> None:
    """Let sensors report values."""
    for entity, value in values.items():
        world.put(
            entity,
            EntityState(domain="sensor", value=value, reported_at=world.time, unit=unit),
        )


def make(world: World, **config: object) -> EntityMeter:
    fields: dict[str, object] = {"entities": CURRENTS, "max_age": timedelta(seconds=30)} | config
    meter = EntityMeter(
        "house",
        EntityMeterConfig(**fields),  # type: ignore[arg-type] # any of its fields
        access=world,
        now=world.now,
    )
    meter.start()
    return meter


def test_currents_with_directions_of_powers(world: World) -> None:
    show(world, "A", i1="10.5", i2="20", i3="5")
    show(world, "kW", p1="2.4", p2="-4.6", p3="1.1")
    meter = make(world, entities=CURRENTS | POWERS)
    assert meter.reading() == MeterReading(
        currents=PerPhase(10.5, -20.0, 5.0), at=world.time, power=-1100.0
    )
    assert meter.data is not None
    assert meter.data.powers == PerPhase(2400.0, -4600.0, 1100.0)
    assert meter.data.power == pytest.approx(-1100.0)


def test_every_quantity_in_its_units(world: World) -> None:
    show(world, "mA", i1="10500", i2="20000", i3="5000")
    show(world, "V", u1="229", u2="230", u3="231")
    show(world, "MWh", e="1.5")
    show(world, "kWh", back="7")
    entities = CURRENTS | {
        Kind.VOLTAGES: ("u1", "u2", "u3"),
        Kind.ENERGY_IMPORT: ("e",),
        Kind.ENERGY_EXPORT: ("back",),
    }
    data = make(world, entities=entities).data
    assert data is not None
    assert data.currents == PerPhase(10.5, 20.0, 5.0)
    assert data.voltages == PerPhase(229.0, 230.0, 231.0)
    assert (data.energy_import, data.energy_export) == (1_500_000.0, 7_000.0)


def test_powers_that_have_sensors_for_each_direction(world: World) -> None:
    show(world, "kW", p1="2.185", p2="0", p3="0", b1="0", b2="2.3", b3="0")
    meter = make(world, entities=POWERS, given_back={Kind.POWERS: ("b1", "b2", "b3")})
    assert meter.data is not None
    assert [*meter.data.currents] == pytest.approx([10.0, -10.0, 0.0])
    show(world, "kW", b2=None)
    reading = meter.reading()
    assert reading is not None
    assert reading.lost == {1}


@pytest.mark.parametrize(("spread", "current"), [(Spread.WORST, 30.0), (Spread.EVEN, 10.0)])
def test_a_total_power(world: World, spread: Spread, current: float) -> None:
    show(world, "W", p="6555")
    meter = make(world, entities={Kind.POWER: ("p",)}, mounting=Mounting(spread=spread))
    assert meter.data is not None
    assert [*meter.data.currents] == pytest.approx([current] * 3)


@pytest.mark.parametrize(
    ("unit", "value"),
    [
        ("A", None),
        ("A", "soon"),
        ("A", "nan"),
        ("A", "20000"),
        ("W", "5"),
        (None, "5"),
    ],
)
def test_what_is_no_value_is_a_lost_phase(
    world: World, unit: str | None, value: str | None
) -> None:
    show(world, "A", i1="10", i3="5")
    show(world, unit, i2=value)
    reading = make(world).reading()
    assert reading == MeterReading(
        currents=PerPhase(10.0, 0.0, 5.0), lost=frozenset({1}), at=world.time
    )


def test_an_unavailable_entity_is_a_lost_phase(world: World) -> None:
    show(world, "A", i1="10", i2="1", i3="5")
    meter = make(world)
    world.put("i3", None)
    reading = meter.reading()
    assert reading is not None
    assert reading.lost == {2}


def test_a_value_that_is_too_old_is_none(world: World) -> None:
    show(world, "A", i1="10", i2="20", i3="5")
    meter = make(world)
    world.time += timedelta(seconds=20)
    show(world, "A", i1="11", i2="21")
    reading = meter.reading()
    assert reading is not None
    assert reading.at == world.time - timedelta(seconds=20), "as old as the oldest in use"
    world.time += timedelta(seconds=11)
    reading = meter.reading()
    assert reading is not None
    assert reading.lost == {2}
    assert reading.at == world.time - timedelta(seconds=11)


def test_a_clock_that_was_set_back_makes_values_old(world: World) -> None:
    show(world, "A", i1="10", i2="20", i3="5")
    meter = make(world)
    world.time -= timedelta(hours=1)
    reading = meter.reading()
    assert reading is not None
    assert reading.missed == 3


def test_voltages_may_be_old(world: World) -> None:
    show(world, "V", u1="229", u2="230", u3="231")
    world.time += timedelta(hours=1)
    show(world, "A", i1="10", i2="20", i3="5")
    meter = make(world, entities=CURRENTS | {Kind.VOLTAGES: ("u1", "u2", "u3")})
    assert meter.data is not None
    assert meter.data.voltages == PerPhase(229.0, 230.0, 231.0)


def test_powers_do_not_silently_take_the_place_of_currents(world: World) -> None:
    show(world, "W", p1="2300", p2="2300", p3="2300")
    meter = make(world, entities=CURRENTS | POWERS)
    assert isinstance(meter.fault, MeterUnreachable)
    assert meter.data is None
    assert meter.reading() is None


def test_silence_is_logged_once_and_ends_with_the_next_report(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, LOGGER)
    show(world, "A", i1="10", i2="20", i3="5")
    meter = make(world)
    heard: list[int] = []
    meter.subscribe(lambda: heard.append(meter.missed))
    for entity in ("i1", "i2", "i3"):
        world.put(entity, None)
    reading = meter.reading()
    assert reading is not None
    assert reading.missed == 3, "the last values stay, and do not count"
    show(world, "A", i2="20")
    assert heard == [0, 0, 3, 0]
    assert [(r.levelno, r.message) for r in caplog.records] == [
        (
            logging.WARNING,
            f"Meter house cannot be read: {NOTHING_YOUNG}",
        ),
        (logging.INFO, "Meter house can be read again"),
    ]


async def test_stop_ends_listening(world: World) -> None:
    meter = make(world)
    meter.start()
    assert world.listeners == 1
    heard: list[int] = []
    meter.subscribe(lambda: heard.append(1))
    await meter.poll()
    assert heard == [1]
    await meter.stop()
    await meter.stop()
    meter.start()
    assert world.listeners == 0


@pytest.mark.parametrize(
    "config",
    [
        {"entities": {Kind.VOLTAGES: ("u1", "u2", "u3")}},
        {"entities": POWERS, "given_back": {Kind.POWERS: ("b1",)}},
        {"entities": CURRENTS, "given_back": {Kind.POWER: ("b",)}},
    ],
)
def test_entities_that_make_no_meter(config: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"nothing tells|another number"):
        EntityMeterConfig(max_age=timedelta(seconds=30), **config)  # type: ignore[arg-type]
