"""The blueprint that tells of an overload, in a real Home Assistant."""

from pathlib import Path

import pytest
from homeassistant.core import CoreState, HomeAssistant
from pytest_homeassistant_custom_component.common import async_mock_service

from tests.modbus.fakes import FakeServer

from .blueprints import notice, start, switch_off, use_blueprint
from .conftest import METER
from .life import Life
from .metered import Watch, measure
from .test_meter import subentries, watch

CURRENT = "sensor.main_l1"

__all__ = ["subentries", "watch"]


@pytest.mark.usefixtures("site")
async def test_an_overload_that_stays_is_told(
    hass: HomeAssistant, watch: Watch, life: Life, server: FakeServer, tmp_path: Path
) -> None:
    notices = async_mock_service(hass, "notify", "phone")
    currents = [life.entity("sensor", f"{METER}_current_l{phase}") for phase in (1, 2, 3)]
    inputs = {"currents": currents, "limit": 40, "duration": {"seconds": 10}}
    send = notice("notify.phone")
    await use_blueprint(hass, tmp_path, "notify_trouble", inputs | {"send": send})
    await measure(server, 10, 41.25, 5)
    await watch.go_on(5)
    await measure(server, 10, 20, 5)
    await watch.go_on(15)
    assert notices == []
    await measure(server, 10, 41.25, 5)
    await watch.go_on(15)
    (told,) = notices
    assert told.data == {"title": "Overload", "message": "iEM3155 Current L2: 41.2 A"}
    await switch_off(hass)


@pytest.mark.usefixtures("site")
async def test_an_overload_that_was_there_before_home_assistant_started_is_told(
    hass: HomeAssistant, life: Life, tmp_path: Path
) -> None:
    notices = async_mock_service(hass, "notify", "phone")
    hass.states.async_set(CURRENT, "50", {"friendly_name": "Main L1"})
    hass.set_state(CoreState.starting)
    inputs = {"currents": [CURRENT], "limit": 40, "duration": {"seconds": 10}}
    send = notice("notify.phone")
    await use_blueprint(hass, tmp_path, "notify_trouble", inputs | {"send": send})
    await start(hass)
    assert notices == []
    life.pass_by(10)
    await hass.async_block_till_done()
    (told,) = notices
    assert told.data == {"title": "Overload", "message": "Main L1: 50.0 A"}
    hass.states.async_set(CURRENT, "30")
    await life.go_on(1)
    hass.states.async_set(CURRENT, "51")
    await life.go_on(11)
    assert len(notices) == 2
    await switch_off(hass)


@pytest.mark.usefixtures("site")
async def test_a_meter_that_comes_and_goes_does_not_hide_an_overload(
    hass: HomeAssistant, life: Life, tmp_path: Path
) -> None:
    notices = async_mock_service(hass, "notify", "phone")
    hass.states.async_set(CURRENT, "unavailable")
    inputs = {"currents": [CURRENT], "limit": 40, "duration": {"seconds": 10}}
    send = notice("notify.phone")
    await use_blueprint(hass, tmp_path, "notify_trouble", inputs | {"send": send})
    hass.states.async_set(CURRENT, "50")
    await life.go_on(11)
    assert len(notices) == 1
    await switch_off(hass)
