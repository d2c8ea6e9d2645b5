import base64
import logging
from datetime import timedelta
from typing import Any

import pytest

from simulator.plant.ev import CarModel
from simulator.plant.park import CarPark
from simulator.station.link import LinkClosed
from simulator.station.station import Station
from simulator.station.times import timestamp

from .conftest import StationMaker, until
from .csms import ANSWERS, CentralSystem

QUICK = CarModel(start_delay=1, reaction=0, ramp_up=1, onboard=16)


async def charge(station: Station, park: CarPark, outlet: str = "one") -> None:
    """Let a car come and charge."""
    park.arrive(outlet, QUICK)
    await station.report()
    park.advance(10)
    await station.report()


def profile(park: CarPark, limit: float, *, seconds: int | None = None, **more: Any) -> Any:
    schedule = {
        "chargingRateUnit": "A",
        "startSchedule": timestamp(park.now),
        "chargingSchedulePeriod": [{"startPeriod": 0, "limit": limit}],
    }
    until = {} if seconds is None else {"validTo": timestamp(park.now + timedelta(seconds=seconds))}
    return {
        "chargingProfileId": 10 + (seconds is not None),
        "stackLevel": int(seconds is not None),
        "chargingProfilePurpose": "TxDefaultProfile",
        "chargingProfileKind": "Absolute",
        "chargingSchedule": schedule | ({} if seconds is None else {"duration": seconds}),
        **until,
        **more,
    }


async def set_profile(csms: CentralSystem, park: CarPark, limit: float, **more: Any) -> str:
    connector = more.pop("connector", 1)
    answer = await csms.ask(
        "SetChargingProfile",
        connectorId=connector,
        csChargingProfiles=profile(park, limit, **more),
    )
    return str(answer["status"])


async def test_first_connection_boots_and_tells_every_status(
    station: Station, csms: CentralSystem
) -> None:
    assert [action for action, _ in csms.heard] == [
        "BootNotification",
        *["StatusNotification"] * 3,
    ]
    assert [csms.statuses(n) for n in (0, 1, 2)] == [["Available"]] * 3
    assert csms.path == "/ocpp/GARAGE%201"
    assert csms.authorization is None
    assert station.online


async def test_password_is_sent_as_basic_auth(
    new_station: StationMaker, csms: CentralSystem, url: str
) -> None:
    secret = "secret word of it"
    await new_station(password=secret).connect(url)
    assert csms.authorization is not None
    kind, text = csms.authorization.split()
    assert (kind, base64.b64decode(text)) == ("Basic", b"GARAGE 1:secret word of it")


async def test_a_session_from_arrival_to_departure(
    station: Station, csms: CentralSystem, park: CarPark
) -> None:
    await charge(station, park)
    park.leave("one")
    await station.report()
    await station.report()
    assert csms.statuses() == [
        "Available",
        "Preparing",
        "SuspendedEV",
        "Charging",
        "Finishing",
        "Available",
    ]
    (start,) = csms.payloads("StartTransaction")
    assert (start["connectorId"], start["idTag"], start["meterStart"]) == (1, "CAFE01", 0)
    (stop,) = csms.payloads("StopTransaction")
    assert (stop["transactionId"], stop["reason"]) == (1, "EVDisconnected")
    assert stop["meterStop"] == round(park.outlets["one"].energy) > 0


async def test_a_full_car_is_suspended(
    station: Station, csms: CentralSystem, park: CarPark
) -> None:
    park.arrive("one", CarModel(start_delay=0, stored=59_999))
    await station.report()
    park.advance(20)
    await station.report()
    assert csms.statuses()[-1] == "SuspendedEV"


