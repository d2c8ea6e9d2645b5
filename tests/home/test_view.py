"""Stations dial Home Assistant's own port."""

from collections.abc import AsyncGenerator, Callable

import pytest
from aiohttp import WSServerHandshakeError
from aiohttp.test_utils import TestClient
from homeassistant.components import persistent_notification
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.headroom.coordinator import SiteCoordinator
from tests.chargers.ocpp.charge_point import ScriptedChargePoint
from tests.config_flow.site import charger, zone

from .conftest import LEFT, set_up, site_entry
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
