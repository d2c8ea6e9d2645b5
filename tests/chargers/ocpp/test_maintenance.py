"""Commands that no current depends on, over the wire, and what the station tells of them."""

import asyncio
import logging
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from custom_components.headroom.chargers.base import (
    BadgeTooLong,
    ChargerOffline,
    ChargerRefused,
    ChargerUnable,
    Session,
)
from custom_components.headroom.chargers.maintenance import (
    Command,
    FirmwareFile,
    FirmwareStage,
    LogKind,
    LogRequest,
    NoticeKind,
    UploadStage,
)
from custom_components.headroom.chargers.ocpp.config import CentralSystemConfig
from custom_components.headroom.chargers.ocpp.server import CentralSystem
from custom_components.headroom.chargers.ocpp.station import OcppStation
from custom_components.headroom.engine.snapshot import ConnectorStatus

from .charge_point import ACCEPTED, REJECTED, Refusal, ScriptedChargePoint, Special
from .conftest import PROFILE, Clock, Connect, settled, until

UNKNOWN = Refusal("NotImplemented")
FIRMWARE = FirmwareFile(url="http://ha.local/fw-2.bin")
LOG = LogRequest()
URL = "http://ha.local/upload/1"
LATER = datetime(2026, 7, 1, 20, tzinfo=UTC)
IMPATIENT = CentralSystemConfig(command_timeout=timedelta(milliseconds=50))


def test_a_station_may_know_every_command(station: OcppStation) -> None:
    assert station.capabilities.commands == set(Command)


async def test_without_contact_there_are_no_commands(station: OcppStation) -> None:
    for command in (
        station.unlock(1),
        station.set_available(1, available=True),
        station.update_firmware(FIRMWARE),
        station.upload_log(URL, LOG),
        station.send_badges([]),
        station.reserve(1, "A", LATER),
        station.cancel_reservation(1),
    ):
        with pytest.raises(ChargerOffline):
            await command


async def test_a_plug_is_unlocked(station: OcppStation, charge_point: ScriptedChargePoint) -> None:
    charge_point.script["UnlockConnector"] = {"status": "Unlocked"}
    await station.unlock(1)
    assert charge_point.commands("UnlockConnector")[0].payload == {"connectorId": 1}


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({"status": "UnlockFailed"}, ChargerRefused),
        ({"status": "NotSupported"}, ChargerUnable),
        (UNKNOWN, ChargerUnable),
        (Refusal("NotSupported"), ChargerUnable),
        (Refusal("InternalError"), ChargerRefused),
    ],
)
async def test_a_plug_that_is_not_unlocked(
    station: OcppStation,
    charge_point: ScriptedChargePoint,
    answer: Any,
    error: type[ChargerRefused],
) -> None:
    charge_point.script["UnlockConnector"] = answer
    with pytest.raises(error) as raised:
        await station.unlock(1)
    assert type(raised.value) is error


async def test_a_connector_goes_out_of_service_and_comes_back(
    station: OcppStation, charge_point: ScriptedChargePoint
) -> None:
    await station.set_available(1, available=False)
    await station.set_available(1, available=True)
    assert [command.payload for command in charge_point.commands("ChangeAvailability")] == [
        {"connectorId": 1, "type": "Inoperative"},
        {"connectorId": 1, "type": "Operative"},
    ]
    assert station.connectors[1].scheduled is None


async def test_a_change_after_the_session_is_shown_until_it_comes(
    station: OcppStation, charge_point: ScriptedChargePoint
) -> None:
    await charge_point.status("Charging")
    charge_point.script["ChangeAvailability"] = {"status": "Scheduled"}
    await station.set_available(1, available=False)
    assert station.connectors[1].scheduled is False
    await charge_point.status("Finishing")
    assert station.connectors[1].scheduled is False
    await charge_point.status("Unavailable")
    assert station.connectors[1].status is ConnectorStatus.UNAVAILABLE
    assert station.connectors[1].scheduled is None


async def test_a_station_with_one_connector_may_know_that_only(
    station: OcppStation, charge_point: ScriptedChargePoint
) -> None:
    def only_one(payload: dict[str, Any]) -> dict[str, Any]:
        return ACCEPTED if payload["connectorId"] == 1 else REJECTED

    charge_point.script["ChangeAvailability"] = only_one
    await station.set_available(None, available=False)
    asked = [c.payload["connectorId"] for c in charge_point.commands("ChangeAvailability")]
    assert asked == [0, 1]


