"""A search for a unit on the connection of a site that is running."""

from collections.abc import AsyncGenerator

import pytest
from homeassistant.config_entries import SOURCE_USER, ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.headroom.coordinator import SiteCoordinator
from tests.config_flow.site import METER_DATA, choose, enter, options
from tests.meters.fakes import IEM3155
from tests.modbus.fakes import FakeServer

from .conftest import BUILDING, METER, meter, small_site


@pytest.fixture
async def server(socket_enabled: None) -> AsyncGenerator[FakeServer]:
    """Run a gateway with two meters, one of which the site has."""
    server = FakeServer(dict.fromkeys((3, 255), IEM3155))
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
def subentries(server: FakeServer) -> list[ConfigSubentryData]:
    return [*small_site(), meter(server.port)]


async def test_the_search_shares_the_connection_with_meters_that_run(
    hass: HomeAssistant, server: FakeServer, entry: MockConfigEntry, site: SiteCoordinator
) -> None:
    running = site.equipment.meters[METER]
    await running.poll()
    result = await hass.config_entries.subentries.async_init(
        (entry.entry_id, "meter"), context={"source": SOURCE_USER}
    )
    result = await choose(hass, result, "modbus")
    place = {"zone": BUILDING, "host": "127.0.0.1", "port": server.port, "scan": True}
    result = await enter(hass, result, **METER_DATA | place)
    result = await enter(hass, result, first_unit=3, last_unit=3)
    assert result["type"] is FlowResultType.SHOW_PROGRESS
    await hass.async_block_till_done()
    result = await hass.config_entries.subentries.async_configure(result["flow_id"])
    assert options(result, "unit") == ["3"]
    await running.poll()
    assert running.fault is None
    assert server.connections == 1
