"""Modbus connections, one per address or serial port, shared by all units behind it."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Final, override

from pymodbus.constants import ExcCodes
from pymodbus.exceptions import ModbusException
from pymodbus.pdu import ModbusPDU
from serialx import SerialException

from .address import ModbusServer
from .backoff import Backoff
from .clients import Client, make_client
from .errors import (
    ModbusImplausible,
    ModbusRefused,
    ModbusUnreachable,
    PortFault,
    PortUnusable,
    ServerUnreachable,
)
from .registers import Function
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

    Waiting requests are served in the order of their arrival, writes before reads. Units that did
    not answer last time keep the others waiting for half of the time at most, all of them together.
    """

    def __init__(
        self,
        server: ModbusServer,
        *,
        admit: Callable[[ModbusEndpoint], None],
        now: Callable[[], datetime],
        timeout: timedelta,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        """Connect to a server, whenever `admit` does not raise ModbusUnreachable."""
        self.server: Final = server
        self._admit = admit
        self._now = now
        self._timeout = timeout + server.longest_exchange
        self._sleep = sleep
        self._pause = server.silence
        self._quiet_for = timedelta()
        """Pause after the last answer, or in place of one."""
        self._free_at = now()
        """When the next request may be sent."""
        self._backoff = Backoff(now)
        self._silences = defaultdict[int, Backoff](lambda: Backoff(now, patience=_PATIENCE))
        self._answering: set[int] = set()
        """Units that answered last time."""
        self._client: Client | None = None
        self._fault = f"{server} cannot be reached"
        self._closed = False
        self._connections = 0
        self._turns = Turns(timeout.total_seconds())

    @property
    def connections(self) -> int:
        """Return how many connections have been begun so far."""
        return self._connections

    @override
    def __str__(self) -> str:
        """Return the address for messages."""
        return str(self.server)

    def pause_at_least(self, pause: timedelta) -> None:
        """Leave so much time between an answer and the next request."""
        self._pause = max(self._pause, pause)

    def retry_now(self) -> None:
        """Let the next requests pass even if the last attempts failed just now."""
        self._backoff.reset()
        self._silences.clear()

    async def read(
        self, unit: int, function: Function, registers: range, *, within: float | None = None
    ) -> list[int]:
        """Return the content of registers. Raises ModbusError.

        With `within`, a number of seconds, the answer is not waited for as long as usual.
        """

        async def read(client: Client) -> ModbusPDU:
            holding = function is Function.HOLDING
            ask = client.read_holding_registers if holding else client.read_input_registers
            async with asyncio.timeout(within):
                return await ask(registers.start, count=len(registers), device_id=unit)

        async with self._turns.take(doubted=unit not in self._answering):
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

        async def write(client: Client) -> ModbusPDU:
            if single:
                (word,) = words
                return await client.write_register(address, word, device_id=unit)
            return await client.write_registers(address, list(words), device_id=unit)

        async with self._turns.take(urgent=True, doubted=unit not in self._answering):
            client = await self._connected_client(unit)
            if connection not in {None, self._connections}:
                raise ModbusUnreachable(f"{self} was connected anew")
            await self._request(unit, client, write)

    async def close(self) -> None:
        """Disconnect for good; requests from now on raise ModbusUnreachable."""
        self._closed = True
        await self.disconnect()

    async def disconnect(self) -> None:
        """Disconnect until the next request."""
        async with self._turns.take(urgent=True):
            await self._hang_up()

    async def _connected_client(self, unit: int) -> Client:
        if self._silences[unit].waiting:
            raise ModbusUnreachable(f"{self}/{unit} does not answer")
        if self._closed:
            raise ServerUnreachable(f"{self} is closed")
        await self._keep_pace()
        if self._client is not None and self._client.connected:
            return self._client
        if self._backoff.waiting:
            raise ServerUnreachable(self._fault)
        self._admit(self)
        return await self._connect()

    async def _keep_pace(self) -> None:
        # If the clock was set back, the moment lies far ahead.
        wait = min(self._free_at - self._now(), self._quiet_for)
        if wait > timedelta():
            await self._sleep(wait.total_seconds())

    async def _connect(self) -> Client:
        await self._hang_up()
        # Kept before it is connected, so that close() finds it if this task is cancelled.
        self._client = client = make_client(self.server, self._timeout)
        self._connections += 1
        try:
            connected = await client.connect()
        except ValueError as error:
            raise ServerUnreachable(f"{self} is not an address: {error}") from error
        except PortUnusable as error:
            self._fault = str(error)
            self._backoff.fail()
            raise
        if not connected:
            self._fault = f"{self} cannot be reached"
            self._backoff.fail()
            raise ServerUnreachable(self._fault)
        self._backoff.reset()
        return client

    async def _hang_up(self) -> None:
        if self._client is not None:
            await self._client.disconnect()

    async def _request(
        self,
        unit: int,
        client: Client,
        ask: Callable[[Client], Awaitable[ModbusPDU]],
    ) -> ModbusPDU:
        try:
            response = await self._answer(unit, client, ask)
        except ModbusUnreachable:
            self._silences[unit].fail()
            self._answering.discard(unit)
            raise
        self._silences[unit].reset()
        self._answering.add(unit)
        if response.isError():
            raise ModbusRefused(_refusal(f"{self}/{unit}", response))
        return response

    async def _answer(
        self,
        unit: int,
        client: Client,
        ask: Callable[[Client], Awaitable[ModbusPDU]],
    ) -> ModbusPDU:
        try:
            response = await ask(client)
            self._keep_quiet_for(self._pause)
        except (ModbusException, OSError, SerialException) as error:
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
        late = self._timeout if self.server.is_rtu else timedelta()
        self._keep_quiet_for(max(self._pause, late))

    def _keep_quiet_for(self, pause: timedelta) -> None:
        self._quiet_for, self._free_at = pause, self._now() + pause


def _refusal(address: str, response: ModbusPDU) -> str:
    return f"{address} answered with Modbus exception {response.exception_code}"


class EndpointPool:
    """The endpoints in use, each kept as long as somebody holds it.

    Of endpoints that would set one serial port differently, only the first may connect.
    """

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
        self._holders: dict[ModbusEndpoint, int] = {}
        self._lent: list[ModbusEndpoint] = []

    def acquire(self, server: ModbusServer, *, pause: timedelta = timedelta()) -> ModbusEndpoint:
        """Return the endpoint of a server, to be released once.

        `pause` is what the device needs between an answer and the next request.
        """
        endpoint = self._find(server) or ModbusEndpoint(
            server, admit=self._admit, now=self.now, timeout=self._timeout, sleep=self._sleep
        )
        endpoint.pause_at_least(pause)
        self._holders[endpoint] = self._holders.get(endpoint, 0) + 1
        return endpoint

    async def release(self, endpoint: ModbusEndpoint) -> None:
        """Give an endpoint back; the last holder's release disconnects it."""
        if endpoint not in self._holders:
            return
        self._holders[endpoint] -= 1
        if not self._holders[endpoint]:
            del self._holders[endpoint]
            await endpoint.close()

    @asynccontextmanager
    async def lend(
        self, server: ModbusServer, *, pause: timedelta = timedelta()
    ) -> AsyncGenerator[ModbusEndpoint]:
        """Hold the endpoint of a server for a moment; earlier failures do not count.

        Whoever has set its serial port differently waits meanwhile.
        """
        endpoint = self.acquire(server, pause=pause)
        rivals = self._rivals(endpoint)
        self._lent.append(endpoint)
        try:
            for rival in rivals:
                await rival.disconnect()
            endpoint.retry_now()
            yield endpoint
        finally:
            self._lent.remove(endpoint)
            if rivals:
                await endpoint.disconnect()
            await self.release(endpoint)

    async def close(self) -> None:
        """Disconnect every endpoint, whoever holds it."""
        endpoints = tuple(self._holders)
        self._holders.clear()
        await asyncio.gather(*(endpoint.close() for endpoint in endpoints))

    def _find(self, server: ModbusServer) -> ModbusEndpoint | None:
        return next((kept for kept in self._holders if server.is_same_as(kept.server)), None)

    def _rivals(self, endpoint: ModbusEndpoint) -> list[ModbusEndpoint]:
        """Return the other endpoints of a serial port."""
        return [
            kept
            for kept in self._holders
            if kept is not endpoint and endpoint.server.shares_port_with(kept.server)
        ]

    def _admit(self, endpoint: ModbusEndpoint) -> None:
        """Raise PortUnusable if another endpoint has the serial port."""
        users = (*self._lent, *self._holders)
        sharing = (user for user in users if endpoint.server.shares_port_with(user.server))
        if next(sharing, endpoint) is not endpoint:
            raise PortUnusable(PortFault.SETTINGS, f"{endpoint} is in use with other line settings")
