"""Peers that open connections and say nothing, or never come to an end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from custom_components.headroom.chargers.ocpp.config import CentralSystemConfig
from custom_components.headroom.chargers.ocpp.server import CentralSystem
from custom_components.headroom.chargers.ocpp.station import OcppStation
from custom_components.headroom.chargers.ocpp.tls import TlsFiles, load_tls

from .charge_point import PATIENCE
from .conftest import PROFILE, Clock, Connect
from .pki import Authority

FEW = CentralSystemConfig(strangers_per_address=3, strangers_at_once=5)
HASTY = CentralSystemConfig(handshake_patience=timedelta(seconds=0.05))
HEADERS = b"GET /CP1 HTTP/1.1\r\nHost: a\r\n"


class Strangers:
    """Peers on addresses of the loopback network."""

    def __init__(self, system: CentralSystem, stack: AsyncExitStack) -> None:
        self._system = system
        self._stack = stack

    async def knock(self, address: str = "127.0.0.1", data: bytes = b"") -> asyncio.StreamReader:
        """Open a connection and send something; wait until that has been taken notice of."""
        assert self._system.port is not None
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", self._system.port, local_addr=(address, 0)
        )
        self._stack.callback(writer.close)
        writer.write(data)
        return reader


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.create(tmp_path)


@pytest.fixture
async def strangers(system: CentralSystem) -> AsyncIterator[Strangers]:
    async with AsyncExitStack() as stack:
        yield Strangers(system, stack)


async def is_cut(reader: asyncio.StreamReader) -> bool:
    """Wait for the end of a connection."""
    async with asyncio.timeout(PATIENCE):
        try:
            return await reader.read() == b""
        except ConnectionResetError:
            return True


@pytest.mark.parametrize("config", [HASTY])
@pytest.mark.parametrize("data", [b"", HEADERS, HEADERS + b"X: " + b"a" * 5000])
async def test_who_does_not_come_to_the_point_is_cut_off(
    station: OcppStation, strangers: Strangers, data: bytes
) -> None:
    assert await is_cut(await strangers.knock(data=data))
    assert station.contacts == 0


@pytest.mark.parametrize("config", [HASTY])
async def test_who_is_refused_may_not_stay(station: OcppStation, strangers: Strangers) -> None:
    reader = await strangers.knock(data=b"GET /CP2 HTTP/1.1\r\nHost: a\r\n\r\n")
    async with asyncio.timeout(PATIENCE):
        assert b"404" in await reader.readline()
        with pytest.raises((asyncio.IncompleteReadError, ConnectionResetError)):
            await reader.readexactly(10_000)


@pytest.mark.parametrize("config", [HASTY])
async def test_a_station_stays(
    station: OcppStation, connect: Connect, strangers: Strangers
) -> None:
    charge_point = await connect()
    assert await is_cut(await strangers.knock())
    await charge_point.call("Heartbeat")
    assert station.online


@pytest.mark.parametrize("config", [FEW])
async def test_one_address_has_only_so_many_at_once(
    station: OcppStation,
    connect: Connect,
    strangers: Strangers,
    caplog: pytest.LogCaptureFixture,
) -> None:
    elsewhere = await strangers.knock("127.0.0.2")
    readers = [await strangers.knock() for _ in range(6)]
    assert all([await is_cut(reader) for reader in readers[:3]])
    await (await connect()).call("Heartbeat")
    assert station.online
    assert not elsewhere.at_eof()
    assert caplog.text.count("Too many peers connect and say nothing") == 1


@pytest.mark.parametrize("config", [FEW])
async def test_the_address_with_most_makes_room_when_all_places_are_taken(
    strangers: Strangers,
) -> None:
    quiet = await strangers.knock("127.0.0.2")
    many = [await strangers.knock("127.0.0.3") for _ in range(3)]
    await strangers.knock("127.0.0.4")
    await strangers.knock("127.0.0.5")
    assert await is_cut(many[0])
    assert not quiet.at_eof()


@pytest.mark.parametrize("config", [FEW])
async def test_who_has_gone_takes_no_place(
    strangers: Strangers, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(10):
        reader = await strangers.knock(data=b"nonsense\r\n\r\n")
        async with asyncio.timeout(PATIENCE):
            assert b"400" in await reader.read()
    assert "Too many peers" not in caplog.text


@pytest.mark.parametrize("data", [b"", b"\x16\x03\x01\x02\x00"])
async def test_the_time_runs_from_before_the_encryption(
    clock: Clock, socket_enabled: None, data: bytes, authority: Authority
) -> None:
    server = authority.issue("server")
    system = CentralSystem(now=clock, random=lambda: 0.0, config=HASTY)
    station = system.register("CP1", {1: PROFILE})
    await system.start("127.0.0.1", 0, load_tls(TlsFiles(server.certificate, server.key)))
    async with AsyncExitStack() as stack:
        stack.push_async_callback(system.stop)
        assert await is_cut(await Strangers(system, stack).knock(data=data))
    assert station.contacts == 0


async def test_all_have_to_go_when_the_port_closes(
    system: CentralSystem, strangers: Strangers
) -> None:
    reader = await strangers.knock(data=HEADERS)
    other = await strangers.knock("127.0.0.2", b"GET /CP2 HTTP/1.1\r\nHost: a\r\n\r\n")
    await other.readline()
    await system.stop()
    assert await is_cut(reader)
