"""Stations of OCPP 2.0.1 and 2.1 at a scripted central system."""

from datetime import timedelta
from typing import Any

import pytest

from simulator.plant.ev import CarModel
from simulator.plant.park import CarPark
from simulator.station.protocol import Protocol
from simulator.station.station import Station
from simulator.station.times import timestamp

from .conftest import StationMaker
from .csms import CentralSystem

QUICK = CarModel(start_delay=1, reaction=0, ramp_up=1, onboard=16)


@pytest.fixture(params=[Protocol.OCPP_2_0_1, Protocol.OCPP_2_1])
def protocol(request: pytest.FixtureRequest) -> Protocol:
    chosen: Protocol = request.param
    return chosen


@pytest.fixture
async def station(
    protocol: Protocol, new_station: StationMaker, csms: CentralSystem, url: str
) -> Station:
    csms.speak(protocol)
    station = new_station(protocol=protocol, offline_limits=True)
    await station.connect(url)
    return station


async def charge(station: Station, park: CarPark, outlet: str = "one") -> None:
    park.arrive(outlet, QUICK)
    await station.report()
    park.advance(10)
    await station.report()


async def running(station: Station, csms: CentralSystem, park: CarPark) -> str:
    """Charge and return the transaction's id."""
    await charge(station, park)
    return str(csms.events("Started")[-1]["transactionInfo"]["transactionId"])


def profile(park: CarPark, limit: float, **changes: Any) -> dict[str, Any]:
    """Return a permanent default profile; changes with `schedule_` go into its schedule."""
    duration = changes.get("schedule_duration")
    schedule: dict[str, Any] = {
        "id": 1,
        "chargingRateUnit": "A",
        "startSchedule": timestamp(park.now - timedelta(hours=0 if duration else 1)),
        "chargingSchedulePeriod": [{"startPeriod": 0, "limit": limit}],
    }
    schedule |= {k.removeprefix("schedule_"): v for k, v in changes.items() if "schedule_" in k}
    return {
        "id": 1,
        "stackLevel": 0,
        "chargingProfilePurpose": "TxDefaultProfile",
        "chargingProfileKind": "Absolute",
        "chargingSchedule": [{k: v for k, v in schedule.items() if v is not None}],
        **{k: v for k, v in changes.items() if "schedule_" not in k},
    }


async def install(
    csms: CentralSystem, park: CarPark, limit: float, *, evse: int = 1, **changes: Any
) -> str:
    """Return Accepted, or why not."""
    answer = await csms.ask(
        "SetChargingProfile", evseId=evse, chargingProfile=profile(park, limit, **changes)
    )
    status, info = answer["status"], answer.get("statusInfo", {})
    return str(info.get("reasonCode", status))


async def test_first_connection_boots_and_tells_every_status(
    station: Station, csms: CentralSystem
) -> None:
    (boot,) = csms.payloads("BootNotification")
    assert boot["reason"] == "PowerUp"
    assert boot["chargingStation"]["firmwareVersion"] == "1.0.0"
    statuses = csms.payloads("StatusNotification")
    assert [(s["evseId"], s["connectorId"], s["connectorStatus"]) for s in statuses] == [
        (1, 1, "Available"),
        (2, 1, "Available"),
    ]


async def test_a_session_from_arrival_to_departure(
    station: Station, csms: CentralSystem, park: CarPark
) -> None:
    await charge(station, park)
    park.leave("one")
    await station.report()
    assert csms.payloads("Authorize") == [{"idToken": {"idToken": "CAFE01", "type": "ISO14443"}}]
    events = csms.events()
    assert [(e["eventType"], e["triggerReason"]) for e in events] == [
        ("Started", "Authorized"),
        ("Updated", "MeterValuePeriodic"),
        ("Updated", "ChargingStateChanged"),
        ("Updated", "MeterValuePeriodic"),
        ("Ended", "EVDeparted"),
    ]
    assert [e["seqNo"] for e in events] == [0, 1, 2, 3, 4]
    assert len({e["transactionInfo"]["transactionId"] for e in events}) == 1
    assert events[0]["evse"] == {"id": 1, "connectorId": 1}
    assert events[0]["idToken"]["idToken"] == "CAFE01"
    assert events[2]["transactionInfo"]["chargingState"] == "Charging"
    assert events[2]["numberOfPhasesUsed"] == 3
    assert events[-1]["transactionInfo"]["stoppedReason"] == "EVDisconnected"
    statuses = [s["connectorStatus"] for s in csms.payloads("StatusNotification")]
    assert statuses[2:] == ["Occupied", "Available"]


