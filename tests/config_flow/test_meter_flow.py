"""Adding and changing meters."""

from collections.abc import Generator
from datetime import UTC, datetime
from unittest.mock import AsyncMock, Mock, patch

import pytest
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
from homeassistant.util import dt as dt_util

from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.meters.base import (
    MeterData,
    MeterError,
    MeterImplausible,
    MeterRefused,
    MeterUnreachable,
)
from custom_components.headroom.meters.models import load_models
from custom_components.headroom.modbus.address import Framing, TcpServer, UnitAddress
from custom_components.headroom.modbus.endpoint import EndpointPool

from .site import (
    GARAGE,
    MAIN,
    METER,
    METER_DATA,
    add,
    change,
    enter,
    meter,
    options,
    site,
    suggested,
    zone,
)

READING = MeterData(
    at=datetime(2026, 10, 1, tzinfo=UTC),
    currents=PerPhase(10.04, -3.0, 0.5),
    powers=PerPhase(2300.4, -690.0, 115.0),
    power=1725.4,
)


@pytest.fixture(autouse=True)
def probe() -> Generator[AsyncMock]:
    """Stand in for the read of a device."""
    with patch(
        "custom_components.headroom.subentry_flows.meter.probe", return_value=READING
    ) as mock:
        yield mock


async def test_a_meter_is_read_shown_and_added(hass: HomeAssistant, probe: AsyncMock) -> None:
    entry = site(zone(MAIN, "Main", supply="dynamic"), zone(GARAGE, "Garage"))
    result = await add(hass, entry, "meter")
    assert suggested(result) == {
        "connection": "tcp",
        "port": 502,
        "unit": 255,
        "period": 500,
        "reporting": False,
    }
    assert options(result, "zone") == [MAIN, GARAGE]
    assert set(options(result, "model")) == set(load_models())

    with patch.object(EndpointPool, "close", autospec=True) as close:
        result = await enter(hass, result, **METER_DATA | {"host": " 192.0.2.10 "})
    pool, address, model = probe.await_args.args if probe.await_args else ()
    assert address == UnitAddress(TcpServer("192.0.2.10", 502), 255)
    assert model is load_models()["schneider_iem3000"]
    close.assert_awaited_once_with(pool)
    assert result["step_id"] == "confirm"
    assert result["description_placeholders"] == {
        "current_l1": "10.0",
        "current_l2": "-3.0",
        "current_l3": "0.5",
        "power_l1": "2300",
        "power_l2": "-690",
        "power_l3": "115",
        "power": "1725",
    }
    assert len(entry.subentries) == 2

    result = await enter(hass, result)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    stored = list(entry.subentries.values())[-1]
    assert stored.title == f"{model.name} (192.0.2.10 #255)"
    assert stored.unique_id == "meter_192.0.2.10:502:255"
    assert stored.data == METER_DATA


async def test_a_meter_is_read_through_a_gateway_that_passes_rtu_on(
    hass: HomeAssistant, probe: AsyncMock
) -> None:
    entry = site(zone(MAIN, "Main", supply="dynamic"))
    result = await add(hass, entry, "meter")
    assert options(result, "connection") == ["tcp", "rtu_over_tcp", "serial"]
    result = await enter(hass, result, **METER_DATA | {"connection": "rtu_over_tcp"})
    assert probe.await_args is not None
    assert probe.await_args.args[1] == UnitAddress(
        TcpServer("192.0.2.10", 502, Framing.RTU_OVER_TCP), 255
    )
    await enter(hass, result)
    assert list(entry.subentries.values())[-1].data["connection"] == "rtu_over_tcp"


async def test_powers_that_a_meter_does_not_have_are_unknown(
    hass: HomeAssistant, probe: AsyncMock
) -> None:
    probe.return_value = MeterData(at=READING.at, currents=PerPhase(1, 2, 3))
    result = await add(hass, site(zone(MAIN, "Main")), "meter")
    result = await enter(hass, result, **METER_DATA)
    said = result["description_placeholders"]
    assert said is not None
    assert [said[key] for key in ("power_l1", "power_l2", "power_l3", "power")] == ["?"] * 4


