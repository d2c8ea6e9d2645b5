"""Modbus chargers that do not obey, in a real Home Assistant, over sockets on loopback."""

import asyncio
from collections.abc import AsyncGenerator, Callable

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.headroom.chargers.modbus.charger import ModbusCharger
from custom_components.headroom.coordinator import SiteCoordinator
from tests.chargers.modbus.device import Device, Registers
from tests.config_flow.site import CONNECTOR, part, zone

from .conftest import GARAGE
from .life import Life
from .test_modbus_charger import SETPOINT, VESTEL, draw, in_time
from .wrongs import Wrongs

BAD, GOOD = "01BAD", "01GOOD"
ONE, OTHER = f"{BAD}:1", f"{GOOD}:1"
ENERGY = 1036


def vestel(subentry_id: str, port: int) -> ConfigSubentryData:
    """Return a stored charger on loopback."""
    data = {
        "family": "modbus",
        "zone": GARAGE,
        "dialect": "vestel",
        "host": "127.0.0.1",
        "port": port,
        "unit": 255,
        "connectors": [CONNECTOR | {"fallback": 6.0}],
    }
    return part(subentry_id, "charger", subentry_id, f"charger_{subentry_id}", data)


class Pair:
    """Two boxes: one whose car draws what it likes, and one that obeys."""

    def __init__(
        self,
        freezer: FrozenDateTimeFactory,
        life: Life,
        site: SiteCoordinator,
        bad: Device,
        good: Device,
    ) -> None:
        self._freezer = freezer
        self._life = life
        self._site = site
        self._devices = (bad, good)
        self.bad, self.good = bad.units[255], good.units[255]
        self.drawn: int | None = None
        """A that the first car draws; None: what it may."""
        self.foreign: int | None = None
        """A that something else keeps writing."""

    async def go_on(self, seconds: int = 1) -> None:
        """Let cars draw and chargers be polled for some seconds."""
        for _ in range(seconds):
            for device, drawn in zip(self._devices, (self.drawn, None), strict=True):
                box = device.units[255]
                amperes = box.holding[SETPOINT] if drawn is None else drawn
                draw(device, *[1000 * amperes] * 3)
                box.put("input", ENERGY, "I", (box.input[ENERGY + 1] + 1) % 0x10000)
            if self.foreign is not None:
                self.bad.holding[SETPOINT] = self.foreign
            self._freezer.tick(1)
            await self._poll()
            await self._life.settle()
            self._life.pass_by(0)
            await self._life.settle()

    async def _poll(self) -> None:
        for key in (BAD, GOOD):
            charger = self._site.equipment.charger(key)
            assert isinstance(charger, ModbusCharger)
            await in_time(asyncio.create_task(charger.poll()), self._life)

    async def seconds_until(self, predicate: Callable[[], bool], within: int = 100) -> int:
        """Return how long it takes until something is so."""
        for passed in range(within):
            if predicate():
                return passed
            await self.go_on()
        raise AssertionError(f"not so within {within} seconds")


@pytest.fixture
async def devices(socket_enabled: None) -> AsyncGenerator[tuple[Device, Device]]:
    """Run two Vestels whose cars wait for current."""
    devices = VESTEL.device(), VESTEL.device()
    for device in devices:
        VESTEL.states["B"](device.units[255])
        draw(device, 0, 0, 0)
        await device.start()
    yield devices
    for device in devices:
        await device.stop()


@pytest.fixture
def subentries(devices: tuple[Device, Device]) -> list[ConfigSubentryData]:
    bad, good = devices
    return [zone(GARAGE, "Garage", limit=32.0), vestel(BAD, bad.port), vestel(GOOD, good.port)]


@pytest.fixture
def wrongs(
    hass: HomeAssistant, entry: MockConfigEntry, life: Life, caplog: pytest.LogCaptureFixture
) -> Wrongs:
    return Wrongs(hass, entry, life, caplog)


@pytest.fixture
async def pair(
    freezer: FrozenDateTimeFactory,
    site: SiteCoordinator,
    life: Life,
    devices: tuple[Device, Device],
) -> Pair:
    """Return two cars that have shared the garage's 32 A for a while."""
    pair = Pair(freezer, life, site, *devices)
    await pair.seconds_until(
        lambda: (pair.bad.holding[SETPOINT], pair.good.holding[SETPOINT]) == (6, 6)
    )
    await pair.go_on(5)
    for box in (pair.bad, pair.good):
        VESTEL.states["C"](box)
    await pair.seconds_until(
        lambda: (pair.bad.holding[SETPOINT], pair.good.holding[SETPOINT]) == (16, 16)
    )
    await pair.go_on(12)
    return pair


async def test_a_car_that_draws_too_much_is_counted_told_of_and_forgiven(
    pair: Pair, wrongs: Wrongs
) -> None:
    pair.drawn = 26
    assert await pair.seconds_until(lambda: pair.good.holding[SETPOINT] == 6) <= 10
    await pair.seconds_until(lambda: wrongs.issue(BAD) is not None, within=50)
    assert wrongs.text(BAD) == "charger_overdraw_setting"
    issue = wrongs.issue(BAD)
    assert issue is not None
    assert issue.translation_placeholders is not None
    assert issue.translation_placeholders["setting"] == "Local Load Management"
    assert wrongs.cause(ONE) == "overdraw"
    assert wrongs.cause(OTHER) is None
    pair.drawn = None
    await pair.seconds_until(lambda: wrongs.issue(BAD) is None, within=60)
    await pair.seconds_until(lambda: pair.good.holding[SETPOINT] > 6)


async def test_a_charger_that_refuses_lower_limits(
    pair: Pair, wrongs: Wrongs, life: Life, devices: tuple[Device, Device]
) -> None:
    devices[0].refusals = {SETPOINT: 3}
    await life.act("number", "set_value", f"{ONE}_limit", value=10)
    assert await pair.seconds_until(lambda: wrongs.text(BAD) == "charger_refuses_setting") <= 60
    devices[0].refusals = {}
    await pair.seconds_until(lambda: wrongs.issue(BAD) is None, within=60)


async def test_a_charger_that_takes_limits_and_does_not_keep_them(
    pair: Pair, wrongs: Wrongs, life: Life, devices: tuple[Device, Device]
) -> None:
    def ignore(registers: Registers, address: int, _: tuple[int, ...]) -> None:
        registers.holding[SETPOINT] = 16

    devices[0].react = ignore
    await life.act("number", "set_value", f"{ONE}_limit", value=10)
    assert await pair.seconds_until(lambda: wrongs.text(BAD) == "charger_refuses_setting") <= 60
    devices[0].react = lambda *_: None
    await pair.seconds_until(lambda: wrongs.issue(BAD) is None, within=60)


async def test_a_second_master_that_writes(pair: Pair, wrongs: Wrongs) -> None:
    for _ in range(3):
        assert wrongs.issue(BAD) is None
        pair.foreign = 32
        await pair.go_on()
        pair.foreign = None
        await pair.go_on(15)
    assert wrongs.text(BAD) == "charger_overwritten_setting"
    assert pair.bad.holding[SETPOINT] == 16