async def test_samples_have_numbers_and_units(
    station: Station, csms: CentralSystem, park: CarPark
) -> None:
    await charge(station, park)
    park.advance(10)
    await station.report()
    (value,) = csms.events()[-1]["meterValue"]
    samples = {(s["measurand"], s.get("phase")): s for s in value["sampledValue"]}
    assert samples["Current.Import", "L1"]["value"] == 16
    assert samples["Current.Import", "L1"]["unitOfMeasure"] == {"unit": "A"}
    assert samples["Power.Active.Import", None]["value"] == 11_040
    assert samples["Current.Offered", None]["value"] == 32
    assert samples["Voltage", "L1-N"]["context"] == "Sample.Periodic"


async def test_meter_values_by_the_clock_are_for_idle_evses(
    station: Station, csms: CentralSystem, park: CarPark
) -> None:
    await station.report()
    assert await write(csms, "AlignedDataCtrlr", "Interval", "60") == "Accepted"
    await station.report()
    for _ in range(3):
        park.advance(40)
        await station.report()
    messages = csms.payloads("MeterValues")
    assert [m["evseId"] for m in messages] == [1, 2, 1, 2]
    context = messages[0]["meterValue"][0]["sampledValue"][0]["context"]
    assert context == "Sample.Clock"


async def test_events_of_offline_times_come_late_and_say_so(
    station: Station, csms: CentralSystem, park: CarPark
) -> None:
    await charge(station, park)
    told = len(csms.events())
    await station.disconnect()
    left_at = timestamp(park.now)
    park.leave("one")
    await station.report()
    park.advance(3600)
    await station.reconnect()
    late = csms.events()[told:]
    assert [(e["eventType"], e["offline"], e["timestamp"]) for e in late] == [
        ("Ended", True, left_at)
    ]
    assert [e["seqNo"] for e in csms.events()] == list(range(told + 1))
    assert len(csms.payloads("BootNotification")) == 1
    await charge(station, park)
    assert "offline" not in csms.events("Started")[-1] or not csms.events("Started")[-1]["offline"]


async def test_samples_of_offline_times_are_kept(
    station: Station, csms: CentralSystem, park: CarPark
) -> None:
    await charge(station, park)
    told = len(csms.events())
    await station.disconnect()
    for _ in range(3):
        park.advance(10)
        await station.report()
    await station.reconnect()
    late = csms.events()[told:]
    assert [e["triggerReason"] for e in late if e.get("offline")] == ["MeterValuePeriodic"] * 3
    assert len({e["timestamp"] for e in late}) == 3


async def test_an_event_is_repeated_after_an_error(
    station: Station, csms: CentralSystem, park: CarPark
) -> None:
    csms.answers["TransactionEvent"] = None
    park.arrive("one", QUICK)
    await station.report()
    csms.answers["TransactionEvent"] = {}
    await station.report()
    assert [e["seqNo"] for e in csms.events()][:3] == [0, 0, 1]


async def test_a_badge_that_is_refused_does_not_start(
    station: Station, csms: CentralSystem, park: CarPark
) -> None:
    csms.answers["Authorize"] = {"idTokenInfo": {"status": "Invalid"}}
    await charge(station, park)
    assert csms.events() == []
    assert len(csms.payloads("Authorize")) == 1


async def test_a_start_that_is_not_welcome_ends(
    station: Station, csms: CentralSystem, park: CarPark
) -> None:
    csms.answers["TransactionEvent"] = {"idTokenInfo": {"status": "Blocked"}}
    await charge(station, park)
    (end,) = csms.events("Ended")
    assert end["triggerReason"] == "Deauthorized"
    assert end["transactionInfo"]["stoppedReason"] == "DeAuthorized"
    assert park.outlets["one"].offered == 0


async def test_heartbeats(station: Station, csms: CentralSystem, park: CarPark) -> None:
    assert await write(csms, "OCPPCommCtrlr", "HeartbeatInterval", "20") == "Accepted"
    park.advance(20)
    await station.report()
    assert len(csms.payloads("Heartbeat")) == 1