@pytest.mark.parametrize(
    ("fault", "errors"),
    [
        (MeterUnreachable(), {"host": "cannot_connect"}),
        (MeterRefused(), {"model": "wrong_device"}),
        (MeterImplausible(), {"model": "implausible"}),
    ],
)
async def test_a_meter_that_cannot_be_read_is_refused_until_it_can(
    hass: HomeAssistant, probe: AsyncMock, fault: MeterError, errors: dict[str, str]
) -> None:
    result = await add(hass, site(zone(MAIN, "Main")), "meter")

    probe.side_effect = fault
    with patch.object(EndpointPool, "close", autospec=True) as close:
        result = await enter(hass, result, **METER_DATA)
    assert result["errors"] == errors
    assert suggested(result) == METER_DATA
    close.assert_awaited_once()

    probe.side_effect = None
    result = await enter(hass, result, **METER_DATA)
    result = await enter(hass, result)
    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"zone": GARAGE, "host": " "}, {"host": "empty"}),
        ({"zone": GARAGE}, {"host": "meter_taken"}),
        ({"unit": 1}, {"base": "second_meter"}),
    ],
)
async def test_a_meter_that_does_not_fit_is_not_even_read(
    hass: HomeAssistant, probe: AsyncMock, changes: dict[str, object], errors: dict[str, str]
) -> None:
    entry = site(zone(MAIN, "Main"), zone(GARAGE, "Garage"), meter())
    result = await add(hass, entry, "meter")

    result = await enter(hass, result, **METER_DATA | changes)
    assert result["errors"] == errors
    assert suggested(result) == METER_DATA | changes
    probe.assert_not_awaited()

    result = await enter(hass, result, **METER_DATA | {"zone": GARAGE, "unit": 1})
    result = await enter(hass, result)
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_a_second_meter_of_a_zone_may_only_report(hass: HomeAssistant) -> None:
    entry = site(zone(MAIN, "Main"), meter())
    result = await add(hass, entry, "meter")
    second = METER_DATA | {"unit": 1}
    result = await enter(hass, result, **second)
    assert result["errors"] == {"base": "second_meter"}

    result = await enter(hass, result, **second | {"reporting": True})
    result = await enter(hass, result)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert list(entry.subentries.values())[-1].data == second | {"reporting": True}


@pytest.mark.parametrize(
    "changes", [{"port": 0}, {"unit": 256}, {"period": 249}, {"model": "x"}, {"zone": "x"}]
)
async def test_an_impossible_value_is_invalid(
    hass: HomeAssistant, changes: dict[str, object]
) -> None:
    result = await add(hass, site(zone(MAIN, "Main")), "meter")
    with pytest.raises(InvalidData):
        await enter(hass, result, **METER_DATA | changes)


async def test_a_meter_needs_a_zone(hass: HomeAssistant) -> None:
    result = await add(hass, site(), "meter")
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "no_zones"


async def test_a_meter_is_changed_and_keeps_its_title(hass: HomeAssistant) -> None:
    entry = site(zone(MAIN, "Main"), meter())
    result = await change(hass, entry, METER)
    assert suggested(result) == METER_DATA

    result = await enter(hass, result, **METER_DATA | {"period": 1000})
    result = await enter(hass, result)
    assert result["reason"] == "reconfigure_successful"
    assert entry.subentries[METER].data == METER_DATA | {"period": 1000}
    assert entry.subentries[METER].title == "iEM3155"


async def test_a_meter_is_replaced_by_another(hass: HomeAssistant, probe: AsyncMock) -> None:
    entry = site(zone(MAIN, "Main"), meter())
    result = await change(hass, entry, METER)
    new = METER_DATA | {"host": "192.0.2.11", "model": "klefr_693x"}

    probe.side_effect = MeterUnreachable()
    result = await enter(hass, result, **new)
    assert result["errors"] == {"host": "cannot_connect"}
    assert suggested(result) == new

    probe.side_effect = None
    result = await enter(hass, result, **new)
    await enter(hass, result)
    stored = entry.subentries[METER]
    assert stored.unique_id == "meter_192.0.2.11:502:255"
    assert stored.title == f"{load_models()['klefr_693x'].name} (192.0.2.11 #255)"
    assert stored.data == new


async def test_a_meter_of_a_running_site_is_read_over_the_sites_connection(
    hass: HomeAssistant, probe: AsyncMock
) -> None:
    entry = site(zone(MAIN, "Main"), meter())
    result = await change(hass, entry, METER)
    endpoints = EndpointPool(dt_util.utcnow)
    entry.runtime_data = Mock(endpoints=endpoints)
    entry.mock_state(hass, ConfigEntryState.LOADED)

    with patch.object(EndpointPool, "close", autospec=True) as close:
        result = await enter(hass, result, **METER_DATA | {"period": 1000})
    assert result["step_id"] == "confirm"
    assert probe.await_args is not None
    assert probe.await_args.args[0] is endpoints
    close.assert_not_awaited()

    probe.side_effect = MeterUnreachable()
    result = await change(hass, entry, METER)
    result = await enter(hass, result, **METER_DATA)
    assert result["errors"] == {"host": "cannot_connect"}
