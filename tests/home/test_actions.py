"""What people set and press, and what comes of it."""

import asyncio
from typing import Any

import pytest
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.headroom.acts import carry_out
from custom_components.headroom.const import DOMAIN
from custom_components.headroom.coordinator import SiteCoordinator
from tests.chargers.ocpp.charge_point import REJECTED, ScriptedChargePoint, Special

from .conftest import BUILDING, GARAGE, LEFT, RIGHT, change_part
from .life import Life

ONE = f"{LEFT}:1"


@pytest.fixture
async def charging(site: SiteCoordinator, left: ScriptedChargePoint, life: Life) -> None:
    """Let a car charge with all that its connector can give."""
    await left.status("Charging")
    await life.until(lambda: left.leases[-1] == 32)


@pytest.mark.usefixtures("charging")
async def test_a_limit_of_a_connector_is_in_force_at_once(
    left: ScriptedChargePoint, life: Life
) -> None:
    limit = life.state("number", f"{ONE}_limit")
    assert limit.state == "32.0"
    assert (limit.attributes["min"], limit.attributes["max"]) == (6.0, 32.0)
    assert limit.attributes["step"] == 0.5

    await life.act("number", "set_value", f"{ONE}_limit", value=10)
    assert life.value("number", f"{ONE}_limit") == "10.0"
    assert life.value("sensor", f"{ONE}_setpoint") == "10.0"
    assert life.value("sensor", f"{ONE}_setpoint_reason") == "user_limit"
    await life.settle()
    assert left.leases[-1] == 10

    await life.act("number", "set_value", f"{ONE}_limit", value=32)
    await life.until(lambda: left.leases[-1] == 32)


@pytest.mark.usefixtures("charging")
async def test_a_limit_of_a_zone_is_in_force_at_once(
    site: SiteCoordinator, left: ScriptedChargePoint, life: Life
) -> None:
    limit = life.state("number", f"{GARAGE}_limit")
    assert (limit.attributes["min"], limit.attributes["max"]) == (0.0, 32.0)
    assert life.state("number", f"{BUILDING}_limit").attributes["max"] == 63.0

    await life.act("number", "set_value", f"{GARAGE}_limit", value=8)
    assert life.value("sensor", f"{GARAGE}_limit_l1") == "8.0"
    assert life.value("sensor", f"{GARAGE}_budget_reason") == "person_limit"
    assert life.value("sensor", f"{ONE}_setpoint") == "8.0"
    await life.settle()
    assert left.leases[-1] == 8

    await life.act("number", "set_value", f"{GARAGE}_limit", value=32)
    assert site.wishes.zone_limits == {}
    assert life.value("number", f"{GARAGE}_limit") == "32.0"


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize(("part", "value"), [(ONE, 5.5), (ONE, 32.5), (GARAGE, -1), (GARAGE, 33)])
async def test_a_limit_out_of_bounds_is_refused(life: Life, part: str, value: float) -> None:
    before = life.value("number", f"{part}_limit")
    with pytest.raises(ServiceValidationError):
        await life.act("number", "set_value", f"{part}_limit", value=value)
    assert life.value("number", f"{part}_limit") == before


@pytest.mark.usefixtures("charging")
async def test_a_connector_is_paused_and_goes_on(left: ScriptedChargePoint, life: Life) -> None:
    await life.act("switch", "turn_off", f"{ONE}_charging_allowed")
    assert life.value("switch", f"{ONE}_charging_allowed") == "off"
    assert life.value("sensor", f"{ONE}_setpoint") == "0.0"
    assert life.value("sensor", f"{ONE}_setpoint_reason") == "paused"
    await life.settle()
    assert left.leases[-1] == 0

    await life.act("switch", "turn_on", f"{ONE}_charging_allowed")
    assert life.value("switch", f"{ONE}_charging_allowed") == "on"
    await life.until(lambda: left.leases[-1] == 32)


@pytest.mark.usefixtures("site", "freezer")
async def test_people_see_at_once_what_they_set(life: Life) -> None:
    await life.act("switch", "turn_off", f"{ONE}_charging_allowed")
    assert life.value("switch", f"{ONE}_charging_allowed") == "off"
    await life.act("number", "set_value", f"{ONE}_limit", value=7.5)
    assert life.value("number", f"{ONE}_limit") == "7.5"
    await life.act("number", "set_value", f"{BUILDING}_limit", value=50)
    assert life.value("number", f"{BUILDING}_limit") == "50.0"


