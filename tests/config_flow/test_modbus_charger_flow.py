"""Adding and changing chargers on Modbus."""

from collections.abc import Generator
from typing import Any
from unittest.mock import AsyncMock, Mock, patch

import pytest
from homeassistant.config_entries import SOURCE_USER, ConfigEntryState, SubentryFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.headroom.chargers.base import ChargerInfo
from custom_components.headroom.chargers.modbus.dialect_files import load_dialects
from custom_components.headroom.chargers.modbus.unit import WrongDevice
from custom_components.headroom.modbus.address import (
    Framing,
    SerialLine,
    TcpServer,
    UnitAddress,
)
from custom_components.headroom.modbus.endpoint import EndpointPool
from custom_components.headroom.modbus.errors import (
    ModbusError,
    ModbusImplausible,
    ModbusUnreachable,
    PortFault,
    PortUnusable,
)
from custom_components.headroom.modbus.line import LineSettings

from .site import (
    CONNECTOR,
    GARAGE,
    MAIN,
    METER,
    METER_DATA,
    choose,
    enter,
    options,
    part,
    site,
    suggested,
    zone,
)

FORM: dict[str, Any] = {
    "zone": MAIN,
    "dialect": "vestel",
    "host": " 192.0.2.20 ",
    "connector_count": 1,
}


@pytest.fixture(autouse=True)
def probe() -> Generator[AsyncMock]:
    """Stand in for the read of a device."""
    with patch(
        "custom_components.headroom.subentry_flows.modbus_charger.probe",
        return_value=ChargerInfo(vendor="Vestel", model="EVC08"),
    ) as mock:
        yield mock


async def begin(hass: HomeAssistant, entry: MockConfigEntry) -> SubentryFlowResult:
    if entry.entry_id not in {e.entry_id for e in hass.config_entries.async_entries()}:
        entry.add_to_hass(hass)
    menu = await hass.config_entries.subentries.async_init(
        (entry.entry_id, "charger"), context={"source": SOURCE_USER}
    )
    return await choose(hass, menu, "modbus")


async def add_one(hass: HomeAssistant, entry: MockConfigEntry, **form: Any) -> SubentryFlowResult:
    result = await enter(hass, await begin(hass, entry), **(FORM | form))
    assert result["step_id"] == "connector"
    return await enter(hass, result, **CONNECTOR)


async def test_a_charger_is_asked_who_it_is_and_added(
    hass: HomeAssistant, probe: AsyncMock
) -> None:
    entry = site(zone(MAIN, "Main"))
    result = await begin(hass, entry)
    assert suggested(result) == {"connection": "tcp", "connector_count": 1}
    assert set(options(result, "dialect")) == set(load_dialects())
    result = await enter(hass, result, **FORM)
    assert probe.await_args is not None
    assert probe.await_args.args[1:] == (
        UnitAddress(TcpServer("192.0.2.20", 502), 255),
        load_dialects()["vestel"],
    )
    assert (result["description_placeholders"] or {})["station"] == "EVC08 (192.0.2.20)"
    result = await enter(hass, result, **CONNECTOR)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert (result["title"], result["unique_id"]) == (
        "EVC08 (192.0.2.20)",
        "charger_modbus_192.0.2.20:502:255",
    )
    assert result["data"] == {
        "family": "modbus",
        "zone": MAIN,
        "dialect": "vestel",
        "connection": "tcp",
        "host": "192.0.2.20",
        "port": 502,
        "unit": 255,
        "connectors": [CONNECTOR],
    }


async def test_a_charger_is_reached_through_a_gateway_that_passes_rtu_on(
    hass: HomeAssistant, probe: AsyncMock
) -> None:
    form = {"dialect": "heidelberg_ec", "connection": "rtu_over_tcp"}
    result = await add_one(hass, site(zone(MAIN, "Main")), **form)
    assert probe.await_args is not None
    assert probe.await_args.args[1] == UnitAddress(
        TcpServer("192.0.2.20", 502, Framing.RTU_OVER_TCP), 1
    )
    assert result["data"]["connection"] == "rtu_over_tcp"


