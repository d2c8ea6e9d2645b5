"""Reasons as sentences, in a real Home Assistant."""

from datetime import timedelta

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from custom_components.headroom.coordinator import SiteCoordinator
from custom_components.headroom.explanation import explain_reason
from tests.chargers.ocpp.charge_point import ScriptedChargePoint

from .conftest import GARAGE, LEFT
from .life import Life

ONE = f"{LEFT}:1"
NOON = "2026-06-01T12:00:00+00:00"


@pytest.fixture(autouse=True)
async def paris(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    freezer.move_to(NOON)
    await hass.config.async_set_time_zone("Europe/Paris")


async def test_a_reason_is_told_in_a_sentence_with_its_numbers(
    site: SiteCoordinator, left: ScriptedChargePoint, life: Life
) -> None:
    await life.go_on()
    reason = life.state("sensor", f"{ONE}_setpoint_reason")
    assert reason.attributes["explanation"] == "No car is plugged in"
    await left.status("Charging")
    await life.go_on()
    await life.act("number", "set_value", f"{ONE}_limit", value=10.0)
    reason = life.state("sensor", f"{ONE}_setpoint_reason")
    assert reason.attributes["explanation"] == "Somebody's limit leaves it 10 A"


async def test_a_budget_is_explained_too(site: SiteCoordinator, life: Life) -> None:
    reason = life.state("sensor", f"{GARAGE}_budget_reason")
    assert reason.attributes["explanation"] == "Garage is made for 32 A on L1"


async def test_what_other_loads_leave_is_not_told_as_what_they_draw(
    hass: HomeAssistant, site: SiteCoordinator
) -> None:
    reason = {"code": "other_loads", "current": 54.3, "zone": "Building", "phase": "L1"}
    said = explain_reason(hass, reason, waits=False)
    assert said == "Other loads leave 54.3 A of Building for cars on L1"


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(7, "14:07"), (23 * 60, "13:00"), (24 * 60, "2026-06-02 14:00")],
)
@pytest.mark.parametrize(("waits", "word"), [(True, "starts"), (False, "until")])
async def test_the_end_of_a_wait_is_told_by_the_local_clock(
    hass: HomeAssistant,
    site: SiteCoordinator,
    freezer: FrozenDateTimeFactory,
    minutes: int,
    said: str,
    waits: bool,
    word: str,
) -> None:
    freezer.move_to(NOON)
    end = dt_util.utcnow() + timedelta(minutes=minutes)
    reason = {"code": "off_peak_wait", "until": end.isoformat()}
    assert explain_reason(hass, reason, waits=waits) == f"Waiting for cheap hours, {word} {said}"


async def test_a_sentence_that_lacks_a_number_gives_way_to_the_name(
    hass: HomeAssistant, site: SiteCoordinator
) -> None:
    assert explain_reason(hass, {"code": "zone_limit"}, waits=False) == "Zone is full"


async def test_without_texts_there_is_no_sentence(hass: HomeAssistant) -> None:
    hass.config.language = "a language without texts"
    assert explain_reason(hass, {"code": "zone_limit"}, waits=False) is None
