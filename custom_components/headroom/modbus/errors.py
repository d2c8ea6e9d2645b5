"""What can go wrong with a Modbus device."""

from enum import StrEnum


class ModbusError(Exception):
    """A device could not be read or written."""


class ModbusUnreachable(ModbusError):
    """Nothing answers at the device's address."""


class ServerUnreachable(ModbusUnreachable):
    """There is no connection to what devices are at or behind."""


class PortFault(StrEnum):
    """Why a serial port cannot be used."""

    MISSING = "missing"
    FORBIDDEN = "forbidden"
    BUSY = "busy"
    """Another program has it."""
    SETTINGS = "settings"
    """Another device has it with other line settings."""
    UNUSABLE = "unusable"


class PortUnusable(ServerUnreachable):
    """The serial port of a device cannot be used."""

    def __init__(self, fault: PortFault, message: str) -> None:
        """Keep the fault for those who tell people."""
        super().__init__(message)
        self.fault = fault


class ModbusRefused(ModbusError):
    """The device answered with a Modbus exception: wrong model or unit id.

    A device that says it is busy, or a gateway behind which it is silent, is unreachable.
    """


class ModbusImplausible(ModbusError):
    """The device answered, but not with numbers that such a device can show."""
