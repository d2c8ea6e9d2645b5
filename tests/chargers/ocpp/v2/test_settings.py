"""The device model: what a station is asked about itself, and what is set."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from custom_components.headroom.chargers.ocpp.config import CentralSystemConfig
from custom_components.headroom.chargers.ocpp.server import CentralSystem
from custom_components.headroom.chargers.ocpp.station import OcppStation
from custom_components.headroom.chargers.ocpp.traits import Setting, StationTraits, Unit
from tests.chargers.ocpp.charge_point import REJECTED, Refusal, Special

from .charge_point import NOON, Payload, ScriptedStation, set_result
from .conftest import Dial, settled

HASTY = CentralSystemConfig(errand_timeout=timedelta(milliseconds=300))
WANTED = "Current.Import,Power.Active.Import,Energy.Active.Import.Register,Voltage,Current.Offered"


def traits_of(station: OcppStation) -> StationTraits:
    traits = station.details["traits"]
    assert isinstance(traits, StationTraits)
    return traits


def asked(charge_point: ScriptedStation) -> list[list[str]]:
    """Return the names of the variables in each question."""
    return [
        [item["variable"]["name"] for item in command.payload["getVariableData"]]
        for command in charge_point.commands("GetVariables")
    ]


async def test_variables_are_read_and_set_after_the_limits(
    station: OcppStation, dial: Dial
) -> None:
    charge_point = await dial()
    charge_point.variables |= {
        "SmartChargingCtrlr.PeriodsPerSchedule": "24",
        "SmartChargingCtrlr.Phases3to1": "false",
        "SmartChargingCtrlr.Entries[ChargingProfiles]": "1",
    }
    await settled(charge_point)
    assert traits_of(station) == StationTraits(
        max_stack_level=8,
        units=frozenset(Unit),
        max_periods=24,
        switches_phases=False,
        measurands=("Current.Import",),
    ), "how many profiles there are says nothing of how many there may be"
    assert charge_point.set_variables == {
        "SampledDataCtrlr.TxUpdatedMeasurands": WANTED,
        "SampledDataCtrlr.TxUpdatedInterval": "10",
        "OCPPCommCtrlr.HeartbeatInterval": "60",
        "OCPPCommCtrlr.WebSocketPingInterval": "25",
    }
    assert station.refused_settings == frozenset()
    actions = [command.action for command in charge_point.received]
    assert actions.index("GetVariables") > actions.index("SetChargingProfile") + 1


@pytest.mark.parametrize(
    ("limit", "most"), [("2", 2), ("50", 50), ("0", 4), ("many", 4), (None, 4)]
)
async def test_no_question_is_too_long(
    station: OcppStation, dial: Dial, limit: str | None, most: int
) -> None:
    charge_point = await dial()
    if limit is not None:
        charge_point.variables["DeviceDataCtrlr.ItemsPerMessage[GetVariables]"] = limit
    await settled(charge_point)
    first, *others = asked(charge_point)
    assert first == ["ItemsPerMessage"]
    assert max(map(len, others)) == min(most, 5)
    assert traits_of(station).max_stack_level == 8


async def test_names_that_are_not_the_standards(station: OcppStation, dial: Dial) -> None:
    charge_point = await dial()
    charge_point.variables = {
        "SmartChargingCtrlr.ChargingProfileMaxStackLevel": "3",
        "SmartChargingCtrlr.ChargingScheduleChargingRateUnit": "W",
        "SampledDataCtrlr.TxUpdatedMeasurands": "Voltage",
    }
    await settled(charge_point)
    assert traits_of(station) == StationTraits(
        max_stack_level=3, units=frozenset({Unit.WATT}), measurands=("Voltage",)
    )


@pytest.mark.parametrize("value", [3, ["A", "W"], True, None, {"a": 1}])
async def test_values_of_wrong_types(station: OcppStation, dial: Dial, value: Any) -> None:
    charge_point = await dial()
    charge_point.script["GetVariables"] = lambda payload: {
        "getVariableResult": [
            7,
            {"component": "x"},
            *(item | {"attributeValue": value} for item in payload["getVariableData"]),
        ]
    }
    charge_point.script["GetBaseReport"] = REJECTED
    await settled(charge_point)
    assert traits_of(station).max_stack_level == (3 if value == 3 and value is not True else None)


@pytest.mark.parametrize("status", ["Rejected", "UnknownVariable", "NotSupportedAttributeType"])
async def test_refused_settings_are_noted(station: OcppStation, dial: Dial, status: str) -> None:
    charge_point = await dial()
    charge_point.script["SetVariables"] = lambda payload: set_result(payload, status)
    await settled(charge_point)
    await charge_point.call("Heartbeat")
    assert "HeartbeatInterval" in station.refused_settings
    assert "MeterValuesSampledData" in station.refused_settings


@pytest.mark.parametrize(
    "answer",
    [{}, {"setVariableResult": "x"}, {"setVariableResult": [7, {}]}, Refusal("NotSupported")],
)
async def test_answers_without_sense_are_refusals(
    station: OcppStation, dial: Dial, answer: Any
) -> None:
    charge_point = await dial()
    charge_point.script["SetVariables"] = answer
    await settled(charge_point)
    await charge_point.call("Heartbeat")
    assert "WebSocketPingInterval" in station.refused_settings


async def test_a_setting_that_needs_a_restart_is_taken(station: OcppStation, dial: Dial) -> None:
    charge_point = await dial()
    charge_point.script["SetVariables"] = lambda payload: set_result(payload, "RebootRequired")
    charge_point.variables["SampledDataCtrlr.TxUpdatedMeasurands"] = WANTED
    await settled(charge_point)
    await charge_point.call("Heartbeat")
    assert station.refused_settings == frozenset()


def entry(component: str, variable: str, value: Any, **fields: Any) -> Payload:
    return {
        "component": {"name": component},
        "variable": {"name": variable},
        "variableAttribute": [{"type": "MaxSet", "value": "99"}, {"value": value}],
    } | fields


STACK_LEVEL = entry("SmartChargingCtrlr", "ProfileStackLevel", "5")
UNITS = entry("smartchargingctrlr", "rateunit", "W")
PROFILES = {
    "component": {"name": "SmartChargingCtrlr"},
    "variable": {"name": "Entries", "instance": "ChargingProfiles"},
    "variableAttribute": [{"value": "1"}],
    "variableCharacteristics": {"dataType": "integer", "maxLimit": 4, "supportsMonitoring": False},
}
OTHERS = [
    7,
    {},
    {"component": {"name": "SmartChargingCtrlr"}, "variable": {"name": "RateUnit"}},
    entry("EVSE", "Power", "1"),
    entry("SmartChargingCtrlr", "RateUnit", None),
]


async def mute_station(dial: Dial, answer: Any = REJECTED) -> ScriptedStation:
    """Return a station that tells nothing but by reports."""
    charge_point = await dial()
    charge_point.script["GetVariables"] = Refusal("NotSupported")
    charge_point.script["GetBaseReport"] = answer
    return charge_point


async def report(
    charge_point: ScriptedStation, number: int, *entries: Any, more: bool, request: int = 0
) -> None:
    asked = await charge_point.until_called("GetBaseReport")
    payload = {
        "requestId": asked.payload["requestId"] + request,
        "generatedAt": NOON,
        "seqNo": number,
        "reportData": list(entries),
    }
    await charge_point.call("NotifyReport", payload | ({"tbc": True} if more else {}))


async def test_a_report_in_any_order(station: OcppStation, dial: Dial) -> None:
    charge_point = await mute_station(dial, {"status": "Accepted"})
    await report(charge_point, 2, PROFILES, more=False)
    await report(charge_point, 0, STACK_LEVEL, *OTHERS, more=True)
    await report(
        charge_point, 0, entry("SmartChargingCtrlr", "RateUnit", "A"), more=False, request=9
    )
    await report(charge_point, 1, UNITS, more=True)
    await settled(charge_point)
    assert traits_of(station) == StationTraits(
        max_stack_level=5, units=frozenset({Unit.WATT}), max_profiles=4
    )
    await report(charge_point, 3, more=False)
    bases = [c.payload["reportBase"] for c in charge_point.commands("GetBaseReport")]
    assert bases == ["FullInventory"]


@pytest.mark.parametrize("config", [HASTY])
async def test_parts_of_a_report_that_are_lost(station: OcppStation, dial: Dial) -> None:
    charge_point = await mute_station(dial, {"status": "Accepted"})
    await report(charge_point, 1, STACK_LEVEL, more=False)
    await settled(charge_point)
    assert traits_of(station) == StationTraits(max_stack_level=5)


async def test_a_smaller_report_where_there_is_no_full_one(
    station: OcppStation, dial: Dial
) -> None:
    charge_point = await mute_station(
        dial,
        lambda payload: {
            "status": "NotSupported" if payload["reportBase"] == "FullInventory" else "Accepted"
        },
    )
    await charge_point.until_called("GetBaseReport", 2)
    second = charge_point.commands("GetBaseReport")[1]
    await charge_point.call(
        "NotifyReport",
        {"requestId": second.payload["requestId"], "seqNo": 0, "reportData": [STACK_LEVEL]},
    )
    await settled(charge_point)
    assert traits_of(station).max_stack_level == 5


@pytest.mark.parametrize("config", [HASTY])
@pytest.mark.parametrize("answer", [REJECTED, Refusal("NotSupported"), Special.SILENCE])
async def test_a_station_that_tells_nothing(station: OcppStation, dial: Dial, answer: Any) -> None:
    charge_point = await mute_station(dial, answer)
    await settled(charge_point)
    assert traits_of(station) == StationTraits()
    assert station.reading(1).confirmed == 6.0
    await charge_point.boot()
    async with asyncio.timeout(5):
        await station.settled()
    assert len(charge_point.commands("GetBaseReport")) == 2, "once on a connection is enough"


async def test_no_password_is_ever_asked_for(charge_point: ScriptedStation) -> None:
    assert "BasicAuthPassword" not in str(charge_point.received)


async def test_a_setting_without_a_variable_is_not_taken(
    system: CentralSystem, charge_point: ScriptedStation
) -> None:
    (connection,) = system._connections
    before = len(charge_point.received)
    assert not await connection.configure(Setting.CONNECTORS, "2")
    assert len(charge_point.received) == before