async def write(csms: CentralSystem, component: str, name: str, value: str) -> str:
    """Return the status of one variable, with its reason if it has one."""
    item = {"component": {"name": component}, "variable": {"name": name}, "attributeValue": value}
    answer = await csms.ask("SetVariables", setVariableData=[item])
    (result,) = answer["setVariableResult"]
    reason = result.get("attributeStatusInfo", {}).get("reasonCode")
    return str(reason or result["attributeStatus"])


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


async def read(csms: CentralSystem, component: Any, name: str, **more: Any) -> Any:
    item = {"component": component, "variable": {"name": name}, **more}
    answer = await csms.ask("GetVariables", getVariableData=[item])
    return answer["getVariableResult"][0]


async def test_variables_are_read(station: Station, csms: CentralSystem) -> None:
    units = await read(csms, {"name": "SmartChargingCtrlr"}, "RateUnit")
    assert (units["attributeStatus"], units["attributeValue"]) == ("Accepted", "A,W")
    phases = await read(csms, {"name": "EVSE", "evse": {"id": 2}}, "SupplyPhases")
    assert phases["attributeValue"] == "1"
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


async def test_a_limit_is_followed_and_falls_back(
    station: Station, csms: CentralSystem, park: CarPark
) -> None:
    await charge(station, park)
    assert await install(csms, park, 6) == "Accepted"
    lease: dict[str, Any] = {
        "id": 2,
        "stackLevel": 1,
        "schedule_duration": 70,
        "validTo": timestamp(park.now + timedelta(seconds=60)),
    }
    assert await install(csms, park, 13.5, **lease) == "Accepted"
    park.advance(30)
    assert park.currents("garage").l1 == pytest.approx(13.5)
    await station.disconnect()
    park.advance(35)
    assert park.currents("garage").l1 == pytest.approx(6)


TX: dict[str, Any] = {"chargingProfilePurpose": "TxProfile"}
STATION: dict[str, Any] = {"chargingProfilePurpose": "ChargingStationMaxProfile"}


@pytest.mark.parametrize(
    ("evse", "changes", "reason"),
    [
        (9, {}, "UnknownEvse"),
        (1, {"stackLevel": 9}, "InvalidStackLevel"),
        (1, {**TX, "transactionId": "nobody's"}, "TxNotFound"),
        (1, TX, "InvalidProfile"),
        (0, {**TX, "transactionId": "x"}, "InvalidProfile"),
        (1, STATION, "InvalidProfile"),
        (0, {**STATION, "chargingProfileKind": "Relative"}, "InvalidProfile"),
        (1, {"chargingProfilePurpose": "ChargingStationExternalConstraints"}, "InvalidProfile"),
        (1, {"schedule_startSchedule": None}, "InvalidSchedule"),
        (1, {"chargingProfileKind": "Relative"}, "InvalidSchedule"),
        (1, {"chargingProfileKind": "Recurring"}, "InvalidSchedule"),
        (1, {"validTo": "tomorrow"}, "InvalidSchedule"),
        (
            1,
            {
                "schedule_chargingSchedulePeriod": [
                    {"startPeriod": 0, "limit": 6, "numberPhases": 1}
                ]
            },
            "InvalidSchedule",
        ),
        (
            2,
            {"schedule_chargingSchedulePeriod": [{"startPeriod": 0, "limit": 6, "phaseToUse": 2}]},
            "InvalidSchedule",
        ),
        (1, {"id": 3}, "DuplicateProfile"),
        (0, {"id": 3}, "DuplicateProfile"),
    ],
)
async def test_unfit_profiles_are_refused_with_a_reason(
    station: Station,
    csms: CentralSystem,
    park: CarPark,
    evse: int,
    changes: dict[str, Any],
    reason: str,
) -> None:
    assert await install(csms, park, 10) == "Accepted"
    assert await install(csms, park, 8, evse=evse, **{"id": 2, **changes}) == reason


async def test_two_schedules_are_for_iso_15118(
    station: Station, csms: CentralSystem, park: CarPark
) -> None:
    words = profile(park, 10)
    words["chargingSchedule"] *= 2
    answer = await csms.ask("SetChargingProfile", evseId=1, chargingProfile=words)
    assert answer["statusInfo"]["reasonCode"] == "InvalidSchedule"


