"""Looking for the unit id of a meter in its form."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
from homeassistant.config_entries import SubentryFlowResult
from homeassistant.core import Event, HomeAssistant
from homeassistant.data_entry_flow import (
    EVENT_DATA_ENTRY_FLOW_PROGRESS_UPDATE,
    FlowResultType,
)
from pytest_homeassistant_custom_component.common import MockConfigEntry

from tests.meters.fakes import IEM3155, KLEFR
from tests.modbus.fakes import FakeServer

from .site import MAIN, METER_DATA, add, enter, options, site, suggested, zone


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read without a pause."""
    monkeypatch.setattr("custom_components.headroom.meters.survey.BETWEEN_READS", 0)


@pytest.fixture
async def server(socket_enabled: None) -> AsyncGenerator[FakeServer]:
    """Run a gateway with two meters, one of which is of another kind."""
    server = FakeServer({1: KLEFR, 2: IEM3155})
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
def entry() -> MockConfigEntry:
    return site(zone(MAIN, "Main"))


async def begin(
    hass: HomeAssistant, entry: MockConfigEntry, port: int, **values: Any
) -> SubentryFlowResult:
    """Go to the form that asks for the range of units."""
    result = await add(hass, entry, "meter")
    gateway = {"host": "127.0.0.1", "port": port, "scan": True}
    return await enter(hass, result, **METER_DATA | gateway | values)


async def finish(hass: HomeAssistant, result: SubentryFlowResult) -> SubentryFlowResult:
    """Wait for the end of a search, as a browser does."""
    assert result["type"] is FlowResultType.SHOW_PROGRESS
    await hass.async_block_till_done()
    return await hass.config_entries.subentries.async_configure(result["flow_id"])


async def test_the_unit_is_chosen_from_those_that_answer(
    hass: HomeAssistant, entry: MockConfigEntry, server: FakeServer
) -> None:
    heard: list[Event] = []
    hass.bus.async_listen(EVENT_DATA_ENTRY_FLOW_PROGRESS_UPDATE, heard.append)
    result = await begin(hass, entry, server.port)
    assert result["step_id"] == "scan"
    assert suggested(result) == {"first_unit": 1, "last_unit": 32}
    result = await enter(hass, result, first_unit=1, last_unit=2)
    assert result["progress_action"] == "scanning"
    result = await finish(hass, result)
    assert result["step_id"] == "scanned"
    assert options(result, "unit") == ["2", "1"]
    assert suggested(result) == {"unit": "2"}
    assert result["description_placeholders"] == {"others": "1"}
    assert [event.data["progress"] for event in heard] == [0.5, 1]

    result = await enter(hass, result, unit="2")
    assert result["step_id"] == "confirm"
    result = await enter(hass, result)
    assert result["data"] == METER_DATA | {"host": "127.0.0.1", "port": server.port, "unit": 2}


async def test_a_unit_of_another_kind_can_be_chosen_and_is_refused(
    hass: HomeAssistant, entry: MockConfigEntry, server: FakeServer
) -> None:
    result = await begin(hass, entry, server.port)
    result = await finish(hass, await enter(hass, result, first_unit=1, last_unit=1))
    result = await enter(hass, result, unit="1")
    assert (result["step_id"], result["errors"]) == ("modbus", {"model": "wrong_device"})
    assert suggested(result)["unit"] == 1
    assert "scan" not in suggested(result), "the unit is known now"
    result = await enter(hass, result, **suggested(result) | {"model": "klefr_693x"})
    assert result["step_id"] == "confirm"


async def test_only_meters_of_the_model_may_answer(
    hass: HomeAssistant, entry: MockConfigEntry, server: FakeServer
) -> None:
    result = await begin(hass, entry, server.port)
    result = await finish(hass, await enter(hass, result, first_unit=2, last_unit=2))
    assert result["description_placeholders"] == {"others": "-"}


async def test_a_range_in_which_nobody_answers_can_be_changed(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    server: FakeServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("custom_components.headroom.meters.unit_scan.PATIENCE", 0.01)
    result = await begin(hass, entry, server.port)
    result = await enter(hass, result, first_unit=3, last_unit=1)
    assert (result["step_id"], result["errors"]) == ("scan", {"last_unit": "no_units"})
    assert suggested(result) == {"first_unit": 3, "last_unit": 1}
    server.answering.clear()
    result = await finish(hass, await enter(hass, result, first_unit=2, last_unit=2))
    assert (result["step_id"], result["errors"]) == ("scan", {"base": "nobody_answers"})
    server.answering.set()
    monkeypatch.undo()
    result = await finish(hass, await enter(hass, result, first_unit=2, last_unit=2))
    assert options(result, "unit") == ["2"]


async def test_a_gateway_that_cannot_be_reached_is_said_at_its_host(
    hass: HomeAssistant, entry: MockConfigEntry, server: FakeServer
) -> None:
    await server.stop()
    result = await begin(hass, entry, server.port)
    result = await finish(hass, await enter(hass, result, first_unit=1, last_unit=3))
    assert (result["step_id"], result["errors"]) == ("modbus", {"host": "cannot_connect"})


async def test_units_are_looked_for_on_a_serial_port_too(
    hass: HomeAssistant, entry: MockConfigEntry, tmp_path: Path
) -> None:
    result = await begin(hass, entry, 502, connection="serial")
    assert result["step_id"] == "serial"
    result = await enter(
        hass,
        result,
        serial_port=str(tmp_path / "nowhere"),
        unit=1,
        baud_rate="9600",
        parity="none",
        stop_bits=1,
    )
    assert result["step_id"] == "scan"
    result = await finish(hass, await enter(hass, result, first_unit=1, last_unit=2))
    assert (result["step_id"], result["errors"]) == ("modbus", {"base": "port_missing"})


async def test_closing_the_form_ends_the_search(
    hass: HomeAssistant, entry: MockConfigEntry, server: FakeServer
) -> None:
    server.answering.clear()
    result = await begin(hass, entry, server.port)
    result = await enter(hass, result, first_unit=1, last_unit=3)
    async with asyncio.timeout(10):
        await server.asked.acquire()
    hass.config_entries.subentries.async_abort(result["flow_id"])
    await hass.async_block_till_done()
    server.answering.set()
    assert len(server.requests) == 1


async def test_closing_the_form_before_the_search_is_nothing(
    hass: HomeAssistant, entry: MockConfigEntry, server: FakeServer
) -> None:
    result = await begin(hass, entry, server.port)
    hass.config_entries.subentries.async_abort(result["flow_id"])
    assert server.requests == []
