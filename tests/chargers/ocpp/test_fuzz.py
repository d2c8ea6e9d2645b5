"""Whatever comes over a station's socket: the connection lives, and strangers change nothing."""

import asyncio
import gc
import json
import logging
import math
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest
from aiohttp import ClientSession, WSServerHandshakeError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from custom_components.headroom.chargers.ocpp.config import CentralSystemConfig
from custom_components.headroom.chargers.ocpp.credentials import Credentials
from custom_components.headroom.chargers.ocpp.server import CentralSystem
from custom_components.headroom.chargers.ocpp.station import OcppStation

from .charge_point import PATIENCE, ScriptedChargePoint, basic
from .conftest import PROFILE, until

SHARED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
"""Examples share a socket: what one leaves behind must not harm the next either."""

MOST_CURRENT = 1000.0

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4)
    ),
    max_leaves=12,
)

CALLS: dict[str, dict[str, Any]] = {
    "BootNotification": {
        "chargePointVendor": "Acme",
        "chargePointModel": "One",
        "chargePointSerialNumber": "1",
        "firmwareVersion": "1.0",
    },
    "Heartbeat": {},
    "Authorize": {"idTag": "BADGE"},
    "StatusNotification": {
        "connectorId": 1,
        "errorCode": "NoError",
        "status": "Charging",
        "timestamp": "2026-07-01T12:00:00Z",
    },
    "StartTransaction": {
        "connectorId": 1,
        "idTag": "BADGE",
        "meterStart": 0,
        "timestamp": "2026-07-01T12:00:00Z",
    },
    "StopTransaction": {"transactionId": 1, "meterStop": 1, "timestamp": "2026-07-01T12:00:00Z"},
    "MeterValues": {
        "connectorId": 1,
        "transactionId": 1,
        "meterValue": [
            {
                "timestamp": "2026-07-01T12:00:00Z",
                "sampledValue": [
                    {"value": "7.5", "measurand": "Current.Import", "phase": "L1", "unit": "A"}
                ],
            }
        ],
    },
    "DataTransfer": {"vendorId": "Acme"},
    "DiagnosticsStatusNotification": {"status": "Idle"},
    "FirmwareStatusNotification": {"status": "Idle"},
    "SecurityEventNotification": {"type": "X", "timestamp": "2026-07-01T12:00:00Z"},
    "LogStatusNotification": {"status": "Idle"},
    "SignedFirmwareStatusNotification": {"status": "Idle"},
    "SignCertificate": {"csr": "-"},
}


@st.composite
def spoilt(draw: st.DrawFn, payload: Any) -> Any:
    """Draw a payload with some of its parts replaced, at any depth."""
    if draw(st.integers(0, 3)) == 0:
        return draw(JSON)
    match payload:
        case dict():
            kept = {key: draw(spoilt(value)) for key, value in payload.items()}
            return kept | draw(st.dictionaries(st.text(max_size=10), JSON, max_size=1))
        case list():
            return [draw(spoilt(value)) for value in payload] * draw(st.integers(0, 3))
    return payload


@st.composite
def calls(draw: st.DrawFn) -> tuple[str, Any]:
    """Draw an action and a payload that is nearly one of its own."""
    action = draw(st.sampled_from(sorted(CALLS)))
    return action, draw(spoilt(CALLS[action]))


@pytest.fixture
def config() -> CentralSystemConfig:
    return CentralSystemConfig(burst=10**9)


async def require_alive(charge_point: ScriptedChargePoint) -> None:
    """Require that the station is still served on the same connection."""
    assert "currentTime" in await charge_point.call("Heartbeat")


def require_plausible(station: OcppStation) -> None:
    """Require that what is known of the connector can be."""
    drawn = station.reading(1).drawn
    assert drawn is None or all(0 <= current <= MOST_CURRENT for current in drawn)
    offered = station.reading(1).offered
    assert offered is None or (math.isfinite(offered) and offered >= 0)


@SHARED
@given(call=calls())
async def test_every_call_is_answered_whatever_its_fields(
    charge_point: ScriptedChargePoint, station: OcppStation, call: tuple[str, Any]
) -> None:
    answer = await charge_point.exchange([2, str(uuid4()), *call])
    assert answer[0] in {3, 4}
    require_plausible(station)
    await require_alive(charge_point)


@SHARED
@given(action=st.text(max_size=60), payload=JSON)
async def test_every_action_is_answered(
    charge_point: ScriptedChargePoint, action: str, payload: Any
) -> None:
    answer = await charge_point.exchange([2, str(uuid4()), action, payload])
    assert answer[0] in {3, 4}


@SHARED
@given(frame=JSON | st.lists(JSON, max_size=5))
async def test_any_json_leaves_the_connection_alive(
    charge_point: ScriptedChargePoint, frame: Any
) -> None:
    await charge_point.socket.send_str(json.dumps(frame))
    await require_alive(charge_point)


@SHARED
@given(text=st.text(max_size=200), data=st.binary(max_size=200), control=st.binary(max_size=125))
async def test_any_frame_leaves_the_connection_alive(
    charge_point: ScriptedChargePoint, text: str, data: bytes, control: bytes
) -> None:
    await charge_point.socket.send_str(text)
    await charge_point.socket.send_bytes(data)
    await charge_point.socket.ping(control)
    await charge_point.socket.pong(control)
    await require_alive(charge_point)


