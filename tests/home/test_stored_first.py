"""What a crash leaves: the file knows of every setpoint that a charger was told."""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util
from homeassistant.util.file import WriteError
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.headroom.const import DOMAIN
from custom_components.headroom.coordinator import SiteCoordinator
from custom_components.headroom.engine.memory.state import ConnectorState
from custom_components.headroom.memory import SiteMemory
from custom_components.headroom.stored_first import PATIENCE, STORE_EVERY, StoredFirst
from tests.chargers.ocpp.charge_point import ACCEPTED, ScriptedChargePoint

from .conftest import LEFT, site_entry
from .life import Life

ONE = f"{LEFT}:1"
FILE = "headroom.01SITE"
ISSUE = (DOMAIN, "store_01SITE")


def stored(hass_storage: dict[str, Any]) -> float:
    """Return the setpoint in the file."""
    connectors = hass_storage[FILE]["data"]["controller"]["connectors"]
    return float(connectors[ONE]["commanded"])


async def test_no_charger_is_told_more_than_the_file_says(
    site: SiteCoordinator,
    left: ScriptedChargePoint,
    life: Life,
    hass_storage: dict[str, Any],
) -> None:
    told: list[float] = []

    def check(payload: dict[str, Any]) -> dict[str, Any]:
        profile = payload["csChargingProfiles"]
        if payload["connectorId"] == 1 and profile["stackLevel"] == 1:
            told.append(profile["chargingSchedule"]["chargingSchedulePeriod"][0]["limit"])
            assert stored(hass_storage) >= told[-1]
        return ACCEPTED

    left.script["SetChargingProfile"] = check
    await left.status("Charging")
    await life.until(lambda: told[-1:] == [32])
    await life.act("number", "set_value", f"{ONE}_limit", value=10)
    await life.go_on(20)
    await life.act("number", "set_value", f"{ONE}_limit", value=32)
    await life.until(lambda: told[-1:] == [32])
    assert 10 in told


@pytest.fixture
def memory(hass: HomeAssistant) -> SiteMemory:
    """Return a memory that knows of a connector with 16 A, of which nothing is stored."""
    memory = SiteMemory(hass, "01SITE")
    memory.controller.connectors["c"] = ConnectorState(commanded=16.0)
    return memory


@pytest.fixture
def storings(
    hass: HomeAssistant, memory: SiteMemory, hass_storage: dict[str, Any]
) -> tuple[StoredFirst, list[datetime]]:
    """Return what holds setpoints back, and when it has stored some."""
    entry = site_entry([])
    entry.add_to_hass(hass)
    times: list[datetime] = []
    stored_first = StoredFirst(hass, entry, memory, lambda: times.append(dt_util.utcnow()))
    return stored_first, times


async def test_a_raise_waits_until_it_is_stored(
    hass: HomeAssistant, storings: tuple[StoredFirst, list[datetime]]
) -> None:
    stored_first, times = storings
    assert stored_first.cut({"c": 16.0}) == {"c": 0.0}
    await hass.async_block_till_done()
    assert len(times) == 1
    assert stored_first.cut({"c": 16.0}) == {"c": 16.0}
    assert stored_first.cut({"c": 6.0}) == {"c": 6.0}
    await hass.async_block_till_done()
    assert len(times) == 1


async def test_the_next_writing_waits_some_seconds(
    hass: HomeAssistant,
    storings: tuple[StoredFirst, list[datetime]],
    memory: SiteMemory,
    freezer: FrozenDateTimeFactory,
) -> None:
    stored_first, times = storings
    stored_first.cut({"c": 16.0})
    await hass.async_block_till_done()
    memory.controller.connectors["c"].commanded = 20.0
    for seconds, writings in ((0, 1), (4, 1), (1, 2)):
        freezer.tick(seconds)
        assert stored_first.cut({"c": 20.0}) == {"c": 16.0}
        await hass.async_block_till_done()
        assert len(times) == writings
    assert stored_first.cut({"c": 20.0}) == {"c": 20.0}


async def test_what_was_stored_lower_since_counts(
    hass: HomeAssistant, storings: tuple[StoredFirst, list[datetime]], memory: SiteMemory
) -> None:
    stored_first, _ = storings
    stored_first.cut({"c": 16.0})
    await hass.async_block_till_done()
    memory.controller.connectors["c"].commanded = 6.0
    memory._content()
    assert stored_first.cut({"c": 16.0}) == {"c": 6.0}


async def test_at_the_end_nothing_is_stored_for_raises(
    hass: HomeAssistant,
    storings: tuple[StoredFirst, list[datetime]],
    freezer: FrozenDateTimeFactory,
) -> None:
    stored_first, times = storings
    stored_first.cut({"c": 16.0})
    await hass.async_block_till_done()
    stored_first.stop()
    freezer.tick(10)
    assert stored_first.cut({"c": 20.0}) == {"c": 16.0}
    await hass.async_block_till_done()
    assert len(times) == 1


