"""The blueprint that sheds load by relays, in a real Home Assistant."""

from pathlib import Path
from typing import Any

import pytest
from homeassistant.core import CoreState, HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.headroom.coordinator import SiteCoordinator
from tests.chargers.ocpp.charge_point import ScriptedChargePoint

from .blueprints import start, use_blueprint
from .life import Life

SHEDDING = "01SITE_load_shedding"
RELAYS: dict[str, Any] = {
    "relay_1": "binary_sensor.k1",
    "current_1": 6,
    "relay_2": "binary_sensor.k2",
    "current_2": 13,
}


async def show(hass: HomeAssistant, **relays: str) -> None:
    """Let relays show something."""
    for name, state in relays.items():
        hass.states.async_set(f"binary_sensor.{name}", state)
    await hass.async_block_till_done()


@pytest.fixture
def relays(site: SiteCoordinator, life: Life) -> dict[str, Any]:
    """Return what a person enters."""
    return RELAYS | {"shedding": life.entity("binary_sensor", SHEDDING)}


@pytest.mark.parametrize(
    ("more", "asks", "rests"),
    [({}, "on", "off"), ({"asks_while": "off"}, "off", "on")],
)
async def test_the_lowest_current_of_those_that_ask_counts(
    hass: HomeAssistant,
    left: ScriptedChargePoint,
    life: Life,
    tmp_path: Path,
    relays: dict[str, Any],
    more: dict[str, str],
    asks: str,
    rests: str,
) -> None:
    await show(hass, k1=rests, k2=rests)
    await use_blueprint(hass, tmp_path, "shed_load_by_relays", relays | more)
    await left.status("Charging")
    await life.until(lambda: left.leases[-1] == 32)
    await show(hass, k2=asks)
    await life.until(lambda: left.leases[-1] == 13, within=2)
    await show(hass, k1=asks)
    await life.until(lambda: left.leases[-1] == 6, within=2)
    await show(hass, k1=rests)
    await life.until(lambda: left.leases[-1] == 13)
    await show(hass, k2=rests)
    await life.until(lambda: left.leases[-1] == 32)


@pytest.mark.parametrize("state", ["unavailable", "unknown"])
async def test_a_relay_that_shows_nothing_asks(
    hass: HomeAssistant,
    left: ScriptedChargePoint,
    life: Life,
    tmp_path: Path,
    relays: dict[str, Any],
    state: str,
) -> None:
    await show(hass, k1="off", k2="off")
    await use_blueprint(hass, tmp_path, "shed_load_by_relays", relays)
    await left.status("Charging")
    await life.until(lambda: left.leases[-1] == 32)
    await show(hass, k2=state)
    await life.until(lambda: left.leases[-1] == 13, within=2)


async def test_relays_are_looked_at_when_home_assistant_has_started(
    hass: HomeAssistant, life: Life, tmp_path: Path, relays: dict[str, Any]
) -> None:
    await show(hass, k1="on", k2="off")
    hass.set_state(CoreState.starting)
    await use_blueprint(hass, tmp_path, "shed_load_by_relays", relays)
    assert life.value("binary_sensor", SHEDDING) == "off"
    await start(hass)
    assert life.value("binary_sensor", SHEDDING) == "on"


async def test_relays_are_looked_at_when_the_automation_has_been_changed(
    hass: HomeAssistant, life: Life, tmp_path: Path, relays: dict[str, Any]
) -> None:
    await show(hass, k1="on", k2="off")
    await use_blueprint(hass, tmp_path, "shed_load_by_relays", relays)
    hass.bus.async_fire("automation_reloaded")
    await hass.async_block_till_done()
    assert life.value("binary_sensor", SHEDDING) == "on"


@pytest.mark.parametrize(("before", "after"), [("off", "on"), ("on", "off")])
async def test_a_relay_that_switches_while_headroom_is_away_is_seen_when_it_is_back(
    hass: HomeAssistant,
    life: Life,
    entry: MockConfigEntry,
    tmp_path: Path,
    relays: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
    before: str,
    after: str,
) -> None:
    await show(hass, k1="off", k2="off")
    await use_blueprint(hass, tmp_path, "shed_load_by_relays", relays)
    await show(hass, k1=before)
    assert life.value("binary_sensor", SHEDDING) == before
    await hass.config_entries.async_unload(entry.entry_id)
    await show(hass, k1=after)
    await hass.config_entries.async_setup(entry.entry_id)
    await life.go_on(5)
    assert life.value("binary_sensor", SHEDDING) == after
    assert "is not loaded" not in caplog.text
