"""Finding a SunSpec model, wherever a device keeps it."""

import pytest

from custom_components.headroom.meters.base import MeterImplausible, MeterRefused
from custom_components.headroom.meters.sunspec import find_model

METERS = frozenset({201, 203})
MARK = [0x5375, 0x6E53]


class Device:
    """Registers, of which only some can be read."""

    def __init__(self, start: int, *models: tuple[int, int], end: bool = True) -> None:
        self.asked: list[int] = []
        self._pairs = {start: MARK}
        place = start + 2
        for model, length in models:
            self._pairs[place] = [model, length]
            place += 2 + length
        if end:
            self._pairs[place] = [0xFFFF, 0]

    async def read(self, registers: range) -> list[int]:
        self.asked.append(registers.start)
        try:
            return self._pairs[registers.start]
        except KeyError:
            raise MeterRefused("illegal address") from None


@pytest.mark.parametrize("start", [0, 40000, 50000])
async def test_walks_to_the_first_meter(start: int) -> None:
    device = Device(start, (1, 66), (103, 50), (203, 105), (201, 105))
    assert await find_model(device.read, METERS) == start + 2 + 68 + 52


@pytest.mark.parametrize(
    ("device", "message"),
    [
        (Device(40000, (1, 66), (103, 50)), "no SunSpec model 201 or 203"),
        (Device(17), "no SunSpec map"),
        (Device(0, *[(1, 0)] * 100), "no SunSpec model 201 or 203"),
    ],
)
async def test_device_without_a_meter(device: Device, message: str) -> None:
    with pytest.raises(MeterImplausible, match=message):
        await find_model(device.read, METERS)
    assert len(device.asked) < 70


async def test_a_map_that_breaks_off_is_refused() -> None:
    with pytest.raises(MeterRefused):
        await find_model(Device(40000, (1, 66), end=False).read, METERS)
