"""Firmware and logs of stations of every version, over real HTTP."""

from collections.abc import AsyncIterator
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
from .files import FileServer

PROTOCOLS = list(Protocol)


@pytest.fixture
async def files(socket_enabled: None) -> AsyncIterator[FileServer]:
    server = FileServer()
    yield server
    await server.stop()


@pytest.fixture
async def place(files: FileServer) -> str:
    return await files.start()


@pytest.fixture(params=PROTOCOLS)
async def station(
    request: pytest.FixtureRequest, new_station: StationMaker, csms: CentralSystem, url: str
) -> Station:
    if request.param is not Protocol.OCPP_1_6:
        csms.speak(request.param)
    station = new_station(protocol=request.param)
    await station.connect(url)
    return station


async def order_firmware(
    station: Station, csms: CentralSystem, park: CarPark, location: str, **retries: int
) -> Any:
    at = timestamp(park.now + timedelta(seconds=30))
    if station.protocol is Protocol.OCPP_1_6:
        return await csms.ask("UpdateFirmware", location=location, retrieveDate=at, **retries)
    firmware = {"location": location, "retrieveDateTime": at}
    return await csms.ask("UpdateFirmware", requestId=3, firmware=firmware, **retries)


def firmware_statuses(csms: CentralSystem) -> list[str]:
    return [message["status"] for message in csms.payloads("FirmwareStatusNotification")]


def booted_with(station: Station, csms: CentralSystem) -> list[str]:
    boots = csms.payloads("BootNotification")
    if station.protocol is Protocol.OCPP_1_6:
        return [boot["firmwareVersion"] for boot in boots]
    return [boot["chargingStation"]["firmwareVersion"] for boot in boots]


async def test_firmware_is_fetched_in_its_time_and_boots(
    station: Station, csms: CentralSystem, park: CarPark, place: str
) -> None:
    await order_firmware(station, csms, park, f"{place}/files/2.1.0.bin")
    await station.report()
    assert firmware_statuses(csms) == []
    park.advance(30)
    await station.report()
    await station.report()
    assert firmware_statuses(csms) == ["Downloading", "Downloaded", "Installing", "Installed"]
    assert booted_with(station, csms) == ["1.0.0", "2.1.0"]
    if station.protocol is not Protocol.OCPP_1_6:
        assert {m["requestId"] for m in csms.payloads("FirmwareStatusNotification")} == {3}
        assert csms.payloads("BootNotification")[-1]["reason"] == "FirmwareUpdate"


async def test_firmware_waits_for_the_end_of_charging(
    station: Station, csms: CentralSystem, park: CarPark, place: str
) -> None:
    park.arrive("one", CarModel())
    await station.report()
    await order_firmware(station, csms, park, f"{place}/2.1.0.bin")
    park.advance(30)
    await station.report()
    assert firmware_statuses(csms)[-1] == "Downloaded"
    await csms.ask("TriggerMessage", requestedMessage="FirmwareStatusNotification")
    await station.report()
    assert firmware_statuses(csms)[-1] == "Downloaded"
    park.leave("one")
    await station.report()
    assert firmware_statuses(csms)[-1] == "Installed"


async def test_firmware_that_is_not_there_is_tried_again(
    station: Station, csms: CentralSystem, park: CarPark, files: FileServer, place: str
) -> None:
    files.missing = True
    await order_firmware(station, csms, park, f"{place}/2.1.0.bin", retries=1, retryInterval=60)
    park.advance(30)
    await station.report()
    await station.report()
    assert firmware_statuses(csms) == ["Downloading", "DownloadFailed"]
    park.advance(60)
    await station.report()
    await station.report()
    assert firmware_statuses(csms) == ["Downloading", "DownloadFailed"] * 2
    assert booted_with(station, csms) == ["1.0.0"]


async def test_a_new_order_takes_the_place_of_the_old_one(
    station: Station, csms: CentralSystem, park: CarPark, place: str
) -> None:
    await order_firmware(station, csms, park, f"{place}/2.1.0.bin")
    answer = await order_firmware(station, csms, park, f"{place}/2.2.0.bin")
    if station.protocol is not Protocol.OCPP_1_6:
        assert answer["status"] == "AcceptedCanceled"
    park.advance(30)
    await station.report()
    await station.report()
    assert booted_with(station, csms)[-1] == "2.2.0"


async def order_log(csms: CentralSystem, location: str, **retries: int) -> Any:
    log = {"remoteLocation": location}
    return await csms.ask("GetLog", log=log, logType="DiagnosticsLog", requestId=9, **retries)


def log_statuses(csms: CentralSystem) -> list[tuple[str, int]]:
    messages = csms.payloads("LogStatusNotification")
    return [(message["status"], message["requestId"]) for message in messages]


async def test_a_log_is_put_where_it_is_wanted(
    station: Station, csms: CentralSystem, files: FileServer, place: str
) -> None:
    answer = await order_log(csms, f"{place}/logs/")
    assert answer == {"status": "Accepted", "filename": "GARAGE 1-9.txt"}
    again = await order_log(csms, f"{place}/logs/")
    assert again["status"] == "AcceptedCanceled"
    await station.report()
    assert log_statuses(csms) == [("Uploading", 9), ("Uploaded", 9)]
    (text,) = files.brought.values()
    assert list(files.brought) == ["PUT /logs/GARAGE 1-9.txt"]
    assert "firmware 1.0.0" in text
    assert "connector 1: Available" in text


async def test_a_server_that_wants_a_post_gets_one(
    station: Station, csms: CentralSystem, files: FileServer, place: str
) -> None:
    files.refused = {"PUT"}
    await order_log(csms, f"{place}/token")
    await station.report()
    assert list(files.brought) == ["POST /token"]


async def test_a_log_that_cannot_be_brought_away(
    station: Station, csms: CentralSystem, park: CarPark, files: FileServer, place: str
) -> None:
    files.missing = True
    await order_log(csms, f"{place}/logs/", retries=1, retryInterval=10)
    await station.report()
    files.missing = False
    park.advance(10)
    await station.report()
    assert [status for status, _ in log_statuses(csms)] == [
        "Uploading",
        "UploadFailure",
        "Uploading",
        "Uploaded",
    ]


async def test_a_location_that_is_no_address(
    station: Station, csms: CentralSystem, park: CarPark
) -> None:
    await order_log(csms, "nowhere")
    await order_firmware(station, csms, park, "nowhere")
    park.advance(30)
    await station.report()
    assert log_statuses(csms)[-1] == ("UploadFailure", 9)
    assert firmware_statuses(csms)[-1] == "DownloadFailed"


async def test_diagnostics_of_1_6(
    new_station: StationMaker, csms: CentralSystem, url: str, files: FileServer, place: str
) -> None:
    station = new_station()
    await station.connect(url)
    answer = await csms.ask("GetDiagnostics", location=f"{place}/box/")
    assert answer == {"fileName": "GARAGE 1.txt"}
    await station.report()
    files.missing = True
    await csms.ask("GetDiagnostics", location=f"{place}/box/")
    await station.report()
    statuses = [m["status"] for m in csms.payloads("DiagnosticsStatusNotification")]
    assert statuses == ["Uploading", "Uploaded", "Uploading", "UploadFailed"]
    assert list(files.brought) == ["PUT /box/GARAGE 1.txt"]
