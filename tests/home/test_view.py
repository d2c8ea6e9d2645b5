"""Stations dial Home Assistant's own port."""

import logging
from collections.abc import AsyncGenerator, Callable
from pathlib import Path

import pytest
from aiohttp import WSServerHandshakeError
from aiohttp.test_utils import TestClient
from homeassistant.components import persistent_notification
from homeassistant.components.http.ban import KEY_BAN_MANAGER, KEY_FAILED_LOGIN_ATTEMPTS
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.headroom.coordinator import SiteCoordinator
from tests.chargers.ocpp.charge_point import ScriptedChargePoint, basic
from tests.config_flow.site import charger, zone

from .conftest import LEFT, change_part, set_up, site_entry
from .life import Life

type Client = TestClient


@pytest.fixture
async def client(
    site: SiteCoordinator, hass_client_no_auth: ClientSessionGenerator
) -> AsyncGenerator[Client]:
    """Return a client that is not logged in."""
    client = await hass_client_no_auth()
    yield client
    await client.close()


async def connect(client: Client, path: str) -> ScriptedChargePoint:
    socket = await client.ws_connect(path, protocols=("ocpp1.6",), autoping=False)
    return ScriptedChargePoint(socket)


@pytest.mark.parametrize(
    "path",
    [
        "/api/headroom/ocpp/LEFT-1",
        "/api/headroom/ocpp/LEFT-1/",
        "/api/headroom/ocpp/behind/a/prefix/LEFT-1",
    ],
)
async def test_a_station_charges_through_home_assistants_port(
    hass: HomeAssistant, client: Client, life: Life, path: str
) -> None:
    left = await connect(client, path)
    assert left.socket.protocol == "ocpp1.6"
    await left.boot()
    await left.status("Charging")
    await life.until(lambda: left.leases[-1:] == [32])
    assert life.value("binary_sensor", f"{LEFT}_contact") == "on"

    await hass.config_entries.async_unload("01SITE")
    await left.until_closed()
    await left.close()
    assert left.leases[-1] == 0


async def refused(client: Client, station_id: str) -> int:
    with pytest.raises(WSServerHandshakeError) as error:
        await client.ws_connect(f"/api/headroom/ocpp/{station_id}", protocols=("ocpp1.6",))
    return error.value.status


async def test_an_unknown_station_is_turned_away_and_offered(
    hass: HomeAssistant, client: Client
) -> None:
    assert await refused(client, "NEW-1") == 404
    await hass.async_block_till_done()
    (flow,) = hass.config_entries.flow.async_progress()
    assert flow["context"]["title_placeholders"] == {"name": "NEW-1"}
    assert persistent_notification._async_get_or_create_notifications(hass) == {}


async def test_nobody_is_served_without_a_site(hass: HomeAssistant, client: Client) -> None:
    await hass.config_entries.async_unload("01SITE")
    assert await refused(client, "LEFT-1") == 404


async def test_a_station_finds_its_site_among_several(
    hass: HomeAssistant, client: Client, unused_tcp_port_factory: Callable[[], int]
) -> None:
    parts = [zone("01YARD", "Yard"), charger("01OTHER", "OTHER-1", "01YARD")]
    other = site_entry(parts, unused_tcp_port_factory(), entry_id="01OTHERSITE")
    site = await set_up(hass, other)
    station = await connect(client, "/api/headroom/ocpp/OTHER-1")
    await station.call("Heartbeat")
    assert site.equipment.chargers["01OTHER"].online
    await hass.config_entries.async_unload(other.entry_id)
    await station.close()


PASSWORD = "Sesame-open"


async def dial_with(client: Client, password: str | None) -> ScriptedChargePoint:
    headers = {} if password is None else {"Authorization": basic("LEFT-1", password)}
    socket = await client.ws_connect(
        "/api/headroom/ocpp/LEFT-1", protocols=("ocpp1.6",), autoping=False, headers=headers
    )
    return ScriptedChargePoint(socket)


async def test_wrong_passwords_are_no_failed_logins_of_home_assistant(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    socket_enabled: None,
    hass_client_no_auth: ClientSessionGenerator,
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
) -> None:
    caplog.set_level(logging.DEBUG)
    # A ban would be written there, and must not outlast the test
    hass.config.config_dir = str(tmp_path)
    bans = {"http": {"ip_ban_enabled": True, "login_attempts_threshold": 1}}
    assert await async_setup_component(hass, "http", bans)
    await set_up(hass, entry)
    await change_part(hass, entry, LEFT, password=PASSWORD)
    client = await hass_client_no_auth()

    for password, status in [(None, 401), *[("wrong-one", 401)] * 5, (PASSWORD, 429)]:
        with pytest.raises(WSServerHandshakeError) as refused:
            await dial_with(client, password)
        assert refused.value.status == status
    assert hass.http.app[KEY_FAILED_LOGIN_ATTEMPTS] == {}
    assert hass.http.app[KEY_BAN_MANAGER].ip_bans_lookup == {}
    assert not (tmp_path / "ip_bans.yaml").exists()
    assert persistent_notification._async_get_or_create_notifications(hass) == {}
    assert [secret for secret in (PASSWORD, "wrong-one") if secret in caplog.text] == []
    await hass.config_entries.async_unload(entry.entry_id)
    await client.close()


async def test_a_changed_password_drops_nobody(
    hass: HomeAssistant, entry: MockConfigEntry, client: Client, life: Life
) -> None:
    left = await dial_with(client, None)
    await left.boot()
    await change_part(hass, entry, LEFT, password=PASSWORD)
    await left.call("Heartbeat")
    assert life.value("binary_sensor", f"{LEFT}_contact") == "on"
    with pytest.raises(WSServerHandshakeError):
        await dial_with(client, None)
    again = await dial_with(client, PASSWORD)
    await again.call("Heartbeat")
    await left.until_closed()

    await hass.config_entries.async_unload("01SITE")
    await left.close()
    await again.close()
