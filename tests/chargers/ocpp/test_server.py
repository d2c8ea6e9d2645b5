"""Handshakes, identities and frames: who may connect, and what may not break a connection."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import (
    ClientError,
    ClientSession,
    ClientWebSocketResponse,
    WSMsgType,
    WSServerHandshakeError,
    web,
)

from custom_components.headroom.chargers.ocpp.config import CentralSystemConfig
from custom_components.headroom.chargers.ocpp.server import CentralSystem, PortBusyError
from custom_components.headroom.chargers.ocpp.station import OcppStation

from .charge_point import PATIENCE, ScriptedChargePoint, Special
from .conftest import PROFILE, Clock, Connect, until


async def refusal(connect: Connect, path: str) -> int:
    with pytest.raises(WSServerHandshakeError) as refused:
        await connect(path)
    return refused.value.status


@pytest.mark.parametrize(
    "path", ["CP1", "CP1/", "ocpp/CP1", "//steve//websocket//CP1", "a/b/CP1?token=1"]
)
async def test_identity_is_the_last_segment_of_any_path(
    station: OcppStation, connect: Connect, path: str
) -> None:
    charge_point = await connect(path)
    await charge_point.call("Heartbeat")
    assert station.online


async def test_identity_is_percent_decoded(system: CentralSystem, connect: Connect) -> None:
    station = system.register("EM 7/ü", {1: PROFILE})
    await (await connect("ocpp/EM%207%2F%C3%BC")).call("Heartbeat")
    assert station.online


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        (("ocpp1.6",), "ocpp1.6"),
        (("OCPP1.6",), "OCPP1.6"),
        (("ocpp1.5", "ocpp1.6"), "ocpp1.6"),
        ((), None),
    ],
)
async def test_ocpp_1_6_is_spoken_where_it_is_offered_and_where_nothing_is(
    station: OcppStation, connect: Connect, offered: tuple[str, ...], chosen: str | None
) -> None:
    charge_point = await connect(protocols=offered)
    assert charge_point.socket.protocol == chosen
    assert "currentTime" in await charge_point.call("Heartbeat")
    assert station.online


async def test_other_subprotocols_complete_the_handshake_and_are_closed(
    station: OcppStation, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(2):
        charge_point = await connect(protocols=("ocpp2.0", "ocpp1.5"))
        assert charge_point.socket.protocol is None
        assert await charge_point.until_closed() == 1002
    assert not station.online
    complaints = [r for r in caplog.records if "Headroom speaks" in r.message]
    assert len(complaints) == 1


async def test_compression_is_not_negotiated(
    system: CentralSystem, station: OcppStation, session: ClientSession
) -> None:
    url = f"http://127.0.0.1:{system.port}/CP1"
    async with session.ws_connect(url, protocols=("ocpp1.6",), compress=15) as socket:
        assert socket.compress == 0


async def test_unknown_station_is_refused_and_told_of_once(
    station: OcppStation, connect: Connect, unknown: list[Any], clock: Clock
) -> None:
    assert await refusal(connect, "CP2") == 404
    assert await refusal(connect, "CP2") == 404
    assert unknown == [("CP2", "127.0.0.1")]
    clock.advance(601)
    assert await refusal(connect, "CP2") == 404
    assert len(unknown) == 2


async def test_letter_case_tells_stations_apart(
    station: OcppStation, connect: Connect, unknown: list[Any]
) -> None:
    assert await refusal(connect, "cp1") == 404
    assert unknown == [("cp1", "127.0.0.1")]


async def test_a_flood_of_unknown_stations_is_bounded(
    config: CentralSystemConfig, connect: Connect, unknown: list[Any]
) -> None:
    for number in range(config.unknown_limit + 5):
        assert await refusal(connect, f"X{number}") == 404
    assert len(unknown) == config.unknown_limit


async def test_nobody_needs_to_be_told_of_unknown_stations(
    clock: Clock, session: ClientSession
) -> None:
    system = CentralSystem(now=clock, random=lambda: 0.0)
    await system.start("127.0.0.1", 0)
    with pytest.raises(WSServerHandshakeError):
        await session.ws_connect(f"http://127.0.0.1:{system.port}/CP1")
    await system.stop()


async def test_a_station_that_was_unknown_and_is_removed_again_is_told_of_anew(
    system: CentralSystem, connect: Connect, unknown: list[Any]
) -> None:
    assert await refusal(connect, "CP9") == 404
    system.register("CP9", {1: PROFILE})
    await system.unregister("CP9")
    assert await refusal(connect, "CP9") == 404
    assert unknown == [("CP9", "127.0.0.1")] * 2


@pytest.mark.parametrize("path", ["", "/", "X" * 65, "CP%001", "CP%0A1", "CP%FF"])
async def test_absurd_identities_are_refused_in_silence(
    connect: Connect, unknown: list[Any], path: str
) -> None:
    assert await refusal(connect, path) in {400, 404}
    assert unknown == []


async def test_plain_requests_are_refused_in_silence(
    system: CentralSystem, station: OcppStation, session: ClientSession, unknown: list[Any]
) -> None:
    url = f"http://127.0.0.1:{system.port}"
    async with session.get(f"{url}/favicon.ico") as response:
        assert response.status == 404
    async with session.get(f"{url}/CP1") as response:
        assert response.status == 400
    assert unknown == []
    assert not station.online


async def test_a_busy_port_is_named(system: CentralSystem, clock: Clock) -> None:
    second = CentralSystem(now=clock, random=lambda: 0.0)
    assert system.port
    with pytest.raises(PortBusyError) as busy:
        await second.start("127.0.0.1", system.port)
    assert busy.value.port == system.port
    assert second.port is None


async def test_an_address_of_somebody_else_is_no_busy_port(
    clock: Clock, socket_enabled: None
) -> None:
    system = CentralSystem(now=clock, random=lambda: 0.0)
    with pytest.raises(OSError, match=r"192\.0\.2\.1") as fault:
        await system.start("192.0.2.1", 0)
    assert not isinstance(fault.value, PortBusyError)


async def test_an_id_is_registered_once(system: CentralSystem, station: OcppStation) -> None:
    assert system.stations == {"CP1": station}
    with pytest.raises(ValueError, match="CP1"):
        system.register("CP1", {1: PROFILE})


async def test_stop_leaves_nothing_behind(
    clock: Clock, session: ClientSession, socket_enabled: None
) -> None:
    before = asyncio.all_tasks()
    system = CentralSystem(now=clock, random=lambda: 0.0)
    await system.start("127.0.0.1", 0)
    port = system.port
    charge_points = []
    for name in ("A", "B"):
        station = system.register(name, {1: PROFILE})
        charge_point = await ScriptedChargePoint.connect(session, f"http://127.0.0.1:{port}/{name}")
        await charge_point.until_called("SetChargingProfile", 2)
        charge_points.append(charge_point)
        assert station.online
    await system.stop()
    assert system.port is None
    for charge_point in charge_points:
        await charge_point.until_closed()
        await charge_point.close()
    assert asyncio.all_tasks() == before
    with pytest.raises(OSError, match=r"Connect call failed"):
        await asyncio.open_connection("127.0.0.1", port)


async def test_stop_without_start_is_no_fault(clock: Clock) -> None:
    await CentralSystem(now=clock, random=lambda: 0.0).stop()


async def test_it_can_listen_again_after_a_stop(
    system: CentralSystem, station: OcppStation, connect: Connect
) -> None:
    await system.stop()
    await system.start("127.0.0.1", 0)
    await (await connect()).call("Heartbeat")
    assert station.online


async def test_unregister_pauses_the_station_first(
    system: CentralSystem, station: OcppStation, charge_point: ScriptedChargePoint
) -> None:
    station.set_current(1, 16)
    await station.settled()
    await system.unregister("CP1")
    assert charge_point.profiles[-1].limit == 0


@pytest.mark.parametrize("config", [CentralSystemConfig(farewell=timedelta())])
async def test_unregister_does_not_wait_long_for_a_station_that_is_mute(
    system: CentralSystem, station: OcppStation, charge_point: ScriptedChargePoint
) -> None:
    station.set_current(1, 16)
    await station.settled()
    charge_point.script["SetChargingProfile"] = Special.SILENCE
    await system.unregister("CP1")
    assert not station.online


async def test_unregister_ends_the_connection(
    system: CentralSystem, station: OcppStation, charge_point: ScriptedChargePoint
) -> None:
    await system.unregister("CP1")
    await charge_point.until_closed()
    assert not station.online
    assert system.stations == {}


async def test_newest_connection_wins(station: OcppStation, connect: Connect) -> None:
    first = await connect()
    await first.until_called("SetChargingProfile", 2)
    second = await connect()
    await first.until_closed()
    await second.until_called("SetChargingProfile", 2)
    await station.settled()
    await second.call("Heartbeat")
    assert station.online
    assert station.reading(1).confirmed == 6.0
    second.cut()
    await until(station, lambda: not station.online)


@dataclass(frozen=True)
class SlowDoor:
    """A port on which each handshake waits in the middle until a test lets it go on."""

    port: int
    held: asyncio.Queue[asyncio.Event]

    async def knock(
        self, session: ClientSession
    ) -> tuple[asyncio.Task[ClientWebSocketResponse], asyncio.Event]:
        url = f"http://127.0.0.1:{self.port}/CP1"
        connecting = asyncio.create_task(session.ws_connect(url, protocols=("ocpp1.6",)))
        async with asyncio.timeout(PATIENCE):
            return connecting, await self.held.get()


@pytest.fixture
async def slow_door(system: CentralSystem) -> AsyncIterator[SlowDoor]:
    held: asyncio.Queue[asyncio.Event] = asyncio.Queue()

    async def hold(_request: web.Request, _response: web.StreamResponse) -> None:
        held.put_nowait(go := asyncio.Event())
        await go.wait()

    async def handle(request: web.Request) -> web.StreamResponse:
        return await system.handle(request, request.match_info["station"])

    app = web.Application()
    app.on_response_prepare.append(hold)
    app.router.add_get("/{station}", handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield SlowDoor(runner.addresses[0][1], held)
    await runner.cleanup()


async def until_cut(connecting: asyncio.Task[ClientWebSocketResponse]) -> None:
    """Wait for the end of a connection that may have ended before its handshake was read."""
    async with asyncio.timeout(PATIENCE):
        with contextlib.suppress(ClientError):
            socket = await connecting
            assert (await socket.receive()).type in {WSMsgType.CLOSED, WSMsgType.ERROR}


@pytest.mark.parametrize("again", [False, True])
async def test_a_station_that_is_removed_during_its_handshake_is_not_kept(
    system: CentralSystem,
    station: OcppStation,
    slow_door: SlowDoor,
    session: ClientSession,
    *,
    again: bool,
) -> None:
    connecting, go = await slow_door.knock(session)
    await system.unregister("CP1")
    successor = system.register("CP1", {1: PROFILE}) if again else station
    go.set()
    await until_cut(connecting)
    assert (station.contacts, successor.contacts) == (0, 0)


async def test_a_station_whose_version_changes_during_its_handshake_comes_back(
    system: CentralSystem, station: OcppStation, slow_door: SlowDoor, session: ClientSession
) -> None:
    connecting, go = await slow_door.knock(session)
    system.speak("CP1", "ocpp2.0.1")
    go.set()
    await until_cut(connecting)
    assert station.contacts == 0


@pytest.mark.parametrize("newest_first", [True, False])
async def test_the_handshake_that_has_begun_last_wins(
    station: OcppStation, slow_door: SlowDoor, session: ClientSession, *, newest_first: bool
) -> None:
    older, go_older = await slow_door.knock(session)
    newer, go_newer = await slow_door.knock(session)
    for go in (go_newer, go_older) if newest_first else (go_older, go_newer):
        go.set()
        await asyncio.sleep(0)
    await until_cut(older)
    socket = await newer
    assert (await socket.receive()).type is WSMsgType.TEXT
    assert (station.online, station.contacts) == (True, 1)


async def test_a_megabyte_is_read(station: OcppStation, charge_point: ScriptedChargePoint) -> None:
    sampled = {"value": "7", "measurand": "Current.Import", "phase": "L1", "format": "Raw"}
    values = [sampled] * (1_000_000 // len(json.dumps(sampled)) + 1)
    await charge_point.meter(*values)
    drawn = station.connectors[1].drawn
    assert drawn is not None
    assert drawn.l1 == 7.0


@pytest.mark.parametrize("config", [CentralSystemConfig(max_frame=50_000)])
async def test_a_frame_above_the_maximum_ends_the_connection(
    station: OcppStation, charge_point: ScriptedChargePoint
) -> None:
    await charge_point.socket.send_str("x" * 50_001)
    assert await charge_point.until_closed() == 1009
    await until(station, lambda: not station.online)


async def test_four_megabytes_are_above_the_maximum(
    station: OcppStation, connect: Connect, charge_point: ScriptedChargePoint
) -> None:
    with contextlib.suppress(ConnectionError):
        await charge_point.socket.send_str("x" * (4 * 1024 * 1024 + 1))
    await until(station, lambda: not station.online)
    await (await connect()).call("Heartbeat")
    assert station.online


DEEP = "[" * 100_000 + "]" * 100_000


@pytest.mark.parametrize(
    "frame",
    [
        "not json",
        "{}",
        "[]",
        "17",
        "null",
        "[2]",
        '[2,["x"],"Heartbeat",{}]',
        '[9,"1","Heartbeat",{}]',
        DEEP,
        "9" * 5000,
        '[3,"nobody asked",{}]',
        '[4,"nobody asked"]',
        "[3,null,{}]",
        '[4,"x","InternalError","",{},7]',
    ],
)
async def test_frames_without_meaning_change_nothing(
    station: OcppStation, charge_point: ScriptedChargePoint, frame: str
) -> None:
    await charge_point.socket.send_str(frame)
    assert "currentTime" in await charge_point.call("Heartbeat")
    assert station.online


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ([2, "a", ["x"], {}], "FormationViolation"),
        ([2, "b", {"y": 1}, {}], "FormationViolation"),
        ([2, "c", "Heartbeat", [1]], "FormationViolation"),
        ([2, "d"], "FormationViolation"),
        ([2, "e", "MakeCoffee", {}], "NotImplemented"),
        ([2, "f", "RemoteStartTransaction", {}], "NotSupported"),
    ],
)
async def test_calls_that_cannot_be_carried_out_are_answered_by_an_error(
    charge_point: ScriptedChargePoint, frame: list[Any], code: str
) -> None:
    answer = await charge_point.exchange(frame)
    assert answer[:3] == [4, frame[1], code]
    assert "currentTime" in await charge_point.call("Heartbeat")


@pytest.mark.parametrize(
    "frame",
    [
        [2, "a", "Heartbeat"],
        [2, "b", "Heartbeat", None],
        [2, "c", "Heartbeat", {}, "more", 3],
        [2, 17, "Heartbeat", {}],
        [2, "d", "Heartbeat", {"self": 1, "ocppCSMSURL": [{"V2X": None}]}],
    ],
)
async def test_calls_with_too_little_or_too_much_are_carried_out(
    charge_point: ScriptedChargePoint, frame: list[Any]
) -> None:
    answer = await charge_point.exchange(frame)
    assert answer[:2] == [3, frame[1]]
    assert "currentTime" in answer[2]


async def test_a_call_nested_too_deeply_is_answered(charge_point: ScriptedChargePoint) -> None:
    nested: list[Any] = []
    for _ in range(5000):
        nested = [nested]
    answer = await charge_point.exchange([2, "deep", "MeterValues", {"meterValue": nested}])
    assert answer[:3] == [4, "deep", "FormationViolation"]
    assert "currentTime" in await charge_point.call("Heartbeat")


async def test_a_fault_of_ours_is_logged_and_ends_nothing(
    station: OcppStation, charge_point: ScriptedChargePoint, caplog: pytest.LogCaptureFixture
) -> None:
    def stumble() -> None:
        raise ZeroDivisionError

    unsubscribe = station.subscribe(stumble)
    answer = await charge_point.exchange([2, "x", "StatusNotification", {"connectorId": 1}])
    assert answer[:3] == [4, "x", "InternalError"]
    assert "Fault while answering a charger" in caplog.text
    unsubscribe()
    assert await charge_point.call("StatusNotification", {"connectorId": 1}) == {}


async def test_a_fault_in_our_work_starts_the_connection_anew(
    station: OcppStation, charge_point: ScriptedChargePoint, caplog: pytest.LogCaptureFixture
) -> None:
    def stumble() -> None:
        unsubscribe()
        raise ZeroDivisionError

    unsubscribe = station.subscribe(stumble)
    station.set_current(1, 16)
    await charge_point.until_closed()
    assert "Fault in the work for station CP1" in caplog.text
    await until(station, lambda: not station.online)


async def test_faults_are_logged_once_for_each_connection(
    charge_point: ScriptedChargePoint, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(3):
        await charge_point.socket.send_str("nonsense")
        await charge_point.socket.send_bytes(b"\xff\xfe")
    await charge_point.call("Heartbeat")
    complaints = [record for record in caplog.records if "cannot be understood" in record.message]
    assert len(complaints) == 2


async def test_binary_frames_and_byte_order_marks_are_read(
    charge_point: ScriptedChargePoint,
) -> None:
    frame: list[Any] = [2, "x", "Heartbeat", {}]
    assert (await charge_point.exchange(frame, binary=True))[0] == 3
    assert (await charge_point.exchange(frame, prefix="\ufeff"))[0] == 3


async def test_a_ping_of_the_charger_is_answered(charge_point: ScriptedChargePoint) -> None:
    await charge_point.socket.ping(b"hello")
    assert "currentTime" in await charge_point.call("Heartbeat")


@pytest.mark.parametrize(
    ("action", "payload", "answer"),
    [
        ("Authorize", {"idTag": "A1"}, {"idTagInfo": {"status": "Accepted"}}),
        ("Authorize", {}, {"idTagInfo": {"status": "Accepted"}}),
        ("DataTransfer", {"vendorId": "x"}, {"status": "UnknownVendorId"}),
        ("DiagnosticsStatusNotification", {"status": "Idle"}, {}),
        ("FirmwareStatusNotification", {"status": "Idle"}, {}),
        ("SecurityEventNotification", {"type": "x", "timestamp": "y"}, {}),
        ("LogStatusNotification", {"status": "Idle"}, {}),
        ("SignedFirmwareStatusNotification", {"status": "Idle"}, {}),
        ("SignCertificate", {"csr": "x"}, {"status": "Rejected"}),
    ],
)
async def test_messages_that_chargers_wait_for_are_answered(
    charge_point: ScriptedChargePoint,
    action: str,
    payload: dict[str, Any],
    answer: dict[str, Any],
) -> None:
    assert await charge_point.call(action, payload) == answer
