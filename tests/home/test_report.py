"""The report of a charger, on demand and every morning, and the journal behind it."""

import asyncio
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
    async_fire_time_changed,
)

from custom_components.headroom import report as headroom_report
from custom_components.headroom.const import DOMAIN
from custom_components.headroom.coordinator import SiteCoordinator
from custom_components.headroom.report import EVENT_REPORT
from tests.chargers.ocpp.charge_point import PATIENCE, REJECTED, ScriptedChargePoint
from tests.chargers.ocpp.conftest import settled

from .conftest import LEFT, RIGHT, Dial, arrive, remove_part, set_up
from .life import Life
from .targets import device_of

type Report = Mapping[str, Any]


async def report(hass: HomeAssistant, identifier: str = LEFT) -> Report:
    """Return the report of a charger."""
    answer = await hass.services.async_call(
        DOMAIN,
        "charger_report",
        {"device_id": device_of(hass, identifier)},
        blocking=True,
        return_response=True,
    )
    assert answer is not None
    json.dumps(answer)
    return answer


async def charge(charge_point: ScriptedChargePoint, life: Life, energy: int) -> int:
    """Charge so many Wh in a session that goes on; return its id."""
    start = {
        "connectorId": 1,
        "idTag": "CAFE1234",
        "meterStart": 1000,
        "timestamp": dt_util.utcnow().isoformat(),
    }
    transaction: int = (await charge_point.call("StartTransaction", start))["transactionId"]
    register = {"measurand": "Energy.Active.Import.Register", "value": str(1000 + energy)}
    await charge_point.meter(register, transactionId=transaction)
    await life.go_on(2)
    return transaction


def kinds(report: Report) -> list[str]:
    """Return the kinds of what happened."""
    return [event["kind"] for event in report["events"]]


async def test_it_tells_who_the_charger_is_and_how(
    hass: HomeAssistant, site: SiteCoordinator, dial: Dial, life: Life
) -> None:
    left = await dial("LEFT-1")
    left.script["ChangeConfiguration"] = REJECTED
    await left.boot(firmwareVersion="2.1", chargePointSerialNumber="SN-4711")
    await left.status("Charging")
    await settled(left)
    await life.until(lambda: left.leases[-1] > 0)
    await life.go_on(2)
    told = await report(hass)
    assert (told["site"], told["charger"], told["online"]) == ("Home", "LEFT-1", True)
    assert told["device_id"] == device_of(hass, LEFT)
    assert told["identity"] == {
        "vendor": "Acme",
        "model": "One",
        "serial": "SN-4711",
        "firmware": "2.1",
    }
    assert told["capabilities"]["failsafe"] == "lease"
    assert "unlock" in told["capabilities"]["commands"]
    assert "HeartbeatInterval" in told["refused_settings"]
    one = told["connectors"]["1"]
    assert one["status"] == "charging"
    assert one["setpoint"] == one["confirmed"]
    assert (one["max_current"], one["fallback"]) == (32, 0)


async def test_it_tells_what_was_charged(
    hass: HomeAssistant, left: ScriptedChargePoint, life: Life
) -> None:
    first = await charge(left, life, 500)
    stop = {"transactionId": first, "meterStop": 1500, "timestamp": dt_util.utcnow().isoformat()}
    await left.call("StopTransaction", stop)
    await life.go_on(60)
    await charge(left, life, 250)
    told = await report(hass)
    assert told["energy"] == 0.75
    ended, running = told["sessions"]
    assert (ended["energy"], running["energy"]) == (0.5, 0.25)
    assert ended["ended_at"] > ended["started_at"]
    assert running["ended_at"] is None
    assert "CAFE1234" not in json.dumps(told), "a report goes to others; badges are personal"


async def test_a_session_that_follows_at_once_is_another_one(
    hass: HomeAssistant, left: ScriptedChargePoint, life: Life
) -> None:
    for energy in (400, 800):
        await charge(left, life, energy)
    assert [session["energy"] for session in (await report(hass))["sessions"]] == [0.4, 0.8]


async def test_it_tells_of_lost_contact_and_restarts(
    hass: HomeAssistant, left: ScriptedChargePoint, dial: Dial, life: Life
) -> None:
    await life.go_on(2)
    before = await report(hass)
    assert before["contact"] == {"lost": 0, "without_contact": 0, "boots": 1}
    assert kinds(before) == ["contact", "boot"]
    left.cut()
    await life.until(lambda: life.value("binary_sensor", f"{LEFT}_contact") == "off")
    await life.go_on(30)
    lost = await report(hass)
    assert (lost["online"], lost["contact"]["lost"]) == (False, 1)
    assert 30 <= lost["contact"]["without_contact"] <= 33
    again = await arrive(dial, "LEFT-1", 1, 2)
    await life.go_on(10)
    back = await report(hass)
    assert (back["online"], back["contact"]["boots"]) == (True, 2)
    assert 30 <= back["contact"]["without_contact"] <= 35
    await again.close()


