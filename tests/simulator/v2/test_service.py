"""The device model and the service of stations that speak OCPP 2.x."""

from datetime import timedelta
from typing import Any

from simulator.plant.park import CarPark
from simulator.station.protocol import Protocol
from simulator.station.station import Station
from simulator.station.times import timestamp

from ..csms import CentralSystem
from .messages import charge, install, read, write


async def test_heartbeats(station: Station, csms: CentralSystem, park: CarPark) -> None:
    assert await write(csms, "OCPPCommCtrlr", "HeartbeatInterval", "20") == "Accepted"
    park.advance(20)
    await station.report()
    assert len(csms.payloads("Heartbeat")) == 1


async def test_variables_are_changed_or_not(station: Station, csms: CentralSystem) -> None:
    assert await write(csms, "SampledDataCtrlr", "TxUpdatedInterval", "5") == "Accepted"
    assert station.cabinet.preferences.sample_interval == 5
    assert await write(csms, "SampledDataCtrlr", "TxUpdatedInterval", "soon") == "InvalidValue"
    assert await write(csms, "SampledDataCtrlr", "TxUpdatedMeasurands", "Magic") == "InvalidValue"
    assert await write(csms, "AuthCtrlr", "LocalAuthorizeOffline", "false") == "Accepted"
    assert await write(csms, "AuthCtrlr", "LocalAuthorizeOffline", "perhaps") == "InvalidValue"
    assert await write(csms, "SmartChargingCtrlr", "ProfileStackLevel", "9") == "ReadOnly"
    assert await write(csms, "OCPPCommCtrlr", "WebSocketPingInterval", "30") == "RebootRequired"
    assert await write(csms, "SmartChargingCtrlr", "Magic", "1") == "UnknownVariable"
    assert await write(csms, "MagicCtrlr", "Enabled", "1") == "UnknownComponent"


async def test_variables_are_read(station: Station, csms: CentralSystem) -> None:
    units = await read(csms, {"name": "SmartChargingCtrlr"}, "RateUnit")
    assert (units["attributeStatus"], units["attributeValue"]) == ("Accepted", "A,W")
    phases = await read(csms, {"name": "EVSE", "evse": {"id": 2}}, "SupplyPhases")
    assert phases["attributeValue"] == "1"
    state = await read(
        csms, {"name": "Connector", "evse": {"id": 1, "connectorId": 1}}, "AvailabilityState"
    )
    assert state["attributeValue"] == "Available"
    clock = await read(csms, {"name": "ClockCtrlr"}, "DateTime")
    assert clock["attributeValue"] == "2026-06-21T12:00:00.000Z"
    secret = await read(csms, {"name": "SecurityCtrlr"}, "BasicAuthPassword")
    assert secret["attributeStatus"] == "Rejected"
    target = await read(csms, {"name": "EVSE", "evse": {"id": 2}}, "Power", attributeType="Target")
    assert target["attributeStatus"] == "NotSupportedAttributeType"
    item = {"component": {"name": "EVSE"}, "variable": {"name": "Power"}}
    many = await csms.ask("GetVariables", getVariableData=[item] * 17)
    assert many == "OccurrenceConstraintViolation"


async def test_a_report_comes_in_parts(
    station: Station, csms: CentralSystem, protocol: Protocol
) -> None:
    answer = await csms.ask("GetBaseReport", requestId=7, reportBase="FullInventory")
    assert answer["status"] == "Accepted"
    await station.report()
    parts = csms.payloads("NotifyReport")
    assert [(p["seqNo"], p["tbc"]) for p in parts] == [
        (number, number < len(parts) - 1) for number in range(len(parts))
    ]
    assert len(parts) > 2
    assert {p["requestId"] for p in parts} == {7}
    found = {
        (d["component"]["name"], d["variable"]["name"]): d for p in parts for d in p["reportData"]
    }
    limit = found["EVSE", "Power"]["variableCharacteristics"]["maxLimit"]
    assert limit == 20 * 230
    supports = ("SmartChargingCtrlr", "SupportsMaxOfflineDuration") in found
    assert supports is (protocol is Protocol.OCPP_2_1)
    assert "value" not in found["SecurityCtrlr", "BasicAuthPassword"]["variableAttribute"][0]


async def test_other_reports(station: Station, csms: CentralSystem) -> None:
    answer = await csms.ask("GetBaseReport", requestId=8, reportBase="ConfigurationInventory")
    assert answer["status"] == "Accepted"
    await station.report()
    data = [d for p in csms.payloads("NotifyReport") for d in p["reportData"]]
    assert {d["variableAttribute"][0]["mutability"] for d in data} == {"ReadWrite"}
    summary = await csms.ask("GetBaseReport", requestId=9, reportBase="SummaryInventory")
    assert summary["status"] == "NotSupported"