async def test_meter_values_at_the_interval(
    station: Station, csms: CentralSystem, park: CarPark
) -> None:
    await charge(station, park)
    before = len(csms.payloads("MeterValues"))
    for _ in range(10):
        park.advance(2)
        await station.report()
    assert len(csms.payloads("MeterValues")) == before + 2
    message = csms.payloads("MeterValues")[-1]
    assert message["transactionId"] == 1
    (value,) = message["meterValue"]
    samples = {(s["measurand"], s.get("phase")): s["value"] for s in value["sampledValue"]}
    assert samples == {
        ("Current.Import", "L1"): "16.00",
        ("Current.Import", "L2"): "16.00",
        ("Current.Import", "L3"): "16.00",
        ("Voltage", "L1-N"): "230.0",
        ("Voltage", "L2-N"): "230.0",
        ("Voltage", "L3-N"): "230.0",
        ("Power.Active.Import", None): "11040",
        ("Energy.Active.Import.Register", None): f"{park.outlets['one'].energy:.0f}",
        ("Current.Offered", None): "32.0",
    }


async def test_one_phase_outlet_has_one_terminal(
    new_station: StationMaker, csms: CentralSystem, park: CarPark, url: str
) -> None:
    station = new_station(badges={2: "CAFE02"})
    await station.connect(url)
    await charge(station, park, "two")
    samples = csms.payloads("MeterValues")[-1]["meterValue"][0]["sampledValue"]
    assert [s["phase"] for s in samples if s["measurand"] == "Current.Import"] == ["L1"]


async def test_setpoint_is_followed_and_zero_pauses(
    station: Station, csms: CentralSystem, park: CarPark
) -> None:
    await charge(station, park)
    assert await set_profile(csms, park, 10.5) == "Accepted"
    park.advance(5)
    assert tuple(park.currents("garage")) == pytest.approx((10.5, 10.5, 10.5))
    assert await set_profile(csms, park, 0) == "Accepted"
    park.advance(5)
    await station.report()
    assert csms.statuses()[-1] == "SuspendedEVSE"
    assert max(park.currents("garage")) == 0


async def test_lease_expires_by_the_stations_clock_while_offline(
    station: Station, csms: CentralSystem, park: CarPark
) -> None:
    await set_profile(csms, park, 6)
    await charge(station, park)
    await set_profile(csms, park, 14, seconds=60)
    park.advance(30)
    assert park.currents("garage").l1 == pytest.approx(14)
    await station.disconnect()
    park.advance(29)
    assert park.currents("garage").l1 == pytest.approx(14)
    park.advance(2)
    assert park.currents("garage").l1 == pytest.approx(6)


async def test_station_limit_is_shared_by_those_who_charge(
    new_station: StationMaker, csms: CentralSystem, park: CarPark, url: str
) -> None:
    station = new_station(badges={1: "CAFE01", 2: "CAFE02"})
    await station.connect(url)
    await charge(station, park)
    purpose = {"chargingProfilePurpose": "ChargePointMaxProfile"}
    assert await set_profile(csms, park, 16, connector=0, **purpose) == "Accepted"
    assert await set_profile(csms, park, 16, connector=1, **purpose) == "Rejected"
    park.advance(5)
    assert park.outlets["one"].offered == 16
    await charge(station, park, "two")
    assert (park.outlets["one"].offered, park.outlets["two"].offered) == (8, 8)


async def test_transaction_profiles_need_their_transaction(
    station: Station, csms: CentralSystem, park: CarPark
) -> None:
    tx = {"chargingProfilePurpose": "TxProfile"}
    assert await set_profile(csms, park, 8, **tx) == "Rejected"
    await charge(station, park)
    assert await set_profile(csms, park, 8, **tx, transactionId=2) == "Rejected"
    assert await set_profile(csms, park, 8, **tx, transactionId=1) == "Accepted"
    assert await set_profile(csms, park, 8, connector=3) == "Rejected"
    assert await set_profile(csms, park, 8, stackLevel=99) == "Rejected"


async def test_clearing_profiles_ends_the_limit(
    station: Station, csms: CentralSystem, park: CarPark
) -> None:
    await charge(station, park)
    await set_profile(csms, park, 8)
    assert await csms.ask("ClearChargingProfile", id=99) == {"status": "Unknown"}
    assert await csms.ask("ClearChargingProfile", id=10) == {"status": "Accepted"}
    park.advance(1)
    assert park.outlets["one"].offered == 32


