"""The messages of charging stations, by version of OCPP."""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar, Final, override

type Payload = dict[str, Any]

_VOLTAGE: Final = 230.0
_SETTINGS: Final = {
    "ChargeProfileMaxStackLevel": "10",
    "ChargingScheduleAllowedChargingRateUnit": "Current,Power",
    "ChargingScheduleMaxPeriods": "24",
    "MaxChargingProfilesInstalled": "10",
    "NumberOfConnectors": "1",
}
_IDENTITY: Final = {"vendorName": "Acme", "model": "One"}


class Dialect(ABC):
    """How a station says what it has to say."""

    subprotocol: ClassVar[str]

    @abstractmethod
    def introduction(self) -> list[tuple[str, Payload]]:
        """Return the calls of a station that has just connected, with a car plugged in."""

    @abstractmethod
    def begin(self, number: int) -> tuple[str, Payload]:
        """Return the call that begins a station's transaction."""

    @abstractmethod
    def metering(self, number: int, result: Payload) -> Metering:
        """Return how a transaction's samples are sent, given the answer to its begin."""

    @abstractmethod
    def answer(self, action: str, payload: Payload) -> Payload:
        """Return the answer to a command of the central system."""

    @abstractmethod
    def limit(self, payload: Payload) -> float:
        """Return the limit in A of a SetChargingProfile."""


type Metering = Callable[[float, float], tuple[str, Payload]]
"""From a current in A and an energy in Wh to a call."""


class V16(Dialect):
    """OCPP 1.6J."""

    subprotocol = "ocpp1.6"

    @override
    def introduction(self) -> list[tuple[str, Payload]]:
        status = {"connectorId": 1, "errorCode": "NoError", "status": "Charging"}
        return [
            ("BootNotification", {"chargePointVendor": "Acme", "chargePointModel": "One"}),
            ("StatusNotification", status),
        ]

    @override
    def begin(self, number: int) -> tuple[str, Payload]:
        start = {"connectorId": 1, "idTag": f"B{number}", "meterStart": 0, "timestamp": _now()}
        return "StartTransaction", start

    @override
    def metering(self, number: int, result: Payload) -> Metering:
        def values(current: float, energy: float) -> tuple[str, Payload]:
            sample = {"timestamp": _now(), "sampledValue": _samples_16(current, energy)}
            return "MeterValues", {
                "connectorId": 1,
                "transactionId": result["transactionId"],
                "meterValue": [sample],
            }

        return values

    @override
    def answer(self, action: str, payload: Payload) -> Payload:
        if action != "GetConfiguration":
            return {"status": "Accepted"}
        settings = [
            {"key": key, "readonly": True, "value": value} for key, value in _SETTINGS.items()
        ]
        return {"configurationKey": settings}

    @override
    def limit(self, payload: Payload) -> float:
        schedule = payload["csChargingProfiles"]["chargingSchedule"]
        return float(schedule["chargingSchedulePeriod"][0]["limit"])


class V201(Dialect):
    """OCPP 2.0.1."""

    subprotocol = "ocpp2.0.1"

    @override
    def introduction(self) -> list[tuple[str, Payload]]:
        status = {
            "timestamp": _now(),
            "connectorStatus": "Occupied",
            "evseId": 1,
            "connectorId": 1,
        }
        return [
            ("BootNotification", {"reason": "PowerUp", "chargingStation": _IDENTITY}),
            ("StatusNotification", status),
        ]

    @override
    def begin(self, number: int) -> tuple[str, Payload]:
        return "TransactionEvent", _event("Started", number, 0, 0.0, 0.0)

    @override
    def metering(self, number: int, result: Payload) -> Metering:
        sent = 0

        def values(current: float, energy: float) -> tuple[str, Payload]:
            nonlocal sent
            sent += 1
            return "TransactionEvent", _event("Updated", number, sent, current, energy)

        return values

    @override
    def answer(self, action: str, payload: Payload) -> Payload:
        match action:
            case "GetVariables":
                missing = {"attributeStatus": "UnknownVariable"}
                return {"getVariableResult": _named(payload["getVariableData"], missing)}
            case "SetVariables":
                taken = {"attributeStatus": "Accepted"}
                return {"setVariableResult": _named(payload["setVariableData"], taken)}
        return {"status": "Accepted"}

    @override
    def limit(self, payload: Payload) -> float:
        schedule = payload["chargingProfile"]["chargingSchedule"][0]
        return float(schedule["chargingSchedulePeriod"][0]["limit"])


DIALECTS: Final[Mapping[str, Dialect]] = {"1.6": V16(), "2.0.1": V201()}


def frame(kind: int, call_id: str, *content: object) -> str:
    """Return a message of OCPP-J."""
    return json.dumps([kind, call_id, *content], separators=(",", ":"))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _samples(current: float, energy: float) -> list[tuple[str, str | None, float, str]]:
    """Return ten samples: measurand, phase, value and unit."""
    phases = ("L1", "L2", "L3")
    return [
        *(("Current.Import", phase, current, "A") for phase in phases),
        *(("Voltage", f"{phase}-N", _VOLTAGE, "V") for phase in phases),
        ("Power.Active.Import", None, 3 * current * _VOLTAGE, "W"),
        ("Energy.Active.Import.Register", None, energy, "Wh"),
        ("Current.Offered", None, current, "A"),
        ("Temperature", None, 31.0, "Celsius"),
    ]


def _samples_16(current: float, energy: float) -> list[Payload]:
    return [
        {"measurand": measurand, "value": f"{value:.1f}", "unit": unit}
        | ({} if phase is None else {"phase": phase})
        for measurand, phase, value, unit in _samples(current, energy)
    ]


def _samples_201(current: float, energy: float) -> list[Payload]:
    return [
        {"measurand": measurand, "value": round(value, 1), "unitOfMeasure": {"unit": unit}}
        | ({} if phase is None else {"phase": phase})
        for measurand, phase, value, unit in _samples(current, energy)
        if measurand != "Temperature"  # 2.0.1 has no such measurand
    ]


def _event(kind: str, number: int, sequence: int, current: float, energy: float) -> Payload:
    return {
        "eventType": kind,
        "timestamp": _now(),
        "triggerReason": "MeterValuePeriodic" if sequence else "CablePluggedIn",
        "seqNo": sequence,
        "transactionInfo": {"transactionId": f"T{number}", "chargingState": "Charging"},
        "evse": {"id": 1, "connectorId": 1},
        "idToken": {"idToken": f"B{number}", "type": "ISO14443"},
        "meterValue": [{"timestamp": _now(), "sampledValue": _samples_201(current, energy)}],
    }


def _named(items: list[Payload], result: Payload) -> list[Payload]:
    return [
        {"component": item["component"], "variable": item["variable"]} | result for item in items
    ]
