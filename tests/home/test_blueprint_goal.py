"""The blueprint that tells of a car that will not be ready, in a real Home Assistant."""

from pathlib import Path

import pytest
from homeassistant.core import CoreState, HomeAssistant
from pytest_homeassistant_custom_component.common import async_mock_service

from tests.chargers.ocpp.charge_point import ScriptedChargePoint

from .blueprints import notice, start, switch_off, use_blueprint
from .life import Life
from .plan.conftest import ONE, charging, entry, evening, planned, want

__all__ = ["charging", "entry", "evening"]

pytestmark = pytest.mark.usefixtures("evening")


async def test_a_goal_that_cannot_be_met_is_told(
    hass: HomeAssistant, charging: ScriptedChargePoint, life: Life, tmp_path: Path
) -> None:
    notices = async_mock_service(hass, "notify", "phone")
    risk = life.entity("binary_sensor", f"{ONE}_goal_at_risk")
    inputs = {"goals": [risk], "send": notice("notify.phone")}
    await use_blueprint(hass, tmp_path, "notify_trouble", inputs)
    await want(hass, life, 200)
    assert notices == []
    await life.act("time", "set_value", f"{ONE}_ready_by", time="22:00:00")
    await planned(hass, life)
    (told,) = notices
    assert told.data["title"] == "A car will not be ready in time"
    lacking = life.state("binary_sensor", f"{ONE}_goal_at_risk").attributes["lacking"]
    message = f"LEFT-1, Connector 1: {lacking} kWh will be missing"
    assert told.data["message"] == message
    await switch_off(hass)


async def test_a_goal_that_nobody_was_told_of_is_told_after_a_restart(
    hass: HomeAssistant, charging: ScriptedChargePoint, life: Life, tmp_path: Path
) -> None:
    notices = async_mock_service(hass, "notify", "phone")
    risk = life.entity("binary_sensor", f"{ONE}_goal_at_risk")
    hass.states.async_set(risk, "unavailable")
    inputs = {"goals": [risk], "send": notice("notify.phone")}
    await use_blueprint(hass, tmp_path, "notify_trouble", inputs)
    hass.states.async_set(risk, "on", {"lacking": 3.5})
    await hass.async_block_till_done()
    (told,) = notices
    assert told.data["message"] == "LEFT-1, Connector 1: 3.5 kWh will be missing"
    await switch_off(hass)


async def test_a_goal_that_is_at_risk_when_home_assistant_has_started_is_told(
    hass: HomeAssistant, charging: ScriptedChargePoint, life: Life, tmp_path: Path
) -> None:
    notices = async_mock_service(hass, "notify", "phone")
    risk = life.entity("binary_sensor", f"{ONE}_goal_at_risk")
    hass.states.async_set(risk, "on", {"lacking": 3.5})
    hass.set_state(CoreState.starting)
    inputs = {"goals": [risk], "send": notice("notify.phone"), "duration": {"seconds": 10}}
    await use_blueprint(hass, tmp_path, "notify_trouble", inputs)
    await start(hass)
    life.pass_by(10)
    await hass.async_block_till_done()
    (told,) = notices
    assert told.data["message"] == "LEFT-1, Connector 1: 3.5 kWh will be missing"
    await switch_off(hass)
