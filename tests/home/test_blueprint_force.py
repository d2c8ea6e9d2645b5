"""The blueprint that forces charging by a button on the wall, in a real Home Assistant."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

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
BUTTON = "event.wall"
MORNING, NOON = "2026-06-03T09:00:00.000+00:00", "2026-06-03T12:00:00.000+00:00"
"""States of a button tell when it was pressed last."""
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


def inputs(life: Life, trigger: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a person enters."""
    return {"button": [trigger], "switches": {"entity_id": life.entity("switch", FORCE)}}


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
    trigger = {"trigger": "event", "event_type": "wall_button"}
    await use_blueprint(hass, tmp_path, "force_charge_by_button", inputs(life, trigger) | effect)
    await left.status("Charging")
    await life.until(lambda: life.value("sensor", REASON) == "off_peak_wait")
    assert left.leases[-1] == 0

    await press(hass)
    assert life.value("switch", FORCE) == "on"
    await life.until(lambda: left.leases[-1] == 32)
    await press(hass)
    assert life.value("switch", FORCE) == again


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize(
    ("before", "after", "forced"),
    [
        (None, MORNING, "off"),
        ("unavailable", MORNING, "off"),
        (MORNING, "unavailable", "off"),
        (MORNING, "unknown", "off"),
        ("unknown", MORNING, "on"),
        (MORNING, NOON, "on"),
        ("unknown", "on", "off"),
        ("off", "on", "on"),
    ],
)
async def test_only_a_press_counts_when_an_entity_is_the_button(
    hass: HomeAssistant,
    life: Life,
    tmp_path: Path,
    before: str | None,
    after: str,
    forced: str,
) -> None:
    if before is not None:
        hass.states.async_set(BUTTON, before)
    trigger = {"trigger": "state", "entity_id": BUTTON}
    await use_blueprint(hass, tmp_path, "force_charge_by_button", inputs(life, trigger))
    hass.states.async_set(BUTTON, after)
    await hass.async_block_till_done()
    assert life.value("switch", FORCE) == forced


@pytest.mark.usefixtures("site")
async def test_a_button_whose_attributes_change_is_not_pressed(
    hass: HomeAssistant, life: Life, tmp_path: Path
) -> None:
    hass.states.async_set(BUTTON, MORNING)
    trigger = {"trigger": "state", "entity_id": BUTTON}
    await use_blueprint(hass, tmp_path, "force_charge_by_button", inputs(life, trigger))
    hass.states.async_set(BUTTON, MORNING, {"friendly_name": "Porch"})
    await hass.async_block_till_done()
    assert life.value("switch", FORCE) == "off"
