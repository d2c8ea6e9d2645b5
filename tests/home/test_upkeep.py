"""What people ask of a charger beside charging: service, plugs, reservations, badges."""

from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from homeassistant.components.event import ATTR_EVENT_TYPE
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError, Unauthorized
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.service import async_get_all_descriptions
from homeassistant.util import dt as dt_util
from probatio import Invalid
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from custom_components.headroom.const import DOMAIN
from custom_components.headroom.coordinator import SiteCoordinator
from custom_components.headroom.services import ACTIONS
from custom_components.headroom.site_actions import SITE_ACTIONS
from tests.chargers.ocpp.charge_point import ACCEPTED, REJECTED, ScriptedChargePoint
from tests.chargers.ocpp.conftest import settled

from .conftest import BUILDING, LEFT, RIGHT
from .life import Life
from .targets import device_of

ONE, TWO = f"{LEFT}:1", f"{LEFT}:2"


async def act(hass: HomeAssistant, action: str, identifier: str, **data: Any) -> None:
    """Call an action for a charger or a connector."""
    target = {"device_id": device_of(hass, identifier)}
    await hass.services.async_call(DOMAIN, action, target | data, blocking=True)


async def enable(hass: HomeAssistant, entry: MockConfigEntry, life: Life, *ids: str) -> None:
    """Enable entities that are disabled at first."""
    for platform_and_id in ids:
        platform, _, unique_id = platform_and_id.partition(".")
        er.async_get(hass).async_update_entity(life.entity(platform, unique_id), disabled_by=None)
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()


async def test_a_connector_goes_out_of_service(left: ScriptedChargePoint, life: Life) -> None:
    await life.go_on(2)
    assert life.value("switch", f"{TWO}_available") == "on"
    await life.act("switch", "turn_off", f"{TWO}_available")
    command = left.commands("ChangeAvailability")[0]
    assert command.payload == {"connectorId": 2, "type": "Inoperative"}
    await left.status("Unavailable", 2)
    await life.go_on(2)
    assert life.value("switch", f"{TWO}_available") == "off"
    assert life.value("switch", f"{ONE}_available") == "on"
    await life.act("switch", "turn_on", f"{TWO}_available")
    assert left.commands("ChangeAvailability")[1].payload["type"] == "Operative"


async def test_a_charging_connector_goes_out_of_service_later(
    left: ScriptedChargePoint, life: Life
) -> None:
    await left.status("Charging")
    left.script["ChangeAvailability"] = {"status": "Scheduled"}
    await life.act("switch", "turn_off", f"{ONE}_available")
    await life.go_on(2)
    state = life.state("switch", f"{ONE}_available")
    assert (state.state, state.attributes["after_session"]) == ("on", False)


async def test_a_charger_that_stays_in_service_says_so(
    left: ScriptedChargePoint, life: Life
) -> None:
    left.script["ChangeAvailability"] = REJECTED
    with pytest.raises(HomeAssistantError) as raised:
        await life.act("switch", "turn_off", f"{ONE}_available")
    assert raised.value.translation_key == "charger_refused"


async def test_a_whole_charger_goes_out_of_service(
    hass: HomeAssistant, site: SiteCoordinator, entry: MockConfigEntry, life: Life, dial: Any
) -> None:
    await enable(hass, entry, life, f"switch.{LEFT}_charger_available")
    left = await dial("LEFT-1")
    await left.boot()
    await life.go_on(2)
    assert life.value("switch", f"{LEFT}_charger_available") == "unknown"
    await left.status("Unavailable", 1)
    await left.status("Available", 2)
    await life.go_on(2)
    assert life.value("switch", f"{LEFT}_charger_available") == "on"
    await life.act("switch", "turn_off", f"{LEFT}_charger_available")
    assert left.commands("ChangeAvailability")[0].payload["connectorId"] == 0
    await left.status("Unavailable", 2)
    await life.go_on(2)
    assert life.value("switch", f"{LEFT}_charger_available") == "off"


async def test_sessions_go_on_after_a_power_loss(
    hass: HomeAssistant, site: SiteCoordinator, entry: MockConfigEntry, life: Life, dial: Any
) -> None:
    await enable(hass, entry, life, f"switch.{LEFT}_continues")
    left = await dial("LEFT-1")
    key = {"key": "ContinueChargingAfterPowerLoss", "readonly": False, "value": "TRUE"}
    left.script["GetConfiguration"] = {"configurationKey": [key]}
    await left.boot()
    await settled(left)
    await life.go_on(2)
    assert life.value("switch", f"{LEFT}_continues") == "on"
    for action, value, state in (("turn_off", "FALSE", "off"), ("turn_on", "TRUE", "on")):
        await life.act("switch", action, f"{LEFT}_continues")
        assert left.commands("ChangeConfiguration")[-1].payload["value"] == value
        await life.go_on(2)
        assert life.value("switch", f"{LEFT}_continues") == state