async def test_the_store_is_finite(station: Station, csms: CentralSystem, park: CarPark) -> None:
    numbers = iter(range(1, 100))
    for evse, changes in ((1, {}), (2, {}), (0, STATION)):
        for level in range(9):
            more = {"id": next(numbers), "stackLevel": level, **changes}
            assert await install(csms, park, 8, evse=evse, **more) == "Accepted"
    transaction = await running(station, csms, park)
    answers = [
        await install(
            csms, park, 8, id=next(numbers), stackLevel=level, **TX, transactionId=transaction
        )
        for level in range(7)
    ]
    assert answers == ["Accepted"] * 5 + ["InvalidProfile"] * 2


async def test_the_lowest_of_all_purposes_counts(
    station: Station, csms: CentralSystem, park: CarPark
) -> None:
    transaction = await running(station, csms, park)
    assert await install(csms, park, 10) == "Accepted"
    assert await install(csms, park, 14, id=2, **TX, transactionId=transaction) == "Accepted"
    park.advance(5)
    assert park.outlets["one"].offered == 14
    assert await install(csms, park, 12, evse=0, id=3, **STATION) == "Accepted"
    park.advance(5)
    assert park.outlets["one"].offered == 12
    later = await csms.ask("GetCompositeSchedule", evseId=1, duration=60, chargingRateUnit="W")
    assert later["schedule"]["chargingSchedulePeriod"] == [{"startPeriod": 0, "limit": 8280}]
    everything = await csms.ask("GetCompositeSchedule", evseId=0, duration=60)
    assert everything["schedule"]["chargingSchedulePeriod"] == [{"startPeriod": 0, "limit": 24}]
    unknown = await csms.ask("GetCompositeSchedule", evseId=5, duration=60)
    assert unknown["status"] == "Rejected"


async def test_the_end_of_a_lease_shows_in_the_composite_schedule(
    station: Station, csms: CentralSystem, park: CarPark
) -> None:
    await install(csms, park, 6)
    end = timestamp(park.now + timedelta(seconds=40))
    await install(csms, park, 16, id=2, stackLevel=3, validTo=end, schedule_duration=50)
    answer = await csms.ask("GetCompositeSchedule", evseId=1, duration=90)
    assert answer["schedule"]["chargingSchedulePeriod"] == [
        {"startPeriod": 0, "limit": 16},
        {"startPeriod": 40, "limit": 6},
    ]


async def test_profiles_are_shown_and_cleared(
    station: Station, csms: CentralSystem, park: CarPark
) -> None:
    await install(csms, park, 6)
    await install(csms, park, 8, evse=2, id=2)
    await install(csms, park, 9, evse=2, id=3, stackLevel=1)

    async def show(**criteria: Any) -> list[tuple[int, list[int], bool]]:
        csms.heard.clear()
        answer = await csms.ask("GetChargingProfiles", requestId=4, **criteria)
        await station.report()
        reports = csms.payloads("ReportChargingProfiles")
        assert bool(reports) is (answer["status"] == "Accepted")
        return [(r["evseId"], [p["id"] for p in r["chargingProfile"]], r["tbc"]) for r in reports]

    assert await show(chargingProfile={}) == [(1, [1], True), (2, [2, 3], False)]
    assert await show(evseId=2, chargingProfile={"stackLevel": 1}) == [(2, [3], False)]
    assert await show(chargingProfile={"chargingProfileId": [1, 5]}) == [(1, [1], False)]
    assert await show(chargingProfile={"chargingLimitSource": ["EMS"]}) == []
    assert (await csms.ask("ClearChargingProfile", chargingProfileId=5))["status"] == "Unknown"
    assert (await csms.ask("ClearChargingProfile", chargingProfileId=1))["status"] == "Accepted"
    criteria = {"evseId": 2, "chargingProfilePurpose": "TxDefaultProfile", "stackLevel": 1}
    answer = await csms.ask("ClearChargingProfile", chargingProfileCriteria=criteria)
    assert answer["status"] == "Accepted"
    assert await show(chargingProfile={}) == [(2, [2], False)]