async def test_composite_schedule_tells_what_will_hold(
    station: Station, csms: CentralSystem, park: CarPark
) -> None:
    await charge(station, park)
    await set_profile(csms, park, 6)
    await set_profile(csms, park, 13.8, seconds=60)
    answer = await csms.ask("GetCompositeSchedule", connectorId=1, duration=300)
    assert answer["chargingSchedule"]["chargingSchedulePeriod"] == [
        {"startPeriod": 0, "limit": 13.8},
        {"startPeriod": 60, "limit": 6.0},
    ]
    answer = await csms.ask(
        "GetCompositeSchedule", connectorId=1, duration=30, chargingRateUnit="W"
    )
    assert answer["chargingSchedule"]["chargingSchedulePeriod"] == [
        {"startPeriod": 0, "limit": 9522.0}
    ]
    answer = await csms.ask("GetCompositeSchedule", connectorId=9, duration=30)
    assert answer == {"status": "Rejected"}


async def test_configuration_is_read_and_changed(
    station: Station, csms: CentralSystem, park: CarPark
) -> None:
    answer = await csms.ask("GetConfiguration", key=["NumberOfConnectors", "Nonsense"])
    assert answer["configurationKey"] == [
        {"key": "NumberOfConnectors", "value": "2", "readonly": True}
    ]
    assert answer["unknownKey"] == ["Nonsense"]
    assert len((await csms.ask("GetConfiguration"))["configurationKey"]) > 10

    async def change(key: str, value: str) -> str:
        return str((await csms.ask("ChangeConfiguration", key=key, value=value))["status"])

    assert await change("MeterValueSampleInterval", "2") == "Accepted"
    assert await change("MeterValueSampleInterval", "-2") == "Rejected"
    assert await change("MeterValuesSampledData", "Current.Import,Nonsense") == "Rejected"
    assert await change("MeterValuesSampledData", "Current.Offered") == "Accepted"
    assert await change("NumberOfConnectors", "3") == "Rejected"
    assert await change("Nonsense", "3") == "NotSupported"
    await charge(station, park)
    before = len(csms.payloads("MeterValues"))
    park.advance(2)
    await station.report()
    messages = csms.payloads("MeterValues")
    assert len(messages) == before + 1
    assert [s["measurand"] for s in messages[-1]["meterValue"][0]["sampledValue"]] == [
        "Current.Offered"
    ]


async def test_triggered_messages_come_with_the_next_report(
    station: Station, csms: CentralSystem
) -> None:
    wanted = ["BootNotification", "Heartbeat", "StatusNotification", "MeterValues"]
    for message in wanted:
        assert await csms.ask("TriggerMessage", requestedMessage=message, connectorId=1) == {
            "status": "Accepted"
        }
    csms.heard.clear()
    await station.report()
    assert [action for action, _ in csms.heard] == wanted
    assert "transactionId" not in csms.payloads("MeterValues")[0]
    for message in ("FirmwareStatusNotification", "DiagnosticsStatusNotification"):
        await csms.ask("TriggerMessage", requestedMessage=message)
        await station.report()
        assert csms.payloads(message) == [{"status": "Idle"}]
    unknown = await csms.ask("TriggerMessage", requestedMessage="StatusNotification", connectorId=5)
    assert unknown == {"status": "Rejected"}
    await csms.ask("TriggerMessage", requestedMessage="StatusNotification")
    csms.heard.clear()
    await station.report()
    assert [p["connectorId"] for p in csms.payloads("StatusNotification")] == [1, 2]


async def test_heartbeat_at_the_interval_that_the_boot_gave(
    new_station: StationMaker, csms: CentralSystem, park: CarPark, url: str
) -> None:
    csms.answers["BootNotification"] = {**csms.answers["BootNotification"], "interval": 20}  # type: ignore[dict-item]
    station = new_station()
    await station.connect(url)
    for _ in range(6):
        park.advance(10)
        await station.report()
    assert len(csms.payloads("Heartbeat")) == 3


