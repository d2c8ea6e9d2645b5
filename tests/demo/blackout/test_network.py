"""Links that are cut, held and mended, over real sockets."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from demo.blackout.link import Link
from demo.blackout.network import Network, free_port, on_free_ports

SITE = {
    "control_port": 1,
    "meters": [{"id": "main", "port": 2}],
    "boxes": [{"id": "B", "port": 3}, {"id": "APP"}],
    "stations": [{"id": "S"}],
}


class Echo:
    """Sends back what it hears."""

    def __init__(self) -> None:
        self.port = 0
        self.heard = asyncio.Event()

    async def start(self) -> asyncio.Server:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        return server

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while block := await reader.read(100):
            self.heard.set()
            writer.write(block)
        writer.close()


@pytest.fixture
async def echo(socket_enabled: None) -> AsyncIterator[Echo]:
    echo = Echo()
    async with await echo.start():
        yield echo


@pytest.fixture
async def link(echo: Echo) -> AsyncIterator[Link]:
    link = Link(echo.port)
    await link.start()
    yield link
    await link.cut()


class Caller:
    """One connection over a link."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def hears(self, text: bytes) -> bool:
        async with asyncio.timeout(10):
            return await self.reader.read(100) == text

    async def echoes(self, text: bytes) -> bool:
        self.writer.write(text)
        return await self.hears(text)


async def call(link: Link) -> Caller:
    return Caller(*await asyncio.open_connection("127.0.0.1", link.port))


async def test_it_forwards_until_one_side_is_done(link: Link) -> None:
    caller = await call(link)
    assert await caller.echoes(b"hello")
    caller.writer.write_eof()
    assert await caller.hears(b"")
    caller.writer.close()


async def test_cut_it_ends_connections_and_refuses_new_ones(link: Link) -> None:
    caller = await call(link)
    assert await caller.echoes(b"hello")
    await link.cut()
    assert await caller.hears(b"")
    with pytest.raises(ConnectionRefusedError):
        await call(link)
    await link.mend()
    again = await call(link)
    assert await again.echoes(b"again")
    again.writer.close()
    caller.writer.close()


async def test_held_it_lets_nothing_through_until_it_is_mended(link: Link, echo: Echo) -> None:
    caller = await call(link)
    assert await caller.echoes(b"hello")
    echo.heard.clear()
    link.hold()
    caller.writer.write(b"late")
    late = await call(link)
    for _ in range(50):
        await asyncio.sleep(0)
    assert not echo.heard.is_set()
    await link.mend()
    assert await caller.hears(b"late")
    assert await late.echoes(b"hello")
    for one in (caller, late):
        one.writer.close()


async def test_nobody_behind_it_ends_the_call(socket_enabled: None) -> None:
    link = Link(free_port())
    await link.start()
    caller = await call(link)
    assert await caller.hears(b"")
    caller.writer.close()
    await link.cut()


def test_every_port_is_replaced(socket_enabled: None) -> None:
    site = on_free_ports(SITE)
    ports = [site["control_port"], site["meters"][0]["port"], site["boxes"][0]["port"]]
    assert len(set(ports)) == 3
    assert min(ports) > 1000
    assert site["boxes"][1] == {"id": "APP"}
    assert site["stations"] == SITE["stations"]


async def test_a_network_has_a_link_for_every_port(echo: Echo) -> None:
    site = on_free_ports(SITE)
    async with Network.between(site, echo.port) as network:
        far = network.far_side()
        assert far["control_port"] != site["control_port"]
        assert far["meters"][0]["port"] != site["meters"][0]["port"]
        assert far["boxes"][0]["port"] != site["boxes"][0]["port"]
        assert far["boxes"][1] == {"id": "APP"}
        port = int(network.url.rpartition(":")[2])
        caller = Caller(*await asyncio.open_connection("127.0.0.1", port))
        assert await caller.echoes(b"hello")
        await network.hold()
        caller.writer.write(b"late")
        await network.mend()
        assert await caller.hears(b"late")
        await network.cut()
        assert await caller.hears(b"")
        caller.writer.close()
