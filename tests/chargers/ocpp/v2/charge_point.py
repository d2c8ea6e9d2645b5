"""A charging station on loopback that speaks OCPP 2.0.1 or 2.1, and does as a test tells it."""

from dataclasses import dataclass
from typing import Any, Self, override

from aiohttp import ClientSession, ClientWebSocketResponse

from tests.chargers.ocpp.charge_point import Received, ScriptedChargePoint

type Payload = dict[str, Any]

NOON = "2026-07-01T12:00:00Z"


@dataclass(frozen=True)
class Received2(Received):
    """A command of the central system."""

    @property
    @override
    def profile(self) -> Payload:
        profile: Payload = self.payload["chargingProfile"]
        return profile

    @property
    @override
    def limit(self) -> float:
        (schedule,) = self.profile["chargingSchedule"]
        limit: float = schedule["chargingSchedulePeriod"][0]["limit"]
        return limit


def amps(number: float, phase: str = "L1", **fields: Any) -> Payload:
    return {"value": number, "measurand": "Current.Import", "phase": phase} | fields


def register(number: float, **fields: Any) -> Payload:
    return {"value": number, "measurand": "Energy.Active.Import.Register"} | fields


class ScriptedStation(ScriptedChargePoint):
    """Speaks OCPP 2; it has the variables that it is given, by `Component.Variable`."""

    received_as = Received2

    def __init__(self, socket: ClientWebSocketResponse, version: str) -> None:
        super().__init__(socket)
        self.version = version
        self.variables = {
            "SmartChargingCtrlr.ProfileStackLevel": "8",
            "SmartChargingCtrlr.RateUnit": "A,W",
            "SampledDataCtrlr.TxUpdatedMeasurands": "Current.Import",
        }
        self.script["GetVariables"] = self._get_variables
        self.script["SetVariables"] = self._set_variables

    @classmethod
    async def dial(cls, session: ClientSession, url: str, version: str, **options: Any) -> Self:
        socket = await session.ws_connect(
            url, protocols=(f"ocpp{version}",), autoping=False, max_msg_size=0, **options
        )
        return cls(socket, version)

    @override
    async def boot(self, **fields: str) -> Payload:
        identity = {"vendorName": "Acme", "model": "Two"} | fields
        return await self.call(
            "BootNotification", {"reason": "PowerUp", "chargingStation": identity}
        )

    @override
    async def status(self, status: str, connector: int = 1, **fields: Any) -> None:
        defaults = {
            "timestamp": NOON,
            "connectorStatus": status,
            "evseId": connector,
            "connectorId": 1,
        }
        await self.call("StatusNotification", defaults | fields)

    @override
    async def meter(self, *values: Payload, connector: int = 1, **fields: Any) -> None:
        timestamp = fields.pop("timestamp", NOON)
        meter_value = [{"timestamp": timestamp, "sampledValue": list(values)}]
        await self.call("MeterValues", {"evseId": connector, "meterValue": meter_value} | fields)

    async def event(
        self,
        kind: str,
        *values: Payload,
        transaction: str = "T1",
        state: str | None = None,
        evse: int | None = 1,
        timestamp: str = NOON,
        **fields: Any,
    ) -> Payload:
        """Tell of a transaction."""
        info: Payload = {"transactionId": transaction}
        payload: Payload = {
            "eventType": kind,
            "timestamp": timestamp,
            "triggerReason": "ChargingStateChanged",
            "seqNo": 0,
            "transactionInfo": info | ({} if state is None else {"chargingState": state}),
        }
        if evse is not None:
            payload["evse"] = {"id": evse, "connectorId": 1}
        if values:
            payload["meterValue"] = [{"timestamp": timestamp, "sampledValue": list(values)}]
        return await self.call("TransactionEvent", payload | fields)

    @property
    def set_variables(self) -> dict[str, str]:
        """Return what the central system has set."""
        return {
            f"{item['component']['name']}.{item['variable']['name']}": item["attributeValue"]
            for command in self.commands("SetVariables")
            for item in command.payload["setVariableData"]
        }

    def _get_variables(self, payload: Payload) -> Payload:
        results = [self._result(item) for item in payload["getVariableData"]]
        return {"getVariableResult": results[::-1]}

    def _result(self, item: Payload) -> Payload:
        value = self.variables.get(name_of(item))
        if value is None:
            return item | {"attributeStatus": "UnknownVariable"}
        return item | {"attributeStatus": "Accepted", "attributeValue": value}

    def _set_variables(self, payload: Payload) -> Payload:
        items = payload["setVariableData"]
        self.variables |= {name_of(item): item["attributeValue"] for item in items}
        return set_result(payload, "Accepted")


def name_of(item: Payload) -> str:
    """Return the name of a variable, as tests write it."""
    instance = item["variable"].get("instance")
    name = f"{item['component']['name']}.{item['variable']['name']}"
    return name if instance is None else f"{name}[{instance}]"


def set_result(payload: Payload, status: str) -> Payload:
    """Return the answer to SetVariables."""
    return {
        "setVariableResult": [
            {
                "attributeStatus": status,
                "component": item["component"],
                "variable": item["variable"],
            }
            for item in payload["setVariableData"]
        ]
    }
