"""A site so large that it must leave Home Assistant time for everything else."""

import asyncio
from collections.abc import Callable
from itertools import pairwise
from typing import Any
from unittest.mock import patch

import pytest
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util
from homeassistant.util.file import WriteError
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.headroom.coordinator import SiteCoordinator
from custom_components.headroom.engine.controller import SiteController
from custom_components.headroom.memory import SiteMemory
from custom_components.headroom.news import AT_ONCE
from custom_components.headroom.pace import BREATHER, LONGEST_BREATHER, SMALL_SITE
from tests.chargers.ocpp.charge_point import PATIENCE
from tests.config_flow.site import charger, zone

from .conftest import BUILDING, Dial

CHARGERS = SMALL_SITE + 1


@pytest.fixture
def subentries() -> list[ConfigSubentryData]:
    return [
        zone(BUILDING, "Building", limit=1000.0),
        *(charger(f"01CP{n}", f"CP{n}", BUILDING) for n in range(CHARGERS)),
    ]


async def test_it_rests_after_a_step_and_misses_nothing(
    hass: HomeAssistant, site: SiteCoordinator, dial: Dial
) -> None:
    charge_point = await dial("CP0")
    await charge_point.boot()
    stepped: list[float] = []
    seen: asyncio.Queue[str] = asyncio.Queue()
    step = SiteController.step

    def watched(self: SiteController, snapshot: Any) -> Any:
        stepped.append(hass.loop.time())
        seen.put_nowait(snapshot.connectors["01CP0:1"].status)
        return step(self, snapshot)

    with patch.object(SiteController, "step", watched):
        for status in ("Preparing", "Charging", "Unavailable", "Faulted"):
            await charge_point.status(status)
            async with asyncio.timeout(PATIENCE):
                while await seen.get() != status.lower():
                    continue
    pauses = [after - before for before, after in pairwise(stepped)]
    assert all(pause >= BREATHER * CHARGERS for pause in pauses)


async def test_however_large_it_does_not_rest_for_long(
    hass: HomeAssistant, site: SiteCoordinator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("custom_components.headroom.pace.BREATHER", 3600.0)
    monkeypatch.setattr(hass.loop, "time", lambda: 1000.0)
    site._pace.now()
    site._pace.soon()
    assert isinstance(site._pace._pending, asyncio.TimerHandle)
    assert site._pace._pending.when() == 1000.0 + LONGEST_BREATHER


async def test_its_ticks_do_not_step_while_it_rests(
    hass: HomeAssistant, site: SiteCoordinator
) -> None:
    with (
        patch.object(hass.loop, "time", return_value=hass.loop.time() + 1),
        patch.object(SiteController, "step", wraps=site._controller.step) as step,
    ):
        site._pace.soon()
        site._tick(dt_util.utcnow())
        site._tick(dt_util.utcnow())
    await hass.async_block_till_done()
    assert step.call_count == 1


async def test_all_of_its_entities_get_the_news(hass: HomeAssistant, site: SiteCoordinator) -> None:
    assert len(site._listeners) > AT_ONCE
    told: list[int] = []
    all_told = asyncio.Event()

    def listener(number: int) -> Callable[[], None]:
        def listen() -> None:
            told.append(number)
            if number == 2:
                all_told.set()

        return listen

    remove = [site.async_add_listener(listener(number)) for number in range(3)]
    site._published_at = None
    site.async_step()
    remove.pop(1)()
    async with asyncio.timeout(PATIENCE):
        await all_told.wait()
    assert told == [0, 2]
    for unsubscribe in remove:
        unsubscribe()


async def test_transactions_that_begin_together_are_saved_together(hass: HomeAssistant) -> None:
    memory = SiteMemory(hass, "01SITE")
    written: list[list[str]] = []
    disk = asyncio.Event()

    async def save(content: dict[str, Any]) -> None:
        written.append(content["wishes"]["paused"])
        await disk.wait()

    with patch.object(memory._store, "async_save", save):
        saves = []
        for number in range(50):
            memory.wishes.paused.add(f"{number:02}")
            saves.append(hass.async_create_task(memory.save()))
        disk.set()
        await asyncio.gather(*saves)
    assert written == [["00"], [f"{number:02}" for number in range(50)]]


async def test_who_wants_to_save_while_a_writing_fails_shares_the_next_one(
    hass: HomeAssistant,
) -> None:
    memory = SiteMemory(hass, "01SITE")
    attempts = 0

    async def fail(_: Store[Any], _data: dict[str, Any]) -> None:
        nonlocal attempts
        attempts += 1
        await asyncio.sleep(0)
        raise WriteError("full")

    with patch.object(Store, "_async_write_data", fail):
        await asyncio.gather(*(memory.save() for _ in range(50)))
    assert attempts == 2


async def test_it_ends_while_it_rests(
    hass: HomeAssistant, site: SiteCoordinator, entry: MockConfigEntry
) -> None:
    site._pace.soon()
    site._pace.now()
    site._pace.soon()
    waiting = site._pace._pending
    assert waiting is not None
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert waiting.cancelled()