async def test_a_station_with_two_connectors_is_taken_at_its_word(
    system: CentralSystem, connect: Connect
) -> None:
    station = system.register("CP2", dict.fromkeys((1, 2), PROFILE))
    charge_point = await connect("CP2")
    charge_point.script["ChangeAvailability"] = {"status": "Scheduled"}
    await station.set_available(None, available=False)
    assert [data.scheduled for data in station.connectors.values()] == [False, False]
    charge_point.script["ChangeAvailability"] = REJECTED
    with pytest.raises(ChargerRefused):
        await station.set_available(None, available=True)


async def tell_power_loss(charge_point: ScriptedChargePoint, value: str) -> None:
    """Let a station tell what it does after a power loss."""
    charge_point.script["GetConfiguration"] = {
        "configurationKey": [
            {"key": "continueChargingAfterPowerLoss", "readonly": False, "value": value}
        ]
    }
    asked = len(charge_point.commands("GetConfiguration"))
    await charge_point.boot()
    await charge_point.until_called("GetConfiguration", asked + 1)


@pytest.mark.parametrize(("yes", "no"), [("TRUE", "FALSE"), ("true", "false"), ("1", "0")])
async def test_sessions_may_go_on_after_a_power_loss(
    station: OcppStation, charge_point: ScriptedChargePoint, yes: str, no: str
) -> None:
    await tell_power_loss(charge_point, f" {yes} ")
    await until(station, lambda: station.upkeep.continues is True)
    await station.continue_after_power_loss(continues=False)
    payload = charge_point.commands("ChangeConfiguration")[-1].payload
    assert payload == {"key": "ContinueChargingAfterPowerLoss", "value": no}
    assert station.upkeep.continues is False
    charge_point.script["ChangeConfiguration"] = REJECTED
    with pytest.raises(ChargerRefused):
        await station.continue_after_power_loss(continues=True)
    assert station.upkeep.continues is False


async def test_who_has_no_such_setting_is_not_asked_to_change_it(
    station: OcppStation, charge_point: ScriptedChargePoint
) -> None:
    await tell_power_loss(charge_point, "sometimes")
    before = len(charge_point.commands("ChangeConfiguration"))
    with pytest.raises(ChargerUnable):
        await station.continue_after_power_loss(continues=True)
    assert len(charge_point.commands("ChangeConfiguration")) == before
    assert station.upkeep.continues is None


async def test_a_firmware_is_fetched_and_installed(
    station: OcppStation, charge_point: ScriptedChargePoint, clock: Clock
) -> None:
    charge_point.script["UpdateFirmware"] = {}
    await station.update_firmware(FIRMWARE)
    (command,) = charge_point.commands("UpdateFirmware")
    assert command.payload == {
        "location": FIRMWARE.url,
        "retrieveDate": "2026-07-01T12:00:00Z",
        "retries": 3,
    }
    seen = [station.upkeep.firmware]
    for status in ("Downloading", "Downloading", "Downloaded", "Installing", "Installed", "Idle"):
        await charge_point.call("FirmwareStatusNotification", {"status": status})
        seen.append(station.upkeep.firmware)
    assert seen == [
        FirmwareStage.WAITING,
        FirmwareStage.DOWNLOADING,
        FirmwareStage.DOWNLOADING,
        FirmwareStage.DOWNLOADED,
        FirmwareStage.INSTALLING,
        FirmwareStage.INSTALLED,
        FirmwareStage.IDLE,
    ]
    notices = [n.detail for n in station.upkeep.notices if n.kind is NoticeKind.FIRMWARE]
    assert notices == ["downloading", "downloaded", "installing", "installed"]
    assert station.upkeep.notices[-1].at == clock()


async def test_a_firmware_may_wait_for_the_night(
    station: OcppStation, charge_point: ScriptedChargePoint
) -> None:
    charge_point.script["UpdateFirmware"] = {}
    await station.update_firmware(FirmwareFile(url=FIRMWARE.url, retrieve_at=LATER))
    (command,) = charge_point.commands("UpdateFirmware")
    assert command.payload["retrieveDate"] == "2026-07-01T20:00:00Z"


