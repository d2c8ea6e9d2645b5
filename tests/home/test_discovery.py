"""Stations dial in that nobody has added yet."""

import pytest
from aiohttp import ClientSession, WSServerHandshakeError
from homeassistant.config_entries import SOURCE_IGNORE, SOURCE_INTEGRATION_DISCOVERY
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.headroom.const import DOMAIN
from custom_components.headroom.coordinator import SiteCoordinator
from tests.config_flow.site import CONNECTOR, by_section

from .conftest import GARAGE, Dial, arrive, remove_part
from .life import Life


async def turned_away(hass: HomeAssistant, dial: Dial, station_id: str) -> None:
    with pytest.raises(WSServerHandshakeError) as refused:
        await dial(station_id)
    assert refused.value.status == 404
    await hass.async_block_till_done()


async def test_a_station_is_offered_and_added(
    hass: HomeAssistant, site: SiteCoordinator, entry: MockConfigEntry, life: Life, dial: Dial
) -> None:
    await turned_away(hass, dial, "NEW-1")
    (flow,) = hass.config_entries.flow.async_progress()
    assert flow["context"]["source"] == SOURCE_INTEGRATION_DISCOVERY
    assert flow["context"]["title_placeholders"] == {"name": "NEW-1"}

    flows = hass.config_entries.flow
    result = await flows.async_configure(flow["flow_id"], {})
    assert result["type"] is FlowResultType.FORM
    station = by_section(result["data_schema"], {"zone": GARAGE, "connector_count": 1})
    result = await flows.async_configure(flow["flow_id"], station)
    connector = by_section(result["data_schema"], CONNECTOR)
    result = await flows.async_configure(flow["flow_id"], connector)
    assert result["reason"] == "charger_added"
    await hass.async_block_till_done()

    added = next(reversed(entry.subentries.values()))
    new = await arrive(dial, "NEW-1", 1)
    await new.status("Charging")
    await life.until(lambda: new.leases[-1] == 32)
    assert life.value("sensor", f"{added.subentry_id}:1_setpoint") == "32.0"


async def test_a_station_is_offered_once_and_another_beside_it(
    hass: HomeAssistant, site: SiteCoordinator, dial: Dial
) -> None:
    for station_id in ("NEW-1", "NEW-1", "NEW-2"):
        await turned_away(hass, dial, station_id)
    names = [f["context"]["title_placeholders"] for f in hass.config_entries.flow.async_progress()]
    assert names == [{"name": "NEW-1"}, {"name": "NEW-2"}]


async def test_an_ignored_station_stays_ignored(
    hass: HomeAssistant, site: SiteCoordinator, life: Life, dial: Dial
) -> None:
    await turned_away(hass, dial, "NEW-1")
    (flow,) = hass.config_entries.flow.async_progress()
    await hass.config_entries.flow.async_init(
        DOMAIN,
        context={"source": SOURCE_IGNORE},
        data={"unique_id": flow["context"]["unique_id"], "title": "NEW-1"},
    )
    assert hass.config_entries.flow.async_progress() == []
    life.pass_by(3600)
    await turned_away(hass, dial, "NEW-1")
    assert hass.config_entries.flow.async_progress() == []


async def test_a_charger_that_was_deleted_is_offered_when_it_dials_again(
    hass: HomeAssistant, site: SiteCoordinator, entry: MockConfigEntry, dial: Dial
) -> None:
    left = await dial("LEFT-1")
    await remove_part(hass, entry, "01LEFT")
    await left.until_closed()
    await turned_away(hass, dial, "LEFT-1")
    assert len(hass.config_entries.flow.async_progress()) == 1


async def test_a_browser_is_no_station(
    hass: HomeAssistant, site: SiteCoordinator, port: int
) -> None:
    async with ClientSession() as session, session.get(f"http://127.0.0.1:{port}/NEW-1") as page:
        assert page.status == 404
    await hass.async_block_till_done()
    assert hass.config_entries.flow.async_progress() == []
