"""What holds for every kind of charger, over real sockets."""

from datetime import timedelta
from typing import override

import pytest

from custom_components.headroom.chargers.base import ChargerRefused, ConnectorProfile, Failsafe
from custom_components.headroom.chargers.modbus.charger import probe
from custom_components.headroom.chargers.modbus.dialect_files import load_dialects
from custom_components.headroom.chargers.modbus.unit import WrongDevice
from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.engine.snapshot import ConnectorStatus
from custom_components.headroom.modbus.address import TcpServer, UnitAddress
from custom_components.headroom.modbus.endpoint import EndpointPool
from custom_components.headroom.modbus.errors import ModbusError
from tests.modbus.fakes import Clock

from .boxes import BOXES, Box
from .conftest import PROFILE, MakeCharger, StartDevice
from .device import Device, Registers

DRAWN = PerPhase(10.5, 11.2, 9.8)


class Filled(dict[int, int]):
    """The same word in every register."""

    def __init__(self, word: int) -> None:
        super().__init__()
        self._word = word

    @override
    def __contains__(self, address: object) -> bool:
        return True

    def __missing__(self, address: int) -> int:
        return self._word


def _near(currents: PerPhase | None, expected: PerPhase) -> bool:
    return currents is not None and list(currents) == pytest.approx(list(expected), abs=0.001)


def _address(device: Device, box: Box) -> UnitAddress:
    return UnitAddress(TcpServer("127.0.0.1", device.port), box.unit)


async def test_probe_tells_the_charger_and_writes_nothing(
    box: Box, start_device: StartDevice, pool: EndpointPool
) -> None:
    device = await start_device(box.device())
    dialect = load_dialects()[box.dialect]
    info = await probe(pool, _address(device, box), dialect)
    assert info.vendor == dialect.vendors[0]
    assert info.model
    assert device.writes == []


@pytest.mark.parametrize("filling", [0xFFFF, 0x4242])
async def test_another_device_is_refused_and_never_written_to(
    filling: int,
    box: Box,
    start_device: StartDevice,
    pool: EndpointPool,
    make_charger: MakeCharger,
) -> None:
    device = await start_device(Device({box.unit: Registers(Filled(filling), Filled(filling))}))
    with pytest.raises(ModbusError):
        await probe(pool, _address(device, box), load_dialects()[box.dialect])
    charger = make_charger(device, box.dialect)
    charger.set_current(1, 16.0)
    await charger.poll()
    assert not charger.online
    assert device.writes == []


async def test_no_charger_is_taken_for_another(
    box: Box, start_device: StartDevice, pool: EndpointPool
) -> None:
    device = await start_device(box.device())
    for name, other in BOXES.items():
        if name.startswith("keba") and box.dialect.startswith("keba"):
            continue
        if name == box.dialect:
            continue
        with pytest.raises(ModbusError):
            await probe(pool, _address(device, box), load_dialects()[other.dialect])


async def test_is_armed_before_the_setpoint(
    box: Box, start_device: StartDevice, make_charger: MakeCharger
) -> None:
    device = await start_device(box.device())
    charger = make_charger(device, box.dialect)
    assert charger.reading(1).fallback_refused
    await charger.poll()
    assert device.take_writes() == [*box.armed, *box.first]
    reading = charger.reading(1)
    assert reading.online
    assert reading.confirmed == 8.0
    has_failsafe = charger.capabilities.failsafe is not Failsafe.NONE
    assert reading.fallback_refused is not has_failsafe


async def test_reads_everything(
    box: Box, start_device: StartDevice, make_charger: MakeCharger, clock: Clock
) -> None:
    device = await start_device(box.device())
    charger = make_charger(device, box.dialect)
    box.states["C"](device.units[box.unit])
    await charger.poll()
    reading, data = charger.reading(1), charger.connectors[1]
    assert reading.status is ConnectorStatus.CHARGING
    assert _near(reading.drawn, DRAWN)
    assert reading.drawn_at == clock.time
    assert reading.per_phase
    if box.voltages:
        assert _near(data.voltages, PerPhase(230, 231, 229))
    assert data.power == pytest.approx(7245)
    assert data.energy == box.energy
    assert data.error is None
    clock.advance(10)
    await charger.poll()
    assert charger.reading(1).energy == box.session


async def test_states(box: Box, start_device: StartDevice, make_charger: MakeCharger) -> None:
    device = await start_device(box.device())
    charger = make_charger(device, box.dialect)
    registers = device.units[box.unit]
    seen: list[ConnectorStatus] = []
    sessions: list[bool] = []
    for state in ("A", "B", "C", "B", "A"):
        box.states[state](registers)
        await charger.poll()
        seen.append(charger.reading(1).status)
        sessions.append(charger.reading(1).session is not None)
    assert seen == [
        ConnectorStatus.AVAILABLE,
        ConnectorStatus.PREPARING,
        ConnectorStatus.CHARGING,
        ConnectorStatus.SUSPENDED_EV,
        ConnectorStatus.AVAILABLE,
    ]
    assert sessions == [False, True, True, True, False]
    if "F" in box.states:
        box.states["F"](registers)
        await charger.poll()
        assert charger.reading(1).status is ConnectorStatus.FAULTED


