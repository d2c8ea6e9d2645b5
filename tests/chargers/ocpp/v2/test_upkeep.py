"""Commands that no current depends on: firmware, logs, availability, badges, reservations."""

from datetime import timedelta
from typing import Any

import pytest

from custom_components.headroom.chargers.base import BadgeTooLong, ChargerRefused, ChargerUnable
from custom_components.headroom.chargers.maintenance import (
    FirmwareFile,
    FirmwareStage,
    LogKind,
    LogRequest,
    NoticeKind,
    UploadStage,
)
from custom_components.headroom.chargers.ocpp.station import OcppStation
from tests.chargers.ocpp.charge_point import ACCEPTED, REJECTED, Refusal
from tests.chargers.ocpp.conftest import Clock

from .charge_point import NOON, Payload, ScriptedStation

URL = "http://192.0.2.1/file"


def firmware(station: OcppStation) -> FirmwareStage | None:
    return station.upkeep.firmware


def last(charge_point: ScriptedStation, action: str) -> Payload:
    return charge_point.commands(action)[-1].payload


async def test_a_plug_is_let_go(station: OcppStation, charge_point: ScriptedStation) -> None:
    charge_point.script["UnlockConnector"] = {"status": "Unlocked"}
    await station.unlock(1)
    assert last(charge_point, "UnlockConnector") == {"evseId": 1, "connectorId": 1}
    charge_point.script["UnlockConnector"] = {"status": "OngoingAuthorizedTransaction"}
    with pytest.raises(ChargerRefused, match="OngoingAuthorizedTransaction"):
        await station.unlock(1)
    charge_point.script["UnlockConnector"] = Refusal("NotSupported")
    with pytest.raises(ChargerUnable):
        await station.unlock(1)


@pytest.mark.parametrize(("connector", "evse"), [(1, {"evse": {"id": 1}}), (None, {})])
async def test_connectors_are_taken_out_of_service(
    station: OcppStation,
    charge_point: ScriptedStation,
    connector: int | None,
    evse: dict[str, Any],
) -> None:
    await station.set_available(connector, available=False)
    sent = last(charge_point, "ChangeAvailability")
    assert sent == {"operationalStatus": "Inoperative"} | evse
    charge_point.script["ChangeAvailability"] = {"status": "Scheduled"}
    await station.set_available(connector, available=True)
    assert last(charge_point, "ChangeAvailability")["operationalStatus"] == "Operative"
    charge_point.script["ChangeAvailability"] = REJECTED
    with pytest.raises(ChargerRefused):
        await station.set_available(connector, available=True)


@pytest.mark.parametrize(
    ("file", "signed"),
    [
        (FirmwareFile(url=URL), {}),
        (
            FirmwareFile(url=URL, signature="s", certificate="c"),
            {"signature": "s", "signingCertificate": "c"},
        ),
    ],
)
async def test_a_firmware_is_fetched(
    station: OcppStation,
    charge_point: ScriptedStation,
    file: FirmwareFile,
    signed: dict[str, str],
) -> None:
    await station.update_firmware(file)
    sent = last(charge_point, "UpdateFirmware")
    assert sent["firmware"] == {"location": URL, "retrieveDateTime": NOON} | signed
    assert firmware(station) is FirmwareStage.WAITING
    for word in ("Downloading", "Daydreaming"):
        await charge_point.call("FirmwareStatusNotification", {"status": word})
        assert firmware(station) is FirmwareStage.DOWNLOADING
    charge_point.script["UpdateFirmware"] = {"status": "InvalidCertificate"}
    with pytest.raises(ChargerRefused, match="InvalidCertificate"):
        await station.update_firmware(file)
    assert firmware(station) is FirmwareStage.DOWNLOADING