@pytest.mark.parametrize(("action", "seconds"), [("BootNotification", 1), ("Heartbeat", 61)])
async def test_the_clock_is_set_by_the_central_system(
    action: str,
    seconds: float,
    new_station: StationMaker,
    csms: CentralSystem,
    park: CarPark,
    url: str,
) -> None:
    answer = {**(csms.answers[action] or {}), "currentTime": "2026-06-21T13:00:00Z"}
    csms.answers[action] = answer
    station = new_station()
    await station.connect(url)
    park.advance(seconds)
    await station.report()
    station.connectors[1].error = "GroundFailure"
    await station.report()
    assert csms.payloads("StatusNotification")[-1]["timestamp"].startswith("2026-06-21T13:")


async def test_an_unreadable_time_leaves_the_clock_alone(
    new_station: StationMaker, csms: CentralSystem, url: str
) -> None:
    csms.answers["BootNotification"] = {**ANSWERS["BootNotification"], "currentTime": "soon"}
    await new_station().connect(url)
    assert csms.payloads("StatusNotification")[-1]["timestamp"].startswith("2026-06-21T12:")


async def test_a_boot_that_is_not_accepted_is_tried_again(
    new_station: StationMaker, csms: CentralSystem, park: CarPark, url: str
) -> None:
    accepted = csms.answers["BootNotification"]
    csms.answers["BootNotification"] = {**accepted, "status": "Pending", "interval": 5}  # type: ignore[dict-item]
    station = new_station()
    await station.connect(url)
    csms.answers["BootNotification"] = accepted
    await station.report()
    assert [action for action, _ in csms.heard] == ["BootNotification"]
    park.advance(5)
    await station.report()
    assert csms.statuses() == ["Available"]


async def test_who_is_not_accepted_yet_says_what_it_is_asked_for(
    new_station: StationMaker, csms: CentralSystem, url: str
) -> None:
    accepted = csms.answers["BootNotification"]
    csms.answers["BootNotification"] = {**accepted, "status": "Pending"}  # type: ignore[dict-item]
    station = new_station()
    await station.connect(url)
    await csms.ask("TriggerMessage", requestedMessage="MeterValues", connectorId=1)
    await station.report()
    assert [action for action, _ in csms.heard] == ["BootNotification", "MeterValues"]


async def test_errors_instead_of_a_time(
    new_station: StationMaker, csms: CentralSystem, park: CarPark, url: str
) -> None:
    csms.answers |= {"BootNotification": None, "Heartbeat": None}
    station = new_station()
    await station.connect(url)
    park.advance(9)
    await station.report()
    assert len(csms.heard) == 1
    csms.answers["BootNotification"] = ANSWERS["BootNotification"]
    park.advance(1)
    await station.report()
    park.advance(60)
    await station.report()
    assert len(csms.payloads("Heartbeat")) == 1
    await csms.ask("TriggerMessage", requestedMessage="StatusNotification", connectorId=1)
    await station.report()
    assert csms.payloads("StatusNotification")[-1]["timestamp"].startswith("2026-06-21T12:01")


async def test_remote_start_and_stop(
    new_station: StationMaker, csms: CentralSystem, park: CarPark, url: str
) -> None:
    station = new_station(badges={})
    await station.connect(url)
    park.arrive("two", QUICK)
    await station.report()
    assert csms.statuses(2)[-1] == "Preparing"
    answer = await csms.ask(
        "RemoteStartTransaction",
        idTag="BEEF",
        chargingProfile=profile(
            park, 10, chargingProfilePurpose="TxProfile", chargingProfileKind="Relative"
        ),
    )
    assert answer == {"status": "Accepted"}
    await station.report()
    (start,) = csms.payloads("StartTransaction")
    assert (start["connectorId"], start["idTag"]) == (2, "BEEF")
    park.advance(10)
    assert park.outlets["two"].offered == 10
    busy = await csms.ask("RemoteStartTransaction", idTag="BEEF", connectorId=2)
    assert busy == {"status": "Rejected"}
    assert await csms.ask("RemoteStopTransaction", transactionId=9) == {"status": "Rejected"}
    assert await csms.ask("RemoteStopTransaction", transactionId=1) == {"status": "Accepted"}
    await station.report()
    await station.report()
    assert csms.payloads("StopTransaction")[0]["reason"] == "Remote"
    assert csms.statuses(2)[-1] == "Finishing"
    assert park.outlets["two"].offered == 0


