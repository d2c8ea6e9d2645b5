"""Contacts and sensors of a building: what they ask for, and what counts when they do not say."""

import logging
from datetime import timedelta
from types import MappingProxyType
from typing import Any

import pytest
from homeassistant.config_entries import ConfigSubentry

from custom_components.headroom.engine.inputs import Ask, Inputs, LimitUnit, ZoneLimit
from custom_components.headroom.entity_state import EntityState
from custom_components.headroom.inputs.settings import inputs_of
from custom_components.headroom.inputs.sources import (
    Contact,
    ContactKind,
    ExternalLimit,
    InputsConfig,
    Restriction,
    SiteInputs,
)
from tests.chargers.entities.entities import World

LOGGER = "custom_components.headroom.inputs.sources"
OPEN, CLOSED = ContactKind.NORMALLY_OPEN, ContactKind.NORMALLY_CLOSED


def show(world: World, entity: str, value: str | None, unit: str | None = None) -> None:
    """Let an entity report a value."""
    world.put(entity, EntityState(domain="sensor", value=value, reported_at=world.time, unit=unit))


@pytest.fixture
def world() -> World:
    return World()


def watch(world: World, **config: Any) -> SiteInputs:
    inputs = SiteInputs(world, world.now, lambda: None)
    inputs.apply(InputsConfig(**config))
    return inputs


def digital(name: str, percent: float) -> Restriction:
    return Restriction(Contact(name, name), percent)


def test_nothing_is_asked_for_where_there_are_no_inputs(world: World) -> None:
    assert watch(world).look() == Inputs()
    assert world.listeners == 0


@pytest.mark.parametrize(
    ("kind", "value", "asked"),
    [
        (OPEN, "on", Ask(8.0)),
        (OPEN, "off", None),
        (CLOSED, "on", None),
        (CLOSED, "off", Ask(8.0)),
        (OPEN, None, Ask(8.0, silent=True)),
        (CLOSED, None, Ask(8.0, silent=True)),
        (CLOSED, "open", Ask(8.0, silent=True)),
    ],
)
def test_load_is_shed_while_its_contact_is_active_or_not_known(
    world: World, kind: ContactKind, value: str | None, asked: Ask | None
) -> None:
    show(world, "relay", value)
    inputs = watch(world, shedding=(Restriction(Contact("shed", "relay", kind), 8.0),))
    assert inputs.look() == Inputs(shedding=asked)


@pytest.mark.parametrize(
    ("one", "two", "asked"),
    [
        ("off", "off", None),
        ("off", "on", Ask(8.0)),
        ("on", "on", Ask(8.0)),
        ("off", None, Ask(8.0, silent=True)),
        (None, "on", Ask(8.0)),
    ],
)
def test_one_of_several_contacts_is_enough_to_shed_load(
    world: World, one: str, two: str | None, asked: Ask | None
) -> None:
    show(world, "one", one)
    show(world, "two", two)
    stored = {
        "load_shedding_entity": ["one", "two"],
        "load_shedding_contact": "normally_open",
        "load_shedding_current": 8.0,
    }
    inputs = SiteInputs(world, world.now, lambda: None)
    inputs.apply(inputs_of({"inputs": stored}, []))
    assert inputs.look() == Inputs(shedding=asked)


