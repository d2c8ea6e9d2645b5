"""Firmware and logs in a closed loop: simulated stations fetch from and send to Home Assistant."""

import asyncio
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.headroom.const import DOMAIN

from .loop import Loop
from .targets import device_of

SITE = Path(__file__).parent / "car_park.yaml"
STATION = "GARAGE-1"


@pytest.mark.timeout(120)
async def test_a_simulated_station_is_serviced(
    hass: HomeAssistant, port: int, hass_client_no_auth: ClientSessionGenerator, tmp_path: Path
) -> None:
    hass.config.config_dir = str(tmp_path)
    async with Loop.running(hass, SITE, port) as loop:
        client = await hass_client_no_auth()
        hass.config.internal_url = f"http://127.0.0.1:{client.port}"
        await loop.run(5)
        await its_log_comes(hass, loop)
        async with TestServer(files()) as server:
            await it_gets_a_firmware(hass, loop, str(server.make_url("/two.bin")))
        await client.close()


def files() -> web.Application:
    """Return where the maker's firmware is."""

    async def firmware(_: web.Request) -> web.Response:
        return web.Response(body=b"\0" * 1000)

    app = web.Application()
    app.router.add_get("/two.bin", firmware)
    return app


async def its_log_comes(hass: HomeAssistant, loop: Loop) -> None:
    fetching = asyncio.create_task(
        hass.services.async_call(
            DOMAIN,
            "get_diagnostics",
            {"device_id": device_of(hass, STATION)},
            blocking=True,
            return_response=True,
        )
    )
    station = loop.simulation.stations[STATION]
    while not fetching.done():
        # Home Assistant is not waited for: it is busy with the action itself.
        loop.simulation.park.advance(1)
        await station.report()
        await asyncio.sleep(0)
    stored = await fetching
    assert stored is not None
    file = Path(str(stored["path"]))
    assert STATION in await hass.async_add_executor_job(file.read_text)


async def it_gets_a_firmware(hass: HomeAssistant, loop: Loop, url: str) -> None:
    entity = er.async_get(hass).async_get_entity_id("update", DOMAIN, f"{STATION}_firmware")
    assert entity is not None
    offer = {"device_id": device_of(hass, STATION), "url": url}
    await hass.services.async_call(DOMAIN, "update_firmware", offer, blocking=True)
    offered = hass.states.get(entity)
    assert offered is not None
    assert (offered.state, offered.attributes["in_progress"]) == ("on", True)
    await loop.run(30)
    done = hass.states.get(entity)
    assert done is not None
    assert done.attributes["stage"] == "installed"
    assert done.attributes["in_progress"] is False