@SHARED
@given(answer=JSON, kind=st.sampled_from([3, 4]), rest=st.lists(JSON, max_size=3))
async def test_any_answer_to_a_command_is_survived(
    charge_point: ScriptedChargePoint, station: OcppStation, answer: Any, kind: int, rest: list[Any]
) -> None:
    for command in charge_point.received:
        await charge_point.socket.send_str(json.dumps([kind, command.id, answer, *rest]))
    charge_point.received.clear()
    station.set_current(1, 6.0 + len(rest))
    await require_alive(charge_point)


@SHARED
@given(data=st.binary(min_size=1, max_size=300))
async def test_any_bytes_at_the_port_harm_nobody(
    charge_point: ScriptedChargePoint, system: CentralSystem, data: bytes
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", system.port)
    writer.write(data)
    writer.write_eof()
    async with asyncio.timeout(PATIENCE):
        await reader.read()
    writer.close()
    await require_alive(charge_point)


@SHARED
@given(data=st.binary(min_size=1, max_size=300))
async def test_any_bytes_after_the_handshake_end_in_order(
    station: OcppStation, system: CentralSystem, data: bytes
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", system.port)
    writer.write(
        b"GET /CP1 HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
        b"Sec-WebSocket-Protocol: ocpp1.6\r\n\r\n"
    )
    async with asyncio.timeout(PATIENCE):
        assert b"101" in await reader.readline()
    writer.write(data)
    writer.write_eof()
    async with asyncio.timeout(PATIENCE):
        await reader.read()
    writer.close()
    await until(station, lambda: not station.online)


class TestStrangers:
    @pytest.fixture
    async def guarded(self, system: CentralSystem, socket_enabled: None) -> OcppStation:
        credentials = Credentials(password="a password that nobody guesses")
        return system.register("CP1", {1: PROFILE}, credentials=credentials)

    @SHARED
    @given(
        path=st.sampled_from(["CP1", "cp1", "CP2", "CP1/x", "x/CP1", ""]),
        user=st.sampled_from(["CP1", "CP2", "", "CP1:"]) | st.text(max_size=10),
        password=st.text(max_size=70),
        call=calls(),
    )
    async def test_they_change_nothing(
        self,
        guarded: OcppStation,
        system: CentralSystem,
        session: ClientSession,
        path: str,
        user: str,
        password: str,
        call: tuple[str, Any],
    ) -> None:
        before = guarded.reading(1), guarded.info, system.ledger.to_json()
        url = f"http://127.0.0.1:{system.port}/{path}"
        header = basic(user.encode(errors="replace"), password.encode(errors="replace"))
        with pytest.raises(WSServerHandshakeError):
            await session.ws_connect(url, headers={"Authorization": header})
        assert not guarded.online
        assert (guarded.reading(1), guarded.info, system.ledger.to_json()) == before

    @SHARED
    @given(data=st.binary(max_size=200))
    async def test_frames_behind_a_refused_handshake_change_nothing(
        self, guarded: OcppStation, system: CentralSystem, data: bytes
    ) -> None:
        before = guarded.reading(1), guarded.info, system.ledger.to_json()
        reader, writer = await asyncio.open_connection("127.0.0.1", system.port)
        writer.write(
            b"GET /CP1 HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        )
        writer.write(data)
        writer.write_eof()
        async with asyncio.timeout(PATIENCE):
            assert b" 101 " not in await reader.read()
        writer.close()
        assert not guarded.online
        assert (guarded.reading(1), guarded.info, system.ledger.to_json()) == before


ROUNDS = settings().max_examples // 2
FRAMES = 50 * settings().max_examples
"""Every night as many as a thousand connections and a hundred thousand frames."""
MOST_LEFT = 256 * 1024
"""Bytes that may be allocated anew after all that; caches of libraries grow a little at first."""


@contextmanager
def leaves_nothing() -> Iterator[None]:
    """Require that what is done inside does not stay in memory."""
    logging.disable()  # pytest keeps every record
    asyncio.get_running_loop().set_debug(False)  # it looks at the stack all the time
    gc.collect()
    tracemalloc.start()
    try:
        yield
        gc.collect()
        left, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        logging.disable(logging.NOTSET)
    assert left < MOST_LEFT


async def visit(session: ClientSession, url: str) -> None:
    async with session.ws_connect(url, protocols=("ocpp1.6",)) as socket:
        await socket.send_str('[2, "1", "Heartbeat", {}]')
        async for message in socket:
            if json.loads(message.data)[0] == 3:
                break


async def test_connections_that_come_and_go_leave_nothing(
    station: OcppStation, system: CentralSystem, session: ClientSession
) -> None:
    url = f"http://127.0.0.1:{system.port}/CP1"
    await visit(session, url)
    with leaves_nothing():
        for _ in range(ROUNDS):
            await visit(session, url)


async def test_frames_leave_nothing(charge_point: ScriptedChargePoint) -> None:
    await charge_point.call("Heartbeat")
    charge_point._answers.clear()
    with leaves_nothing():
        for number in range(FRAMES):
            action = ("Heartbeat", "MeterValues", f"Nonsense{number}")[number % 3]
            await charge_point.exchange([2, f"{number}", action, {}])
            charge_point._answers.clear()


async def test_strangers_leave_nothing(system: CentralSystem, session: ClientSession) -> None:
    with leaves_nothing():
        for number in range(ROUNDS):
            url = f"http://127.0.0.1:{system.port}/STRANGER-{number}"
            with pytest.raises(WSServerHandshakeError):
                await session.ws_connect(url)