async def test_triggered_messages(station: Station, csms: CentralSystem, park: CarPark) -> None:
    await charge(station, park)
    wanted = ["Heartbeat", "StatusNotification", "MeterValues", "TransactionEvent"]
    wanted += ["FirmwareStatusNotification", "LogStatusNotification", "BootNotification"]
    csms.heard.clear()
    for message in wanted:
        answer = await csms.ask("TriggerMessage", requestedMessage=message, evse={"id": 1})
        assert answer["status"] == "Accepted"
    await station.report()
    assert [name for name, _ in csms.heard if name != "TransactionEvent"] == [
        name for name in wanted if name != "TransactionEvent"
    ]
    assert [event["triggerReason"] for event in csms.events()].count("Trigger") == 1
    assert csms.payloads("BootNotification")[0]["reason"] == "Triggered"
    other = await csms.ask("TriggerMessage", requestedMessage="SignV2GCertificate")
    assert other["status"] == "NotImplemented"
    nobody = await csms.ask("TriggerMessage", requestedMessage="MeterValues", evse={"id": 7})
    assert nobody["status"] == "Rejected"
    csms.heard.clear()
    await csms.ask("TriggerMessage", requestedMessage="TransactionEvent", evse={"id": 2})
    await station.report()
    assert csms.events() == []


async def test_reset_at_once(station: Station, csms: CentralSystem, park: CarPark) -> None:
    await charge(station, park)
    await install(csms, park, 8)
    assert (await csms.ask("Reset", type="Immediate", evseId=1))["status"] == "Rejected"
    assert (await csms.ask("Reset", type="Immediate"))["status"] == "Accepted"
    await station.report()
    (end,) = csms.events("Ended")
    assert end["transactionInfo"]["stoppedReason"] == "ImmediateReset"
    assert [b["reason"] for b in csms.payloads("BootNotification")] == ["PowerUp", "RemoteReset"]
    await station.report()
    park.advance(5)
    assert park.outlets["one"].offered == 8


async def test_reset_when_idle(station: Station, csms: CentralSystem, park: CarPark) -> None:
    await charge(station, park)
    assert (await csms.ask("Reset", type="OnIdle"))["status"] == "Scheduled"
    await station.report()
    assert len(csms.payloads("BootNotification")) == 1
    park.leave("one")
    await station.report()
    await station.report()
    assert csms.payloads("BootNotification")[-1]["reason"] == "ScheduledReset"
    assert (await csms.ask("Reset", type="OnIdle"))["status"] == "Accepted"


async def test_availability(station: Station, csms: CentralSystem) -> None:
    out = await csms.ask("ChangeAvailability", operationalStatus="Inoperative", evse={"id": 2})
    assert out["status"] == "Accepted"
    await station.report()
    assert csms.payloads("StatusNotification")[-1]["connectorStatus"] == "Unavailable"
    back = await csms.ask("ChangeAvailability", operationalStatus="Operative")
    assert back["status"] == "Accepted"
    await station.report()
    assert csms.payloads("StatusNotification")[-1]["connectorStatus"] == "Available"


async def test_unlocking_waits_for_no_transaction(
    station: Station, csms: CentralSystem, park: CarPark
) -> None:
    async def unlock(evse: int) -> str:
        answer = await csms.ask("UnlockConnector", evseId=evse, connectorId=1)
        return str(answer["status"])

    assert await unlock(1) == "Unlocked"
    assert await unlock(3) == "UnknownConnector"
    await charge(station, park)
    assert await unlock(1) == "OngoingAuthorizedTransaction"


async def send_list(csms: CentralSystem, version: int, kind: str, **badges: str | None) -> str:
    entries = [
        {"idToken": {"idToken": badge, "type": "ISO14443"}}
        | ({"idTokenInfo": {"status": status}} if status else {})
        for badge, status in badges.items()
    ]
    answer = await csms.ask(
        "SendLocalList",
        versionNumber=version,
        updateType=kind,
        localAuthorizationList=entries,
    )
    return str(answer["status"])


async def test_the_local_list_decides_offline(
    station: Station, csms: CentralSystem, park: CarPark
) -> None:
    assert await send_list(csms, 3, "Full", CAFE01="Blocked") == "Accepted"
    assert await send_list(csms, 3, "Differential", CAFE01="Accepted") == "VersionMismatch"
    assert await csms.ask("GetLocalListVersion") == {"versionNumber": 3}
    await station.disconnect()
    await charge(station, park)
    assert station.connectors[1].transaction is None
    await station.reconnect()
    assert csms.events("Started")
    assert await send_list(csms, 4, "Differential", CAFE01=None) == "Accepted"
    entries = await read(csms, {"name": "LocalAuthListCtrlr"}, "Entries")
    assert entries["attributeValue"] == "0"


async def test_a_reservation_is_for_its_badge(
    station: Station, csms: CentralSystem, park: CarPark
) -> None:
    async def reserve(badge: str, **more: Any) -> str:
        answer = await csms.ask(
            "ReserveNow",
            id=5,
            expiryDateTime=timestamp(park.now + timedelta(minutes=5)),
            idToken={"idToken": badge, "type": "ISO14443"},
            **more,
        )
        return str(answer["status"])

    assert await reserve("CAFE01") == "Rejected"
    assert await reserve("CAFE01", evseId=1) == "Accepted"
    await station.report()
    assert csms.payloads("StatusNotification")[-1]["connectorStatus"] == "Reserved"
    await charge(station, park)
    assert csms.events("Started")[0]["reservationId"] == 5
    assert (await csms.ask("CancelReservation", reservationId=5))["status"] == "Rejected"


async def test_the_cache_and_unknown_actions(
    station: Station, csms: CentralSystem, protocol: Protocol
) -> None:
    assert (await csms.ask("ClearCache"))["status"] == "Rejected"
    answer = await csms.ask("CustomerInformation", requestId=1, report=True, clear=False)
    assert answer == "NotImplemented"
