"""A real Headroom in a real Home Assistant, with sockets on loopback."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

import pytest
from aiohttp import ClientSession
from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryState, ConfigSubentry, ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.headroom.const import DOMAIN, SUBENTRY_METER
from custom_components.headroom.coordinator import SiteCoordinator
from tests.chargers.ocpp.charge_point import ScriptedChargePoint
from tests.chargers.ocpp.conftest import settled
from tests.config_flow.site import CONNECTOR, charger, part, zone
from tests.meters.fakes import IEM3155
from tests.modbus.fakes import FakeServer

from .life import Life
from .metered import Watch, measure

BUILDING = "01BUILDING"
GARAGE = "01GARAGE"
LEFT = "01LEFT"
RIGHT = "01RIGHT"

METER = "01METER"
"""Not in the small site."""
ROOF = "01ROOF"
"""A meter at an inverter, not in the small site either."""

type Dial = Callable[[str], Awaitable[ScriptedChargePoint]]
type RunMeter = Callable[..., Awaitable[FakeServer]]


def small_site() -> list[ConfigSubentryData]:
    """Return a static garage below a static building, with a double and a single charger."""
    return [
        zone(BUILDING, "Building", limit=63.0),
        zone(GARAGE, "Garage", limit=32.0, parent=BUILDING),
        charger(LEFT, "LEFT-1", GARAGE, CONNECTOR, CONNECTOR),
        charger(RIGHT, "RIGHT-1", GARAGE, CONNECTOR | {"wiring": "mono2"}),
    ]


def meter(port: int, zone: str = BUILDING, **data: Any) -> ConfigSubentryData:
    """Return a stored meter on loopback."""
    stored = {
        "zone": zone,
        "model": "schneider_iem3000",
        "host": "127.0.0.1",
        "port": port,
        "unit": 255,
        "period": 500,
    }
    return part(METER, SUBENTRY_METER, "iEM3155", f"meter_{port}", stored | data)


def metered_site(port: int, **building: Any) -> list[ConfigSubentryData]:
    """Return the garage below a building whose meter shows what is left."""
    return [
        zone(BUILDING, "Building", limit=40.0, supply="dynamic", **building),
        *small_site()[1:],
        meter(port),
    ]


def solar_site(house: int, inverter: int) -> list[ConfigSubentryData]:
    """Return the garage below a building that is measured at house and inverter, at these ports."""
    return [
        zone(BUILDING, "Building", limit=40.0, supply="dynamic"),
        *small_site()[1:],
        meter(house, role="house"),
        part(ROOF, "meter", "Roof", "meter_roof", meter(inverter, role="solar")["data"]),
    ]


def site_entry(
    subentries: Iterable[ConfigSubentryData],
    port: int = 0,
    encryption: Mapping[str, str] | None = None,
    **options: Any,
) -> MockConfigEntry:
    """Return the entry of a site, with trust in fallbacks that no test has shown."""
    return MockConfigEntry(
        domain=DOMAIN,
        title="Home",
        data={"name": "Home", "port": port, **(encryption or {})},
        subentries_data=list(subentries),
        **{"entry_id": "01SITE", "options": {"untested": "fallback"}} | options,
    )


async def set_up(hass: HomeAssistant, entry: MockConfigEntry) -> SiteCoordinator:
    """Set up an entry and return its coordinator."""
    entry.add_to_hass(hass)
    assert await async_setup_component(hass, "http", {})
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    coordinator: SiteCoordinator = entry.runtime_data
    return coordinator


def as_part(stored: ConfigSubentryData) -> ConfigSubentry:
    """Return stored data as a part that can be added to a running site."""
    data: Any = stored | {"data": MappingProxyType(stored["data"])}
    return ConfigSubentry(**data)


async def add_part(hass: HomeAssistant, entry: MockConfigEntry, stored: ConfigSubentryData) -> None:
    """Add a part to a running site."""
    hass.config_entries.async_add_subentry(entry, as_part(stored))
    await hass.async_block_till_done()


async def change_part(
    hass: HomeAssistant, entry: MockConfigEntry, subentry_id: str, **changes: Any
) -> None:
    """Change a part of a running site."""
    part = entry.subentries[subentry_id]
    hass.config_entries.async_update_subentry(entry, part, data={**part.data, **changes})
    await hass.async_block_till_done()


async def remove_part(hass: HomeAssistant, entry: MockConfigEntry, subentry_id: str) -> None:
    """Delete a part of a running site."""
    hass.config_entries.async_remove_subentry(entry, subentry_id)
    await hass.async_block_till_done()


@pytest.fixture
def subentries() -> list[ConfigSubentryData]:
    """Return the parts of the site; tests may override them."""
    return small_site()


@pytest.fixture
def port(socket_enabled: None, unused_tcp_port_factory: Callable[[], int]) -> int:
    """Return a free port: 0 would stand for one of IPv4 and another one of IPv6."""
    return unused_tcp_port_factory()


@pytest.fixture
def entry(subentries: list[ConfigSubentryData], port: int) -> MockConfigEntry:
    """Return the entry of the site."""
    return site_entry(subentries, port)


@pytest.fixture
async def site(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    entry: MockConfigEntry,
) -> AsyncGenerator[SiteCoordinator]:
    """Run the site."""
    yield await set_up(hass, entry)
    if entry.state is ConfigEntryState.LOADED:
        await hass.config_entries.async_unload(entry.entry_id)


@pytest.fixture
def life(hass: HomeAssistant, freezer: FrozenDateTimeFactory, entry: MockConfigEntry) -> Life:
    """Return the time of the site."""
    return Life(hass, freezer, entry)


@pytest.fixture
async def run_meter(socket_enabled: None) -> AsyncGenerator[RunMeter]:
    """Return a way to run a meter that shows currents."""
    servers: list[FakeServer] = []

    async def run(*currents: float) -> FakeServer:
        server = FakeServer({255: IEM3155})
        await server.start()
        servers.append(server)
        await measure(server, *currents)
        return server

    yield run
    for server in servers:
        await server.stop()


@pytest.fixture
async def server(run_meter: RunMeter) -> FakeServer:
    """Run the meter of a building, which shows 10 A, 20 A and 5 A."""
    return await run_meter(10, 20, 5)


@pytest.fixture
async def inverter(run_meter: RunMeter) -> FakeServer:
    """Run a meter at the inverter that gives back 8 A."""
    return await run_meter(-8, -8, -8)


@pytest.fixture
def watch(site: SiteCoordinator, life: Life) -> Watch:
    """Return the time in which the meter of the building is polled."""
    return Watch(site.equipment.meters[METER], life)


@pytest.fixture
async def dial(port: int) -> AsyncGenerator[Dial]:
    """Return a way for stations to connect to the site's own port."""
    charge_points: list[ScriptedChargePoint] = []

    async def dial(station_id: str) -> ScriptedChargePoint:
        url = f"http://127.0.0.1:{port}/{station_id}"
        charge_points.append(await ScriptedChargePoint.connect(session, url))
        return charge_points[-1]

    async with ClientSession() as session:
        yield dial
        for charge_point in charge_points:
            await charge_point.close()


@pytest.fixture
async def left(site: SiteCoordinator, dial: Dial) -> ScriptedChargePoint:
    """Connect the double charger; nobody has plugged in."""
    return await arrive(dial, "LEFT-1", 1, 2)


@pytest.fixture
async def right(site: SiteCoordinator, dial: Dial) -> ScriptedChargePoint:
    """Connect the single charger; nobody has plugged in."""
    return await arrive(dial, "RIGHT-1", 1)


async def arrive(
    dial: Dial, station_id: str, *connectors: int, **identity: str
) -> ScriptedChargePoint:
    """Connect a station until it has been asked all that it is asked at first."""
    charge_point = await dial(station_id)
    await charge_point.boot(**identity)
    for connector in connectors:
        await charge_point.status("Available", connector)
    await settled(charge_point)
    return charge_point