async def test_a_clock_that_is_set_back_holds_nobody_back(
    hass: HomeAssistant, storings: tuple[StoredFirst, list[datetime]], memory: SiteMemory
) -> None:
    stored_first, times = storings
    memory.saved_at = dt_util.utcnow() + timedelta(days=1)
    stored_first.cut({"c": 16.0})
    await hass.async_block_till_done()
    assert len(times) == 1


async def test_a_crash_leaves_what_chargers_hold(
    hass: HomeAssistant, memory: SiteMemory, hass_storage: dict[str, Any]
) -> None:
    await memory.save()
    after = SiteMemory(hass, "01SITE")
    await after.load()
    assert after.stored_setpoints == {"c": 16.0}
    assert after.controller.complete


class Disk:
    """Writes what it is given, or has a fault."""

    fault: Exception | None = None
    attempts = 0


@pytest.fixture
def disk(hass_storage: dict[str, Any]) -> Iterator[Disk]:
    disk, write = Disk(), Store._async_write_data

    async def work(store: Store[Any], data: dict[str, Any]) -> None:
        disk.attempts += 1
        if disk.fault is not None:
            raise disk.fault
        await write(store, data)

    with patch.object(Store, "_async_write_data", work):
        yield disk


@pytest.mark.parametrize("fault", [WriteError("full"), OSError("full")])
async def test_what_cannot_be_stored_does_not_rise(
    hass: HomeAssistant,
    storings: tuple[StoredFirst, list[datetime]],
    disk: Disk,
    freezer: FrozenDateTimeFactory,
    fault: Exception,
) -> None:
    stored_first, _ = storings
    disk.fault = fault
    for attempts in (1, 2):
        assert stored_first.cut({"c": 16.0}) == {"c": 0.0}
        await hass.async_block_till_done()
        assert stored_first.cut({"c": 16.0}) == {"c": 0.0}
        await hass.async_block_till_done()
        assert disk.attempts == attempts
        freezer.tick(STORE_EVERY)
    disk.fault = None
    stored_first.cut({"c": 16.0})
    await hass.async_block_till_done()
    assert stored_first.cut({"c": 16.0}) == {"c": 16.0}


async def test_what_is_stored_by_somebody_else_meanwhile_does_not_rise(
    hass: HomeAssistant,
    memory: SiteMemory,
    storings: tuple[StoredFirst, list[datetime]],
    disk: Disk,
) -> None:
    """While Home Assistant stops, a store writes later than it is asked to."""
    stored_first, _ = storings
    hass.set_state(CoreState.stopping)
    await memory.save()
    assert disk.attempts == 0
    assert stored_first.cut({"c": 16.0}) == {"c": 0.0}


async def test_a_disk_that_fails_is_logged_of_when_that_begins_and_ends(
    memory: SiteMemory, disk: Disk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    disk.fault = WriteError("full")
    for _ in range(3):
        await memory.save()
    disk.fault = None
    await memory.save()
    await memory.save()
    assert [record.getMessage() for record in caplog.records] == [
        "The state cannot be written to headroom.01SITE, so no setpoint rises: full",
        "The state is written to headroom.01SITE again",
    ]


async def test_a_disk_that_fails_for_long_is_a_repair_issue(
    hass: HomeAssistant,
    memory: SiteMemory,
    storings: tuple[StoredFirst, list[datetime]],
    disk: Disk,
    freezer: FrozenDateTimeFactory,
) -> None:
    stored_first, _ = storings
    issues = ir.async_get(hass).issues
    disk.fault = WriteError("full")
    await memory.save()
    freezer.tick(PATIENCE - timedelta(seconds=1))
    await memory.save()
    stored_first.cut({})
    assert ISSUE not in issues
    freezer.tick(1)
    stored_first.cut({})
    assert issues[ISSUE].translation_placeholders == {"site": "Home", "error": "full"}
    disk.fault = None
    await memory.save()
    stored_first.cut({})
    assert ISSUE not in issues


async def test_what_could_not_be_written_is_written_later(
    hass: HomeAssistant, memory: SiteMemory, disk: Disk, hass_storage: dict[str, Any]
) -> None:
    disk.fault = WriteError("full")
    memory.save_later()
    later = dt_util.utcnow()
    for attempts in (1, 2, 3):
        later += timedelta(seconds=31)
        async_fire_time_changed(hass, later)
        await hass.async_block_till_done()
        assert disk.attempts == attempts
        assert (FILE in hass_storage) == (attempts == 3)
        if attempts == 2:
            disk.fault = None