async def test_remote_start_waits_for_a_car_only_so_long(
    new_station: StationMaker, csms: CentralSystem, park: CarPark, url: str
) -> None:
    station = new_station(badges={})
    await station.connect(url)
    await csms.ask("RemoteStartTransaction", idTag="BEEF", connectorId=1)
    park.advance(30)
    await station.report()
    park.arrive("one", QUICK)
    await station.report()
    assert len(csms.payloads("StartTransaction")) == 1
    await csms.ask("RemoteStartTransaction", idTag="BEEF", connectorId=2)
    park.advance(61)
    park.arrive("two", QUICK)
    await station.report()
    assert len(csms.payloads("StartTransaction")) == 1


@pytest.mark.parametrize("wrong", [{"stackLevel": 99}, {}])
async def test_remote_start_with_an_unfit_profile_is_rejected(
    station: Station, csms: CentralSystem, park: CarPark, wrong: dict[str, Any]
) -> None:
    answer = await csms.ask(
        "RemoteStartTransaction", idTag="BEEF", chargingProfile=profile(park, 10, **wrong)
    )
    assert answer == {"status": "Rejected"}


async def test_an_unwelcome_badge_ends_the_transaction(
    station: Station, csms: CentralSystem, park: CarPark
) -> None:
    csms.answers["StartTransaction"] = {"transactionId": 5, "idTagInfo": {"status": "Invalid"}}
    await charge(station, park)
    (stop,) = csms.payloads("StopTransaction")
    assert (stop["transactionId"], stop["reason"]) == (5, "DeAuthorized")
    assert csms.statuses()[-1] == "Finishing"
    assert max(park.currents("garage")) == 0


@pytest.mark.parametrize("action", ["StartTransaction", "StopTransaction"])
async def test_a_transaction_message_is_repeated_after_an_error(
    station: Station, csms: CentralSystem, park: CarPark, action: str
) -> None:
    good, csms.answers[action] = csms.answers[action], None
    await charge(station, park)
    park.leave("one")
    await station.report()
    csms.answers[action] = good
    await station.report()
    assert len(csms.payloads(action)) >= 2
    before = len(csms.heard)
    await station.report()
    assert len(csms.heard) == before


async def test_reset_stops_restarts_and_boots(
    station: Station, csms: CentralSystem, park: CarPark
) -> None:
    await charge(station, park)
    assert await csms.ask("Reset", type="Soft") == {"status": "Accepted"}
    csms.heard.clear()
    await station.report()
    await station.report()
    assert csms.payloads("StopTransaction")[0]["reason"] == "SoftReset"
    assert len(csms.payloads("BootNotification")) == 1
    assert len(csms.payloads("StartTransaction")) == 1
    assert station.online


async def test_unlock_ends_the_transaction(
    station: Station, csms: CentralSystem, park: CarPark
) -> None:
    await charge(station, park)
    assert await csms.ask("UnlockConnector", connectorId=7) == {"status": "NotSupported"}
    assert await csms.ask("UnlockConnector", connectorId=1) == {"status": "Unlocked"}
    await station.report()
    assert csms.payloads("StopTransaction")[0]["reason"] == "UnlockCommand"


async def test_availability_waits_for_the_transaction(
    station: Station, csms: CentralSystem, park: CarPark
) -> None:
    await charge(station, park)

    async def change(connector: int, kind: str) -> str:
        answer = await csms.ask("ChangeAvailability", connectorId=connector, type=kind)
        return str(answer["status"])

    assert await change(0, "Inoperative") == "Scheduled"
    assert await change(9, "Inoperative") == "Rejected"
    park.leave("one")
    await station.report()
    await station.report()
    assert (csms.statuses(1)[-1], csms.statuses(2)[-1]) == ("Unavailable", "Unavailable")
    park.arrive("two", QUICK)
    await station.report()
    assert len(csms.payloads("StartTransaction")) == 1
    assert await change(2, "Operative") == "Accepted"
    park.leave("two")
    await station.report()
    assert csms.statuses(2)[-1] == "Available"


