"""Where a meter is found."""

from ..modbus.address import UnitAddress

__all__ = ["UnitAddress"]