async def test_buttons_unlock_and_restart(
    hass: HomeAssistant, site: SiteCoordinator, entry: MockConfigEntry, life: Life, dial: Any
) -> None:
    await enable(hass, entry, life, f"button.{LEFT}_hard_reset")
    left = await dial("LEFT-1")
    await left.boot()
    await life.go_on(2)
    left.script["UnlockConnector"] = {"status": "Unlocked"}
    await life.act("button", "press", f"{TWO}_unlock")
    assert left.commands("UnlockConnector")[0].payload == {"connectorId": 2}
    await life.act("button", "press", f"{LEFT}_hard_reset")
    assert left.commands("Reset")[0].payload == {"type": "Hard"}
    left.script["UnlockConnector"] = {"status": "NotSupported"}
    with pytest.raises(HomeAssistantError) as raised:
        await life.act("button", "press", f"{TWO}_unlock")
    assert raised.value.translation_key == "charger_unable"


@pytest.mark.parametrize(("identifier", "data"), [(TWO, {}), (LEFT, {"connector": 2})])
async def test_a_phantom_session_is_closed(
    hass: HomeAssistant,
    site: SiteCoordinator,
    left: ScriptedChargePoint,
    life: Life,
    identifier: str,
    data: dict[str, Any],
) -> None:
    start = {"connectorId": 2, "idTag": "A", "meterStart": 0, "timestamp": "2026-01-01T00:00:00Z"}
    await left.call("StartTransaction", start)
    left.script["RemoteStopTransaction"] = REJECTED
    await act(hass, "force_stop", identifier, **data)
    assert site.equipment.chargers[LEFT].connectors[2].session is None


async def test_a_connector_is_reserved(hass: HomeAssistant, right: ScriptedChargePoint) -> None:
    until = dt_util.utcnow().replace(microsecond=0) + timedelta(hours=2)
    await act(hass, "reserve", RIGHT, badge="CAFE", until=until.isoformat())
    payload = right.commands("ReserveNow")[0].payload
    assert (payload["connectorId"], payload["idTag"]) == (1, "CAFE")
    assert dt_util.parse_datetime(payload["expiryDate"]) == until
    await act(hass, "cancel_reservation", RIGHT)
    assert len(right.commands("CancelReservation")) == 1


async def test_a_reservation_for_the_past_is_a_mistake(
    hass: HomeAssistant, right: ScriptedChargePoint
) -> None:
    with pytest.raises(ServiceValidationError) as raised:
        await act(hass, "reserve", RIGHT, badge="CAFE", until="2020-01-01 00:00:00")
    assert raised.value.translation_key == "time_is_past"
    assert right.commands("ReserveNow") == []


async def test_a_badge_that_is_too_long_for_the_charger_is_named(
    hass: HomeAssistant, right: ScriptedChargePoint
) -> None:
    with pytest.raises(HomeAssistantError) as raised:
        await act(hass, "reserve", RIGHT, badge="X" * 21, until="2030-01-01 00:00:00")
    assert raised.value.translation_key == "badge_too_long"
    assert raised.value.translation_placeholders == {"most": "20"}
    assert right.commands("ReserveNow") == []


async def test_badges_are_sent_once_each(hass: HomeAssistant, right: ScriptedChargePoint) -> None:
    right.script["GetLocalListVersion"] = {"listVersion": 0}
    right.script["SendLocalList"] = ACCEPTED
    await act(hass, "send_badges", RIGHT, badges=["A", "B", "A"])
    entries = right.commands("SendLocalList")[0].payload["localAuthorizationList"]
    assert [entry["idTag"] for entry in entries] == ["A", "B"]


@pytest.mark.parametrize(("connector", "count"), [(None, "2"), (0, "2"), (3, "2")])
async def test_it_must_be_clear_which_connector_is_meant(
    hass: HomeAssistant, left: ScriptedChargePoint, connector: int | None, count: str
) -> None:
    data = {} if connector is None else {"connector": connector}
    with pytest.raises(ServiceValidationError) as raised:
        await act(hass, "force_stop", LEFT, **data)
    assert raised.value.translation_key == "which_connector"
    assert raised.value.translation_placeholders == {"charger": "LEFT-1", "count": count}


@pytest.mark.parametrize("identifier", [BUILDING, "01SITE"])
async def test_actions_are_for_chargers(
    hass: HomeAssistant, site: SiteCoordinator, identifier: str
) -> None:
    with pytest.raises(ServiceValidationError) as raised:
        await act(hass, "force_stop", identifier)
    assert raised.value.translation_key == "no_charger"


