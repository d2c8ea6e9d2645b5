"""What the form of a meter tells of the readings that it shows."""

import struct
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from homeassistant.config_entries import SubentryFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from custom_components.headroom.meters.proposal import Hint
from tests.modbus.fakes import FakeServer

from .conftest import TRANSLATIONS
from .site import MAIN, METER_DATA, add, enter, part, site, suggested, zone

MODEL: dict[str, Any] = {
    "id": "acme_3p",
    "name": "Acme 3P",
    "confidence": "low",
    "source": "",
    "function": "holding",
    "word_order": "msw",
    "current_sign": "unsigned",
    "max_read": 125,
    "max_gap": 0,
    "quantities": {
        "currents": {"address": [0, 2, 4], "format": "uint32", "scale": 0.001},
        "voltages": {"address": [10, 12, 14], "format": "uint32"},
        "powers": {"address": [20, 22, 24], "format": "int32"},
    },
}


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read without a pause."""
    monkeypatch.setattr("custom_components.headroom.meters.survey.BETWEEN_READS", 0)


@pytest.fixture
async def server(socket_enabled: None) -> AsyncGenerator[FakeServer]:
    """Run a meter that is right."""
    server = FakeServer({1: dict.fromkeys((0, 10, 20), bytes(12))})
    await server.start()
    await show_values(server)
    yield server
    await server.stop()


async def show_values(
    server: FakeServer,
    currents: tuple[int, int, int] = (10_000, 5_000, 2_000),
    voltages: tuple[int, int, int] = (230, 231, 229),
    powers: tuple[int, int, int] = (2200, 1100, 400),
) -> None:
    """Let the meter show mA, V and W."""
    for address, values in ((0, currents), (10, voltages), (20, powers)):
        await server.write(1, address, struct.pack(">3i", *values))


async def read(hass: HomeAssistant, server: FakeServer, **changes: Any) -> SubentryFlowResult:
    """Go as far as the form that shows what the meter measures."""
    model = part("01MODEL", "meter_model", "Acme 3P", "meter_model_acme_3p", {**MODEL, **changes})
    result = await add(hass, site(zone(MAIN, "Main"), model), "meter")
    return await enter(
        hass,
        result,
        **METER_DATA
        | {"model": "own:acme_3p", "host": "127.0.0.1", "port": server.port, "unit": 1},
    )


def said(result: SubentryFlowResult) -> dict[str, str]:
    """Return what a form tells."""
    placeholders = result["description_placeholders"]
    assert placeholders is not None
    return dict(placeholders)


async def test_a_meter_that_is_right_is_shown_without_a_hint(
    hass: HomeAssistant, server: FakeServer
) -> None:
    result = await read(hass, server)
    assert (result["step_id"], suggested(result)) == ("confirm", {})
    assert (said(result)["current_l1"], said(result)["hints"]) == ("10.0", "")


async def test_what_is_likely_is_told_with_the_cure_and_nothing_changed(
    hass: HomeAssistant, server: FakeServer
) -> None:
    await show_values(server, voltages=(230, 0, 0), powers=(-2200, -1100, -400))
    result = await read(hass, server)
    wrong_way, no_voltage = said(result)["hints"].split("\n\n")
    assert wrong_way.startswith("**⚠** All that flows counts as fed into the grid.")
    assert no_voltage.startswith("**⚠** There is no voltage at L2, L3 of the meter.")
    result = await enter(hass, result)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["data"]["inverted"] is False


async def test_a_unit_that_is_wrong_is_told(hass: HomeAssistant, server: FakeServer) -> None:
    await show_values(server, powers=(2, 1, 1))
    assert "the device gives them in kW" in said(await read(hass, server))["hints"]


async def test_a_meter_is_read_again_until_it_is_saved(
    hass: HomeAssistant, server: FakeServer
) -> None:
    result = await read(hass, server)
    await show_values(server, currents=(7_000, 5_000, 2_000))
    result = await enter(hass, result, again=True)
    assert (result["step_id"], said(result)["current_l1"]) == ("confirm", "7.0")
    await server.stop()
    result = await enter(hass, result, again=True)
    assert (result["step_id"], result["errors"]) == ("modbus", {"host": "cannot_connect"})
    assert suggested(result)["port"] == server.port
    await server.start()
    await show_values(server)
    result = await enter(hass, result, **suggested(result))
    result = await enter(hass, result, again=False)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert "again" not in result["data"]


async def test_the_other_word_order_is_told_where_this_one_makes_no_sense(
    hass: HomeAssistant, server: FakeServer
) -> None:
    result = await read(hass, server, word_order="lsw")
    assert (result["step_id"], result["errors"]) == ("modbus", {"model": "words_swapped"})


async def test_hints_are_in_the_language_of_the_system(
    hass: HomeAssistant, server: FakeServer
) -> None:
    hass.config.language = "nl"
    await show_values(server, powers=(2, 1, 1))
    assert "in kW" in said(await read(hass, server))["hints"], "English where nothing else is there"


def test_every_hint_has_a_text() -> None:
    assert set(TRANSLATIONS["selector"]["meter_hint"]["options"]) == set(Hint)
