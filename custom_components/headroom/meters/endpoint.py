"""The connections that meters are read through."""

from ..modbus.endpoint import EndpointPool

__all__ = ["EndpointPool"]