async def test_an_unknown_device_is_no_charger(hass: HomeAssistant, site: SiteCoordinator) -> None:
    with pytest.raises(ServiceValidationError) as raised:
        await hass.services.async_call(
            DOMAIN, "force_stop", {"device_id": "nowhere"}, blocking=True
        )
    assert raised.value.translation_key == "no_charger"


async def test_a_device_with_longer_identifiers_is_no_charger(
    hass: HomeAssistant, site: SiteCoordinator, entry: MockConfigEntry
) -> None:
    """Home Assistant asks for pairs, and yet takes what old integrations give."""
    identifiers: Any = {("old", "bridge", "lamp")}
    device = dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id, identifiers=identifiers
    )
    with pytest.raises(ServiceValidationError) as raised:
        await hass.services.async_call(
            DOMAIN, "force_stop", {"device_id": device.id}, blocking=True
        )
    assert raised.value.translation_key == "no_charger"


async def test_actions_need_a_site_that_is_loaded(
    hass: HomeAssistant, site: SiteCoordinator, entry: MockConfigEntry
) -> None:
    await hass.config_entries.async_unload(entry.entry_id)
    with pytest.raises(ServiceValidationError) as raised:
        await act(hass, "force_stop", ONE)
    assert raised.value.translation_key == "site_not_loaded"


async def test_a_charger_without_a_link_is_not_connected(
    hass: HomeAssistant, site: SiteCoordinator
) -> None:
    with (
        patch.object(site.equipment, "chargers", {}),
        pytest.raises(HomeAssistantError) as raised,
    ):
        await act(hass, "force_stop", ONE)
    assert raised.value.translation_key == "charger_offline"


@pytest.mark.parametrize(
    ("action", "data"),
    [
        ("update_firmware", {"url": "file:///secret"}),
        ("update_firmware", {"url": "no address"}),
        ("update_firmware", {"url": "http://x/f.bin", "signature": "alone"}),
        ("reserve", {"badge": "X" * 37, "until": "2030-01-01 00:00:00"}),
        ("send_badges", {"badges": [""]}),
        ("get_diagnostics", {"timeout": "01:00:00"}),
        ("get_diagnostics", {"kind": "gossip"}),
    ],
)
async def test_nonsense_is_refused(
    hass: HomeAssistant, left: ScriptedChargePoint, action: str, data: dict[str, Any]
) -> None:
    before = len(left.received)
    with pytest.raises(Invalid):
        await act(hass, action, LEFT, **data)
    assert len(left.received) == before


@pytest.mark.parametrize(
    ("action", "data", "allowed"),
    [
        ("force_stop", {}, True),
        ("cancel_reservation", {}, True),
        ("send_badges", {"badges": []}, False),
        ("update_firmware", {"url": "http://x/f.bin"}, False),
        ("get_diagnostics", {}, False),
        ("delete_logs", {}, False),
    ],
)
async def test_who_only_uses_a_site_cannot_change_what_chargers_are(
    hass: HomeAssistant,
    right: ScriptedChargePoint,
    hass_read_only_user: MockUser,
    action: str,
    data: dict[str, Any],
    allowed: bool,
) -> None:
    calling = hass.services.async_call(
        DOMAIN,
        action,
        {"device_id": device_of(hass, RIGHT)} | data,
        blocking=True,
        context=Context(user_id=hass_read_only_user.id),
    )
    if allowed:
        await calling
    else:
        with pytest.raises(Unauthorized):
            await calling


async def test_home_assistant_can_describe_the_actions(
    hass: HomeAssistant, site: SiteCoordinator
) -> None:
    described = (await async_get_all_descriptions(hass))[DOMAIN]
    of_chargers = {*(action.name for action in ACTIONS), "get_diagnostics"}
    of_sites = {action.name for action in SITE_ACTIONS}
    assert described.keys() == of_chargers | of_sites
    for names, field, selector in (
        (of_chargers, "device_id", "device"),
        (of_sites, "config_entry_id", "config_entry"),
    ):
        assert all(selector in described[name]["fields"][field]["selector"] for name in names)
    assert described["charger_report"]["response"] == {"optional": False}


async def test_notices_are_events(left: ScriptedChargePoint, life: Life) -> None:
    await life.go_on(2)
    events: list[tuple[str, str]] = []

    def look() -> None:
        state = life.state("event", f"{LEFT}_notice")
        events.append((state.attributes[ATTR_EVENT_TYPE], state.attributes["detail"]))

    for name in ("TamperDetection", "ReconfigurationOfSecurityParameters"):
        await left.call("SecurityEventNotification", {"type": name})
        await life.go_on(2)
        look()
    await left.boot(firmwareVersion="2.0")
    await life.go_on(2)
    look()
    assert events == [
        ("security", "TamperDetection"),
        ("security", "ReconfigurationOfSecurityParameters"),
        ("boot", "2.0"),
    ]
