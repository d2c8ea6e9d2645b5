"""The site's own loop: it decides whoever listens, and renews limits only while it decides."""

from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.headroom.coordinator import SiteCoordinator
from custom_components.headroom.engine.controller import SiteController
from custom_components.headroom.engine.snapshot import Snapshot
from tests.chargers.ocpp.charge_point import ScriptedChargePoint

from .conftest import LEFT, set_up, site_entry, small_site
from .life import Life


@pytest.fixture
def steps() -> Iterator[list[Snapshot]]:
    """Return what every step has seen."""
    seen: list[Snapshot] = []
    step = SiteController.step

    def watched(self: SiteController, snapshot: Snapshot) -> Any:
        seen.append(snapshot)
        return step(self, snapshot)

    with patch.object(SiteController, "step", watched):
        yield seen


async def test_it_steps_every_second(
    site: SiteCoordinator, life: Life, steps: list[Snapshot]
) -> None:
    await life.go_on(5)
    assert len(steps) == 5


async def test_it_steps_when_a_charger_says_something(
    site: SiteCoordinator, left: ScriptedChargePoint, life: Life, steps: list[Snapshot]
) -> None:
    await life.settle()
    steps.clear()
    await left.status("Charging")
    assert steps[-1].connectors[f"{LEFT}:1"].status == "charging"


async def test_it_steps_although_polling_is_switched_off(
    hass: HomeAssistant, port: int, freezer: Any, steps: list[Snapshot]
) -> None:
    entry = site_entry(small_site(), port, pref_disable_polling=True)
    await set_up(hass, entry)
    steps.clear()
    await Life(hass, freezer, entry).go_on(3)
    assert len(steps) == 3
    await hass.config_entries.async_unload(entry.entry_id)


async def test_it_steps_although_every_entity_is_disabled(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    site: SiteCoordinator,
    left: ScriptedChargePoint,
    life: Life,
) -> None:
    registry = er.async_get(hass)
    for entity in er.async_entries_for_config_entry(registry, entry.entry_id):
        registry.async_update_entity(entity.entity_id, disabled_by=er.RegistryEntryDisabler.USER)
    await hass.async_block_till_done()
    assert hass.states.async_all() == []

    await left.status("Charging")
    await life.until(lambda: left.leases[-1] == 32)


async def test_limits_are_renewed_while_it_decides(
    site: SiteCoordinator, left: ScriptedChargePoint, life: Life
) -> None:
    before = len(left.leases)
    await life.go_on(100)
    assert len(left.leases) > before
    assert set(left.leases) == {0}


async def test_limits_run_out_when_it_does_not(
    hass: HomeAssistant, site: SiteCoordinator, left: ScriptedChargePoint, life: Life
) -> None:
    faults: list[dict[str, Any]] = []
    handler = hass.loop.get_exception_handler()
    hass.loop.set_exception_handler(lambda _, context: faults.append(context))
    before = len(left.leases)
    with patch.object(SiteController, "step", side_effect=ZeroDivisionError):
        await life.go_on(100)
    hass.loop.set_exception_handler(handler)
    assert len(left.leases) == before
    assert len(faults) >= 100
    assert all(isinstance(fault["exception"], ZeroDivisionError) for fault in faults)

    await life.go_on()
    assert len(left.leases) > before
