"""Headroom in a real Home Assistant, with its recorder and page, and a site of many chargers."""

import asyncio
import shutil
import socket
from collections.abc import AsyncGenerator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import mkdtemp
from types import MappingProxyType
from typing import Any, Final

from homeassistant.bootstrap import async_setup_hass
from homeassistant.config_entries import SOURCE_USER, ConfigEntry, ConfigSubentryDataWithId
from homeassistant.core import HomeAssistant
from homeassistant.helpers.recorder import get_instance
from homeassistant.runner import RuntimeConfig, configure_event_loop

from custom_components import headroom
from custom_components.headroom.const import DOMAIN, SUBENTRY_CHARGER, SUBENTRY_ZONE
from demo.home import prepare_config

_PLACE: Final = {"latitude": 48.8, "longitude": 2.3, "timezone": "Europe/Paris"}
_PER_ZONE: Final = 50
_SHARE: Final = 9.0
"""A per charger and phase that the supply has: all can charge, none as it likes."""
_CONNECTOR: Final = {
    "wiring": "tri123",
    "max_current": 32.0,
    "floor": 6.0,
    "offline": "fallback",
    "fallback": 6.0,
    "vip": False,
    "priority": False,
}
_ZONE: Final = {
    "supply": "static",
    "sharing": "inherit",
    "fifo_percent": 50,
    "protection": "hard",
    "margin": 0,
    "degraded": 0.0,
    "scale_fallback": False,
}


@asynccontextmanager
async def serve(stations: int) -> AsyncGenerator[int]:
    """Run it for the time of the context and give the port for chargers."""
    async with running_site(parts(stations)) as port:
        yield port


@asynccontextmanager
async def running_site(items: Iterable[ConfigSubentryDataWithId]) -> AsyncGenerator[int]:
    """Run a site in a Home Assistant for the time of the context and give its port."""
    port = _free_port()
    async with running_home() as hass:
        await hass.config_entries.async_add(_entry(port, items))
        await hass.async_block_till_done()
        await get_instance(hass).async_block_till_done()  # of what new entities gave it to write
        yield port


@asynccontextmanager
async def running_home() -> AsyncGenerator[HomeAssistant]:
    """Run a Home Assistant for the time of the context, without a site."""
    configure_event_loop(asyncio.get_running_loop())
    folder = mkdtemp()
    _prepare(Path(folder))
    hass = await async_setup_hass(RuntimeConfig(config_dir=folder, skip_pip=True))
    if hass is None:
        raise RuntimeError("Home Assistant does not start")
    await hass.async_start()
    try:
        yield hass
    finally:
        await hass.async_stop()
        with ThreadPoolExecutor(1) as own:  # Home Assistant lets nobody wait for a disk in its loop
            await asyncio.get_running_loop().run_in_executor(own, shutil.rmtree, folder)


def _prepare(folder: Path) -> None:
    """Write a configuration and link the integration into it."""
    site = {"name": "Car park", "place": _PLACE, "zones": []}
    component = Path(headroom.__file__).parent
    prepare_config(folder, port=_free_port(), site=site, component=component)


def _entry(port: int, items: Iterable[ConfigSubentryDataWithId]) -> ConfigEntry[Any]:
    return ConfigEntry(
        version=1,
        minor_version=1,
        domain=DOMAIN,
        title="Car park",
        data={"name": "Car park", "port": port},
        options={},
        source=SOURCE_USER,
        unique_id=None,
        discovery_keys=MappingProxyType({}),
        subentries_data=tuple(items),
    )


def parts(
    stations: int, *, share: float = _SHARE, per_zone: int = _PER_ZONE, supply: str = "static"
) -> Iterator[ConfigSubentryDataWithId]:
    """Return the subentries of a site with so many A per charger and phase.

    `supply` is that of the zones below the main one.
    """
    yield part("main", SUBENTRY_ZONE, _limits(share * stations))
    for board in range(0, stations, per_zone):
        limits = _limits(share * min(per_zone, stations - board))
        yield part(f"board{board}", SUBENTRY_ZONE, {**limits, "supply": supply, "parent": "main"})
    for number in range(stations):
        charger = {
            "station_id": f"CP{number}",
            "zone": f"board{number - number % per_zone}",
            "connectors": [_CONNECTOR],
        }
        yield part(f"CP{number}", SUBENTRY_CHARGER, charger)


def _limits(current: float) -> dict[str, Any]:
    return {**_ZONE, **{f"limit_l{phase}": current for phase in (1, 2, 3)}}


def part(name: str, kind: str, data: dict[str, Any]) -> ConfigSubentryDataWithId:
    """Return a subentry."""
    return ConfigSubentryDataWithId(
        subentry_id=name, subentry_type=kind, title=name, unique_id=f"{kind}_{name}", data=data
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