async def test_a_signed_firmware_is_checked_by_the_station(
    station: OcppStation, charge_point: ScriptedChargePoint
) -> None:
    signed = FirmwareFile(url=FIRMWARE.url, signature="c2ln", certificate="PEM")
    await station.update_firmware(signed)
    (command,) = charge_point.commands("SignedUpdateFirmware")
    assert command.payload["firmware"] == {
        "location": FIRMWARE.url,
        "retrieveDateTime": "2026-07-01T12:00:00Z",
        "signingCertificate": "PEM",
        "signature": "c2ln",
    }
    await charge_point.call(
        "SignedFirmwareStatusNotification",
        {"status": "InvalidSignature", "requestId": command.payload["requestId"]},
    )
    assert station.upkeep.firmware is FirmwareStage.SIGNATURE_REFUSED
    charge_point.script["SignedUpdateFirmware"] = {"status": "InvalidCertificate"}
    with pytest.raises(ChargerRefused, match="InvalidCertificate"):
        await station.update_firmware(signed)


async def test_a_status_without_meaning_changes_nothing(
    station: OcppStation, charge_point: ScriptedChargePoint
) -> None:
    await charge_point.call("FirmwareStatusNotification", {"status": "Installing"})
    await charge_point.call("FirmwareStatusNotification", {"status": "Whistling"})
    await charge_point.call("FirmwareStatusNotification", {})
    assert station.upkeep.firmware is FirmwareStage.INSTALLING


async def test_after_a_reconnection_the_station_is_asked_how_its_update_stands(
    station: OcppStation, charge_point: ScriptedChargePoint, connect: Connect
) -> None:
    await charge_point.call("FirmwareStatusNotification", {"status": "Installing"})
    again = await connect()
    await settled(again)
    assert "FirmwareStatusNotification" in triggered(again)


async def test_after_a_restart_of_ours_the_station_is_asked_how_its_update_stands(
    station: OcppStation, charge_point: ScriptedChargePoint
) -> None:
    assert "FirmwareStatusNotification" not in triggered(charge_point)
    await station.resume_firmware(FirmwareStage.DOWNLOADING)
    assert triggered(charge_point)[-1] == "FirmwareStatusNotification"
    assert station.upkeep.firmware is FirmwareStage.DOWNLOADING


async def test_a_station_that_is_not_there_yet_is_asked_when_it_comes(
    station: OcppStation, connect: Connect
) -> None:
    await station.resume_firmware(FirmwareStage.DOWNLOADING)
    charge_point = await connect()
    await settled(charge_point)
    assert "FirmwareStatusNotification" in triggered(charge_point)


def triggered(charge_point: ScriptedChargePoint) -> list[str]:
    """Return the messages that a station was asked for."""
    return [c.payload["requestedMessage"] for c in charge_point.commands("TriggerMessage")]


@pytest.mark.parametrize(
    "answer", [{"status": "NotImplemented"}, UNKNOWN, Refusal("NotSupported")], ids=str
)
async def test_messages_are_asked_for_in_the_newer_way_where_the_plain_one_is_unknown(
    station: OcppStation, connect: Connect, answer: Any
) -> None:
    charge_point = await connect()
    charge_point.script["TriggerMessage"] = answer
    await charge_point.boot()
    await settled(charge_point)
    extended = charge_point.commands("ExtendedTriggerMessage")
    assert extended[0].payload == {"requestedMessage": "StatusNotification", "connectorId": 1}
    await station.resume_firmware(FirmwareStage.INSTALLING)
    assert len(charge_point.commands("ExtendedTriggerMessage")) == 2
    assert len(charge_point.commands("TriggerMessage")) == 1


async def test_who_knows_no_way_to_be_asked_is_left_alone(
    station: OcppStation, connect: Connect
) -> None:
    charge_point = await connect()
    charge_point.script["TriggerMessage"] = {"status": "NotImplemented"}
    charge_point.script["ExtendedTriggerMessage"] = UNKNOWN
    await settled(charge_point)
    assert len(charge_point.commands("ExtendedTriggerMessage")) == 1
    assert station.online


