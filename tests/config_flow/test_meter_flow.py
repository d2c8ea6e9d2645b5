"""Adding and changing meters."""

from collections.abc import Generator
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import AsyncMock, Mock, patch

import pytest
from homeassistant.config_entries import SOURCE_USER, ConfigEntryState, SubentryFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.engine.site.wiring import Wiring
from custom_components.headroom.meters.base import (
    MeterData,
    MeterError,
    MeterImplausible,
    MeterRefused,
    MeterUnreachable,
)
from custom_components.headroom.meters.estimate import Spread
from custom_components.headroom.meters.measured import Mounting
from custom_components.headroom.meters.model_files import load_models
from custom_components.headroom.meters.survey import Survey
from custom_components.headroom.modbus.address import (
    Framing,
    SerialLine,
    TcpServer,
    UnitAddress,
)
from custom_components.headroom.modbus.endpoint import EndpointPool
from custom_components.headroom.modbus.errors import PortFault, PortUnusable
from custom_components.headroom.modbus.line import LineSettings, Parity

from .site import (
    GARAGE,
    MAIN,
    METER,
    METER_DATA,
    add,
    change,
    choose,
    enter,
    meter,
    options,
    site,
    suggested,
    zone,
)

MOUNTING = {"wiring": "tri123", "inverted": False, "spread": "worst"}

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
        "custom_components.headroom.subentry_flows.probe.survey", return_value=Survey(READING)
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
        "role": "supply",
        **MOUNTING,
    }
    assert options(result, "zone") == [MAIN, GARAGE]
    assert set(options(result, "model")) == set(load_models())

    with patch.object(EndpointPool, "close", autospec=True) as close:
        result = await enter(hass, result, **METER_DATA | {"host": " 192.0.2.10 "})
    pool, address, model, mounting = probe.await_args.args if probe.await_args else ()
    assert mounting == Mounting()
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
        "hints": "",
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
    probe.return_value = Survey(MeterData(at=READING.at, currents=PerPhase(1, 2, 3)))
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

    result = await enter(hass, result, **second | {"role": "outlet"})
    result = await enter(hass, result)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert list(entry.subentries.values())[-1].data == second | {"role": "outlet"}


async def test_a_meter_is_mounted_in_another_way(hass: HomeAssistant, probe: AsyncMock) -> None:
    entry = site(zone(MAIN, "Main"))
    mounting = {"wiring": "tri312", "inverted": True, "spread": "even"}
    result = await enter(hass, await add(hass, entry, "meter"), **METER_DATA | mounting)
    assert probe.await_args is not None
    assert probe.await_args.args[3] == Mounting(
        wiring=Wiring.TRI312, inverted=True, spread=Spread.EVEN
    )
    await enter(hass, result)
    assert list(entry.subentries.values())[-1].data == METER_DATA | mounting


@pytest.mark.parametrize(
    ("model", "errors"),
    [
        ("schneider_iem3000", {"base": "wiring_too_short"}),
        ("eastron_sdm120", {}),
        ("eastron_sdm72", {}),
    ],
)
async def test_a_meter_may_measure_one_phase_only_if_it_tells_no_more(
    hass: HomeAssistant, model: str, errors: dict[str, str]
) -> None:
    result = await add(hass, site(zone(MAIN, "Main")), "meter")
    result = await enter(hass, result, **METER_DATA | {"model": model, "wiring": "mono3"})
    assert (result["errors"] or {}) == errors


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


async def test_the_zones_may_go_meanwhile(hass: HomeAssistant) -> None:
    entry = site(zone(MAIN, "Main"), meter())
    result = await change(hass, entry, METER)
    hass.config_entries.async_remove_subentry(entry, MAIN)
    result = await enter(hass, result, **METER_DATA)
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


SERIAL = {"serial_port": "/dev/ttyUSB0", "unit": 7, "baud_rate": "9600", "parity": "none"}
ON_A_LINE = {key: value for key, value in METER_DATA.items() if key not in {"host", "port"}} | {
    "connection": "serial"
}


async def begin_serial(
    hass: HomeAssistant, entry: MockConfigEntry, **changes: object
) -> SubentryFlowResult:
    """Fill in the first form of a meter on a serial port."""
    result = await enter(hass, await add(hass, entry, "meter"), **ON_A_LINE | changes)
    assert result["step_id"] == "serial"
    return result


async def test_a_meter_on_a_serial_port_is_added_and_changed(
    hass: HomeAssistant, probe: AsyncMock
) -> None:
    entry = site(zone(MAIN, "Main"))
    result = await begin_serial(hass, entry, model="klefr_693x", unit=3)
    assert suggested(result) == {"unit": 3, "baud_rate": "9600", "parity": "none", "stop_bits": 1}
    result = await enter(hass, result, **SERIAL | {"serial_port": " /dev/ttyUSB0 "}, stop_bits=2)
    assert probe.await_args is not None
    line = SerialLine("/dev/ttyUSB0", LineSettings(9600, Parity.NONE, 2))
    assert probe.await_args.args[1] == UnitAddress(line, 7)
    await enter(hass, result)
    (stored,) = entry.get_subentries_of_type("meter")
    assert stored.unique_id == "meter_/dev/ttyUSB0:7"
    assert stored.title == f"{load_models()['klefr_693x'].name} (ttyUSB0 #7)"
    assert stored.data == ON_A_LINE | SERIAL | {"model": "klefr_693x", "stop_bits": 2}

    result = await change(hass, entry, stored.subentry_id)
    result = await enter(hass, result, **ON_A_LINE | {"model": "klefr_693x", "unit": 7})
    assert suggested(result) == SERIAL | {"stop_bits": 2}
    result = await enter(hass, result, **SERIAL | {"parity": "even"}, stop_bits=1)
    result = await enter(hass, result)
    assert result["reason"] == "reconfigure_successful"
    (stored,) = entry.get_subentries_of_type("meter")
    assert (stored.data["parity"], stored.data["stop_bits"]) == ("even", 1)


