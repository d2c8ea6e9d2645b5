"""Modbus TCP connections, one per host and port, shared by all meters behind it."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, override

from pymodbus.client import AsyncModbusTcpClient
from pymodbus.constants import ExcCodes
from pymodbus.exceptions import ModbusException

from .backoff import Backoff
from .base import MeterImplausible, MeterRefused, MeterUnreachable
from .models import Function

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
    """One Modbus TCP server; connects when needed and serves one request at a time.

    Waiting requests are served in the order of their arrival.
    """

    def __init__(
        self, host: str, port: int, *, now: Callable[[], datetime], timeout: timedelta
    ) -> None:
        self._host = host
        self._port = port
        self._timeout = timeout
        self._backoff = Backoff(now)
        self._silences = defaultdict[int, Backoff](lambda: Backoff(now, patience=_PATIENCE))
        self._client: AsyncModbusTcpClient | None = None
        self._closed = False
        self._connections = 0
        self._lock = asyncio.Lock()

    @property
    def connections(self) -> int:
        """Return how many connections have been begun so far."""
        return self._connections

    @override
    def __str__(self) -> str:
        """Return the address for messages."""
        return f"{self._host}:{self._port}"

    def retry_now(self) -> None:
        """Let the next requests pass even if the last attempts failed just now."""
        self._backoff.reset()
        self._silences.clear()

    async def read(self, unit: int, function: Function, registers: range) -> list[int]:
        """Return the content of registers. Raises MeterError."""
        silence = self._silences[unit]
        async with self._lock:
            if silence.waiting:
                raise MeterUnreachable(f"{self}/{unit} does not answer")
            client = await self._connected_client()
            try:
                words = await self._request(client, unit, function, registers)
            except MeterUnreachable:
                silence.fail()
                raise
        silence.reset()
        if len(words) != len(registers):
            raise MeterImplausible(f"{self}/{unit} gave {len(words)} of {len(registers)} registers")
        return words

    async def close(self) -> None:
        """Disconnect for good; requests from now on raise MeterUnreachable."""
        self._closed = True
        async with self._lock:
            if self._client is not None:
                self._client.close()
                # asyncio closes the socket in the next turn of its loop.
                await asyncio.sleep(0)

    async def _connected_client(self) -> AsyncModbusTcpClient:
        if self._closed:
            raise MeterUnreachable(f"{self} is closed")
        if self._client is not None and self._client.connected:
            return self._client
        if self._backoff.waiting:
            raise MeterUnreachable(f"{self} cannot be reached")
        return await self._connect()

    async def _connect(self) -> AsyncModbusTcpClient:
        # Kept before it is connected, so that close() finds it if this task is cancelled.
        self._client = client = AsyncModbusTcpClient(
            self._host,
            port=self._port,
            timeout=self._timeout.total_seconds(),
            retries=0,
            reconnect_delay=0,
        )
        self._connections += 1
        try:
            connected = await client.connect()
        except ValueError as error:
            raise MeterUnreachable(f"{self} is not an address: {error}") from error
        if not connected:
            self._backoff.fail()
            raise MeterUnreachable(f"{self} cannot be reached")
        self._backoff.reset()
        return client

    async def _request(
        self, client: AsyncModbusTcpClient, unit: int, function: Function, registers: range
    ) -> list[int]:
        holding = function is Function.HOLDING
        read = client.read_holding_registers if holding else client.read_input_registers
        try:
            response = await read(registers.start, count=len(registers), device_id=unit)
        except ModbusException as error:
            # pymodbus raises its own error when the task that waits for it is cancelled.
            if (task := asyncio.current_task()) is not None and task.cancelling():
                raise asyncio.CancelledError from error
            raise MeterUnreachable(f"{self}/{unit} does not answer") from error
        if response.isError():
            raise self._refusal(unit, response.exception_code)
        return response.registers

    def _refusal(self, unit: int, code: int) -> MeterRefused | MeterUnreachable:
        message = f"{self}/{unit} answered with Modbus exception {code}"
        return MeterUnreachable(message) if code in _NOT_NOW else MeterRefused(message)


class EndpointPool:
    """The endpoints in use, each kept as long as somebody holds it."""

    def __init__(
        self, now: Callable[[], datetime], *, timeout: timedelta = DEFAULT_TIMEOUT
    ) -> None:
        self.now: Final = now
        self._timeout = timeout
        self._endpoints: dict[tuple[str, int], ModbusEndpoint] = {}
        self._holders: dict[ModbusEndpoint, int] = {}

    def acquire(self, host: str, port: int) -> ModbusEndpoint:
        """Return the endpoint of an address, to be released once."""
        endpoint = self._endpoints.get((host, port))
        if endpoint is None:
            endpoint = ModbusEndpoint(host, port, now=self.now, timeout=self._timeout)
            self._endpoints[host, port] = endpoint
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

    async def close(self) -> None:
        """Disconnect every endpoint, whoever holds it."""
        endpoints = tuple(self._holders)
        self._endpoints.clear()
        self._holders.clear()
        await asyncio.gather(*(endpoint.close() for endpoint in endpoints))

    def _forget(self, endpoint: ModbusEndpoint) -> None:
        del self._holders[endpoint]
        self._endpoints = {k: kept for k, kept in self._endpoints.items() if kept is not endpoint}