async def wish(life: Life) -> None:
    await life.act("switch", "turn_off", f"{RIGHT}:1_charging_allowed")
    await life.act("number", "set_value", f"{ONE}_limit", value=7.5)
    await life.act("number", "set_value", f"{BUILDING}_limit", value=50)


def wished(life: Life) -> list[str]:
    return [
        life.value("switch", f"{RIGHT}:1_charging_allowed"),
        life.value("number", f"{ONE}_limit"),
        life.value("number", f"{BUILDING}_limit"),
    ]


@pytest.mark.usefixtures("site")
async def test_wishes_outlive_a_reload(
    hass: HomeAssistant, entry: MockConfigEntry, life: Life
) -> None:
    await wish(life)
    assert await hass.config_entries.async_reload(entry.entry_id)
    assert wished(life) == ["off", "7.5", "50.0"]


async def test_wishes_outlive_a_restart(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    entry: MockConfigEntry,
    life: Life,
    site: SiteCoordinator,
) -> None:
    await wish(life)
    life.pass_by(31)
    await hass.async_block_till_done()
    written = hass_storage[f"{DOMAIN}.{entry.entry_id}"]

    await hass.config_entries.async_unload(entry.entry_id)
    hass_storage[f"{DOMAIN}.{entry.entry_id}"] = written
    await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.LOADED
    assert wished(life) == ["off", "7.5", "50.0"]


@pytest.mark.usefixtures("charging")
async def test_a_limit_below_a_new_floor_is_shown_and_pauses(
    hass: HomeAssistant, entry: MockConfigEntry, left: ScriptedChargePoint, life: Life
) -> None:
    await life.act("number", "set_value", f"{ONE}_limit", value=8)
    connectors = [dict(c) | {"floor": 10.0} for c in entry.subentries[LEFT].data["connectors"]]
    await change_part(hass, entry, LEFT, connectors=connectors)
    await life.settle()

    limit = life.state("number", f"{ONE}_limit")
    assert (limit.state, limit.attributes["min"]) == ("8.0", 10.0)
    assert life.value("sensor", f"{ONE}_setpoint_reason") == "user_limit"
    assert left.leases[-1] == 0


@pytest.mark.usefixtures("charging")
async def test_a_charger_is_restarted(left: ScriptedChargePoint, life: Life) -> None:
    await life.act("button", "press", f"{LEFT}_reset")
    assert left.commands("Reset")[0].payload == {"type": "Soft"}


async def test_a_session_is_started_and_stopped(
    site: SiteCoordinator, left: ScriptedChargePoint, life: Life
) -> None:
    await life.act("button", "press", f"{LEFT}:2_start_session")
    start = left.commands("RemoteStartTransaction")[0].payload
    assert start == {"connectorId": 2, "idTag": "HOMEASSISTANT"}

    await life.act("button", "press", f"{LEFT}:2_stop_session")
    assert left.commands("RemoteStopTransaction") == [], "there is nothing to stop"

    started = await left.call(
        "StartTransaction",
        {"connectorId": 2, "idTag": "X", "meterStart": 0, "timestamp": "2020-01-01T00:00:00Z"},
    )
    await life.act("button", "press", f"{LEFT}:2_stop_session")
    stop = left.commands("RemoteStopTransaction")[0].payload
    assert stop == {"transactionId": started["transactionId"]}


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize(
    ("answer", "key"), [(REJECTED, "charger_refused"), (Special.HANG_UP, "charger_offline")]
)
async def test_why_nothing_happened_is_said(
    left: ScriptedChargePoint, life: Life, answer: Any, key: str
) -> None:
    left.script["Reset"] = answer
    with pytest.raises(HomeAssistantError) as raised:
        await life.act("button", "press", f"{LEFT}_reset")
    assert (raised.value.translation_domain, raised.value.translation_key) == (DOMAIN, key)
    assert str(raised.value).startswith("The charger ")


async def test_a_charger_that_does_not_answer_is_not_waited_for_for_ever(
    hass: HomeAssistant, site: SiteCoordinator, left: ScriptedChargePoint, life: Life
) -> None:
    left.script["RemoteStartTransaction"] = Special.SILENCE
    pressed = asyncio.create_task(life.act("button", "press", f"{ONE}_start_session"))
    await left.until_called("RemoteStartTransaction")
    life.pass_by(31)
    with pytest.raises(HomeAssistantError) as raised:
        await pressed
    assert raised.value.translation_key == "charger_timeout"


async def test_a_charger_that_is_not_there_cannot_do_anything() -> None:
    with pytest.raises(HomeAssistantError) as raised:
        await carry_out(None, lambda charger: charger.reset(hard=False))
    assert raised.value.translation_key == "charger_offline"