async def test_a_meter_moves_from_the_network_to_a_serial_port(hass: HomeAssistant) -> None:
    entry = site(zone(MAIN, "Main"), meter())
    result = await change(hass, entry, METER)
    result = await enter(hass, result, **ON_A_LINE)
    assert suggested(result) == {
        "unit": 1,
        "baud_rate": "19200",
        "parity": "even",
        "stop_bits": 1,
    }
    result = await enter(hass, result, **SERIAL, stop_bits=1)
    await enter(hass, result)
    assert entry.subentries[METER].data == ON_A_LINE | SERIAL | {"stop_bits": 1}


@pytest.mark.parametrize(
    ("fault", "errors"),
    [
        *((PortUnusable(fault, ""), {"serial_port": f"port_{fault}"}) for fault in PortFault),
        (MeterUnreachable(), {"serial_port": "no_answer_on_line"}),
    ],
)
async def test_a_serial_port_that_leads_nowhere_is_refused(
    hass: HomeAssistant, probe: AsyncMock, fault: MeterError, errors: dict[str, str]
) -> None:
    result = await begin_serial(hass, site(zone(MAIN, "Main")))
    probe.side_effect = fault
    result = await enter(hass, result, **SERIAL, stop_bits=1)
    assert (result["step_id"], result["errors"]) == ("serial", errors)
    assert suggested(result) == SERIAL | {"stop_bits": 1}
    probe.side_effect = None
    result = await enter(hass, result, **SERIAL, stop_bits=1)
    assert result["step_id"] == "confirm"


@pytest.mark.parametrize("port", ["ttyUSB0", "esphome://device"])
async def test_what_is_no_serial_port_is_not_opened(
    hass: HomeAssistant, probe: AsyncMock, port: str
) -> None:
    result = await begin_serial(hass, site(zone(MAIN, "Main")))
    result = await enter(hass, result, **SERIAL | {"serial_port": port}, stop_bits=1)
    assert result["errors"] == {"serial_port": "port_unusable"}
    result = await enter(hass, result, **SERIAL | {"serial_port": " "}, stop_bits=1)
    assert result["errors"] == {"serial_port": "empty"}
    probe.assert_not_awaited()


@pytest.mark.parametrize("step", ["user", "reconfigure"])
async def test_a_wrong_model_on_a_serial_port_is_corrected_in_the_first_form(
    hass: HomeAssistant, probe: AsyncMock, step: str
) -> None:
    entry = site(zone(MAIN, "Main"), *([meter()] if step == "reconfigure" else []))
    form = await (
        change(hass, entry, METER) if step == "reconfigure" else add(hass, entry, "meter")
    )
    result = await enter(hass, form, **ON_A_LINE)
    probe.side_effect = MeterRefused()
    result = await enter(hass, result, **SERIAL, stop_bits=1)
    assert (result["step_id"], result["errors"]) == ("modbus", {"model": "wrong_device"})
    assert suggested(result) == {"port": 502} | ON_A_LINE
    result = await enter(hass, result, **ON_A_LINE)
    assert result["step_id"] == "serial"


async def test_devices_on_one_port_have_one_name_for_it_and_the_same_settings(
    hass: HomeAssistant, tmp_path: Path
) -> None:
    device, link = tmp_path / "ttyUSB0", tmp_path / "usb-adapter-port0"
    device.write_text("")
    link.symlink_to(device)
    entry = site(zone(MAIN, "Main"))
    result = await begin_serial(hass, entry)
    port = SERIAL | {"stop_bits": 1}
    result = await enter(hass, result, **port | {"serial_port": str(link)})
    await enter(hass, result)

    result = await begin_again(hass, entry)
    port = port | {"serial_port": str(device)}
    result = await enter(hass, result, **port | {"baud_rate": "19200"})
    assert result["errors"] == {"baud_rate": "line_conflict"}
    said = result["description_placeholders"]
    assert said is not None
    assert said["settings"] == "9600 8N1"
    result = await enter(hass, result, **port)
    assert result["errors"] == {"unit": "meter_taken"}
    result = await enter(hass, result, **port | {"unit": 8})
    await enter(hass, result)
    first, second = entry.get_subentries_of_type("meter")
    assert first.data["serial_port"] == second.data["serial_port"] == str(link)

    result = await begin_again(hass, entry)
    result = await enter(hass, result, **port | {"serial_port": "/dev/ttyACM0", "parity": "odd"})
    assert result["step_id"] == "confirm"


async def begin_again(hass: HomeAssistant, entry: MockConfigEntry) -> SubentryFlowResult:
    """Fill in the first form of one more meter on a serial port."""
    result = await hass.config_entries.subentries.async_init(
        (entry.entry_id, "meter"), context={"source": SOURCE_USER}
    )
    result = await choose(hass, result, "modbus")
    return await enter(hass, result, **ON_A_LINE | {"role": "outlet"})


async def test_a_meter_on_the_network_needs_a_host(hass: HomeAssistant) -> None:
    result = await add(hass, site(zone(MAIN, "Main")), "meter")
    without = {key: value for key, value in METER_DATA.items() if key != "host"}
    result = await enter(hass, result, **without)
    assert result["errors"] == {"host": "empty"}
