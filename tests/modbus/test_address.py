"""Where a device is found, and where none can be."""

import pytest

from custom_components.headroom.modbus.address import TcpServer, UnitAddress


@pytest.mark.parametrize(
    ("host", "port", "unit", "message"),
    [
        ("", 502, 1, "the host is empty"),
        ("device.local", 0, 1, "0 is not a TCP port"),
        ("device.local", 65536, 1, "65536 is not a TCP port"),
        ("device.local", 502, -1, "-1 is not a Modbus unit id"),
        ("device.local", 502, 256, "256 is not a Modbus unit id"),
    ],
)
def test_addresses_that_cannot_be(host: str, port: int, unit: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        UnitAddress(TcpServer(host, port), unit)


def test_address_in_messages() -> None:
    address = UnitAddress(TcpServer("device.local", 502), 255)
    assert (str(address), address.identity) == ("device.local:502/255", "device.local:502:255")
    assert address.server.name == "device.local"
