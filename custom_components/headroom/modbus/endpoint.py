"""Modbus connections, one per host and port, shared by all units behind it."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Final, override

from pymodbus.client import AsyncModbusTcpClient
from pymodbus.constants import ExcCodes
from pymodbus.exceptions import ModbusException
from pymodbus.framer import FramerType
from pymodbus.pdu import ModbusPDU

from .address import Framing
from .backoff import Backoff
from .errors import ModbusImplausible, ModbusRefused, ModbusUnreachable
from .registers import Function
from .rtu import AnswerFramer
from .turns import Turns

type Sleep = Callable[[float], Awaitable[None]]

DEFAULT_TIMEOUT: Final = timedelta(seconds=1)

_NOT_NOW: Final = frozenset(
    {
        ExcCodes.ACKNOWLEDGE,
        ExcCodes.DEVICE_BUSY,
        ExcCodes.GATEWAY_PATH_UNAVIABLE,
        ExcCodes.GATEWAY_NO_RESPONSE,
    }
)
"""Exceptions by which a gateway or device says that it has no answer now."""

_PATIENCE: Final = 3
"""Unanswered requests after which a unit is asked less often, for the sake of its neighbours.

Not fewer than the missed polls that count as silence, so that a lost answer does no more harm.
"""


class ModbusEndpoint:
    """One Modbus server; connects when needed and serves one request at a time.

    Waiting requests are served in the order of their arrival, writes before reads.
    """

    def __init__(
        self,
        host: str,
        port: int,
        framing: Framing = Framing.TCP,
        *,
        now: Callable[[], datetime],
        timeout: timedelta,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._host = host
        self._port = port
        self._framing = framing
        self._now = now
        self._timeout = timeout
        self._sleep = sleep
        self._pause = timedelta()
        self._free_at = now()
        """When the next request may be sent."""
        self._backoff = Backoff(now)
        self._silences = defaultdict[int, Backoff](lambda: Backoff(now, patience=_PATIENCE))
        self._client: AsyncModbusTcpClient | None = None
        self._closed = False
        self._connections = 0
        self._turns = Turns()

    @property
    def connections(self) -> int:
        """Return how many connections have been begun so far."""
        return self._connections

    @override
    def __str__(self) -> str:
        """Return the address for messages."""
        return f"{self._host}:{self._port}"

    def pause_at_least(self, pause: timedelta) -> None:
        """Leave so much time between an answer and the next request."""
        self._pause = max(self._pause, pause)

    def retry_now(self) -> None:
        """Let the next requests pass even if the last attempts failed just now."""
        self._backoff.reset()
        self._silences.clear()

    async def read(self, unit: int, function: Function, registers: range) -> list[int]:
        """Return the content of registers. Raises ModbusError."""

        async def read(client: AsyncModbusTcpClient) -> ModbusPDU:
            holding = function is Function.HOLDING
            ask = client.read_holding_registers if holding else client.read_input_registers
            return await ask(registers.start, count=len(registers), device_id=unit)

        async with self._turns.take():
            words = (await self._request(unit, await self._connected_client(unit), read)).registers
        if len(words) != len(registers):
            raise ModbusImplausible(
                f"{self}/{unit} gave {len(words)} of {len(registers)} registers"
            )
        return words

    async def write(
        self,
        unit: int,
        address: int,
        words: Sequence[int],
        *,
        single: bool = False,
        connection: int | None = None,
    ) -> None:
        """Write holding registers, before waiting reads. Raises ModbusError.

        `single` writes one register by function 6 instead of 16. With `connection`, a number of
        `connections`, nothing is written through a later one.
        """

        async def write(client: AsyncModbusTcpClient) -> ModbusPDU:
            if single:
                (word,) = words
                return await client.write_register(address, word, device_id=unit)
            return await client.write_registers(address, list(words), device_id=unit)

        async with self._turns.take(urgent=True):
            client = await self._connected_client(unit)
            if connection not in {None, self._connections}:
                raise ModbusUnreachable(f"{self} was connected anew")
            await self._request(unit, client, write)

    async def close(self) -> None:
        """Disconnect for good; requests from now on raise ModbusUnreachable."""
        self._closed = True
        async with self._turns.take(urgent=True):
            if self._client is not None:
                self._client.close()
                # asyncio closes the socket in the next turn of its loop.
                await asyncio.sleep(0)

    async def _connected_client(self, unit: int) -> AsyncModbusTcpClient:
        if self._silences[unit].waiting:
            raise ModbusUnreachable(f"{self}/{unit} does not answer")
        if self._closed:
            raise ModbusUnreachable(f"{self} is closed")
        await self._keep_pace()
        if self._client is not None and self._client.connected:
            return self._client
        if self._backoff.waiting:
            raise ModbusUnreachable(f"{self} cannot be reached")
        return await self._connect()

    async def _keep_pace(self) -> None:
        wait = min(self._free_at - self._now(), self._timeout + self._pause)
        if wait > timedelta():
            await self._sleep(wait.total_seconds())

    def _make_client(self) -> AsyncModbusTcpClient:
        is_rtu = self._framing is Framing.RTU_OVER_TCP
        client = AsyncModbusTcpClient(
            self._host,
            port=self._port,
            framer=FramerType.RTU if is_rtu else FramerType.SOCKET,
            timeout=self._timeout.total_seconds(),
            retries=0,
            reconnect_delay=0,
        )
        if is_rtu:
            client.ctx.framer = AnswerFramer(client.ctx.framer.decoder)
        return client

    async def _connect(self) -> AsyncModbusTcpClient:
        # Kept before it is connected, so that close() finds it if this task is cancelled.
        self._client = client = self._make_client()
        self._connections += 1
        try:
            connected = await client.connect()
        except ValueError as error:
            raise ModbusUnreachable(f"{self} is not an address: {error}") from error
        if not connected:
            self._backoff.fail()
            raise ModbusUnreachable(f"{self} cannot be reached")
        self._backoff.reset()
        return client

    async def _request(
        self,
        unit: int,
        client: AsyncModbusTcpClient,
        ask: Callable[[AsyncModbusTcpClient], Awaitable[ModbusPDU]],
    ) -> ModbusPDU:
        try:
            response = await self._answer(unit, client, ask)
        except ModbusUnreachable:
            self._silences[unit].fail()
            raise
        self._silences[unit].reset()
        if response.isError():
            raise ModbusRefused(_refusal(f"{self}/{unit}", response))
        return response

    async def _answer(
        self,
        unit: int,
        client: AsyncModbusTcpClient,
        ask: Callable[[AsyncModbusTcpClient], Awaitable[ModbusPDU]],
    ) -> ModbusPDU:
        try:
            response = await ask(client)
            self._free_at = self._now() + self._pause
        except ModbusException as error:
            self._leave_alone()
            # pymodbus raises its own error when the task that waits for it is cancelled.
            if (task := asyncio.current_task()) is not None and task.cancelling():
                raise asyncio.CancelledError from error
            raise ModbusUnreachable(f"{self}/{unit} does not answer") from error
        if response.isError() and response.exception_code in _NOT_NOW:
            raise ModbusUnreachable(_refusal(f"{self}/{unit}", response))
        return response

    def _leave_alone(self) -> None:
        """Let an answer that comes late pass; RTU cannot tell it from that to the next request."""
        late = self._timeout if self._framing is Framing.RTU_OVER_TCP else timedelta()
        self._free_at = self._now() + max(self._pause, late)


def _refusal(address: str, response: ModbusPDU) -> str:
    return f"{address} answered with Modbus exception {response.exception_code}"


class EndpointPool:
    """The endpoints in use, each kept as long as somebody holds it."""

    def __init__(
        self,
        now: Callable[[], datetime],
        *,
        timeout: timedelta = DEFAULT_TIMEOUT,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self.now: Final = now
        self._timeout = timeout
        self._sleep = sleep
        self._endpoints: dict[tuple[str, int, Framing], ModbusEndpoint] = {}
        self._holders: dict[ModbusEndpoint, int] = {}

    def acquire(
        self,
        host: str,
        port: int,
        framing: Framing = Framing.TCP,
        *,
        pause: timedelta = timedelta(),
    ) -> ModbusEndpoint:
        """Return the endpoint of an address, to be released once.

        `pause` is what the device needs between an answer and the next request.
        """
        endpoint = self._endpoints.get((host, port, framing))
        if endpoint is None:
            endpoint = ModbusEndpoint(
                host, port, framing, now=self.now, timeout=self._timeout, sleep=self._sleep
            )
            self._endpoints[host, port, framing] = endpoint
        endpoint.pause_at_least(pause)
        self._holders[endpoint] = self._holders.get(endpoint, 0) + 1
        return endpoint

    async def release(self, endpoint: ModbusEndpoint) -> None:
        """Give an endpoint back; the last holder's release disconnects it."""
        if endpoint not in self._holders:
            return
        self._holders[endpoint] -= 1
        if not self._holders[endpoint]:
            self._forget(endpoint)
            await endpoint.close()

    @asynccontextmanager
    async def lend(
        self,
        host: str,
        port: int,
        framing: Framing = Framing.TCP,
        *,
        pause: timedelta = timedelta(),
    ) -> AsyncGenerator[ModbusEndpoint]:
        """Hold the endpoint of an address for a moment; earlier failures do not count."""
        endpoint = self.acquire(host, port, framing, pause=pause)
        try:
            endpoint.retry_now()
            yield endpoint
        finally:
            await self.release(endpoint)

    async def close(self) -> None:
        """Disconnect every endpoint, whoever holds it."""
        endpoints = tuple(self._holders)
        self._endpoints.clear()
        self._holders.clear()
        await asyncio.gather(*(endpoint.close() for endpoint in endpoints))

    def _forget(self, endpoint: ModbusEndpoint) -> None:
        del self._holders[endpoint]
        self._endpoints = {k: kept for k, kept in self._endpoints.items() if kept is not endpoint}
