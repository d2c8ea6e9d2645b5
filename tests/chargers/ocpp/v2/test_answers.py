"""Every message that a station may send gets an answer, whatever its version and its sense."""

from pathlib import Path
from typing import Any

import ocpp  # type: ignore[import-untyped]
import pytest

from custom_components.headroom.chargers.ocpp.server import CentralSystem
from custom_components.headroom.chargers.ocpp.station import OcppStation
from tests.chargers.ocpp.charge_point import ScriptedChargePoint
from tests.chargers.ocpp.conftest import PROFILE, Connect

from .charge_point import NOON, Payload, ScriptedStation
from .conftest import Dial

SCHEMAS = Path(ocpp.__path__[0])
BY_STATIONS = {
    "Authorize",
    "BootNotification",
    "ClearedChargingLimit",
    "DataTransfer",
    "FirmwareStatusNotification",
    "Get15118EVCertificate",
    "GetCertificateStatus",
    "Heartbeat",
    "LogStatusNotification",
    "MeterValues",
    "NotifyChargingLimit",
    "NotifyCustomerInformation",
    "NotifyDisplayMessages",
    "NotifyEVChargingNeeds",
    "NotifyEVChargingSchedule",
    "NotifyEvent",
    "NotifyMonitoringReport",
    "NotifyReport",
    "PublishFirmwareStatusNotification",
    "ReportChargingProfiles",
    "ReservationStatusUpdate",
    "SecurityEventNotification",
    "SignCertificate",
    "StatusNotification",
    "TransactionEvent",
}
BY_STATIONS_SINCE_21 = {
    "BatterySwap",
    "ClosePeriodicEventStream",
    "NotifyDERAlarm",
    "NotifyDERStartStop",
    "NotifyPriorityCharging",
    "NotifySettlement",
    "OpenPeriodicEventStream",
    "PullDynamicScheduleUpdate",
    "ReportDERControl",
    "VatNumberValidation",
}
WRONG: list[Any] = [None, 7, "x", [[]], {"a": {"b": []}}]
CODES = {"NotSupported", "NotImplemented"}


def actions(version: str) -> set[str]:
    """Return the actions that the schemas of a version name."""
    files = (SCHEMAS / f"v{version.replace('.', '')}" / "schemas").glob("*.json")
    return {file.stem.removesuffix("Request").removesuffix("Response") for file in files}


async def test_every_action_of_1_6_gets_an_answer(system: CentralSystem, connect: Connect) -> None:
    system.register("CP1", {1: PROFILE})
    await every_action_is_answered(await connect(), actions("1.6"))


async def test_every_action_gets_an_answer(charge_point: ScriptedStation, version: str) -> None:
    expected = BY_STATIONS | (BY_STATIONS_SINCE_21 if version == "2.1" else set())
    assert expected < actions(version)
    answered = await every_action_is_answered(charge_point, actions(version) | {"MakeCoffee"})
    assert answered == expected


async def every_action_is_answered(charge_point: ScriptedChargePoint, names: set[str]) -> set[str]:
    """Send every action without fields; return those that are not refused."""
    answered = set()
    for number, action in enumerate(sorted(names)):
        answer = await charge_point.exchange([2, f"x{number}", action, {}])
        if answer[0] == 3:
            answered.add(action)
        else:
            assert answer[2] in CODES, action
    return answered


@pytest.mark.parametrize(
    ("action", "code"),
    [
        ("RequestStartTransaction", "NotSupported"),
        ("MakeCoffee", "NotImplemented"),
        ("__name__", "NotImplemented"),
    ],
)
async def test_what_is_known_is_told_from_what_is_not(
    charge_point: ScriptedStation, action: str, code: str
) -> None:
    assert (await charge_point.exchange([2, "x", action, {}]))[:3] == [4, "x", code]


@pytest.mark.parametrize(
    ("action", "payload", "answer"),
    [
        (
            "Authorize",
            {"idToken": {"idToken": "A1", "type": "ISO14443"}},
            {"idTokenInfo": {"status": "Accepted"}},
        ),
        ("DataTransfer", {"vendorId": "x"}, {"status": "UnknownVendorId"}),
        ("FirmwareStatusNotification", {"status": "Idle"}, {}),
        ("Get15118EVCertificate", {}, {"status": "Failed", "exiResponse": ""}),
        ("GetCertificateStatus", {}, {"status": "Failed"}),
        ("Heartbeat", {}, {"currentTime": NOON}),
        ("LogStatusNotification", {"status": "Idle"}, {}),
        ("NotifyEVChargingSchedule", {}, {"status": "Accepted"}),
        ("NotifyEvent", {"generatedAt": NOON, "seqNo": 0, "eventData": []}, {}),
        ("ReportChargingProfiles", {"requestId": 1}, {}),
        ("ReservationStatusUpdate", {"reservationId": 1}, {}),
        ("SecurityEventNotification", {"type": "x", "timestamp": NOON}, {}),
        ("SignCertificate", {"csr": "x"}, {"status": "Rejected"}),
    ],
)
async def test_messages_that_stations_wait_for(
    charge_point: ScriptedStation, action: str, payload: Payload, answer: Payload
) -> None:
    assert await charge_point.call(action, payload) == answer


async def test_no_schedule_is_promised_to_a_car(
    charge_point: ScriptedStation, version: str
) -> None:
    answer = await charge_point.call("NotifyEVChargingNeeds", {"evseId": 1})
    assert answer == {"status": "NoChargingProfile" if version == "2.1" else "Rejected"}


async def test_a_vat_number_is_given_back(station: OcppStation, dial: Dial) -> None:
    charge_point = await dial(spoken="2.1")
    answer = await charge_point.call("VatNumberValidation", {"vatNumber": "LU1"})
    assert answer == {"vatNumber": "LU1", "status": "Rejected"}


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"transactionInfo": 7, "evse": "x", "idToken": [], "meterValue": {}},
        {"eventType": "Started", "transactionInfo": {"transactionId": "x" * 300}},
        {"eventType": "Ended", "transactionInfo": {"transactionId": 5}},
        {
            "meterValue": [
                7,
                {"sampledValue": [7, {"value": 1, "unitOfMeasure": {"multiplier": 99}}]},
            ]
        },
    ],
)
async def test_an_event_without_sense_is_answered(
    station: OcppStation, charge_point: ScriptedStation, payload: Payload
) -> None:
    await charge_point.call("TransactionEvent", payload)
    assert station.connectors[1].session is None
    assert station.online


async def test_fields_of_wrong_types_are_answered(charge_point: ScriptedStation) -> None:
    fields = (
        "evseId",
        "connectorId",
        "connectorStatus",
        "chargingStation",
        "chargingLimit",
        "chargingSchedule",
        "meterValue",
        "reportData",
        "requestId",
        "transactionInfo",
        "timestamp",
    )
    for action in sorted(BY_STATIONS):
        for value in WRONG:
            answer = await charge_point.exchange([2, "x", action, dict.fromkeys(fields, value)])
            assert answer[:2] == [3, "x"]
