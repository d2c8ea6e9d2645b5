"""The blueprint that sheds load by relays, in a real Home Assistant."""

from pathlib import Path
from typing import Any

import pytest
from homeassistant.core import HomeAssistant

from custom_components.headroom.coordinator import SiteCoordinator
from tests.chargers.ocpp.charge_point import ScriptedChargePoint

from .blueprints import use_blueprint
from .life import Life

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


@pytest.mark.parametrize(
    ("more", "asks", "rests"),
    [({}, "on", "off"), ({"asks_while": "off"}, "off", "on"), ({"site": "01SITE"}, "on", "off")],
)
async def test_the_lowest_current_of_those_that_ask_counts(
    hass: HomeAssistant,
    left: ScriptedChargePoint,
    life: Life,
    tmp_path: Path,
    more: dict[str, str],
    asks: str,
    rests: str,
) -> None:
    await show(hass, k1=rests, k2=rests)
    await use_blueprint(hass, tmp_path, "shed_load_by_relays", RELAYS | more)
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
    hass: HomeAssistant, left: ScriptedChargePoint, life: Life, tmp_path: Path, state: str
) -> None:
    await show(hass, k1="off", k2="off")
    await use_blueprint(hass, tmp_path, "shed_load_by_relays", RELAYS)
    await left.status("Charging")
    await life.until(lambda: left.leases[-1] == 32)
    await show(hass, k2=state)
    await life.until(lambda: left.leases[-1] == 13, within=2)


async def test_relays_are_looked_at_when_home_assistant_has_started(
    hass: HomeAssistant, site: SiteCoordinator, life: Life, tmp_path: Path
) -> None:
    await show(hass, k1="on", k2="off")
    await use_blueprint(hass, tmp_path, "shed_load_by_relays", RELAYS)
    assert life.value("binary_sensor", "01SITE_load_shedding") == "off"
    hass.bus.async_fire("automation_reloaded")
    await hass.async_block_till_done()
    assert life.value("binary_sensor", "01SITE_load_shedding") == "on"
