"""The blueprint that tells when a car begins to charge from the sun, in a real Home Assistant."""

from pathlib import Path

import pytest
from homeassistant.core import HomeAssistant, ServiceCall
from pytest_homeassistant_custom_component.common import async_mock_service

from tests.chargers.ocpp.charge_point import ScriptedChargePoint
from tests.modbus.fakes import FakeServer

from .blueprints import notice, switch_off, use_blueprint
from .life import Life
from .metered import Watch, measure
from .test_sun import ONE, battery, choose, server, subentries

__all__ = ["battery", "server", "subentries"]


@pytest.fixture
async def notices(hass: HomeAssistant, life: Life, tmp_path: Path) -> list[ServiceCall]:
    """Return what is told of a connector."""
    inputs = {
        "setpoint": life.entity("sensor", f"{ONE}_setpoint"),
        "share": life.entity("sensor", f"{ONE}_sun_share"),
        "steady": {"seconds": 5},
        "send": notice("notify.phone"),
    }
    told: list[ServiceCall] = async_mock_service(hass, "notify", "phone")
    await use_blueprint(hass, tmp_path, "notify_solar_start", inputs)
    return told


async def test_a_car_that_begins_with_the_sun_is_told_of_once(
    hass: HomeAssistant,
    watch: Watch,
    server: FakeServer,
    right: ScriptedChargePoint,
    notices: list[ServiceCall],
    life: Life,
) -> None:
    await choose(life, ONE, "sun_only")
    await measure(server, 5, 5, 5)
    await right.status("Charging")
    await watch.go_on(5)
    assert life.value("sensor", f"{ONE}_setpoint") == "0.0"
    await measure(server, -10, -10, -10)
    await watch.until(lambda: bool(notices))
    (told,) = notices
    assert told.data["title"] == "The sun charges a car"
    assert told.data["message"].startswith("RIGHT-1 Connector 1 Setpoint: ")
    await watch.go_on(20)
    assert len(notices) == 1
    setpoint = life.entity("sensor", f"{ONE}_setpoint")
    shown = life.value("sensor", f"{ONE}_setpoint")
    hass.states.async_set(setpoint, "unavailable")
    await hass.async_block_till_done()
    hass.states.async_set(setpoint, shown)
    await watch.go_on(20)
    assert len(notices) == 1, "the charger was out of contact for a moment"
    await switch_off(hass)


async def test_a_car_that_goes_on_after_a_restart_is_not_told_of_again(
    hass: HomeAssistant, watch: Watch, notices: list[ServiceCall], life: Life
) -> None:
    setpoint = life.entity("sensor", f"{ONE}_setpoint")
    share = life.entity("sensor", f"{ONE}_sun_share")
    for shown, seconds, told in (("unavailable", 1, 0), ("0.0", 40, 0), ("10.0", 20, 0)):
        hass.states.async_set(setpoint, shown)
        hass.states.async_set(share, "5000")
        await watch.go_on(seconds)
        assert len(notices) == told
    await switch_off(hass)


async def test_a_car_that_does_not_follow_the_sun_is_not_told_of(
    hass: HomeAssistant,
    watch: Watch,
    right: ScriptedChargePoint,
    notices: list[ServiceCall],
    life: Life,
) -> None:
    await right.status("Charging")
    await watch.until(lambda: life.value("sensor", f"{ONE}_setpoint") == "32.0")
    await watch.go_on(20)
    assert notices == []
    await switch_off(hass)