async def test_diagnostics_are_asked_for(
    station: OcppStation, charge_point: ScriptedChargePoint
) -> None:
    charge_point.script["GetDiagnostics"] = {"fileName": "diag.zip"}
    request = LogRequest(since=LATER - timedelta(days=1), until=LATER)
    assert await station.upload_log(URL, request) == "diag.zip"
    (command,) = charge_point.commands("GetDiagnostics")
    assert command.payload == {
        "location": URL,
        "retries": 3,
        "startTime": "2026-06-30T20:00:00Z",
        "stopTime": "2026-07-01T20:00:00Z",
    }
    for status, stage in (
        ("Uploading", UploadStage.UPLOADING),
        ("Uploaded", UploadStage.UPLOADED),
        ("Idle", UploadStage.IDLE),
        ("UploadFailed", UploadStage.FAILED),
    ):
        await charge_point.call("DiagnosticsStatusNotification", {"status": status})
        assert station.upkeep.upload is stage
    notices = [n.detail for n in station.upkeep.notices if n.kind is NoticeKind.LOG]
    assert notices == ["Uploading", "Uploaded", "UploadFailed"]


async def test_nothing_to_send_is_a_refusal(
    station: OcppStation, charge_point: ScriptedChargePoint
) -> None:
    charge_point.script["GetDiagnostics"] = {}
    with pytest.raises(ChargerRefused):
        await station.upload_log(URL, LOG)
    assert charge_point.commands("GetLog") == []


async def test_where_there_are_no_diagnostics_there_may_be_a_log(
    station: OcppStation, charge_point: ScriptedChargePoint
) -> None:
    charge_point.script["GetDiagnostics"] = UNKNOWN
    charge_point.script["GetLog"] = {"status": "Accepted", "filename": "log.txt"}
    request = LogRequest(since=LATER - timedelta(days=1), until=LATER)
    assert await station.upload_log(URL, request) == "log.txt"
    (command,) = charge_point.commands("GetLog")
    assert command.payload["logType"] == "DiagnosticsLog"
    assert command.payload["log"] == {
        "remoteLocation": URL,
        "oldestTimestamp": "2026-06-30T20:00:00Z",
        "latestTimestamp": "2026-07-01T20:00:00Z",
    }
    await charge_point.call("LogStatusNotification", {"status": "PermissionDenied", "requestId": 1})
    assert station.upkeep.upload is UploadStage.FAILED


async def test_the_log_of_security_is_another_one(
    station: OcppStation, charge_point: ScriptedChargePoint
) -> None:
    request = LogRequest(kind=LogKind.SECURITY)
    assert await station.upload_log(URL, request) is None
    assert charge_point.commands("GetLog")[0].payload["logType"] == "SecurityLog"
    charge_point.script["GetLog"] = REJECTED
    with pytest.raises(ChargerRefused):
        await station.upload_log(URL, request)