async def test_remote_start_and_stop(
    protocol: Protocol, new_station: StationMaker, csms: CentralSystem, park: CarPark, url: str
) -> None:
    csms.speak(protocol)
    station = new_station(badges={}, protocol=protocol)
    await station.connect(url)
    park.arrive("two", QUICK)
    token = {"idToken": "BEEF", "type": "Central"}
    relative = {"chargingProfileKind": "Relative", "schedule_startSchedule": None}
    answer = await csms.ask(
        "RequestStartTransaction",
        idToken=token,
        remoteStartId=42,
        chargingProfile=profile(park, 10, **TX, **relative),
    )
    assert answer["status"] == "Accepted"
    await station.report()
    (start,) = csms.events("Started")
    assert (start["evse"]["id"], start["triggerReason"]) == (2, "RemoteStart")
    assert start["transactionInfo"]["remoteStartId"] == 42
    assert csms.payloads("Authorize") == []
    park.advance(10)
    assert park.outlets["two"].offered == 10
    wrong = profile(park, 10, **TX)
    wrong["chargingSchedule"] *= 2
    answer = await csms.ask(
        "RequestStartTransaction", idToken=token, remoteStartId=1, evseId=1, chargingProfile=wrong
    )
    assert answer["statusInfo"]["reasonCode"] == "InvalidSchedule"
    identity = start["transactionInfo"]["transactionId"]
    assert await transaction_status(csms, identity) == (False, True)
    stop = await csms.ask("RequestStopTransaction", transactionId="nobody's")
    assert stop["status"] == "Rejected"
    stop = await csms.ask("RequestStopTransaction", transactionId=identity)
    assert stop["status"] == "Accepted"
    await station.report()
    assert csms.events("Ended")[0]["transactionInfo"]["stoppedReason"] == "Remote"
    assert await transaction_status(csms, identity) == (False, False)


async def transaction_status(csms: CentralSystem, transaction: str) -> tuple[bool, bool | None]:
    answer = await csms.ask("GetTransactionStatus", transactionId=transaction)
    return answer["messagesInQueue"], answer["ongoingIndicator"]


async def test_whether_messages_wait(station: Station, csms: CentralSystem, park: CarPark) -> None:
    assert await csms.ask("GetTransactionStatus") == {"messagesInQueue": False}
    csms.answers["TransactionEvent"] = None
    await charge(station, park)
    assert await csms.ask("GetTransactionStatus") == {"messagesInQueue": True}


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
    (event,) = csms.events()
    assert event["triggerReason"] == "Trigger"
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
    await csms.ask("RequestStopTransaction", transactionId="none")
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


async def test_offline_limits_of_2_1(
    new_station: StationMaker, csms: CentralSystem, park: CarPark, url: str
) -> None:
    csms.speak(Protocol.OCPP_2_1)
    station = new_station(protocol=Protocol.OCPP_2_1, offline_limits=True)
    await station.connect(url)
    await charge(station, park)
    await install(csms, park, 6)
    await install(csms, park, 16, id=2, stackLevel=1, maxOfflineDuration=40)
    await install(
        csms, park, 15, id=3, stackLevel=2, maxOfflineDuration=20, invalidAfterOfflineDuration=True
    )
    offers = []
    await station.disconnect()
    for _ in range(3):
        park.advance(15)
        offers.append(park.outlets["one"].offered)
    await station.reconnect()
    park.advance(1)
    assert [*offers, park.outlets["one"].offered] == [15, 16, 6, 16]


async def test_offline_limits_are_an_option(
    new_station: StationMaker, csms: CentralSystem, park: CarPark, url: str
) -> None:
    csms.speak(Protocol.OCPP_2_1)
    station = new_station(protocol=Protocol.OCPP_2_1)
    await station.connect(url)
    answer = await read(csms, {"name": "SmartChargingCtrlr"}, "SupportsMaxOfflineDuration")
    assert answer["attributeValue"] == "false"
    await charge(station, park)
    await install(csms, park, 16, maxOfflineDuration=0)
    await station.disconnect()
    park.advance(60)
    assert park.outlets["one"].offered == 16


async def test_kinds_and_periods_of_2_1_that_it_does_not_know(
    new_station: StationMaker, csms: CentralSystem, park: CarPark, url: str
) -> None:
    csms.speak(Protocol.OCPP_2_1)
    await new_station(protocol=Protocol.OCPP_2_1).connect(url)
    assert await install(csms, park, 8, chargingProfileKind="Dynamic") == "InvalidProfile"
    assert (
        await install(csms, park, 8, chargingProfilePurpose="LocalGeneration") == "InvalidProfile"
    )
    without = [{"startPeriod": 0}]
    reason = await install(csms, park, 8, schedule_chargingSchedulePeriod=without)
    assert reason == "InvalidSchedule"