def test_people_see_the_state_of_a_contact_that_nobody_follows(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    inputs = watch(world)
    assert inputs.shows(Contact("one", "one")) is None
    show(world, "one", "on")
    assert inputs.shows(Contact("one", "one")) is True
    assert inputs.shows(Contact("one", "one", CLOSED)) is False
    assert caplog.records == []


@pytest.mark.parametrize(
    ("kind", "value", "stop"),
    [
        (OPEN, "on", None),
        (OPEN, "off", Ask(0.0)),
        (CLOSED, "off", None),
        (CLOSED, "on", Ask(0.0)),
        (OPEN, None, Ask(0.0, silent=True)),
        (CLOSED, None, Ask(0.0, silent=True)),
    ],
)
def test_nobody_charges_unless_the_enable_is_active(
    world: World, kind: ContactKind, value: str | None, stop: Ask | None
) -> None:
    show(world, "key", value)
    assert watch(world, enable=Contact("key", "key", kind)).look() == Inputs(stop=stop)


@pytest.mark.parametrize(
    ("one", "two", "three", "percent"),
    [
        ("off", "off", "off", None),
        ("on", "off", "off", Ask(80.0)),
        ("on", "on", "off", Ask(40.0)),
        ("on", "on", "on", Ask(0.0)),
        ("on", None, "off", Ask(40.0, silent=True)),
        (None, "on", "off", Ask(40.0)),
    ],
)
def test_the_lowest_digital_input_counts(
    world: World, one: str | None, two: str | None, three: str | None, percent: Ask | None
) -> None:
    for entity, value in (("one", one), ("two", two), ("three", three)):
        show(world, entity, value)
    inputs = watch(world, digital=(digital("one", 80), digital("two", 40), digital("three", 0)))
    assert inputs.look() == Inputs(percent=percent)


def test_a_value_that_is_known_is_not_called_silent_beside_one_that_is_not(world: World) -> None:
    show(world, "two", "on")
    inputs = watch(world, digital=(digital("one", 40), digital("two", 40)))
    assert inputs.look().percent == Ask(40.0)


def limit(**changes: Any) -> ExternalLimit:
    fields: dict[str, Any] = {
        "name": "external limit of Main",
        "entity": "limit",
        "max_age": timedelta(minutes=10),
        "otherwise": 6.0,
    }
    return ExternalLimit(**fields | changes)


@pytest.mark.parametrize(
    ("value", "unit", "ask", "counts"),
    [
        ("25", "A", Ask(25.0), LimitUnit.AMPERES),
        ("2500", "mA", Ask(2.5), LimitUnit.AMPERES),
        ("-3", "A", Ask(0.0), LimitUnit.AMPERES),
        ("4200", "W", Ask(4200.0), LimitUnit.WATTS),
        ("11", "kW", Ask(11_000.0), LimitUnit.WATTS),
        ("0.5", "MW", Ask(500_000.0), LimitUnit.WATTS),
        *(
            (value, unit, Ask(6.0, silent=True), LimitUnit.AMPERES)
            for value, unit in (
                ("11", "kWh"),
                ("11", None),
                ("inf", "A"),
                ("1e305", "MW"),
                ("much", "A"),
                (None, "A"),
            )
        ),
    ],
)
def test_an_external_limit_is_read_in_its_unit(
    world: World, value: str | None, unit: str | None, ask: Ask, counts: LimitUnit
) -> None:
    show(world, "limit", value, unit)
    inputs = watch(world, limits={"z": limit()})
    assert inputs.look() == Inputs(limits=(ZoneLimit(zone="z", ask=ask, unit=counts),))


def test_a_limit_that_is_too_old_is_none(world: World) -> None:
    show(world, "limit", "25", "A")
    inputs = watch(world, limits={"z": limit(), "y": limit(max_age=None)})
    world.time += timedelta(minutes=10)
    assert [limit.ask for limit in inputs.look().limits] == [Ask(25.0), Ask(25.0)]
    world.time += timedelta(seconds=1)
    assert [limit.ask for limit in inputs.look().limits] == [Ask(6.0, silent=True), Ask(25.0)]


@pytest.mark.parametrize(
    ("config", "back"),
    [
        ({"enable": Contact("key", "it")}, ("on", None)),
        ({"limits": {"z": limit(entity="it", name="key")}}, ("16", "A")),
    ],
    ids=["contact", "limit"],
)
def test_silence_is_logged_once_when_it_starts_and_once_when_it_ends(
    world: World,
    caplog: pytest.LogCaptureFixture,
    config: dict[str, Any],
    back: tuple[str, str | None],
) -> None:
    caplog.set_level(logging.INFO, LOGGER)
    inputs = watch(world, **config)
    for _ in range(3):
        inputs.look()
    show(world, "it", *back)
    for _ in range(3):
        inputs.look()
    told = [(record.levelname, record.getMessage()) for record in caplog.records]
    assert [level for level, _ in told] == ["WARNING", "INFO"]
    assert told[0][1].startswith("Input key shows nothing and counts as if it asked for less: ")
    assert told[1][1] == "Input key can be followed again"


def test_inputs_are_heard_until_others_take_their_place(world: World) -> None:
    heard: list[None] = []
    inputs = SiteInputs(world, world.now, lambda: heard.append(None))
    one = InputsConfig(
        shedding=(Restriction(Contact("shed", "relay"), 8.0),),
        enable=Contact("key", "key"),
        digital=(digital("one", 80),),
        limits={"z": limit()},
    )
    assert set(one.entities()) == {"relay", "key", "one", "limit"}
    inputs.apply(one)
    inputs.apply(one)
    assert world.listeners == 1
    show(world, "relay", "on")
    assert heard
    inputs.apply(InputsConfig())
    assert world.listeners == 0
    inputs.apply(one)
    inputs.close()
    inputs.close()
    assert world.listeners == 0


def zone(**data: Any) -> ConfigSubentry:
    return ConfigSubentry(
        data=MappingProxyType(data),
        subentry_id="z",
        subentry_type="zone",
        title="Main",
        unique_id="zone_main",
    )


def test_inputs_are_what_options_and_zones_say() -> None:
    stored = {
        "load_shedding_entity": "a",
        "load_shedding_contact": "normally_closed",
        "load_shedding_current": 7.5,
        "external_enable_entity": "b",
        "external_enable_contact": "normally_open",
        "digital_1_enabled": True,
        "digital_1_name": "Half",
        "digital_1_entity": "c",
        "digital_1_contact": "normally_open",
        "digital_1_percent": 50,
        "digital_2_enabled": False,
        "digital_2_name": "Off",
        "digital_2_entity": "d",
        "digital_2_contact": "normally_open",
        "digital_2_percent": 0,
        "digital_3_enabled": False,
    }
    limited = zone(external_entity="e", external_age=60, external_otherwise=10.0)
    config = inputs_of({"inputs": stored}, [limited])
    assert config == InputsConfig(
        shedding=(Restriction(Contact("load shedding", "a", CLOSED), 7.5),),
        enable=Contact("external enable", "b", OPEN),
        digital=(Restriction(Contact("Half", "c", OPEN), 50),),
        limits={
            "z": ExternalLimit(
                name="external limit of Main",
                entity="e",
                max_age=timedelta(minutes=1),
                otherwise=10.0,
            )
        },
    )


def test_sites_without_inputs_have_none() -> None:
    assert inputs_of({}, [zone()]) == InputsConfig()


def test_no_limit_is_too_old_where_no_age_is_given() -> None:
    limited = zone(external_entity="e", external_age=0, external_otherwise=0.0)
    assert inputs_of({}, [limited]).limits["z"].max_age is None
