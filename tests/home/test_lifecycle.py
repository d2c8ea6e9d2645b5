"""Failing to start, unloading, reloading, removing and stopping: nothing is left behind."""

import asyncio
import socket
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import EVENT_HOMEASSISTANT_FINAL_WRITE
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.helpers.translation import async_get_translations
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.headroom import coordinator as coordinator_module
from custom_components.headroom.chargers.ocpp.server import CentralSystem
from custom_components.headroom.const import DOMAIN
from custom_components.headroom.coordinator import SiteCoordinator
from custom_components.headroom.engine.memory.state import ControllerState
from tests.chargers.ocpp.charge_point import ScriptedChargePoint, Special
from tests.config_flow.site import CONNECTOR, zone

from .conftest import (
    BUILDING,
    GARAGE,
    LEFT,
    RIGHT,
    Dial,
    add_part,
    arrive,
    change_part,
    meter,
    set_up,
    site_entry,
    small_site,
)
from .life import Life

KEY = f"{DOMAIN}.01SITE"


async def reason(hass: HomeAssistant, entry: MockConfigEntry) -> str:
    """Return the translated reason for which an entry is not set up."""
    texts = await async_get_translations(hass, "en", "exceptions", {DOMAIN})
    text = texts[f"component.{DOMAIN}.exceptions.{entry.error_reason_translation_key}.message"]
    return text.format(**entry.error_reason_translation_placeholders or {})


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


async def test_a_busy_port_is_waited_for(
    hass: HomeAssistant, entry: MockConfigEntry, port: int, life: Life, dial: Dial
) -> None:
    assert await async_setup_component(hass, "http", {})
    entry.add_to_hass(hass)
    with socket.create_server(("127.0.0.1", port)):
        await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert f"Another program already listens on port {port}." in await reason(hass, entry)

    life.pass_by(10)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert hass.config_entries.async_loaded_entries(DOMAIN) == [entry]
    left = await arrive(dial, "LEFT-1", 1, 2)
    await left.status("Charging")
    await life.until(lambda: left.leases[-1] == 32)
    await hass.config_entries.async_unload(entry.entry_id)


async def test_a_port_that_is_not_allowed_is_waited_for(
    hass: HomeAssistant, entry: MockConfigEntry, port: int
) -> None:
    assert await async_setup_component(hass, "http", {})
    entry.add_to_hass(hass)
    with patch.object(CentralSystem, "start", side_effect=PermissionError(13, "not allowed")):
        await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    said = await reason(hass, entry)
    assert said == f"Headroom cannot listen on port {port}: [Errno 13] not allowed"
    await hass.config_entries.async_remove(entry.entry_id)


def listeners_but_writers(hass: HomeAssistant) -> dict[str, int]:
    """Count the listeners, without registries of Home Assistant that write seconds later."""
    counts = {str(event): count for event, count in hass.bus.async_listeners().items()}
    counts.pop(str(EVENT_HOMEASSISTANT_FINAL_WRITE), None)
    return counts


async def test_unloading_leaves_nothing_behind(
    hass: HomeAssistant,
    port: int,
    dial: Dial,
    unused_tcp_port_factory: Callable[[], int],
) -> None:
    entry = site_entry([*small_site(), meter(unused_tcp_port_factory())], port)
    await set_up(hass, entry)
    await hass.config_entries.async_unload(entry.entry_id)
    tasks, listeners = asyncio.all_tasks(), listeners_but_writers(hass)

    await hass.config_entries.async_setup(entry.entry_id)
    left = await arrive(dial, "LEFT-1", 1, 2)
    assert is_listening(port)

    await hass.config_entries.async_unload(entry.entry_id)
    await left.until_closed()
    await left.close()
    assert not is_listening(port)
    assert asyncio.all_tasks() == tasks
    assert listeners_but_writers(hass) == listeners
    assert not entry.update_listeners


async def test_chargers_are_left_at_their_fallback(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    site: SiteCoordinator,
    left: ScriptedChargePoint,
    life: Life,
) -> None:
    await change_part(hass, entry, LEFT, connectors=[CONNECTOR | {"fallback": 10.0}])
    await left.status("Charging")
    await life.until(lambda: left.leases[-1] == 32)
    await hass.config_entries.async_unload(entry.entry_id)
    assert left.leases[-1] == 10
    assert left.profiles[-1].payload["connectorId"] == 1


