"""A Modbus TCP gateway on loopback."""

import asyncio
from collections.abc import Sequence
from typing import Final, Protocol, cast

from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import SimDevice

_UNIT_ID_AT: Final = 6
"""Offset of the unit id in a frame of Modbus TCP."""


class Unit(Protocol):
    """Something that answers behind a gateway."""

    @property
    def unit(self) -> int:
        """Return the unit id."""

    @property
    def label(self) -> str:
        """Return what people know it by."""

    @property
    def silent(self) -> bool:
        """Return whether it takes requests and never answers."""

    def device(self) -> SimDevice:
        """Return it as pymodbus serves it."""


class Gateway:
    """One TCP port with the units behind it."""

    def __init__(self, units: Sequence[Unit], *, port: int = 0) -> None:
        """Prepare a gateway on loopback; port 0 takes a free one."""
        self.units = tuple(units)
        self.port = port
        self._server: ModbusTcpServer | None = None

    @property
    def listening(self) -> bool:
        """Return whether connections are taken."""
        return self._server is not None

    async def start(self) -> None:
        """Listen. Raises OSError if the port is taken."""
        server = ModbusTcpServer(
            [unit.device() for unit in self.units],
            address=("127.0.0.1", self.port),
            trace_packet=self._drop_answers_of_silent_units,
        )
        try:
            await server.serve_forever(background=True)
        except RuntimeError as error:
            msg = f"port {self.port} is taken"
            raise OSError(msg) from error
        self._server = server
        self.port = cast("asyncio.Server", server.transport).sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Refuse connections; `start` listens on the same port again."""
        server, self._server = self._server, None
        if server:
            await server.shutdown()  # type: ignore[no-untyped-call]  # untyped in pymodbus

    def _drop_answers_of_silent_units(self, sending: bool, frame: bytes) -> bytes:  # noqa: FBT001 - pymodbus' own signature
        silent = {unit.unit for unit in self.units if unit.silent}
        return b"" if sending and frame[_UNIT_ID_AT] in silent else frame
