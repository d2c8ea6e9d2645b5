"""A piece of network that can fail."""

import asyncio
import contextlib
from typing import Final

_BLOCK: Final = 65_536


class Link:
    """Forwards TCP connections on loopback to a port, until it is cut or held."""

    def __init__(self, target: int) -> None:
        self.port = 0
        """Where it listens, from the first start on."""
        self._target = target
        self._server: asyncio.Server | None = None
        self._ends: set[asyncio.StreamWriter] = set()
        self._flowing = asyncio.Event()
        self._flowing.set()

    async def start(self) -> None:
        """Take connections, on the same port if started again."""
        self._server = await asyncio.start_server(self._forward, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """End every connection and refuse new ones."""
        server, self._server = self._server, None
        if server is None:
            return
        server.close()
        for end in self._ends:
            end.transport.abort()
        await server.wait_closed()

    def hold(self) -> None:
        """Keep every connection open and let nothing through, not even its end."""
        self._flowing.clear()

    async def mend(self) -> None:
        """Work again; what was held arrives late."""
        self._flowing.set()
        if self._server is None:
            await self.start()

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._flowing.wait()
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:  # nobody is there: the caller learns it by the end of its connection
            writer.close()
            return
        ends = {writer, far_writer}
        self._ends |= ends
        try:
            await asyncio.gather(self._pump(reader, far_writer), self._pump(far_reader, writer))
        finally:
            self._ends -= ends
            for end in ends:
                end.transport.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while True:
                block = await reader.read(_BLOCK)
                await self._flowing.wait()
                if not block:
                    break
                writer.write(block)
                await writer.drain()
        writer.close()