async def test_a_charger_that_does_not_answer_does_not_hold_up_the_end(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    site: SiteCoordinator,
    left: ScriptedChargePoint,
    life: Life,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(coordinator_module, "_FAREWELL", 0)
    await left.status("Charging")
    await life.until(lambda: left.leases[-1] == 32)
    left.script["SetChargingProfile"] = Special.SILENCE
    await hass.config_entries.async_unload(entry.entry_id)
    assert entry.state is ConfigEntryState.NOT_LOADED
    await left.until_closed()


async def test_a_reload_keeps_sessions_and_transactions(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    site: SiteCoordinator,
    left: ScriptedChargePoint,
    life: Life,
    dial: Dial,
) -> None:
    start = {"connectorId": 1, "idTag": "X", "meterStart": 1000}
    started = await left.call("StartTransaction", start | {"timestamp": "2020-01-01T00:00:00Z"})
    await life.go_on()
    assert await hass.config_entries.async_reload(entry.entry_id)
    await left.until_closed()

    left = await arrive(dial, "LEFT-1")
    energy = {"measurand": "Energy.Active.Import.Register", "value": "1750"}
    await left.meter(energy, transactionId=started["transactionId"])
    await life.go_on()
    assert life.value("sensor", f"{LEFT}:1_session_energy") == "0.75"
    again = await left.call(
        "StartTransaction", start | {"connectorId": 2, "timestamp": "2020-01-02T00:00:00Z"}
    )
    assert again["transactionId"] > started["transactionId"]


async def test_a_new_port_is_listened_on(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    site: SiteCoordinator,
    left: ScriptedChargePoint,
    port: int,
    unused_tcp_port_factory: Callable[[], int],
) -> None:
    other = unused_tcp_port_factory()
    hass.config_entries.async_update_entry(entry, data={**entry.data, "port": other})
    await hass.async_block_till_done()
    await left.until_closed()
    assert entry.state is ConfigEntryState.LOADED
    assert is_listening(other)
    assert not is_listening(port)


async def test_removing_a_site_removes_what_it_stored(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    entry: MockConfigEntry,
    site: SiteCoordinator,
    port: int,
) -> None:
    site.async_wishes_changed()
    await hass.config_entries.async_reload(entry.entry_id)
    assert KEY in hass_storage
    await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done()
    assert KEY not in hass_storage
    assert not is_listening(port)


async def test_nothing_runs_after_home_assistant_has_stopped(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    entry: MockConfigEntry,
    port: int,
    dial: Dial,
    life: Life,
    unused_tcp_port_factory: Callable[[], int],
) -> None:
    site = await set_up(hass, entry)
    await add_part(hass, entry, meter(unused_tcp_port_factory()))
    left = await arrive(dial, "LEFT-1", 1, 2)
    await left.status("Charging")
    await life.until(lambda: left.leases[-1] == 32)
    await life.act("switch", "turn_off", f"{RIGHT}:1_charging_allowed")

    await hass.async_stop(force=True)
    await left.until_closed()
    assert left.leases[-1] == 0
    assert not is_listening(port)
    stored = hass_storage[KEY]["data"]
    assert stored["wishes"]["paused"] == [f"{RIGHT}:1"]
    assert stored["controller"]["connectors"][f"{LEFT}:1"]["commanded"] == 0

    hass.set_state(CoreState.running)
    await add_part(hass, entry, zone("01LATE", "Late"))
    assert site.equipment.meters == {}
    await life.act("switch", "turn_on", f"{RIGHT}:1_charging_allowed")
    assert site.data.site.zone_by_id.keys() == {BUILDING, GARAGE}
    await left.close()
    assert not [task for task in asyncio.all_tasks() if "meter" in task.get_name()]


async def test_a_part_that_is_added_while_the_site_is_set_up_is_not_missed(
    hass: HomeAssistant, port: int
) -> None:
    entry = site_entry(small_site(), port)
    forward = hass.config_entries.async_forward_entry_setups

    async def slow(*args: Any) -> None:
        await add_part(hass, entry, zone("01LATE", "Late"))
        await forward(*args)

    with patch.object(hass.config_entries, "async_forward_entry_setups", slow):
        site = await set_up(hass, entry)
    assert set(site.data.site.zone_by_id) == {BUILDING, GARAGE, "01LATE"}
    assert hass.states.get("number.late_current_limit") is not None
    await hass.config_entries.async_unload(entry.entry_id)


@pytest.mark.parametrize(
    "damage",
    [
        {"controller": []},
        {"controller": {"version": 99}},
        {"transactions": {"next_id": 0, "open": []}},
        {"transactions": "x"},
        {"wishes": {"zone_limits": [], "paused": [f"{LEFT}:1"]}},
        {"wishes": {"zone_limits": {GARAGE: "much"}, "paused": [f"{LEFT}:1"]}},
        {"wishes": None},
        {"experience": {"version": 99}},
        {"experience": []},
    ],
)
async def test_damaged_memory_is_left_out_and_the_rest_is_kept(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    entry: MockConfigEntry,
    life: Life,
    caplog: pytest.LogCaptureFixture,
    damage: dict[str, Any],
) -> None:
    sound = {
        "controller": ControllerState().to_json(),
        "transactions": {"next_id": 7, "open": []},
        "wishes": {"zone_limits": {GARAGE: 20}, "connector_limits": {}, "paused": [f"{LEFT}:1"]},
    }
    hass_storage[KEY] = {"version": 1, "data": sound | damage}
    site = await set_up(hass, entry)
    await life.go_on(2)
    assert caplog.text.count("not usable") == 1
    limit = "32.0" if "wishes" in damage else "20.0"
    assert life.value("number", f"{GARAGE}_limit") == limit
    lost = damage.get("wishes", {}) is None
    assert site.wishes.paused == (set() if lost else {f"{LEFT}:1"})
    next_id = site.central.ledger.to_json()["next_id"]
    assert next_id == (1 if "transactions" in damage else 7)
    await hass.config_entries.async_unload(entry.entry_id)


async def test_memory_of_a_newer_release_is_left_out(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    entry: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    hass_storage[KEY] = {"version": 2, "data": {"new": True}}
    site = await set_up(hass, entry)
    assert caplog.text.count("not usable") == 1
    assert site.central.ledger.to_json() == {"next_id": 1, "open": []}
    await hass.config_entries.async_unload(entry.entry_id)


async def test_what_the_controller_knew_is_restored(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    entry: MockConfigEntry,
    site: SiteCoordinator,
    left: ScriptedChargePoint,
    life: Life,
) -> None:
    await left.status("Charging")
    await life.until(lambda: left.leases[-1] == 32)
    before = site._memory.controller.connectors[f"{LEFT}:1"].arrived_at
    assert before is not None
    await hass.config_entries.async_reload(entry.entry_id)
    after: SiteCoordinator = entry.runtime_data
    assert after._memory.controller.connectors[f"{LEFT}:1"].arrived_at == before
