"""Meters of a model that the site has made itself."""

import asyncio
import struct
from collections.abc import AsyncGenerator, Callable
from typing import Any

import pytest
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.headroom.coordinator import SiteCoordinator
from custom_components.headroom.engine.currents import PerPhase
from tests.chargers.ocpp.charge_point import ScriptedChargePoint
from tests.config_flow.site import part, zone
from tests.modbus.fakes import FakeServer

from .conftest import (
    BUILDING,
    LEFT,
    METER,
    add_part,
    change_part,
    meter,
    remove_part,
    small_site,
)
from .life import Life

MODEL = "01MODEL"
TURNS = 200
"""Of the event loop in a second: enough for many requests over loopback."""
HERE = {"currents": {"address": [0, 2, 4], "format": "float32"}}
THERE = {"currents": {"address": [10, 12, 14], "format": "float32"}}


def acme(**changes: Any) -> ConfigSubentryData:
    """Return a stored model."""
    description = {
        "id": "acme_3p",
        "name": "Acme 3P",
        "confidence": "low",
        "source": "",
        "function": "holding",
        "word_order": "msw",
        "current_sign": "unsigned",
        "max_read": 125,
        "max_gap": 0,
        "quantities": HERE,
    }
    return part(MODEL, "meter_model", "Acme 3P", "meter_model_acme_3p", {**description, **changes})


@pytest.fixture
async def server(socket_enabled: None) -> AsyncGenerator[FakeServer]:
    """Run a meter that has other currents at another place."""
    here, there = struct.pack(">3f", 10, 20, 5), struct.pack(">3f", 1, 2, 3)
    server = FakeServer({255: {0: here, 10: there}})
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
def subentries(server: FakeServer) -> list[ConfigSubentryData]:
    """Return a building with a meter of the site's own model."""
    return [
        zone(BUILDING, "Building", limit=40.0, supply="dynamic"),
        *small_site()[1:],
        meter(server.port, model="own:acme_3p"),
        acme(),
    ]


async def currents(site: SiteCoordinator) -> PerPhase:
    """Return what the meter measures now."""
    link = site.equipment.meters[METER]
    await link.poll()
    assert link.data is not None
    return link.data.currents


def issues(hass: HomeAssistant) -> list[str | None]:
    return [issue.translation_key for issue in ir.async_get(hass).issues.values()]


async def test_a_changed_model_applies_at_once_and_chargers_stay(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    site: SiteCoordinator,
    left: ScriptedChargePoint,
) -> None:
    assert await currents(site) == PerPhase(10, 20, 5)
    before, chargers = site.equipment.meters[METER], site.equipment.chargers
    await change_part(hass, entry, MODEL, quantities=THERE)
    assert await currents(site) == PerPhase(1, 2, 3)
    assert site.equipment.meters[METER] is not before
    assert site.equipment.chargers == chargers
    assert site.equipment.chargers[LEFT].contacts == 1


async def test_a_change_of_nothing_that_counts_leaves_meters_alone(
    hass: HomeAssistant, entry: MockConfigEntry, site: SiteCoordinator
) -> None:
    before = site.equipment.meters[METER]
    hass.config_entries.async_update_subentry(entry, entry.subentries[MODEL], title="Acme")
    await hass.async_block_till_done()
    assert site.equipment.meters[METER] is before


async def test_a_meter_whose_model_is_gone_is_told_of_and_its_zone_is_degraded(
    hass: HomeAssistant, entry: MockConfigEntry, site: SiteCoordinator
) -> None:
    await currents(site)
    site.async_wishes_changed()
    assert not site.data.decision.zones[BUILDING].degraded
    await remove_part(hass, entry, MODEL)
    assert issues(hass) == ["unknown_model"]
    assert METER not in site.equipment.meters
    assert site.data.decision.zones[BUILDING].degraded

    await add_part(hass, entry, acme())
    assert issues(hass) == []
    assert await currents(site) == PerPhase(10, 20, 5)
    site.async_wishes_changed()
    assert not site.data.decision.zones[BUILDING].degraded


async def test_a_model_that_cannot_be_read_counts_as_gone(
    hass: HomeAssistant, entry: MockConfigEntry, site: SiteCoordinator
) -> None:
    await change_part(hass, entry, MODEL, max_read=0)
    assert issues(hass) == ["unknown_model"]
    await change_part(hass, entry, MODEL, max_read=6)
    assert issues(hass) == []


async def test_an_own_model_never_takes_the_place_of_a_shipped_one(
    hass: HomeAssistant, entry: MockConfigEntry, site: SiteCoordinator
) -> None:
    """A later release may bring a model with the id of a site's own."""
    shipped = site.equipment.models["schneider_iem3000"]
    await change_part(hass, entry, MODEL, id="schneider_iem3000")
    assert site.equipment.models["schneider_iem3000"] is shipped
    own = site.equipment.models["own:schneider_iem3000"]
    assert (own.id, own.name) == ("schneider_iem3000", "Acme 3P")


async def test_a_charging_car_goes_on_while_a_model_changes(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    site: SiteCoordinator,
    life: Life,
    left: ScriptedChargePoint,
) -> None:
    await left.status("Charging")
    await pass_until(lambda: left.leases[-1] > 6, life)
    told = list(left.leases)
    await change_part(hass, entry, MODEL, quantities=THERE)
    await life.settle()
    assert left.leases == told
    assert not site.data.decision.zones[BUILDING].degraded
    await pass_until(lambda: site.equipment.meters[METER].data is not None, life)
    assert not site.data.decision.zones[BUILDING].degraded


async def test_the_last_reading_by_another_model_does_not_count_for_long(
    hass: HomeAssistant,
    server: FakeServer,
    entry: MockConfigEntry,
    site: SiteCoordinator,
    life: Life,
) -> None:
    await pass_until(lambda: site.equipment.meters[METER].data is not None, life)
    await server.stop()
    await change_part(hass, entry, MODEL, quantities=THERE)
    assert not site.data.decision.zones[BUILDING].degraded
    await pass_until(lambda: site.data.decision.zones[BUILDING].degraded, life, within=7)


async def test_the_reading_of_another_device_does_not_count_at_all(
    hass: HomeAssistant, entry: MockConfigEntry, site: SiteCoordinator
) -> None:
    await currents(site)
    await change_part(hass, entry, METER, unit=1)
    assert site.data.decision.zones[BUILDING].degraded


async def pass_until(predicate: Callable[[], bool], life: Life, within: int = 100) -> None:
    """Let seconds pass in each of which the meter may be read, until something is so."""
    for _ in range(within):
        if predicate():
            return
        life.pass_by(1)
        for _ in range(TURNS):
            await asyncio.sleep(0)
        await life.settle()
    raise AssertionError(f"not so within {within} seconds")