async def test_a_fault_stops_the_current(
    station: Station, csms: CentralSystem, park: CarPark
) -> None:
    await charge(station, park)
    station.connectors[1].error = "GroundFailure"
    park.advance(5)
    await station.report()
    assert csms.payloads("StatusNotification")[-1]["errorCode"] == "GroundFailure"
    assert csms.statuses()[-1] == "Faulted"
    assert max(park.currents("garage")) == 0


async def test_a_session_that_began_and_ended_offline_is_told_later(
    station: Station, csms: CentralSystem, park: CarPark
) -> None:
    await station.disconnect()
    assert not station.online
    begin = timestamp(park.now)
    await charge(station, park)
    park.leave("one")
    await station.report()
    csms.heard.clear()
    park.advance(100)
    await station.reconnect()
    actions = [action for action, _ in csms.heard]
    assert "BootNotification" not in actions
    assert [a for a in actions if "Transaction" in a] == ["StartTransaction", "StopTransaction"]
    assert csms.payloads("StartTransaction")[0]["timestamp"] == begin
    assert csms.statuses(2) == ["Available"]


async def test_a_running_session_goes_on_over_a_lost_connection(
    station: Station, csms: CentralSystem, park: CarPark, caplog: pytest.LogCaptureFixture
) -> None:
    await charge(station, park)
    await csms.hang_up()
    park.advance(60)
    with caplog.at_level(logging.WARNING, logger="simulator"):
        await station.report()
        await station.report()
    assert not station.online
    assert sum("lost its central system" in record.message for record in caplog.records) == 1
    csms.heard.clear()
    await station.reconnect()
    assert csms.payloads("StartTransaction") == []
    assert csms.statuses() == ["Charging"]
    assert csms.payloads("MeterValues")[-1]["transactionId"] == 1


async def test_hanging_up_instead_of_answering(
    station: Station, csms: CentralSystem, park: CarPark
) -> None:
    csms.hang_up_on = "StartTransaction"
    park.arrive("one", QUICK)
    await station.report()
    csms.hang_up_on = None
    await station.reconnect()
    assert len(csms.payloads("StartTransaction")) == 2


async def test_a_quiet_station_notices_that_it_was_hung_up_on(
    station: Station, csms: CentralSystem, park: CarPark
) -> None:
    await csms.hang_up()

    async def lost() -> bool:
        return not station.online

    await until(lost)
    park.advance(60)
    await station.report()
    await station.reconnect()
    assert csms.statuses() == ["Available", "Available"]


@pytest.mark.usefixtures("socket_enabled")
async def test_nobody_there(new_station: StationMaker, park: CarPark) -> None:
    station = new_station()
    with pytest.raises(LinkClosed):
        await station.connect("ws://127.0.0.1:1")
    park.arrive("one", QUICK)
    await station.report()
    assert not station.online
    assert station.connectors[1].status == "Preparing"


async def test_a_central_system_without_ocpp_1_6(
    new_station: StationMaker, csms: CentralSystem, url: str
) -> None:
    csms.protocols = ("ocpp2.0.1",)
    with pytest.raises(LinkClosed, match=r"ocpp1\.6"):
        await new_station().connect(url)


async def test_unknown_actions_get_an_error(station: Station, csms: CentralSystem) -> None:
    assert await csms.ask("ClearCache") == "NotImplemented"


async def test_a_local_list_decides_offline(
    station: Station, csms: CentralSystem, park: CarPark
) -> None:
    async def send(version: int, kind: str, badges: list[dict[str, Any]]) -> str:
        answer = await csms.ask(
            "SendLocalList", listVersion=version, updateType=kind, localAuthorizationList=badges
        )
        return str(answer["status"])

    blocked = [{"idTag": "CAFE01", "idTagInfo": {"status": "Blocked"}}]
    assert await send(2, "Full", blocked) == "Accepted"
    assert await send(2, "Differential", []) == "VersionMismatch"
    too_many = [{"idTag": f"{n}", "idTagInfo": {"status": "Accepted"}} for n in range(201)]
    assert await send(3, "Full", too_many) == "Failed"
    assert await csms.ask("GetLocalListVersion") == {"listVersion": 2}
    await station.disconnect()
    await charge(station, park)
    assert station.connectors[1].transaction is None
    park.leave("one")
    await station.report()
    await station.reconnect()
    assert await send(3, "Differential", [{"idTag": "CAFE01"}]) == "Accepted"
    await csms.ask("ChangeConfiguration", key="AllowOfflineTxForUnknownId", value="false")
    await station.disconnect()
    await charge(station, park)
    assert station.connectors[1].transaction is None


