"""Where a Modbus device is found."""

from dataclasses import dataclass
from enum import StrEnum
from typing import override


class Framing(StrEnum):
    """How requests and answers are packed."""

    TCP = "tcp"
    RTU_OVER_TCP = "rtu_over_tcp"
    """As on a serial line, through a socket."""


@dataclass(frozen=True, slots=True)
class UnitAddress:
    """One unit of a Modbus server. Raises ValueError if there can be no such."""

    host: str
    port: int
    unit: int
    framing: Framing = Framing.TCP

    def __post_init__(self) -> None:
        """Check the address."""
        if not self.host:
            raise ValueError("the host is empty")
        if not 0 < self.port < 0x10000:
            raise ValueError(f"{self.port} is not a TCP port")
        if not 0 <= self.unit <= 255:
            raise ValueError(f"{self.unit} is not a Modbus unit id")

    @override
    def __str__(self) -> str:
        """Return the address for messages."""
        return f"{self.host}:{self.port}/{self.unit}"
