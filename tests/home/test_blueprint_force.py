"""The blueprint that forces charging by a button on the wall, in a real Home Assistant."""

from pathlib import Path

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.headroom.clock.settings import PROPOSED
from tests.chargers.ocpp.charge_point import ScriptedChargePoint

from .blueprints import use_blueprint
from .conftest import LEFT, site_entry
from .life import Life

FORCE = f"{LEFT}:1_force_charge"
REASON = f"{LEFT}:1_setpoint_reason"
DEAR = "2026-06-03T18:00:00-07:00"
"""In the time zone of the tests, outside the cheap hours."""


@pytest.fixture
def entry(
    subentries: list[ConfigSubentryData], port: int, freezer: FrozenDateTimeFactory
) -> MockConfigEntry:
    """Return a site that waits for cheap hours, while they are dear."""
    freezer.move_to(DEAR)
    clock = {**PROPOSED, "longest_delay": 0}
    return site_entry(subentries, port, options={"untested": "fallback", "clock": clock})


async def press(hass: HomeAssistant) -> None:
    """Press the button on the wall."""
    hass.bus.async_fire("wall_button")
    await hass.async_block_till_done()


@pytest.mark.parametrize(
    ("effect", "again"), [({}, "off"), ({"effect": "turn_on"}, "on")], ids=["toggle", "on"]
)
async def test_a_button_lets_a_waiting_car_charge(
    hass: HomeAssistant,
    left: ScriptedChargePoint,
    life: Life,
    tmp_path: Path,
    effect: dict[str, str],
    again: str,
) -> None:
    inputs = {
        "button": [{"trigger": "event", "event_type": "wall_button"}],
        "switches": {"entity_id": life.entity("switch", FORCE)},
    }
    await use_blueprint(hass, tmp_path, "force_charge_by_button", inputs | effect)
    await left.status("Charging")
    await life.until(lambda: life.value("sensor", REASON) == "off_peak_wait")
    assert left.leases[-1] == 0

    await press(hass)
    assert life.value("switch", FORCE) == "on"
    await life.until(lambda: left.leases[-1] == 32)
    await press(hass)
    assert life.value("switch", FORCE) == again
