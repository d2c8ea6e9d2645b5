"""A charger and a meter on one serial line, on which another master speaks as well."""

from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path

import pytest

from custom_components.headroom.chargers.base import ConnectorProfile
from custom_components.headroom.chargers.modbus.charger import ModbusCharger
from custom_components.headroom.chargers.modbus.dialect_files import load_dialects
from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.engine.snapshot import ConnectorStatus
from custom_components.headroom.meters.base import MeterUnreachable
from custom_components.headroom.meters.modbus_meter import ModbusMeter
from custom_components.headroom.meters.model_files import load_models
from custom_components.headroom.modbus.address import SerialLine, UnitAddress
from custom_components.headroom.modbus.endpoint import EndpointPool
from custom_components.headroom.modbus.line import LineSettings, Parity
from tests.chargers.modbus.boxes import BOXES
from tests.chargers.modbus.device import Device, Registers

from .fakes import Clock, Naps
from .line import sealed
from .pty_line import PtyLine, answered_by

HEIDELBERG = BOXES["heidelberg_ec"]
WALLBOX, METER = 1, 2
SETPOINT = 261

ANOTHER_MASTER = sealed(9, 3, 0, 100, 0, 2) + sealed(9, 3, 4, 1, 2, 3, 4) + b"\x55" + bytes(3)


@pytest.fixture
def device() -> Device:
    """Return a Heidelberg and an iEM3155 by the addresses in their makers' lists."""
    device = HEIDELBERG.device()
    HEIDELBERG.states["C"](device.units[WALLBOX])
    meter = Registers()
    meter.put("holding", 3000 - 1, "3f", 10.5, 20.25, 5.0)
    meter.put("holding", 3028 - 1, "3f", 229.5, 230.5, 231.25)
    meter.put("holding", 3054 - 1, "4f", 2.375, -4.5, 1.125, -1.0)
    meter.put("holding", 3204 - 1, "q", 123_456)
    device.units = {**device.units, METER: meter}
    return device


@pytest.fixture
async def line(tmp_path: Path, device: Device) -> AsyncGenerator[PtyLine]:
    line = PtyLine(tmp_path / "ttyUSB0", answered_by(device.answer, noise=ANOTHER_MASTER))
    line.plug()
    yield line
    line.unplug()


@pytest.fixture
def naps(clock: Clock) -> Naps:
    return Naps(clock)


@pytest.fixture
async def pool(line: PtyLine, clock: Clock, naps: Naps) -> AsyncGenerator[EndpointPool]:
    pool = EndpointPool(clock.now, timeout=timedelta(seconds=10), sleep=naps.sleep)
    yield pool
    await pool.close()


def address(line: PtyLine, unit: int) -> UnitAddress:
    settings = LineSettings(19200, Parity.NONE, 2)
    return UnitAddress(SerialLine(str(line.port), settings), unit)


@pytest.fixture
async def charger(line: PtyLine, pool: EndpointPool, clock: Clock) -> AsyncGenerator[ModbusCharger]:
    charger = ModbusCharger(
        pool,
        address(line, WALLBOX),
        load_dialects()[HEIDELBERG.dialect],
        {1: ConnectorProfile(fallback=8.0, max_current=32.0)},
        now=clock.now,
    )
    yield charger
    await charger.close()


@pytest.fixture
async def meter(line: PtyLine, pool: EndpointPool, clock: Clock) -> AsyncGenerator[ModbusMeter]:
    meter = ModbusMeter(
        pool,
        address(line, METER),
        load_models()["schneider_iem3000"],
        period=timedelta(seconds=1),
        now=clock.now,
    )
    yield meter
    await meter.stop()


async def test_a_heidelberg_is_armed_seen_and_set(
    charger: ModbusCharger, device: Device, naps: Naps
) -> None:
    await charger.poll()
    assert device.take_writes() == [*HEIDELBERG.armed, *HEIDELBERG.first]
    charger.set_current(1, 16.0)
    await charger.poll()
    reading, data = charger.reading(1), charger.connectors[1]
    assert reading.status is ConnectorStatus.CHARGING
    assert list(reading.drawn or ()) == pytest.approx([10.5, 11.2, 9.8])
    assert data.power == 7245
    assert reading.confirmed == 16.0
    assert device.units[WALLBOX].holding[SETPOINT] == 160
    assert set(naps.taken) == {0.1}


async def test_a_schneider_meter_is_read_in_full(meter: ModbusMeter) -> None:
    await meter.poll()
    assert meter.fault is None
    data = meter.data
    assert data is not None
    assert data.currents == PerPhase(10.5, -20.25, 5.0)
    assert data.powers == PerPhase(2375, -4500, 1125)
    assert data.power == -1000
    assert data.voltages == PerPhase(229.5, 230.5, 231.25)
    assert (data.energy_import, data.energy_export) == (123_456, None)


async def test_both_come_back_when_the_adapter_does(
    line: PtyLine, charger: ModbusCharger, meter: ModbusMeter, device: Device, clock: Clock
) -> None:
    await charger.poll()
    await meter.poll()
    line.unplug()
    for _ in range(20):
        clock.advance(60)
        await charger.poll()
        await meter.poll()
    assert not charger.reading(1).online
    assert isinstance(meter.fault, MeterUnreachable)
    assert str(meter.fault) == f"{line.port} is not plugged in"
    device.take_writes()
    line.plug()
    clock.advance(60)
    await charger.poll()
    await meter.poll()
    assert charger.reading(1).online
    assert meter.missed == 0
    assert device.take_writes()[: len(HEIDELBERG.armed)] == list(HEIDELBERG.armed)