async def test_setpoint_is_rounded_down_and_paused_below_the_floor(
    box: Box, start_device: StartDevice, make_charger: MakeCharger
) -> None:
    device = await start_device(box.device())
    charger = make_charger(device, box.dialect)
    registers = device.units[box.unit]
    box.states["C"](registers)
    await charger.poll()
    device.take_writes()

    charger.set_current(1, 16.0 + charger.capabilities.step * 0.9)
    await charger.poll()
    assert device.take_writes()[-len(box.at_16) :] == [*box.at_16]
    assert charger.reading(1).confirmed == 16.0

    charger.set_current(1, 5.9)
    box.states["B"](registers)
    await charger.poll()
    assert device.take_writes()[-len(box.paused) :] == [*box.paused]
    assert charger.reading(1).confirmed == 0.0
    assert charger.reading(1).status is ConnectorStatus.SUSPENDED_EVSE

    charger.set_current(1, 16.0)
    await charger.poll()
    assert device.take_writes()[-len(box.at_16) :] == [*box.at_16]
    assert charger.reading(1).confirmed == 16.0


async def test_setpoint_stays_within_the_maximum(
    box: Box, start_device: StartDevice, make_charger: MakeCharger
) -> None:
    device = await start_device(box.device())
    charger = make_charger(device, box.dialect, ConnectorProfile(fallback=8.0, max_current=16.0))
    charger.set_current(1, 32.0)
    await charger.poll()
    assert device.take_writes() == [*box.armed, *box.at_16]


async def test_lost_charger_falls_back_and_is_armed_anew(
    box: Box, start_device: StartDevice, make_charger: MakeCharger, clock: Clock
) -> None:
    device = await start_device(box.device())
    charger = make_charger(device, box.dialect)
    await charger.poll()
    refused = charger.reading(1).fallback_refused
    await device.stop()
    for online in (True, True, False, False):
        clock.advance(2)
        await charger.poll()
        assert charger.online is online
    lost_at = clock.time - timedelta(seconds=2)
    reading = charger.reading(1)
    assert not reading.online
    assert reading.fallback_refused is refused
    if box.timeout is None:
        assert reading.lease_until is None
    else:
        assert reading.lease_until == lost_at + timedelta(seconds=box.timeout)

    device.take_writes()
    await device.start()
    clock.advance(60)
    await charger.poll()
    assert charger.online
    assert device.take_writes() == [*box.armed, *box.first]


async def test_changed_fallback_is_written(
    box: Box, start_device: StartDevice, make_charger: MakeCharger
) -> None:
    device = await start_device(box.device())
    charger = make_charger(device, box.dialect)
    charger.set_current(1, 16.0)
    await charger.poll()
    device.take_writes()
    charger.update({1: PROFILE})
    await charger.poll()
    assert device.take_writes() == []
    charger.update({1: ConnectorProfile(fallback=10.0, max_current=32.0)})
    await charger.poll()
    fallbacks = {address for address, _ in box.armed} - {258, 259, 4000, 6000}
    written = {address for address, _ in device.take_writes()}
    assert written == fallbacks


async def test_phases_are_switched_and_read_back(
    box: Box, start_device: StartDevice, make_charger: MakeCharger
) -> None:
    device = await start_device(box.device())
    charger = make_charger(device, box.dialect)
    await charger.poll()
    device.take_writes()
    assert charger.capabilities.switches_phases is (box.one_phase is not None)
    assert charger.reading(1).phase_count == (None if box.one_phase is None else 3)
    for count, written in ((1, box.one_phase), (3, box.three_phases)):
        if written is None:
            with pytest.raises(ChargerRefused):
                await charger.set_phases(1, count)
            continue
        await charger.set_phases(1, count)
        assert device.take_writes() == [written]
        await charger.poll()
        device.take_writes()
        assert charger.reading(1).phase_count == charger.connectors[1].phase_count == count


async def test_half_answers_and_exceptions_are_faults(
    box: Box, start_device: StartDevice, make_charger: MakeCharger
) -> None:
    device = await start_device(box.device())
    charger = make_charger(device, box.dialect)
    await charger.poll()
    before = charger.reading(1)
    device.cut = 1
    for _ in range(3):
        await charger.poll()
    assert not charger.online
    assert charger.reading(1).drawn == before.drawn
    device.cut = 0
    await charger.poll()
    assert charger.online


async def test_wrong_device_says_what_is_wrong(
    start_device: StartDevice, pool: EndpointPool
) -> None:
    box = BOXES["vestel"]
    device = box.device()
    await start_device(device)
    device.units[255].input[1004] = 9
    with pytest.raises(WrongDevice, match=r"is no Vestel EVC04 and EVC08: cable is 9$"):
        await probe(pool, _address(device, box), load_dialects()["vestel"])