async def test_security_events_are_noted_without_what_stands_beside_them(
    station: OcppStation, charge_point: ScriptedChargePoint, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    event = {"timestamp": "2026-07-01T12:00:00Z", "techInfo": "password was 1234"}
    for _ in range(2):
        await charge_point.call("SecurityEventNotification", event | {"type": "TamperDetection"})
    await charge_point.call("SecurityEventNotification", event | {"type": "X" * 60})
    await charge_point.call("SecurityEventNotification", event)
    notices = [n.detail for n in station.upkeep.notices if n.kind is NoticeKind.SECURITY]
    assert notices == ["TamperDetection", "TamperDetection", "X" * 50, "?"]
    assert caplog.text.count("TamperDetection") == 1
    assert "1234" not in caplog.text


async def test_notices_are_bounded_and_the_newest_stay(
    station: OcppStation, charge_point: ScriptedChargePoint
) -> None:
    for number in range(60):
        await charge_point.call("SecurityEventNotification", {"type": f"Event{number}"})
    assert len(station.upkeep.notices) == 50
    assert station.upkeep.notices[-1].detail == "Event59"


async def test_a_boot_is_noted_with_its_firmware(
    station: OcppStation, charge_point: ScriptedChargePoint
) -> None:
    await charge_point.boot(firmwareVersion="2.1")
    assert [n.detail for n in station.upkeep.notices] == ["", "2.1"]


def badges(count: int) -> list[str]:
    """Return so many badges."""
    return [f"BADGE{number}" for number in range(count)]


def local_list(charge_point: ScriptedChargePoint, version: object, **keys: str) -> None:
    """Give a station a local list of badges with these settings."""
    charge_point.script["GetLocalListVersion"] = {"listVersion": version}
    charge_point.script["GetConfiguration"] = {
        "configurationKey": [
            {"key": key, "readonly": True, "value": value} for key, value in keys.items()
        ]
    }


async def test_badges_replace_the_list_in_parts_and_empty_the_cache(
    station: OcppStation, charge_point: ScriptedChargePoint
) -> None:
    local_list(charge_point, 7, SendLocalListMaxLength="2", LocalAuthListMaxLength="5")
    before = len(charge_point.received)
    await station.send_badges(badges(5))
    sent = [command.payload for command in charge_point.commands("SendLocalList")]
    assert [(part["listVersion"], part["updateType"]) for part in sent] == [
        (8, "Full"),
        (9, "Differential"),
        (10, "Differential"),
    ]
    entries = [entry for part in sent for entry in part["localAuthorizationList"]]
    assert [entry["idTag"] for entry in entries] == badges(5)
    assert entries[0]["idTagInfo"] == {"status": "Accepted"}
    actions = [command.action for command in charge_point.received[before:]]
    assert (actions[0], actions[-1]) == ("ChangeConfiguration", "ClearCache")
    assert charge_point.received[before].payload == {"key": "LocalAuthListEnabled", "value": "true"}


async def test_no_badge_at_all_empties_the_list(
    station: OcppStation, charge_point: ScriptedChargePoint
) -> None:
    local_list(charge_point, 0)
    charge_point.script["ClearCache"] = REJECTED
    await station.send_badges([])
    (command,) = charge_point.commands("SendLocalList")
    assert command.payload == {
        "listVersion": 1,
        "updateType": "Full",
        "localAuthorizationList": [],
    }


async def test_more_badges_than_fit_are_not_sent(
    station: OcppStation, charge_point: ScriptedChargePoint
) -> None:
    local_list(charge_point, 0, LocalAuthListMaxLength="3")
    with pytest.raises(ChargerRefused, match="3"):
        await station.send_badges(badges(4))
    assert charge_point.commands("SendLocalList") == []


@pytest.mark.parametrize("version", [-1, "-1"])
async def test_a_station_without_a_list(
    station: OcppStation, charge_point: ScriptedChargePoint, version: object
) -> None:
    local_list(charge_point, version)
    with pytest.raises(ChargerUnable):
        await station.send_badges(badges(1))


async def test_a_badge_that_is_too_long_is_not_sent(
    station: OcppStation, charge_point: ScriptedChargePoint
) -> None:
    before = len(charge_point.received)
    fits, too_long = "X" * 20, "X" * 21
    for act in (
        station.send_badges([fits, too_long]),
        station.reserve(1, too_long, LATER),
        station.start(1, too_long),
    ):
        with pytest.raises(BadgeTooLong, match="20"):
            await act
    assert len(charge_point.received) == before
    await station.reserve(1, fits, LATER)
    assert charge_point.commands("ReserveNow")[0].payload["idTag"] == fits


async def test_a_part_that_is_refused_ends_it(
    station: OcppStation, charge_point: ScriptedChargePoint
) -> None:
    local_list(charge_point, None, SendLocalListMaxLength="0")
    charge_point.script["SendLocalList"] = {"status": "VersionMismatch"}
    with pytest.raises(ChargerRefused, match="VersionMismatch"):
        await station.send_badges(badges(21))
    assert len(charge_point.commands("SendLocalList")) == 1
    assert charge_point.commands("ClearCache") == []


async def test_a_connector_is_reserved_and_free_again(
    station: OcppStation, charge_point: ScriptedChargePoint
) -> None:
    await station.reserve(1, "CAFE", LATER)
    assert charge_point.commands("ReserveNow")[0].payload == {
        "connectorId": 1,
        "expiryDate": "2026-07-01T20:00:00Z",
        "idTag": "CAFE",
        "reservationId": 1,
    }
    await station.cancel_reservation(1)
    assert charge_point.commands("CancelReservation")[0].payload == {"reservationId": 1}
    charge_point.script["ReserveNow"] = {"status": "Occupied"}
    with pytest.raises(ChargerRefused, match="Occupied"):
        await station.reserve(1, "CAFE", LATER)


def session(station: OcppStation) -> Session | None:
    """Return the running session."""
    return station.connectors[1].session


async def begin(charge_point: ScriptedChargePoint) -> int:
    """Start a transaction and return its id."""
    start = {
        "connectorId": 1,
        "idTag": "CAFE",
        "meterStart": 0,
        "timestamp": "2026-07-01T11:00:00Z",
    }
    transaction: int = (await charge_point.call("StartTransaction", start))["transactionId"]
    return transaction


async def test_a_session_that_a_station_ends_is_ended_by_it(
    station: OcppStation, charge_point: ScriptedChargePoint, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    transaction = await begin(charge_point)
    stopping = asyncio.create_task(station.force_stop(1))
    await charge_point.until_called("RemoteStopTransaction")
    await charge_point.status("Finishing")
    assert session(station) is not None
    stop = {"transactionId": transaction, "meterStop": 10, "timestamp": "2026-07-01T12:00:00Z"}
    await charge_point.call("StopTransaction", stop)
    await stopping
    assert session(station) is None
    assert "without the station" not in caplog.text


@pytest.mark.parametrize("config", [IMPATIENT], ids=["impatient"])
@pytest.mark.parametrize("answer", [REJECTED, ACCEPTED, UNKNOWN, Special.SILENCE], ids=str)
async def test_a_phantom_session_is_closed_whatever_the_station_says(
    station: OcppStation,
    charge_point: ScriptedChargePoint,
    system: CentralSystem,
    config: CentralSystemConfig,
    answer: Any,
) -> None:
    transaction = await begin(charge_point)
    charge_point.script["RemoteStopTransaction"] = answer
    await station.force_stop(1)
    assert session(station) is None
    assert system.ledger.of_connector("CP1", 1) is None
    energy = {"measurand": "Energy.Active.Import.Register", "value": "500"}
    await charge_point.meter(energy, transactionId=transaction)
    assert session(station) is None, "what has been ended does not come back"


async def test_a_phantom_session_is_closed_without_contact(
    station: OcppStation, charge_point: ScriptedChargePoint
) -> None:
    await begin(charge_point)
    charge_point.cut()
    await until(station, lambda: not station.online)
    await station.force_stop(1)
    assert session(station) is None
    await station.force_stop(1)


async def test_after_a_power_loss_a_transaction_goes_on_as_the_same_session(
    station: OcppStation, charge_point: ScriptedChargePoint, connect: Connect
) -> None:
    transaction = await begin(charge_point)
    before = session(station)
    charge_point.cut()
    await until(station, lambda: not station.online)
    again = await connect()
    await again.boot()
    await again.status("Charging")
    energy = {"measurand": "Energy.Active.Import.Register", "value": "500"}
    await again.meter(energy, transactionId=transaction)
    resumed = session(station)
    assert before is not None
    assert resumed is not None
    assert (resumed.id, resumed.badge, resumed.energy) == (before.id, "CAFE", 500.0)


async def test_a_connection_that_ends_is_no_answer(
    station: OcppStation, charge_point: ScriptedChargePoint
) -> None:
    charge_point.script["CancelReservation"] = Special.HANG_UP
    with pytest.raises(ChargerOffline):
        await station.cancel_reservation(1)


@pytest.mark.parametrize("odd", [["Accepted"], {"a": 1}, 5, None])
async def test_a_status_of_another_type_is_a_refusal(
    station: OcppStation, connect: Connect, odd: object
) -> None:
    charge_point = await connect()
    for action in ("ChangeConfiguration", "UnlockConnector", "ChangeAvailability", "GetLog"):
        charge_point.script[action] = {"status": odd}
    charge_point.script["GetDiagnostics"] = Refusal("NotSupported")
    await charge_point.boot()
    await settled(charge_point)
    for command in (
        station.unlock(1),
        station.set_available(1, available=True),
        station.upload_log(URL, LOG),
    ):
        with pytest.raises(ChargerRefused):
            await command
    assert station.online


async def test_an_answer_that_is_nested_too_deeply_is_a_refusal(
    station: OcppStation, connect: Connect
) -> None:
    deep: object = 1
    for _ in range(sys.getrecursionlimit()):
        deep = [deep]
    charge_point = await connect()
    charge_point.script["UnlockConnector"] = {"status": deep}
    with pytest.raises(ChargerRefused, match="UnlockConnector"):
        await station.unlock(1)
    assert station.online
