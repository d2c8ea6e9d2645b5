"""The rules of a site and of its parts, as people see their effect; nothing is restarted."""

from collections.abc import Generator
from typing import Any
from unittest.mock import patch

import pytest
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity import Entity
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.headroom.coordinator import SiteCoordinator
from custom_components.headroom.engine.turns.rotation import SheddingPriority
from tests.chargers.ocpp.charge_point import ScriptedChargePoint
from tests.config_flow.site import CONNECTOR, by_section, charger, suggested, zone

from .conftest import BUILDING, GARAGE, LEFT, RIGHT, change_part
from .life import Life

ONE = f"{LEFT}:1"
TWO = f"{LEFT}:2"
FULL = 10.0
"""A: a limit into which the floor of one car fits."""


@pytest.fixture
def subentries() -> list[ConfigSubentryData]:
    """Return a garage with a priority connector and one that keeps its setpoint when lost."""
    return [
        zone(BUILDING, "Building", limit=63.0),
        zone(GARAGE, "Garage", limit=32.0, parent=BUILDING),
        charger(LEFT, "LEFT-1", GARAGE, CONNECTOR, CONNECTOR | {"priority": True}),
        charger(RIGHT, "RIGHT-1", GARAGE, CONNECTOR | {"offline": "keep"}),
    ]


@pytest.fixture
def everything_enabled() -> Generator[None]:
    """Enable every entity from the beginning."""
    with patch.object(Entity, "entity_registry_enabled_default", new=True):
        yield


async def change_rules(hass: HomeAssistant, entry: MockConfigEntry, **rules: Any) -> None:
    """Change the rules as a person does."""
    flows = hass.config_entries.options
    menu = await flows.async_init(entry.entry_id)
    form = await flows.async_configure(menu["flow_id"], {"next_step_id": "rules"})
    submitted = by_section(form["data_schema"], suggested(form) | rules)
    await flows.async_configure(form["flow_id"], submitted)
    await hass.async_block_till_done()


def shedding(site: SiteCoordinator) -> SheddingPriority:
    return site.data.site.rules.shedding


def codes(life: Life, connector: str) -> list[str]:
    """Return the reasons for a connector's setpoint."""
    state = life.state("sensor", f"{connector}_setpoint_reason")
    return [reason["code"] for reason in state.attributes["reasons"]]


async def both_charge(left: ScriptedChargePoint, life: Life) -> None:
    for connector in (1, 2):
        await left.status("Charging", connector)
        await life.go_on(2)


async def shrink_garage(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    limits = dict.fromkeys(("limit_l1", "limit_l2", "limit_l3"), FULL)
    await change_part(hass, entry, GARAGE, **limits)


async def test_rules_change_while_a_car_charges(
    hass: HomeAssistant,
    site: SiteCoordinator,
    entry: MockConfigEntry,
    left: ScriptedChargePoint,
    life: Life,
) -> None:
    await left.status("Charging")
    await life.until(lambda: left.leases[-1] == 32)
    commands = len(left.received)
    assert shedding(site) is SheddingPriority.ENERGY

    await change_rules(hass, entry, shedding="arrival")
    assert shedding(site) is SheddingPriority.ARRIVAL
    assert entry.runtime_data is site
    assert len(left.received) == commands


async def test_priority_hours_are_those_of_the_clock_on_the_wall(
    hass: HomeAssistant,
    site: SiteCoordinator,
    entry: MockConfigEntry,
    left: ScriptedChargePoint,
    life: Life,
) -> None:
    await both_charge(left, life)
    await shrink_garage(hass, entry)
    await life.go_on(2)
    assert life.value("sensor", f"{TWO}_setpoint") == "0.0"
    assert "priority_hours" not in codes(life, TWO)

    hour = dt_util.now().hour
    await change_rules(hass, entry, priority_hours=[str(hour), str((hour + 1) % 24)])
    await life.until(lambda: life.value("sensor", f"{TWO}_setpoint") == "10.0")
    assert "priority_hours" in codes(life, TWO)
    assert codes(life, ONE)[0] == "vip_preempted"

    assert str(site.data.site.rules.time_zone) == "US/Pacific"
    await hass.config.async_update(time_zone="Asia/Tokyo")
    await hass.async_block_till_done()
    assert str(site.data.site.rules.time_zone) == "Asia/Tokyo"
    assert "priority_hours" not in codes(life, TWO)


@pytest.mark.usefixtures("everything_enabled")
async def test_the_load_state_tells_how_the_cars_fit(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    left: ScriptedChargePoint,
    life: Life,
) -> None:
    await life.go_on()
    assert life.value("sensor", f"{GARAGE}_load_state") == "available"

    await both_charge(left, life)
    assert life.value("sensor", f"{GARAGE}_load_state") == "available"

    await shrink_garage(hass, entry)
    await life.go_on(2)
    assert life.value("sensor", f"{GARAGE}_load_state") == "limited"
    assert life.value("sensor", f"{BUILDING}_load_state") == "available"

    await life.act("number", "set_value", f"{GARAGE}_limit", value=0)
    await life.go_on(2)
    assert life.value("sensor", f"{GARAGE}_load_state") == "all_wait"


async def test_a_load_table_is_worked_out_once_for_all_who_ask(
    site: SiteCoordinator, left: ScriptedChargePoint, life: Life
) -> None:
    await life.go_on()
    table = site.load_table(GARAGE)
    assert site.load_table(GARAGE) is table

    await left.status("Charging")
    await life.go_on(2)
    assert site.load_table(GARAGE) is not table


async def test_a_car_that_keeps_its_setpoint_is_told_so_before_contact_is_lost(
    right: ScriptedChargePoint, life: Life
) -> None:
    await right.status("Charging")
    await life.until(lambda: right.leases[-1] == 32)
    await life.go_on()
    assert "validTo" not in right.profiles[-1].profile

    await right.status("Available")
    await life.go_on(2)
    assert "validTo" in right.profiles[-1].profile


async def test_phases_that_a_zone_does_not_have_bind_nothing(
    hass: HomeAssistant, site: SiteCoordinator, entry: MockConfigEntry, life: Life
) -> None:
    await change_part(hass, entry, GARAGE, limit_l2=0.0, limit_l3=0.0, contracted_power=4.6)
    await life.go_on(2)
    assert life.value("sensor", f"{GARAGE}_budget_reason") == "contracted_power"
    assert life.value("sensor", f"{GARAGE}_budget_l1") == "20.0"
    assert life.value("sensor", f"{GARAGE}_budget_l2") == "0.0"
