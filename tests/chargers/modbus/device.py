"""A Modbus device on loopback, or wherever its answers go, written from the description."""

import asyncio
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

READ = {3: "holding", 4: "input"}


@dataclass
class Registers:
    """The two tables of a unit, by address."""

    holding: dict[int, int] = field(default_factory=dict)
    input: dict[int, int] = field(default_factory=dict)

    def put(self, table: str, address: int, layout: str, *values: float | bytes) -> None:
        """Store values as struct packs them, most significant first."""
        raw = struct.pack(f">{layout}", *values)
        raw += b"\0" * (len(raw) % 2)
        words = struct.unpack(f">{len(raw) // 2}H", raw)
        getattr(self, table).update(enumerate(words, start=address))


@dataclass(frozen=True)
class Write:
    unit: int
    function: int
    address: int
    words: tuple[int, ...]


class Device:
    """Serves some units, tells of every request and can be made to fail."""

    def __init__(self, units: Mapping[int, Registers]) -> None:
        self.units = units
        self.port = 0
        self.writes: list[Write] = []
        self.reads: list[tuple[int, int, int, int]] = []
        """Unit, function, address and count."""
        self.connections = 0
        self.refusals: dict[int, int] = {}
        """Exception codes by the first address of a request."""
        self.write_refusals: dict[int, int] = {}
        self.cut = 0
        """Registers that are missing at the end of every answer."""
        self.react: Callable[[Registers, int, tuple[int, ...]], None] = lambda *_: None
        """Called with the tables, address and words after each write."""
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def start(self) -> None:
        """Listen, on the same port if started again."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Drop every connection and listen no more."""
        if self._server is None:
            return
        self._server.close()
        await self.hang_up()
        await self._server.wait_closed()
        self._server = None

    async def hang_up(self) -> None:
        """Drop every connection, let the other end notice, and go on to listen."""
        for writer in self._writers:
            writer.transport.abort()
        for _ in range(5):
            await asyncio.sleep(0)

    def take_writes(self) -> list[tuple[int, tuple[int, ...]]]:
        """Return address and words of every write so far and forget them."""
        taken = [(write.address, write.words) for write in self.writes]
        self.writes.clear()
        return taken

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.add(writer)
        try:
            while True:
                head = await reader.readexactly(7)
                transaction, _, length, unit = struct.unpack(">HHHB", head)
                answer = self.answer(unit, await reader.readexactly(length - 1))
                writer.write(struct.pack(">HHHB", transaction, 0, len(answer) + 1, unit) + answer)
        except asyncio.IncompleteReadError, ConnectionError:
            writer.close()
        finally:
            self._writers.discard(writer)

    def answer(self, unit: int, request: bytes) -> bytes:
        """Return the content of the answer to a request."""
        function, address = struct.unpack(">BH", request[:3])
        code = self._obey(unit, function, address, request)
        if isinstance(code, bytes):
            return bytes([function]) + code
        return bytes([function | 0x80, code])

    def _obey(self, unit: int, function: int, address: int, request: bytes) -> bytes | int:
        if function in READ:
            (count,) = struct.unpack(">H", request[3:])
            self.reads.append((unit, function, address, count))
            return self.refusals.get(address) or self._read(unit, function, address, count)
        content = request[6:] if function == 16 else request[3:]
        words = struct.unpack(f">{len(content) // 2}H", content)
        self.writes.append(Write(unit, function, address, words))
        registers = self.units[unit]
        if code := self.refusals.get(address) or self.write_refusals.get(address):
            return code
        if any(a not in registers.holding for a in range(address, address + len(words))):
            return 2
        registers.holding.update(enumerate(words, start=address))
        self.react(registers, address, words)
        return request[1:5]

    def _read(self, unit: int, function: int, address: int, count: int) -> bytes | int:
        if unit not in self.units:
            return 11
        table: dict[int, int] = getattr(self.units[unit], READ[function])
        wanted = range(address, address + count)
        if any(a not in table for a in wanted):
            return 2
        words = [table[a] for a in wanted][: count - self.cut]
        return struct.pack(f">B{len(words)}H", 2 * len(words), *words)
