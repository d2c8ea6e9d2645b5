"""Less than full contact with a charger on Modbus."""

from custom_components.headroom.chargers.base import Contact
from custom_components.headroom.chargers.modbus.charger import ModbusCharger

from .boxes import BOXES
from .conftest import MakeCharger, StartDevice
from .device import Device

SETPOINT, FALLBACK = 5004, 2000


async def charging(
    start_device: StartDevice, make_charger: MakeCharger
) -> tuple[ModbusCharger, Device]:
    """Return a Vestel whose car may take 16 A, and its registers."""
    device = await start_device(BOXES["vestel"].device())
    BOXES["vestel"].states["C"](device.units[255])
    charger = make_charger(device, "vestel")
    charger.set_current(1, 16)
    await charger.poll()
    assert charger.reading(1).confirmed == 16
    return charger, device


async def test_a_charger_without_contact_is_left_alone(
    start_device: StartDevice, make_charger: MakeCharger
) -> None:
    charger, device = await charging(start_device, make_charger)
    charger.restrict(Contact.NONE)
    device.reads.clear()
    device.writes.clear()
    await charger.poll()
    assert not charger.online
    assert charger.reading(1).lease_until is not None
    assert (device.reads, device.writes) == ([], [])


async def test_a_charger_that_is_listened_to_is_read_and_not_written(
    start_device: StartDevice, make_charger: MakeCharger
) -> None:
    charger, device = await charging(start_device, make_charger)
    charger.restrict(Contact.NONE)
    device.writes.clear()
    charger.restrict(Contact.LISTENING)
    charger.set_current(1, 10)
    await charger.poll()
    assert charger.online
    assert charger.reading(1).confirmed is None
    assert charger.connectors[1].drawn is not None
    assert device.writes == []

    charger.restrict(Contact.FULL)
    await charger.poll()
    assert charger.reading(1).confirmed == 10
    addresses = [write.address for write in device.writes]
    assert addresses.index(FALLBACK) < addresses.index(SETPOINT)