async def test_a_charger_that_does_not_tell_its_model_is_named_after_its_kind(
    hass: HomeAssistant, probe: AsyncMock
) -> None:
    probe.return_value = ChargerInfo()
    result = await add_one(hass, site(zone(MAIN, "Main")), port=5020, unit=7)
    name = load_dialects()["vestel"].name
    assert result["title"] == f"{name} (192.0.2.20)"
    assert (result["data"]["port"], result["data"]["unit"]) == (5020, 7)


async def test_a_running_site_lends_its_connection(hass: HomeAssistant, probe: AsyncMock) -> None:
    entry = site(zone(MAIN, "Main"))
    entry.add_to_hass(hass)
    pool = EndpointPool(dt_util.utcnow)
    entry.runtime_data = Mock(endpoints=pool)
    entry.mock_state(hass, ConfigEntryState.LOADED)
    await enter(hass, await begin(hass, entry), **FORM)
    assert probe.await_args is not None
    assert probe.await_args.args[0] is pool


@pytest.mark.parametrize(
    ("error", "field", "key"),
    [
        (ModbusUnreachable("silence"), "host", "cannot_connect"),
        (WrongDevice("other"), "dialect", "wrong_device"),
        (ModbusImplausible("nonsense"), "dialect", "wrong_device"),
    ],
)
async def test_a_charger_that_does_not_answer_right_is_not_added(
    hass: HomeAssistant, probe: AsyncMock, error: ModbusError, field: str, key: str
) -> None:
    probe.side_effect = error
    result = await enter(hass, await begin(hass, site(zone(MAIN, "Main"))), **FORM)
    assert (result["step_id"], result["errors"]) == ("modbus", {field: key})
    assert suggested(result)["host"] == FORM["host"]
    probe.side_effect = None
    result = await enter(hass, result, **FORM)
    assert result["step_id"] == "connector"


@pytest.mark.parametrize(
    ("form", "errors"),
    [
        ({"connector_count": 2}, {"connector_count": "too_many_connectors"}),
        ({"host": " "}, {"host": "empty"}),
    ],
)
async def test_what_cannot_be_is_refused_before_anything_is_read(
    hass: HomeAssistant, probe: AsyncMock, form: dict[str, Any], errors: dict[str, str]
) -> None:
    result = await enter(hass, await begin(hass, site(zone(MAIN, "Main"))), **(FORM | form))
    assert result["errors"] == errors
    probe.assert_not_awaited()


async def test_an_address_is_used_once(hass: HomeAssistant) -> None:
    entry = site(zone(MAIN, "Main"))
    await add_one(hass, entry)
    result = await enter(hass, await begin(hass, entry), **FORM)
    assert result["errors"] == {"base": "address_taken"}


async def test_a_charger_can_be_changed(hass: HomeAssistant, probe: AsyncMock) -> None:
    entry = site(zone(MAIN, "Main"), zone(GARAGE, "Garage"))
    await add_one(hass, entry)
    (charger,) = entry.get_subentries_of_type("charger")
    result = await entry.start_subentry_reconfigure_flow(hass, charger.subentry_id)
    assert suggested(result) == {
        "zone": MAIN,
        "dialect": "vestel",
        "connection": "tcp",
        "host": "192.0.2.20",
        "port": 502,
        "unit": 255,
        "connector_count": 1,
    }
    result = await enter(hass, result, **(suggested(result) | {"zone": GARAGE}))
    result = await enter(hass, result, **CONNECTOR)
    assert result["reason"] == "reconfigure_successful"
    (charger,) = entry.get_subentries_of_type("charger")
    assert charger.data["zone"] == GARAGE


async def test_without_a_zone_there_is_nothing_to_choose(hass: HomeAssistant) -> None:
    entry = site(zone(MAIN, "Main"))
    await add_one(hass, entry)
    (charger,) = entry.get_subentries_of_type("charger")
    hass.config_entries.async_remove_subentry(entry, MAIN)
    result = await entry.start_subentry_reconfigure_flow(hass, charger.subentry_id)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "no_zones")


