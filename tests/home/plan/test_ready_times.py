"""On which days, and when, cars are to be ready."""

from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError

from custom_components.headroom.coordinator import SiteCoordinator
from tests.chargers.ocpp.charge_point import ScriptedChargePoint
from tests.home.life import Life
from tests.home.targets import device_of

from .conftest import ONE, planned, want

pytestmark = pytest.mark.usefixtures("evening")


async def deadline(hass: HomeAssistant, life: Life) -> str | None:
    """Return when the goal is due, a Tuesday evening being now."""
    await planned(hass, life)
    found: str | None = life.state("sensor", f"{ONE}_goal").attributes["deadline"]
    return found


async def test_weekends_are_as_weekdays_or_have_their_own_time_or_none(
    hass: HomeAssistant, charging: ScriptedChargePoint, life: Life, site: SiteCoordinator
) -> None:
    await want(hass, life, 20)
    assert life.value("select", f"{ONE}_ready_at_weekends") == "as_weekdays"
    assert life.value("time", f"{ONE}_weekend_ready_by") == "07:00:00"

    await life.act("time", "set_value", f"{ONE}_weekend_ready_by", time="09:30:00")
    assert life.value("select", f"{ONE}_ready_at_weekends") == "own_time"
    assert site.wishes.ready_on[ONE] == {"sat": "09:30:00", "sun": "09:30:00"}

    await life.act("select", "select_option", f"{ONE}_ready_at_weekends", option="never")
    assert life.value("time", f"{ONE}_weekend_ready_by") == "unknown"
    assert site.wishes.ready_on[ONE] == {"sat": None, "sun": None}

    await life.act("time", "set_value", f"{ONE}_ready_by", time="06:00:00")
    assert await deadline(hass, life) == "2026-03-11T06:00:00+00:00"
    await life.act("select", "select_option", f"{ONE}_ready_at_weekends", option="own_time")
    assert life.value("time", f"{ONE}_weekend_ready_by") == "06:00:00"
    await life.act("select", "select_option", f"{ONE}_ready_at_weekends", option="as_weekdays")
    assert site.wishes.ready_on[ONE] == {}


async def test_an_action_sets_any_weekdays(
    hass: HomeAssistant, charging: ScriptedChargePoint, life: Life
) -> None:
    async def act(**data: Any) -> None:
        data["device_id"] = device_of(hass, ONE)
        await hass.services.async_call("headroom", "set_ready_by", data, blocking=True)

    await want(hass, life, 20)
    await act(weekdays=["wed", "sat"], time="05:15:00")
    assert await deadline(hass, life) == "2026-03-11T05:15:00+00:00"
    assert life.value("time", f"{ONE}_weekend_ready_by") == "05:15:00"
    await act(weekdays=["wed", "thu"])
    assert await deadline(hass, life) == "2026-03-13T07:00:00+00:00"
    await life.act("time", "set_value", f"{ONE}_ready_by", time="08:00:00")
    assert await deadline(hass, life) == "2026-03-11T08:00:00+00:00"
    assert life.value("select", f"{ONE}_ready_at_weekends") == "own_time"


async def test_an_action_for_no_weekday_is_refused(
    hass: HomeAssistant, charging: ScriptedChargePoint, site: SiteCoordinator
) -> None:
    data = {"device_id": device_of(hass, ONE), "weekdays": [], "time": "05:15:00"}
    with pytest.raises(ServiceValidationError) as caught:
        await hass.services.async_call("headroom", "set_ready_by", data, blocking=True)
    assert caught.value.translation_key == "no_weekdays"
    assert ONE not in site.wishes.ready_on
