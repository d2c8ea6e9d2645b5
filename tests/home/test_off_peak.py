"""Cheap hours, random delay and force charge in a real Home Assistant, with a charger on OCPP."""

from collections.abc import Generator
from typing import Any
from unittest.mock import patch

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.conversation import async_converse
from homeassistant.components.conversation.const import HOME_ASSISTANT_AGENT
from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.const import STATE_UNKNOWN
from homeassistant.core import Context, HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.headroom.clock.settings import PROPOSED
from custom_components.headroom.const import DOMAIN
from custom_components.headroom.coordinator import SiteCoordinator
from tests.chargers.ocpp.charge_point import ScriptedChargePoint

from .conftest import LEFT, Dial, site_entry
from .life import Life
from .targets import device_of

ONE, TWO = f"{LEFT}:1", f"{LEFT}:2"
EVENING = "2026-06-01T17:00:00+00:00"
"""19:00 in Paris on a Monday: peak hours until 22:00."""
NIGHT = "2026-06-01T22:05:00+02:00"


@pytest.fixture(autouse=True)
async def paris(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    """Begin in the peak hours."""
    freezer.move_to(EVENING)
    await hass.config.async_set_time_zone("Europe/Paris")


@pytest.fixture(autouse=True)
def lots() -> Generator[None]:
    """Draw the middle of every delay."""
    with patch("custom_components.headroom.snapshots.random.random", return_value=0.5):
        yield


@pytest.fixture
def clock() -> dict[str, Any]:
    """Return what the options say of the clock; tests may override it."""
    return dict(PROPOSED)


@pytest.fixture
def entry(
    subentries: list[ConfigSubentryData], port: int, clock: dict[str, Any]
) -> MockConfigEntry:
    return site_entry(subentries, port, options={"untested": "fallback", "clock": clock})


async def begin(left: ScriptedChargePoint, connector: int = 1, badge: str = "") -> int:
    """Let a car begin a session, without any badge if none is named; return its transaction."""
    await left.status("Preparing", connector)
    start = {"connectorId": connector, "idTag": badge, "meterStart": 0, "timestamp": EVENING}
    started = await left.call("StartTransaction", start)
    await left.status("Charging", connector)
    return int(started["transactionId"])


async def end(left: ScriptedChargePoint, transaction: int, connector: int = 1) -> None:
    """Let a session end, with the car still plugged in."""
    stop = {"transactionId": transaction, "meterStop": 100, "timestamp": EVENING}
    await left.call("StopTransaction", stop)
    await left.status("Finishing", connector)


async def tap(left: ScriptedChargePoint, badge: str) -> None:
    await left.call("Authorize", {"idTag": badge})


@pytest.fixture
async def waiting(left: ScriptedChargePoint, life: Life) -> ScriptedChargePoint:
    """Let a car wait for the cheap hours, in a session that the charger began by itself."""
    await begin(left)
    await life.until(lambda: waits(life))
    return left


def waits(life: Life, connector: str = ONE, code: str = "off_peak_wait") -> bool:
    return life.value("sensor", f"{connector}_setpoint_reason") == code


def is_forced(life: Life, connector: str = ONE) -> bool:
    return life.value("switch", f"{connector}_force_charge") == "on"


async def test_a_car_waits_and_people_see_when_it_starts(
    waiting: ScriptedChargePoint, life: Life, freezer: FrozenDateTimeFactory
) -> None:
    assert waiting.lease(1) == 0
    reason = life.state("sensor", f"{ONE}_setpoint_reason")
    assert reason.attributes["explanation"] == "Waiting for cheap hours, starts 22:05"
    starts = dt_util.parse_datetime(life.value("sensor", f"{ONE}_charging_starts"))
    assert starts == dt_util.parse_datetime(NIGHT)

    freezer.move_to("2026-06-01T22:00:00+02:00")
    await life.until(lambda: waits(life, code="random_delay"))
    reason = life.state("sensor", f"{ONE}_setpoint_reason")
    assert str(reason.attributes["explanation"]).endswith("random delay, starts 22:05")

    freezer.move_to(NIGHT)
    await life.until(lambda: waiting.lease(1) == 32)
    assert life.value("sensor", f"{ONE}_charging_starts") == STATE_UNKNOWN


async def test_the_start_is_not_written_again_while_nothing_changes(
    hass: HomeAssistant, waiting: ScriptedChargePoint, life: Life
) -> None:
    before = life.state("sensor", f"{ONE}_charging_starts").last_reported
    await life.go_on(5)
    assert life.state("sensor", f"{ONE}_charging_starts").last_reported == before


@pytest.mark.parametrize("way", ["switch", "button", "action", "device of the connector", "badge"])
async def test_a_car_is_forced_to_charge_at_once(
    hass: HomeAssistant, waiting: ScriptedChargePoint, life: Life, way: str
) -> None:
    match way:
        case "switch":
            await life.act("switch", "turn_on", f"{ONE}_force_charge")
        case "button":
            await life.act("button", "press", f"{ONE}_force_charge_now")
        case "action":
            target = {"device_id": device_of(hass, LEFT), "connector": 1}
            await hass.services.async_call(DOMAIN, "force_charge", target, blocking=True)
        case "device of the connector":
            target = {"device_id": device_of(hass, ONE)}
            await hass.services.async_call(DOMAIN, "force_charge", target, blocking=True)
        case "badge":
            await tap(waiting, "CAFE")
    await life.until(lambda: waiting.lease(1) == 32)
    assert is_forced(life)
    assert not is_forced(life, TWO)


async def test_force_ends_with_the_session(
    left: ScriptedChargePoint, life: Life, waiting: ScriptedChargePoint
) -> None:
    await life.act("switch", "turn_on", f"{ONE}_force_charge")
    await life.until(lambda: waiting.lease(1) == 32)
    await end(waiting, 1)
    await life.until(lambda: not is_forced(life))
    await begin(waiting)
    await life.until(lambda: waits(life))


async def test_force_may_be_set_before_a_car_comes_and_be_taken_back(
    left: ScriptedChargePoint, life: Life
) -> None:
    await life.act("button", "press", f"{ONE}_force_charge_now")
    await life.go_on(3)
    assert is_forced(life)
    await begin(left)
    await life.until(lambda: left.lease(1) == 32)
    await life.act("switch", "turn_off", f"{ONE}_force_charge")
    await life.until(lambda: waits(life))


async def test_a_wait_and_a_force_outlive_a_restart(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    waiting: ScriptedChargePoint,
    life: Life,
    dial: Dial,
) -> None:
    await begin(waiting, 2)
    await life.act("switch", "turn_on", f"{TWO}_force_charge")
    await life.until(lambda: waiting.lease(2) == 32)
    starts = life.value("sensor", f"{ONE}_charging_starts")
    with patch("custom_components.headroom.snapshots.random.random", return_value=0.9):
        await hass.config_entries.async_reload(entry.entry_id)
        again = await dial("LEFT-1")
        for connector in (1, 2):
            await again.status("Charging", connector)
        await life.until(lambda: life.value("sensor", f"{TWO}_setpoint") == "32.0")
    assert life.value("sensor", f"{ONE}_charging_starts") == starts
    assert waits(life)
    assert is_forced(life, TWO)


# Badges


async def test_the_tap_that_begins_a_session_forces_nothing(
    left: ScriptedChargePoint, life: Life
) -> None:
    await left.status("Preparing")
    await life.until(lambda: waits(life))
    await tap(left, "CAFE")
    await begin(left, badge="CAFE")
    await life.go_on(3)
    assert not is_forced(life)


async def test_a_session_is_forced_by_the_badge_that_began_it_alone(
    left: ScriptedChargePoint, life: Life
) -> None:
    await tap(left, "CAFE")
    await begin(left, badge="CAFE")
    await life.until(lambda: waits(life))
    await tap(left, "BEEF")
    await life.go_on(3)
    assert not is_forced(life)
    await tap(left, "cafe")
    await life.until(lambda: is_forced(life))


async def test_a_badge_that_was_tapped_before_a_restart_is_the_only_one_that_fits(
    hass: HomeAssistant, entry: MockConfigEntry, left: ScriptedChargePoint, life: Life, dial: Dial
) -> None:
    await tap(left, "CAFE")
    await begin(left, badge="CAFE")
    await life.until(lambda: waits(life))
    await hass.config_entries.async_reload(entry.entry_id)
    again = await dial("LEFT-1")
    await again.status("Charging")
    await life.until(lambda: waits(life))
    await tap(again, "BEEF")
    await life.go_on(3)
    assert not is_forced(life)
    await tap(again, "CAFE")
    await life.until(lambda: is_forced(life))


async def test_a_tap_that_fits_two_cars_that_wait_is_for_none(
    waiting: ScriptedChargePoint, life: Life
) -> None:
    transaction = await begin(waiting, 2)
    await life.until(lambda: waits(life, TWO))
    await tap(waiting, "CAFE")
    await life.go_on(3)
    assert not is_forced(life)
    assert not is_forced(life, TWO)
    await end(waiting, transaction, 2)
    await life.go_on(2)
    await tap(waiting, "CAFE")
    await life.until(lambda: is_forced(life))


async def test_a_tap_while_nobody_waits_is_for_nothing(
    left: ScriptedChargePoint, life: Life, freezer: FrozenDateTimeFactory
) -> None:
    freezer.move_to(NIGHT)
    await life.act("switch", "turn_off", f"{ONE}_off_peak_charging")
    await begin(left)
    await life.until(lambda: waits(life, code="random_delay"))
    freezer.tick(600)
    await life.until(lambda: left.lease(1) == 32)
    await tap(left, "CAFE")
    await life.go_on(3)
    assert not is_forced(life)


# The switch and the options


async def test_a_connector_may_charge_at_any_hour(waiting: ScriptedChargePoint, life: Life) -> None:
    assert life.value("switch", f"{ONE}_off_peak_charging") == "on"
    await life.act("switch", "turn_off", f"{ONE}_off_peak_charging")
    await life.until(lambda: waits(life, code="random_delay"))
    assert life.value("switch", f"{TWO}_off_peak_charging") == "on"
    await life.act("switch", "turn_on", f"{ONE}_off_peak_charging")
    await life.until(lambda: waits(life))


async def test_changed_options_count_at_once(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    waiting: ScriptedChargePoint,
    life: Life,
    clock: dict[str, Any],
) -> None:
    options = {**entry.options, "clock": {**clock, "off_peak": False, "longest_delay": 0}}
    hass.config_entries.async_update_entry(entry, options=options)
    await life.until(lambda: waiting.lease(1) == 32)
    assert life.value("switch", f"{ONE}_off_peak_charging") == "off"


# Power loss


async def test_the_delay_passes_again_after_a_power_loss(
    waiting: ScriptedChargePoint, life: Life, freezer: FrozenDateTimeFactory
) -> None:
    freezer.move_to(NIGHT)
    await life.until(lambda: waiting.lease(1) == 32)
    await waiting.boot()
    await waiting.status("Charging")
    await life.until(lambda: waits(life, code="random_delay"))


class TestWithoutResuming:
    """Cars wait for a person after a power loss."""

    @pytest.fixture
    def clock(self) -> dict[str, Any]:
        return {**PROPOSED, "resumes": False, "off_peak": False, "longest_delay": 0}

    async def test_a_car_waits_for_a_person(
        self, site: SiteCoordinator, left: ScriptedChargePoint, life: Life
    ) -> None:
        await begin(left)
        await life.until(lambda: left.lease(1) == 32)
        await left.boot()
        await left.status("Charging")
        await life.until(lambda: waits(life, code="power_loss_wait"))
        assert life.value("sensor", f"{ONE}_charging_starts") == STATE_UNKNOWN
        await tap(left, "CAFE")
        await life.until(lambda: left.lease(1) == 32)


# Voice


async def test_a_car_is_forced_by_voice(
    hass: HomeAssistant, waiting: ScriptedChargePoint, life: Life
) -> None:
    for component in ("homeassistant", "conversation"):
        assert await async_setup_component(hass, component, {})
    async_expose_entity(hass, "conversation", life.entity("switch", f"{ONE}_force_charge"), True)
    words = "turn on LEFT-1 Connector 1 Force charge"
    said = await async_converse(hass, words, None, Context(), agent_id=HOME_ASSISTANT_AGENT)
    assert said.response.error_code is None
    await life.until(lambda: is_forced(life))