SERIAL = {
    "serial_port": "/dev/ttyUSB0",
    "unit": 7,
    "baud_rate": "19200",
    "parity": "even",
    "stop_bits": 1,
}
ON_A_LINE = {
    "zone": MAIN,
    "dialect": "heidelberg_ec",
    "connection": "serial",
    "connector_count": 1,
}


async def test_a_charger_on_a_serial_port_is_added_and_changed(
    hass: HomeAssistant, probe: AsyncMock
) -> None:
    probe.return_value = ChargerInfo()
    entry = site(zone(MAIN, "Main"))
    result = await enter(hass, await begin(hass, entry), **ON_A_LINE)
    assert result["step_id"] == "serial"
    assert suggested(result) == {
        "unit": 1,
        "baud_rate": "19200",
        "parity": "even",
        "stop_bits": 1,
    }
    result = await enter(hass, result, **SERIAL)
    assert probe.await_args is not None
    line = SerialLine("/dev/ttyUSB0", LineSettings())
    assert probe.await_args.args[1] == UnitAddress(line, 7)
    result = await enter(hass, result, **CONNECTOR)
    name = load_dialects()["heidelberg_ec"].name
    assert (result["title"], result["unique_id"]) == (
        f"{name} (ttyUSB0 #7)",
        "charger_modbus_/dev/ttyUSB0:7",
    )
    assert result["data"] == {
        "family": "modbus",
        "zone": MAIN,
        "dialect": "heidelberg_ec",
        "connection": "serial",
        **SERIAL,
        "connectors": [CONNECTOR],
    }

    (charger,) = entry.get_subentries_of_type("charger")
    result = await entry.start_subentry_reconfigure_flow(hass, charger.subentry_id)
    assert suggested(result) == ON_A_LINE | {"unit": 7}
    result = await enter(hass, result, **suggested(result))
    assert suggested(result) == SERIAL
    result = await enter(hass, result, **SERIAL | {"parity": "none"})
    result = await enter(hass, result, **CONNECTOR)
    assert result["reason"] == "reconfigure_successful"
    (charger,) = entry.get_subentries_of_type("charger")
    assert charger.data["parity"] == "none"


async def test_units_that_no_line_has_are_not_proposed(hass: HomeAssistant) -> None:
    form = ON_A_LINE | {"dialect": "vestel"}
    result = await enter(hass, await begin(hass, site(zone(MAIN, "Main"))), **form)
    assert suggested(result)["unit"] == 1


@pytest.mark.parametrize(
    ("error", "step", "errors"),
    [
        *(
            (PortUnusable(fault, ""), "serial", {"serial_port": f"port_{fault}"})
            for fault in PortFault
        ),
        (ModbusUnreachable("silence"), "serial", {"serial_port": "no_answer_on_line"}),
        (WrongDevice("other"), "modbus", {"dialect": "wrong_device"}),
    ],
)
async def test_a_charger_that_is_not_found_on_a_line_is_not_added(
    hass: HomeAssistant, probe: AsyncMock, error: ModbusError, step: str, errors: dict[str, str]
) -> None:
    result = await enter(hass, await begin(hass, site(zone(MAIN, "Main"))), **ON_A_LINE)
    probe.side_effect = error
    result = await enter(hass, result, **SERIAL)
    assert (result["step_id"], result["errors"]) == (step, errors)


async def test_chargers_and_meters_on_one_port_agree_on_its_settings(hass: HomeAssistant) -> None:
    metered = METER_DATA | SERIAL | {"connection": "serial", "baud_rate": "9600"}
    entry = site(zone(MAIN, "Main"), part(METER, "meter", "iEM3155", "meter_serial", metered))
    result = await enter(hass, await begin(hass, entry), **ON_A_LINE)
    result = await enter(hass, result, **SERIAL)
    assert result["errors"] == {"baud_rate": "line_conflict"}
    said = result["description_placeholders"]
    assert said is not None
    assert (said["device"], said["settings"]) == ("iEM3155", "9600 8E1")


async def test_a_charger_on_the_network_needs_a_host(hass: HomeAssistant) -> None:
    form = {key: value for key, value in FORM.items() if key != "host"}
    result = await enter(hass, await begin(hass, site(zone(MAIN, "Main"))), **form)
    assert result["errors"] == {"host": "empty"}
