"""A meter on a serial port in a real Home Assistant, from its form on."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from homeassistant.config_entries import SOURCE_USER, ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.headroom.const import DOMAIN
from custom_components.headroom.coordinator import SiteCoordinator
from custom_components.headroom.meters.modbus_meter import ModbusMeter
from tests.chargers.modbus.device import Device, Registers
from tests.config_flow.site import choose, enter, suggested, zone
from tests.modbus.pty_line import PtyLine, answered_by

from .conftest import BUILDING, set_up

UNIT = 7


@pytest.fixture
async def line(tmp_path: Path) -> AsyncGenerator[PtyLine]:
    """Run a line with an iEM3155 on it."""
    meter = Registers()
    meter.put("holding", 3000 - 1, "3f", 10.5, 20.25, 5.0)
    meter.put("holding", 3028 - 1, "3f", 229.5, 230.5, 231.25)
    meter.put("holding", 3054 - 1, "4f", 2.375, 4.5, 1.125, 8.0)
    meter.put("holding", 3204 - 1, "q", 123_456)
    line = PtyLine(tmp_path / "ttyUSB0", answered_by(Device({UNIT: meter}).answer))
    line.plug()
    yield line
    line.unplug()


@pytest.fixture
def subentries() -> list[ConfigSubentryData]:
    return [zone(BUILDING, "Building", supply="dynamic")]


@pytest.fixture
async def site(
    hass: HomeAssistant, hass_storage: dict[str, Any], entry: MockConfigEntry
) -> AsyncGenerator[SiteCoordinator]:
    """Run the site in real time, which a serial port needs to open; the test polls the meter."""
    with patch.object(ModbusMeter, "start"):
        yield await set_up(hass, entry)
        await hass.config_entries.async_unload(entry.entry_id)


async def test_a_meter_on_a_serial_port_is_added_and_seen(
    hass: HomeAssistant, line: PtyLine, site: SiteCoordinator, entry: MockConfigEntry
) -> None:
    result = await hass.config_entries.subentries.async_init(
        (entry.entry_id, "meter"), context={"source": SOURCE_USER}
    )
    result = await choose(hass, result, "modbus")
    form = suggested(result) | {"connection": "serial", "zone": BUILDING}
    result = await enter(hass, result, **form | {"model": "schneider_iem3000"})
    assert suggested(result) == {
        "unit": 1,
        "baud_rate": "19200",
        "parity": "even",
        "stop_bits": 1,
    }
    port = {"serial_port": str(line.port), "unit": UNIT, "baud_rate": "9600"}
    result = await enter(hass, result, **port, parity="none", stop_bits=1)
    said = result["description_placeholders"]
    assert said is not None
    assert (said["current_l2"], said["power"]) == ("20.2", "8000")
    result = await enter(hass, result)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()

    ((meter_id, meter),) = site.equipment.meters.items()
    await meter.poll()
    assert meter.fault is None
    site.async_update_listeners()
    await hass.async_block_till_done()
    entity_id = er.async_get(hass).async_get_entity_id("sensor", DOMAIN, f"{meter_id}_current_l2")
    assert entity_id is not None
    state = hass.states.get(entity_id)
    assert state is not None
    assert state.state == "20.25"

    line.unplug()
    async with asyncio.timeout(10):
        while str(meter.fault) != f"{line.port} is not plugged in":
            await meter.poll()
            await asyncio.sleep(0)