async def test_a_badge_of_the_local_list_may_need_no_question(
    station: Station, csms: CentralSystem, park: CarPark
) -> None:
    badges = [{"idTag": "CAFE01", "idTagInfo": {"status": "Accepted"}}]
    await csms.ask("SendLocalList", listVersion=1, updateType="Full", localAuthorizationList=badges)
    await csms.ask("ChangeConfiguration", key="LocalPreAuthorize", value="true")
    await charge(station, park)
    assert csms.payloads("Authorize") == []
    assert len(csms.payloads("StartTransaction")) == 1


async def test_a_badge_that_is_refused_does_not_start(
    station: Station, csms: CentralSystem, park: CarPark
) -> None:
    csms.answers["Authorize"] = {"idTagInfo": {"status": "Invalid"}}
    await charge(station, park)
    assert csms.payloads("StartTransaction") == []
    assert len(csms.payloads("Authorize")) == 1


async def test_reservations(station: Station, csms: CentralSystem, park: CarPark) -> None:
    async def reserve(connector: int, number: int = 5, badge: str = "BEEF", hours: int = 1) -> str:
        answer = await csms.ask(
            "ReserveNow",
            connectorId=connector,
            expiryDate=timestamp(park.now + timedelta(hours=hours)),
            idTag=badge,
            reservationId=number,
        )
        return str(answer["status"])

    assert await reserve(0) == "Rejected"
    assert await reserve(1, hours=-1) == "Rejected"
    assert await reserve(1) == "Accepted"
    assert await reserve(1, number=6) == "Occupied"
    await station.report()
    assert csms.statuses()[-1] == "Reserved"
    park.arrive("one", QUICK)
    await station.report()
    assert csms.payloads("StartTransaction") == []
    stranger = await csms.ask("RemoteStartTransaction", idTag="CAFE02", connectorId=1)
    assert stranger == {"status": "Rejected"}
    assert await csms.ask("RemoteStartTransaction", idTag="BEEF") == {"status": "Accepted"}
    await station.report()
    assert csms.payloads("StartTransaction")[0]["reservationId"] == 5
    assert await reserve(1, number=7) == "Occupied"
    assert await csms.ask("CancelReservation", reservationId=5) == {"status": "Rejected"}
    assert await reserve(2, number=8) == "Accepted"
    assert await csms.ask("CancelReservation", reservationId=8) == {"status": "Accepted"}
    await station.report()
    assert csms.statuses(2)[-1] == "Available"
    await csms.ask("ChangeAvailability", connectorId=2, type="Inoperative")
    assert await reserve(2) == "Unavailable"
    station.connectors[2].operative, station.connectors[2].error = True, "GroundFailure"
    assert await reserve(2) == "Faulted"


async def test_a_reservation_ends_by_itself(
    station: Station, csms: CentralSystem, park: CarPark
) -> None:
    await csms.ask(
        "ReserveNow",
        connectorId=1,
        expiryDate=timestamp(park.now + timedelta(seconds=50)),
        idTag="BEEF",
        reservationId=1,
    )
    await station.report()
    park.advance(50)
    await station.report()
    assert csms.statuses()[-2:] == ["Reserved", "Available"]


async def test_meter_values_by_the_clock(
    station: Station, csms: CentralSystem, park: CarPark
) -> None:
    await csms.ask("ChangeConfiguration", key="ClockAlignedDataInterval", value="60")
    await station.report()
    for _ in range(3):
        park.advance(40)
        await station.report()
    assert [m["connectorId"] for m in csms.payloads("MeterValues")] == [1, 2, 1, 2]
