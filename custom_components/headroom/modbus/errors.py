"""What can go wrong with a Modbus device."""


class ModbusError(Exception):
    """A device could not be read or written."""


class ModbusUnreachable(ModbusError):
    """Nothing answers at the device's address."""


class ModbusRefused(ModbusError):
    """The device answered with a Modbus exception: wrong model or unit id.

    A device that says it is busy, or a gateway behind which it is silent, is unreachable.
    """


class ModbusImplausible(ModbusError):
    """The device answered, but not with numbers that such a device can show."""