async def test_it_tells_of_contact_that_was_lost_days_ago(
    hass: HomeAssistant,
    left: ScriptedChargePoint,
    dial: Dial,
    life: Life,
    freezer: FrozenDateTimeFactory,
) -> None:
    await life.go_on(2)
    left.cut()
    await life.until(lambda: life.value("binary_sensor", f"{LEFT}_contact") == "off")
    await life.go_on(2)
    freezer.tick(timedelta(hours=48))
    await life.go_on(2)
    lost = await report(hass)
    assert lost["contact"] == {"lost": 0, "without_contact": 86_400, "boots": 0}
    assert kinds(lost) == []
    again = await arrive(dial, "LEFT-1", 1, 2)
    await life.go_on(2)
    freezer.tick(timedelta(hours=4))
    await again.call("Heartbeat")
    await life.go_on(2)
    assert abs((await report(hass))["contact"]["without_contact"] - 20 * 3600) < 60
    await again.close()


async def test_it_tells_of_errors_once(
    hass: HomeAssistant, left: ScriptedChargePoint, life: Life
) -> None:
    for _ in range(2):
        await left.status("Faulted", 2, errorCode="GroundFailure")
        await life.go_on(2)
    await left.call("SecurityEventNotification", {"type": "TamperDetection"})
    await life.go_on(2)
    told = await report(hass)
    (error,) = told["errors"]
    assert (error["connector"], error["detail"]) == (2, "GroundFailure")
    assert told["events"][-1]["detail"] == "TamperDetection"


async def test_what_is_older_than_a_day_is_left_out(
    hass: HomeAssistant,
    left: ScriptedChargePoint,
    life: Life,
    freezer: FrozenDateTimeFactory,
) -> None:
    transaction = await charge(left, life, 100)
    await left.call("StopTransaction", {"transactionId": transaction, "meterStop": 1100})
    await life.go_on(2)
    assert len((await report(hass))["sessions"]) == 1
    freezer.tick(timedelta(hours=25))
    await left.call("Heartbeat")
    await life.go_on(2)
    told = await report(hass)
    assert (told["sessions"], told["energy"]) == ([], 0)
    assert "boot" not in kinds(told)


async def test_a_charger_without_a_link_has_a_report(
    hass: HomeAssistant, site: SiteCoordinator, entry: MockConfigEntry
) -> None:
    with patch.object(site.equipment, "chargers", {}):
        told = await report(hass, RIGHT)
    assert told["online"] is False
    assert "identity" not in told


async def test_it_comes_every_morning(
    hass: HomeAssistant, left: ScriptedChargePoint, freezer: FrozenDateTimeFactory
) -> None:
    events = async_capture_events(hass, EVENT_REPORT)
    morning = dt_util.start_of_local_day().replace(hour=6) + timedelta(days=1, seconds=1)
    for day in range(2):
        freezer.move_to(morning + timedelta(days=day))
        async_fire_time_changed(hass)
        await hass.async_block_till_done(wait_background_tasks=True)
    assert [event.data["charger"] for event in events] == ["LEFT-1", "RIGHT-1"] * 2


async def test_a_site_that_is_unloaded_meanwhile_reports_nothing(
    hass: HomeAssistant,
    site: SiteCoordinator,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    events = async_capture_events(hass, EVENT_REPORT)

    def unload(*_: object) -> None:
        unloading = hass.config_entries.async_unload(entry.entry_id)
        assert asyncio.run_coroutine_threadsafe(unloading, hass.loop).result(PATIENCE)

    with patch.object(headroom_report, "delete_old_logs", unload):
        freezer.move_to(dt_util.start_of_local_day().replace(hour=6) + timedelta(days=1, seconds=1))
        async_fire_time_changed(hass)
        await hass.async_block_till_done(wait_background_tasks=True)
    assert events == []
    assert "Traceback" not in caplog.text


async def test_the_journal_survives_a_restart_of_home_assistant(
    hass: HomeAssistant,
    left: ScriptedChargePoint,
    life: Life,
    entry: MockConfigEntry,
) -> None:
    transaction = await charge(left, life, 1500)
    await left.call("StopTransaction", {"transactionId": transaction, "meterStop": 2500})
    await left.status("Faulted", errorCode="GroundFailure")
    await life.go_on(2)
    before = await report(hass)
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    after = await report(hass)
    assert after["sessions"] == before["sessions"] != []
    assert after["errors"] == before["errors"] != []


@pytest.mark.parametrize(
    "stored",
    [
        {"version": 1, "data": {LEFT: {}}},
        {"version": 1, "data": {LEFT: {"entries": [{"at": 3}], "sessions": []}}},
        {"version": 1, "data": []},
        {"version": 99, "data": {}},
    ],
    ids=str,
)
async def test_a_journal_that_cannot_be_read_begins_anew(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    entry: MockConfigEntry,
    stored: dict[str, Any],
) -> None:
    hass_storage[f"{DOMAIN}.{entry.entry_id}.journal"] = stored
    site = await set_up(hass, entry)
    assert site.journal.of(LEFT).entries == ()
    await hass.config_entries.async_unload(entry.entry_id)


async def test_the_journal_goes_with_its_charger_and_its_site(
    hass: HomeAssistant,
    left: ScriptedChargePoint,
    life: Life,
    entry: MockConfigEntry,
    hass_storage: dict[str, Any],
) -> None:
    await life.go_on(2)
    await remove_part(hass, entry, LEFT)
    await life.go_on(2)
    assert entry.runtime_data.journal.of(LEFT).entries == ()
    await hass.config_entries.async_unload(entry.entry_id)
    key = f"{DOMAIN}.{entry.entry_id}.journal"
    assert LEFT not in hass_storage[key]["data"]
    await hass.config_entries.async_remove(entry.entry_id)
    assert key not in hass_storage
