"""The clients of pymodbus, as they reach what they speak with."""

import asyncio
import errno
from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from types import MappingProxyType
from typing import Final

from pymodbus.client import AsyncModbusTcpClient, ModbusBaseClient
from pymodbus.framer import FramerType
from pymodbus.transport import CommParams, CommType
from serialx import (
    BaseSerialTransport,
    Parity,
    SerialException,
    StopBits,
    create_serial_connection,
)

from .address import ModbusServer, SerialLine, TcpServer
from .errors import PortFault, PortUnusable
from .rtu import AnswerFramer

_FAULTS: Final[Mapping[int | None, PortFault]] = MappingProxyType(
    {
        errno.ENOENT: PortFault.MISSING,
        errno.ENODEV: PortFault.MISSING,
        errno.ENXIO: PortFault.MISSING,
        errno.EIO: PortFault.MISSING,
        errno.EACCES: PortFault.FORBIDDEN,
        errno.EPERM: PortFault.FORBIDDEN,
        errno.EBUSY: PortFault.BUSY,
    }
)
_WORDS: Final[Mapping[PortFault, str]] = MappingProxyType(
    {
        PortFault.MISSING: "is not plugged in",
        PortFault.FORBIDDEN: "may not be opened",
        PortFault.BUSY: "is in use by another program",
    }
)


class TcpClient(AsyncModbusTcpClient):
    """Speaks through a socket."""

    def __init__(self, server: TcpServer, timeout: timedelta) -> None:
        super().__init__(
            server.host,
            port=server.port,
            framer=FramerType.RTU if server.is_rtu else FramerType.SOCKET,
            timeout=timeout.total_seconds(),
            retries=0,
            reconnect_delay=0,
            trace_connect=partial(_hear_of_connection, self),
        )

    async def disconnect(self) -> None:
        """Close the socket."""
        self.close()
        # asyncio closes the socket in the next turn of its loop.
        await asyncio.sleep(0)


class SerialClient(ModbusBaseClient):
    """Speaks through a serial port that nobody else may open meanwhile.

    The port is opened by serialx, which Home Assistant carries; pymodbus would open it by pyserial.
    """

    def __init__(self, line: SerialLine, timeout: timedelta) -> None:
        params = CommParams(
            comm_name=str(line),
            comm_type=CommType.SERIAL,
            host=line.port,
            timeout_connect=timeout.total_seconds(),
        )
        hear = partial(_hear_of_connection, self)
        super().__init__(FramerType.RTU, 0, params, None, None, hear)
        self._line = line
        self._opened: BaseSerialTransport | None = None
        self.ctx.call_create = self._open

    async def disconnect(self) -> None:
        """Close the port and wait until it can be opened again; what is unsent is dropped."""
        if self._opened is not None:
            self._opened.abort()
        self.close()
        if self._opened is not None:
            await self._opened.wait_closed()

    async def _open(self) -> tuple[BaseSerialTransport, asyncio.Protocol]:
        """Open the port. Raises PortUnusable."""
        settings = self._line.settings
        try:
            self._opened, protocol = await create_serial_connection(
                asyncio.get_running_loop(),
                self.ctx.handle_new_connection,  # type: ignore[arg-type]  # it is one in all but name
                self._line.port,
                baudrate=settings.baud_rate,
                parity=Parity(settings.parity.letter),
                stopbits=StopBits(settings.stop_bits),
            )
        except (OSError, SerialException, ValueError) as error:
            raise _unusable(self._line, error) from error
        return self._opened, protocol


def _hear_of_connection(client: Client, connected: bool) -> None:  # noqa: FBT001 - pymodbus' own signature
    """Wait no longer for an answer when the connection is lost."""
    if not connected:
        client.ctx.response_future.cancel()


type Client = TcpClient | SerialClient


def make_client(server: ModbusServer, timeout: timedelta) -> Client:
    """Return a client that is not connected yet."""
    client = _client(server, timeout)
    if server.is_rtu:
        client.ctx.framer = AnswerFramer(client.ctx.framer.decoder)
    return client


def _client(server: ModbusServer, timeout: timedelta) -> Client:
    if isinstance(server, TcpServer):
        return TcpClient(server, timeout)
    return SerialClient(server, timeout)


def _unusable(line: SerialLine, error: Exception) -> PortUnusable:
    number = error.errno if isinstance(error, OSError) else None
    fault = _FAULTS.get(number, PortFault.UNUSABLE)
    return PortUnusable(fault, f"{line} {_WORDS.get(fault, f'cannot be opened: {error}')}")