async def test_a_log_is_sent(
    station: OcppStation, charge_point: ScriptedStation, clock: Clock
) -> None:
    charge_point.script["GetLog"] = ACCEPTED | {"filename": "log.zip"}
    until = clock() + timedelta(hours=1)
    request = LogRequest(kind=LogKind.SECURITY, since=clock(), until=until)
    assert await station.upload_log(URL, request) == "log.zip"
    sent = last(charge_point, "GetLog")
    assert sent["logType"] == "SecurityLog"
    assert sent["log"] == {
        "remoteLocation": URL,
        "oldestTimestamp": NOON,
        "latestTimestamp": "2026-07-01T13:00:00Z",
    }
    await charge_point.call("LogStatusNotification", {"status": "PermissionDenied"})
    assert station.upkeep.upload is UploadStage.FAILED
    charge_point.script["GetLog"] = {"status": "AcceptedCanceled"}
    assert await station.upload_log(URL, LogRequest()) is None
    assert last(charge_point, "GetLog")["log"] == {"remoteLocation": URL}
    charge_point.script["GetLog"] = REJECTED
    with pytest.raises(ChargerRefused):
        await station.upload_log(URL, LogRequest())


@pytest.mark.parametrize(
    ("badges", "part", "kinds"),
    [
        (["A1", "B2", "C3"], "2", [("Full", 2), ("Differential", 1)]),
        (["A1"], None, [("Full", 1)]),
        ([], None, [("Full", 0)]),
    ],
)
async def test_badges_are_sent_in_parts(
    station: OcppStation,
    charge_point: ScriptedStation,
    badges: list[str],
    part: str | None,
    kinds: list[tuple[str, int]],
) -> None:
    charge_point.script["GetLocalListVersion"] = {"versionNumber": 7}
    charge_point.script["ClearCache"] = REJECTED
    if part is not None:
        charge_point.variables["LocalAuthListCtrlr.ItemsPerMessage"] = part
    await station.send_badges(badges)
    assert charge_point.set_variables["LocalAuthListCtrlr.Enabled"] == "true"
    sent = [command.payload for command in charge_point.commands("SendLocalList")]
    lists = [payload.get("localAuthorizationList", []) for payload in sent]
    assert [(p["updateType"], len(some)) for p, some in zip(sent, lists, strict=True)] == kinds
    assert [p["versionNumber"] for p in sent] == list(range(8, 8 + len(kinds)))
    for entry, badge in zip([entry for some in lists for entry in some], badges, strict=True):
        assert entry == {
            "idToken": {"idToken": badge, "type": "ISO14443"},
            "idTokenInfo": {"status": "Accepted"},
        }
    assert charge_point.commands("ClearCache")


async def test_a_badge_may_have_36_characters(
    station: OcppStation, charge_point: ScriptedStation, clock: Clock
) -> None:
    await station.reserve(1, "X" * 36, clock())
    assert last(charge_point, "ReserveNow")["idToken"]["idToken"] == "X" * 36
    with pytest.raises(BadgeTooLong, match="36"):
        await station.reserve(1, "X" * 37, clock())


async def test_a_connector_is_reserved(
    station: OcppStation, charge_point: ScriptedStation, clock: Clock
) -> None:
    await station.reserve(1, "A1", clock())
    assert last(charge_point, "ReserveNow") == {
        "id": 1,
        "expiryDateTime": NOON,
        "idToken": {"idToken": "A1", "type": "ISO14443"},
        "evseId": 1,
    }
    await station.cancel_reservation(1)
    assert last(charge_point, "CancelReservation") == {"reservationId": 1}
    charge_point.script["ReserveNow"] = {"status": "Occupied"}
    with pytest.raises(ChargerRefused, match="Occupied"):
        await station.reserve(1, "A1", clock())


@pytest.mark.parametrize(("word", "noted"), [("x" * 99, "x" * 50), (7, "?")])
async def test_events_of_security_are_noted_by_name(
    station: OcppStation, charge_point: ScriptedStation, word: object, noted: str
) -> None:
    event = {"type": word, "timestamp": NOON, "techInfo": "SECRET"}
    await charge_point.call("SecurityEventNotification", event)
    notice = station.upkeep.notices[-1]
    assert (notice.kind, notice.detail) == (NoticeKind.SECURITY, noted)
    assert "SECRET" not in str(station.upkeep)


async def test_a_forced_stop_closes_what_the_charger_does_not_stop(
    station: OcppStation, charge_point: ScriptedStation
) -> None:
    await charge_point.event("Started", state="Charging")
    charge_point.script["RequestStopTransaction"] = REJECTED
    await station.force_stop(1)
    assert station.reading(1).session is None
    await charge_point.event("Updated", state="Charging")
    assert station.reading(1).session is None
