"""A clock, a pacer and a Modbus server that tests control."""

import asyncio
import struct
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from pymodbus.constants import ExcCodes
from pymodbus.framer import FramerType
from pymodbus.pdu import ModbusPDU
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

type Table = Mapping[int, bytes]
"""Content of registers by the address of the first, as on the wire."""


class Clock:
    """A clock that stands still until it is set forward or back."""

    def __init__(self) -> None:
        self.time = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def advance(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


class Pacer:
    """Stands in for asyncio.sleep: shows how long was asked and wakes on command."""

    def __init__(self) -> None:
        self._naps: asyncio.Queue[float] = asyncio.Queue()
        self._wake = asyncio.Semaphore(0)

    async def sleep(self, seconds: float) -> None:
        self._naps.put_nowait(seconds)
        await self._wake.acquire()

    async def nap(self) -> float:
        """Wait until somebody sleeps and return for how long."""
        async with asyncio.timeout(10):
            return await self._naps.get()

    def wake(self) -> None:
        self._wake.release()


class Naps:
    """Stands in for asyncio.sleep: the clock goes on instead."""

    def __init__(self, clock: Clock) -> None:
        self.taken: list[float] = []
        self._clock = clock

    async def sleep(self, seconds: float) -> None:
        self.taken.append(seconds)
        self._clock.advance(seconds)


class FakeServer:
    """A Modbus server on loopback with some units."""

    def __init__(self, units: Mapping[int, Table], framer: FramerType = FramerType.SOCKET) -> None:
        self._framer = framer
        self._devices = [self._device(unit, table) for unit, table in units.items()]
        self._server: ModbusTcpServer | None = None
        self.port = 0
        self.requests: list[tuple[int, int, int, int]] = []
        """Unit, function, address and count of every request."""
        self.connections = 0
        self.disconnected = asyncio.Event()
        self.refusals: dict[int, ExcCodes] = {}
        """Exceptions by the first address of a request."""
        self.cut = 0
        """Registers that are missing at the end of every answer."""
        self.impostor: int | None = None
        """Unit id in every answer instead of the one that was asked."""
        self.asked = asyncio.Semaphore(0)
        self.answering = asyncio.Event()
        self.answering.set()

    async def start(self) -> None:
        """Listen, on the same port if started again."""
        self._server = server = ModbusTcpServer(
            self._devices,
            framer=self._framer,
            address=("127.0.0.1", self.port),
            trace_connect=self._on_connection,
            trace_pdu=self._on_pdu,
        )
        await server.serve_forever(background=True)
        listener = server.transport
        assert isinstance(listener, asyncio.Server)
        self.port = listener.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Drop every connection and listen no more."""
        self.answering.set()
        assert self._server is not None
        await self._server.shutdown()  # type: ignore[no-untyped-call]  # pymodbus leaves it bare
        for _ in range(5):
            await asyncio.sleep(0)

    async def write(self, unit: int, address: int, words: bytes) -> None:
        assert self._server is not None
        await self._server.async_setValues(unit, 16, address, _registers(words))

    def addresses(self) -> list[int]:
        """Return the first address of every request so far and forget them."""
        addresses = [address for _, _, address, _ in self.requests]
        self.requests.clear()
        return addresses

    def _device(self, unit: int, table: Table) -> SimDevice:
        data = [
            SimData(address, values=_registers(words), datatype=DataType.UINT16)
            for address, words in table.items()
        ]
        return SimDevice(unit, data, action=self._action)

    async def _action(
        self,
        function: int,
        start: int,
        address: int,
        count: int,
        registers: list[int],
        values: list[int] | list[bool] | None,
    ) -> ExcCodes | None:
        await self.answering.wait()
        return self.refusals.get(address)

    def _on_connection(self, connected: bool) -> None:
        if connected:
            self.connections += 1
        else:
            self.disconnected.set()

    def _on_pdu(self, sending: bool, pdu: ModbusPDU) -> ModbusPDU:
        if not sending:
            self.requests.append((pdu.dev_id, pdu.function_code, pdu.address, pdu.count))
            self.asked.release()
        if sending and self.cut:
            pdu.registers = pdu.registers[: -self.cut]
        if sending and self.impostor is not None:
            pdu.dev_id = self.impostor
        return pdu


def _registers(words: bytes) -> list[int]:
    return list(struct.unpack(f">{len(words) // 2}H", words))
