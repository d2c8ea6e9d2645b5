"""Where a Modbus device is found."""

import os.path
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Final, override

from .line import LineSettings

REMOTE_SCHEMES: Final = ("rfc2217://", "socket://")
"""What serial ports of other machines begin with."""


class Framing(StrEnum):
    """How requests and answers are packed."""

    TCP = "tcp"
    RTU_OVER_TCP = "rtu_over_tcp"
    """As on a serial line, through a socket."""


@dataclass(frozen=True, slots=True)
class TcpServer:
    """A device or gateway on the network. Raises ValueError if there can be no such."""

    host: str
    port: int
    framing: Framing = Framing.TCP

    def __post_init__(self) -> None:
        """Check the address."""
        if not self.host:
            raise ValueError("the host is empty")
        if not 0 < self.port < 0x10000:
            raise ValueError(f"{self.port} is not a TCP port")

    @override
    def __str__(self) -> str:
        """Return the address for messages."""
        return f"{self.host}:{self.port}"

    @property
    def name(self) -> str:
        """Return what is short enough for a title."""
        return self.host

    @property
    def units(self) -> range:
        """Return the ids that units can have."""
        return range(256)

    @property
    def is_rtu(self) -> bool:
        """Return whether frames have no transaction numbers."""
        return self.framing is Framing.RTU_OVER_TCP

    @property
    def silence(self) -> timedelta:
        """Return the least pause between two frames."""
        return timedelta()

    @property
    def longest_exchange(self) -> timedelta:
        """Return how long a request and its answer are under way at most."""
        return timedelta()

    def shares_port_with(self, _other: ModbusServer) -> bool:
        """Return whether only one of two can be connected; a server decides that by itself."""
        return False

    def is_same_as(self, other: ModbusServer) -> bool:
        """Return whether one connection leads to both."""
        return self == other


@dataclass(frozen=True, slots=True)
class SerialLine:
    """A serial port and how it is set. Raises ValueError if there can be no such."""

    port: str
    """Path of a device, or a URL of one of REMOTE_SCHEMES."""
    settings: LineSettings = field(default_factory=LineSettings)

    def __post_init__(self) -> None:
        """Check the port."""
        if not self.port.startswith(("/", *REMOTE_SCHEMES)):
            raise ValueError(f"{self.port!r} is not a serial port")

    @override
    def __str__(self) -> str:
        """Return the port for messages."""
        return self.port

    @property
    def name(self) -> str:
        """Return what is short enough for a title."""
        return self.port.rpartition("/")[2]

    @property
    def units(self) -> range:
        """Return the ids that units can have; to 0 nobody answers, others are reserved."""
        return range(1, 248)

    @property
    def is_rtu(self) -> bool:
        """Return whether frames have no transaction numbers."""
        return True

    @property
    def silence(self) -> timedelta:
        """Return the least pause between two frames."""
        return self.settings.silence

    @property
    def longest_exchange(self) -> timedelta:
        """Return how long a request and its answer are on the line at most."""
        return self.settings.longest_exchange

    def shares_port_with(self, other: ModbusServer) -> bool:
        """Return whether only one of two can be connected: a port is known by several names."""
        return isinstance(other, SerialLine) and _device(self.port) == _device(other.port)

    def is_same_as(self, other: ModbusServer) -> bool:
        """Return whether one connection leads to both."""
        return (
            isinstance(other, SerialLine)
            and self.settings == other.settings
            and self.shares_port_with(other)
        )


type ModbusServer = TcpServer | SerialLine
"""What a connection leads to."""


@dataclass(frozen=True, slots=True)
class UnitAddress:
    """One unit of a Modbus server. Raises ValueError if there can be no such."""

    server: ModbusServer
    unit: int

    def __post_init__(self) -> None:
        """Check the unit id."""
        if self.unit not in self.server.units:
            raise ValueError(f"{self.unit} is not a Modbus unit id")

    @override
    def __str__(self) -> str:
        """Return the address for messages."""
        return f"{self.server}/{self.unit}"

    @property
    def identity(self) -> str:
        """Return what no other device has."""
        return f"{self.server}:{self.unit}"


def _device(port: str) -> str:
    # Links of devices are resolved in memory, without a wait for a disk.
    return os.path.realpath(port) if port.startswith("/") else port
