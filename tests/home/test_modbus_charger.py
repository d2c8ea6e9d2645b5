"""Chargers on Modbus in a real Home Assistant, over sockets on loopback."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import issue_registry as ir
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.headroom.chargers.modbus.charger import ModbusCharger
from custom_components.headroom.const import DOMAIN
from custom_components.headroom.coordinator import SiteCoordinator
from tests.chargers.modbus.boxes import BOXES
from tests.chargers.modbus.device import Device, Registers
from tests.config_flow.site import CONNECTOR, part, zone

from .conftest import GARAGE, change_part
from .life import Life

WALL = "01WALL"
ONE = f"{WALL}:1"
VESTEL = BOXES["vestel"]
FALLBACK, SETPOINT, SWITCH = 2000, 5004, 405
FLOOR = 6
TURNS = 500
"""Of the event loop in a second: enough for a poll over loopback."""

type Watch = Callable[..., Awaitable[None]]


def modbus_charger(port: int, dialect: str = "vestel", **connector: Any) -> ConfigSubentryData:
    """Return a stored charger on loopback."""
    data = {
        "family": "modbus",
        "zone": GARAGE,
        "dialect": dialect,
        "host": "127.0.0.1",
        "port": port,
        "unit": 255,
        "connectors": [CONNECTOR | connector],
    }
    return part(WALL, "charger", "Wall", f"charger_modbus_127.0.0.1:{port}:255", data)


def draw(device: Device, *milliamperes: int) -> None:
    """Let the car draw currents from L1 to L3."""
    device.units[255].input.update(zip((1008, 1010, 1012), milliamperes, strict=True))


@pytest.fixture
async def device(socket_enabled: None) -> AsyncGenerator[Device]:
    """Run a Vestel whose car waits for current."""
    device = VESTEL.device()
    VESTEL.states["B"](device.units[255])
    draw(device, 0, 0, 0)
    await device.start()
    yield device
    await device.stop()


@pytest.fixture
def subentries(device: Device) -> list[ConfigSubentryData]:
    return [
        zone(GARAGE, "Garage", limit=20.0),
        modbus_charger(device.port, fallback=float(FLOOR)),
    ]


async def in_time(polling: asyncio.Task[None], life: Life) -> None:
    """Wait for a poll; a second passes where it does not end by itself."""
    for _ in range(TURNS):
        if polling.done():
            break
        await asyncio.sleep(0)
    else:
        life.pass_by(1)
    await polling


@pytest.fixture
async def watch(
    entry: MockConfigEntry, site: SiteCoordinator, life: Life, freezer: FrozenDateTimeFactory
) -> Watch:
    """Return a wait in which the charger is polled second by second."""

    async def until(predicate: Callable[[], bool], within: int = 200) -> None:
        for _ in range(within):
            if predicate():
                return
            charger = entry.runtime_data.equipment.charger(WALL)
            assert isinstance(charger, ModbusCharger)
            freezer.tick(1)
            await in_time(asyncio.create_task(charger.poll()), life)
            await life.settle()
        raise AssertionError(f"not so within {within} seconds")

    return until


async def test_a_charger_is_armed_gets_its_share_and_is_left_at_its_fallback(
    hass: HomeAssistant, device: Device, watch: Watch, life: Life, entry: MockConfigEntry
) -> None:
    box = device.units[255]
    await watch(lambda: life.value("sensor", f"{ONE}_setpoint") == "6.0")
    writes = [(write.address, write.words) for write in device.writes]
    assert writes.index((FALLBACK, (FLOOR,))) < next(
        n for n, (address, _) in enumerate(writes) if address == SETPOINT
    )
    VESTEL.states["C"](box)
    draw(device, 5900, 6000, 5800)
    await watch(lambda: box.holding[SETPOINT] == 20)
    assert life.value("sensor", f"{ONE}_setpoint") == "20.0"
    assert life.value("sensor", f"{ONE}_current_l2") == "6.0"
    assert life.value("binary_sensor", f"{WALL}_contact") == "on"

    await hass.config_entries.async_unload(entry.entry_id)
    assert box.holding[SETPOINT] == FLOOR


def obey(box: Registers, address: int, words: tuple[int, ...]) -> None:
    """Let the car draw 6 A while it is offered current, on the phases that are switched on."""
    VESTEL.react(box, address, words)
    if address != SETPOINT:
        return
    VESTEL.states["C" if words[0] else "B"](box)
    current = 6000 if words[0] else 0
    others = current if box.holding[SWITCH] else 0
    box.input.update({1008: current, 1010: others, 1012: others})


async def test_phases_are_switched_while_nothing_flows(
    device: Device, watch: Watch, life: Life, entry: MockConfigEntry, hass: HomeAssistant
) -> None:
    box, device.react = device.units[255], obey
    await watch(lambda: life.value("sensor", f"{ONE}_current_l3") == "6.0")
    assert life.value("select", f"{ONE}_phases") == "three_phases"

    await life.act("select", "select_option", f"{ONE}_phases", option="one_phase")
    assert life.value("select", f"{ONE}_phases") == "one_phase"
    assert life.value("sensor", f"{ONE}_setpoint_reason") == "switching_phases"
    await watch(lambda: box.holding[SWITCH] == 0)
    assert box.input[1008] == 0
    await watch(lambda: life.value("sensor", f"{ONE}_setpoint") != "0.0")
    await watch(lambda: life.value("sensor", f"{ONE}_current_l1") == "6.0")
    assert life.value("sensor", f"{ONE}_current_l3") == "0.0"

    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    await watch(lambda: life.value("select", f"{ONE}_phases") == "one_phase")


async def test_a_limit_that_is_too_little_for_three_phases_leaves_one(
    hass: HomeAssistant, device: Device, watch: Watch, life: Life
) -> None:
    box, device.react = device.units[255], obey
    await watch(lambda: life.value("sensor", f"{ONE}_current_l3") == "6.0")
    await life.act("select", "select_option", f"{ONE}_phases", option="automatic")
    await hass.services.async_call(DOMAIN, "limit_consumption", {"power": 3000}, blocking=True)
    await watch(lambda: life.value("sensor", f"{ONE}_setpoint") == "0.0")
    assert life.value("sensor", f"{ONE}_setpoint_reason") == "grid_operator"
    await watch(lambda: box.holding[SWITCH] == 0, within=400)
    await watch(lambda: life.value("sensor", f"{ONE}_current_l1") == "6.0")
    assert life.value("sensor", f"{ONE}_current_l3") == "0.0"
    assert float(life.value("sensor", f"{ONE}_setpoint")) <= 3000 / 230
    reasons = life.state("sensor", f"{ONE}_setpoint_reason").attributes["reasons"]
    assert "one_phase" in {reason["code"] for reason in reasons}


async def test_a_switch_that_is_refused_is_said_once(
    device: Device, watch: Watch, life: Life, caplog: pytest.LogCaptureFixture
) -> None:
    device.react = obey
    await watch(lambda: life.value("sensor", f"{ONE}_current_l3") == "6.0")
    device.write_refusals[SWITCH] = 4
    await life.act("select", "select_option", f"{ONE}_phases", option="one_phase")
    await watch(lambda: "Connector 1 of Wall does not switch phases" in caplog.text)
    await watch(lambda: life.value("sensor", f"{ONE}_current_l3") == "6.0")
    reasons = life.state("sensor", f"{ONE}_setpoint_reason").attributes["reasons"]
    assert "phase_switch_waits" in {reason["code"] for reason in reasons}


async def test_a_charger_that_cannot_switch_has_nothing_to_choose(
    hass: HomeAssistant, device: Device, watch: Watch, life: Life
) -> None:
    del device.units[255].holding[SWITCH]
    await watch(lambda: life.value("binary_sensor", f"{WALL}_contact") == "on")
    await watch(lambda: life.value("sensor", f"{ONE}_status") != "unknown")
    assert er.async_get(hass).async_get_entity_id("select", DOMAIN, f"{ONE}_phases") is None


async def test_a_connector_on_one_phase_is_never_switched(
    device: Device, watch: Watch, life: Life, entry: MockConfigEntry, hass: HomeAssistant
) -> None:
    await watch(lambda: life.value("binary_sensor", f"{WALL}_contact") == "on")
    await life.act("select", "select_option", f"{ONE}_phases", option="one_phase")
    await change_part(hass, entry, WALL, connectors=[CONNECTOR | {"wiring": "mono1"}])
    await watch(lambda: life.value("sensor", f"{ONE}_setpoint") == "6.0")
    assert device.units[255].holding[SWITCH] == 1


async def test_a_charger_of_an_unknown_kind_is_left_alone_and_said(
    hass: HomeAssistant,
    device: Device,
    watch: Watch,
    life: Life,
    site: SiteCoordinator,
    entry: MockConfigEntry,
) -> None:
    await watch(lambda: life.value("binary_sensor", f"{WALL}_contact") == "on")
    await change_part(hass, entry, WALL, dialect="of_tomorrow")
    await hass.async_block_till_done()
    assert site.equipment.charger(WALL) is None
    (issue,) = (issue for domain, issue in ir.async_get(hass).issues.items() if domain[0] == DOMAIN)
    assert issue.translation_key == "unknown_dialect"
    device.writes.clear()
    await life.go_on(3)
    assert device.writes == []


async def test_a_charger_that_was_lost_is_armed_again(
    device: Device, watch: Watch, life: Life
) -> None:
    await watch(lambda: life.value("sensor", f"{ONE}_setpoint") == "6.0")
    await device.stop()
    await watch(lambda: life.value("binary_sensor", f"{WALL}_contact") == "off")
    device.writes.clear()
    await device.start()
    await watch(lambda: life.value("binary_sensor", f"{WALL}_contact") == "on")
    assert device.writes[0].address == FALLBACK


async def test_what_a_charger_can_do_may_change_again_and_again(
    hass: HomeAssistant,
    site: SiteCoordinator,
    entry: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    for dialect in ("of_tomorrow", "vestel", "of_tomorrow", "vestel"):
        await change_part(hass, entry, WALL, dialect=dialect)
    assert "does not generate unique IDs" not in caplog.text


async def test_a_session_goes_on_after_a_restart(
    hass: HomeAssistant, site: SiteCoordinator, watch: Watch, entry: MockConfigEntry
) -> None:
    charger = site.equipment.chargers[WALL]
    await watch(lambda: charger.connectors[1].session is not None)
    before = charger.connectors[1].session
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    after = entry.runtime_data.equipment.chargers[WALL].connectors[1].session
    assert before is not None
    assert after is not None
    assert (after.id, after.started_at) == (before.id, before.started_at)
