"""A serial line behind a socket, byte by byte as a test wants it."""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress

type Reply = Callable[[bytes], Iterable[bytes]]
"""What the line carries after a request."""


def sealed(*content: int) -> bytes:
    """Return a frame with its checksum, as the protocol's description has it."""
    checksum = 0xFFFF
    for byte in content:
        checksum ^= byte
        for _ in range(8):
            carry = checksum & 1
            checksum >>= 1
            if carry:
                checksum ^= 0xA001
    return bytes(content) + checksum.to_bytes(2, "little")


class Line:
    """Passes bytes on in both directions and tells of every request."""

    def __init__(self, reply: Reply) -> None:
        self.reply = reply
        self.requests: list[bytes] = []
        self.asked = asyncio.Semaphore(0)
        self.connections = 0
        self.port = 0
        self._server: asyncio.Server | None = None
        self._writers: list[asyncio.StreamWriter] = []

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Hang up."""
        assert self._server is not None
        self._server.close()
        for writer in self._writers:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()
        await self._server.wait_closed()

    def say(self, data: bytes) -> None:
        """Let something be heard on the line that nobody asked for."""
        self._writers[-1].write(data)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.append(writer)
        while request := await reader.read(256):
            self.requests.append(request)
            for part in self.reply(request):
                writer.write(part)
                await writer.drain()
                for _ in range(5):
                    await asyncio.sleep(0)
            self.asked.release()
