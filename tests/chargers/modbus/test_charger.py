"""One charger over a real socket: what goes wrong, what is renewed, what is told whom."""

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta

import pytest

from custom_components.headroom.chargers.base import (
    ChargerInfo,
    ChargerOffline,
    ChargerRefused,
    ConnectorProfile,
    Failsafe,
)
from custom_components.headroom.chargers.modbus.dialect import Order
from custom_components.headroom.chargers.modbus.dialect_files import load_dialects
from custom_components.headroom.engine.snapshot import ConnectorStatus
from tests.modbus.fakes import Clock, Naps, Pacer

from .boxes import BOXES, f32
from .conftest import PROFILE, MakeCharger, StartDevice
from .device import Device, Registers

LOGGER = "custom_components.headroom.chargers.modbus.connector"
SETPOINT, FAILSAFE, ALIVE = 5004, 2000, 6000
START = Clock().time


@pytest.fixture
async def vestel(start_device: StartDevice) -> Device:
    return await start_device(BOXES["vestel"].device())


def _state(device: Device, dialect: str, state: str) -> None:
    box = BOXES[dialect]
    box.states[state](device.units[box.unit])


def _logged(caplog: pytest.LogCaptureFixture) -> list[tuple[int, str]]:
    return [
        (level, text.partition("/255 ")[2])
        for name, level, text in caplog.record_tuples
        if name == LOGGER
    ]


async def test_reads_what_the_charger_says_of_itself(
    vestel: Device, make_charger: MakeCharger
) -> None:
    charger = make_charger(vestel, "vestel")
    assert charger.info == ChargerInfo(vendor="Vestel")
    await charger.poll()
    assert charger.info == ChargerInfo(
        vendor="Vestel", model="EVC04", serial="SN42", firmware="v3.187.0"
    )


async def test_functions_of_the_protocol(
    vestel: Device, start_device: StartDevice, make_charger: MakeCharger
) -> None:
    await make_charger(vestel, "vestel").poll()
    assert {write.function for write in vestel.writes} == {6}
    assert {address for _, function, address, _ in vestel.reads if function == 3} == {
        405,
        2000,
        2002,
        5004,
    }
    alfen = await start_device(BOXES["alfen_ng9"].device())
    await make_charger(alfen, "alfen_ng9").poll()
    assert {write.function for write in alfen.writes} == {16}
    keba = await start_device(BOXES["keba_p30"].device())
    await make_charger(keba, "keba_p30").poll()
    assert {count for *_, count in keba.reads} == {2}


async def test_sign_of_life_is_kept(
    vestel: Device, make_charger: MakeCharger, clock: Clock
) -> None:
    charger = make_charger(vestel, "vestel")
    await charger.poll()
    vestel.take_writes()
    lives = []
    for _ in range(25):
        clock.advance(1)
        await charger.poll()
        lives.append((ALIVE, (1,)) in vestel.take_writes())
    assert [second for second, alive in enumerate(lives, start=1) if alive] == [10, 20]
    clock.advance(-3600)
    await charger.poll()
    assert vestel.take_writes() == [(ALIVE, (1,))]


async def test_paused_charger_that_shows_its_floor_counts_once_it_stops(
    vestel: Device, make_charger: MakeCharger, clock: Clock
) -> None:
    charger = make_charger(vestel, "vestel")
    _state(vestel, "vestel", "C")
    charger.set_current(1, 16.0)
    await charger.poll()
    charger.set_current(1, 0.0)
    await charger.poll()
    assert charger.reading(1).confirmed == 16.0

    _state(vestel, "vestel", "B")
    clock.advance(1)
    await charger.poll()
    reading = charger.reading(1)
    assert reading.confirmed == 0.0
    assert reading.confirmed_at == clock.time
    assert reading.status is ConnectorStatus.SUSPENDED_EVSE

    vestel.take_writes()
    _state(vestel, "vestel", "C")
    clock.advance(1)
    await charger.poll()
    assert charger.reading(1).confirmed == 6.0
    assert charger.connectors[1].overwritten == 0
    clock.advance(1)
    await charger.poll()
    assert (SETPOINT, (0,)) in vestel.take_writes()


async def test_setpoint_that_somebody_else_raised_is_written_again(
    vestel: Device, make_charger: MakeCharger, clock: Clock
) -> None:
    charger = make_charger(vestel, "vestel")
    charger.set_current(1, 10.0)
    await charger.poll()
    vestel.units[255].holding[SETPOINT] = 32
    clock.advance(1)
    await charger.poll()
    assert charger.reading(1).confirmed == 32.0
    clock.advance(1)
    await charger.poll()
    assert charger.reading(1).confirmed == 10.0
    assert vestel.units[255].holding[SETPOINT] == 10
    assert charger.connectors[1].overwritten == 1
    assert not charger.connectors[1].refusing


async def test_setpoint_that_is_ignored_for_long_is_logged_once(
    vestel: Device, make_charger: MakeCharger, clock: Clock, caplog
) -> None:
    caplog.set_level(logging.INFO, LOGGER)
    charger = make_charger(vestel, "vestel")
    charger.set_current(1, 20.0)
    await charger.poll()

    def ignore(registers: Registers, address: int, _: tuple[int, ...]) -> None:
        if address == SETPOINT:
            registers.holding[SETPOINT] = 20

    vestel.react = ignore
    charger.set_current(1, 10.0)
    for _ in range(10):
        await charger.poll()
        assert charger.reading(1).confirmed == 20.0
        assert len(_logged(caplog)) == (clock.time - START >= timedelta(seconds=30))
        clock.advance(5)
    vestel.react = lambda *_: None
    clock.advance(10)
    await charger.poll()
    assert charger.reading(1).confirmed == 10.0
    assert [level for level, _ in _logged(caplog)] == [logging.WARNING, logging.INFO]


async def test_refused_setpoint_is_tried_again_and_logged_once(
    vestel: Device, make_charger: MakeCharger, clock: Clock, caplog
) -> None:
    caplog.set_level(logging.INFO, LOGGER)
    charger = make_charger(vestel, "vestel")
    charger.set_current(1, 10.0)
    await charger.poll()
    vestel.refusals = {SETPOINT: 3}
    charger.set_current(1, 16.0)
    for _ in range(4):
        await charger.poll()
        assert charger.reading(1).confirmed == 10.0
        assert charger.connectors[1].refusing
        clock.advance(0.5)
    vestel.refusals = {}
    vestel.take_writes()
    clock.advance(10)
    await charger.poll()
    assert charger.reading(1).confirmed == 16.0
    assert charger.connectors[1].refusing is False
    assert charger.connectors[1].overwritten == 0
    assert [level for level, _ in _logged(caplog)] == [logging.WARNING, logging.INFO]
    assert _logged(caplog)[0][1].startswith("does not take its setpoint: ")
    assert _logged(caplog)[1][1] == "takes its setpoint again"


async def test_lower_setpoint_waits_for_no_pause(vestel: Device, make_charger: MakeCharger) -> None:
    charger = make_charger(vestel, "vestel")
    charger.set_current(1, 10.0)
    await charger.poll()
    vestel.refusals = {SETPOINT: 3}
    charger.set_current(1, 16.0)
    await charger.poll()
    vestel.refusals = {}
    charger.set_current(1, 9.0)
    await charger.poll()
    assert charger.reading(1).confirmed == 9.0


async def test_setpoint_refused_without_a_car_is_written_when_one_comes(
    vestel: Device, make_charger: MakeCharger
) -> None:
    charger = make_charger(vestel, "vestel")
    vestel.refusals = {SETPOINT: 3}
    await charger.poll()
    assert charger.reading(1).confirmed is None
    vestel.refusals = {}
    _state(vestel, "vestel", "B")
    await charger.poll()
    await charger.poll()
    assert charger.reading(1).confirmed == 8.0


async def test_unanswered_raise_counts_as_taken(vestel: Device, make_charger: MakeCharger) -> None:
    charger = make_charger(vestel, "vestel")
    await charger.poll()
    vestel.refusals = {SETPOINT: 11}
    charger.set_current(1, 16.0)
    await charger.poll()
    assert charger.reading(1).confirmed == 16.0


async def test_setpoint_that_cannot_be_read_back_is_not_confirmed(
    vestel: Device, make_charger: MakeCharger, clock: Clock
) -> None:
    del vestel.units[255].holding[SETPOINT]
    vestel.react = lambda *_: None
    charger = make_charger(vestel, "vestel")
    await charger.poll()
    assert charger.reading(1).confirmed is None
    vestel.units[255].holding[SETPOINT] = 0xFFFF
    clock.advance(10)
    await charger.poll()
    assert charger.reading(1).confirmed == 8.0


@pytest.mark.parametrize(("register", "reads"), [(1600, 32_000), (1602, 600), (1602, 0)])
async def test_failsafe_that_reads_otherwise_is_refused(
    register: int, reads: int, start_device: StartDevice, make_charger: MakeCharger, caplog
) -> None:
    caplog.set_level(logging.INFO, LOGGER)
    box = BOXES["keba_p30"]
    device = box.device()

    def stubborn(registers: Registers, address: int, words: tuple[int, ...]) -> None:
        box.react(registers, address, words)
        registers.put("holding", register, "I", reads)

    device.react = stubborn
    await start_device(device)
    charger = make_charger(device, "keba_p30")
    for _ in range(2):
        await charger.poll()
        assert charger.online
        assert charger.reading(1).confirmed == 8.0
        assert charger.reading(1).fallback_refused
    assert len(_logged(caplog)) == 1
    assert _logged(caplog)[0][1].startswith("does not take its fallback: ")


async def test_refused_failsafe_is_tried_again(
    vestel: Device, make_charger: MakeCharger, clock: Clock, caplog
) -> None:
    caplog.set_level(logging.INFO, LOGGER)
    vestel.refusals = {FAILSAFE: 2}
    charger = make_charger(vestel, "vestel")
    await charger.poll()
    assert charger.reading(1).fallback_refused
    assert vestel.take_writes() == [(FAILSAFE, (8,)), (ALIVE, (1,)), (SETPOINT, (8,))]
    vestel.refusals = {}
    clock.advance(1)
    await charger.poll()
    assert not charger.reading(1).fallback_refused
    assert [text for _, text in _logged(caplog)][1] == "takes its fallback"


async def test_keeping_charger_falls_back_to_its_setpoint_while_it_charges(
    vestel: Device, make_charger: MakeCharger
) -> None:
    charger = make_charger(
        vestel, "vestel", ConnectorProfile(fallback=8.0, max_current=32.0, keep=True)
    )
    charger.set_current(1, 20.0)
    await charger.poll()
    assert vestel.units[255].holding[FAILSAFE] == 8
    _state(vestel, "vestel", "C")
    await charger.poll()
    await charger.poll()
    assert vestel.units[255].holding[FAILSAFE] == 20


async def test_safe_current_that_is_set_at_the_charger_is_looked_at(
    start_device: StartDevice, make_charger: MakeCharger, clock: Clock
) -> None:
    device = BOXES["alfen_ng9"].device()
    device.units[1].put("holding", 1212, "f", 16)
    await start_device(device)
    charger = make_charger(device, "alfen_ng9")
    await charger.poll()
    assert charger.capabilities.failsafe is Failsafe.LEASE
    assert charger.reading(1).fallback_refused
    device.units[1].put("holding", 1212, "f", 8)
    clock.advance(1)
    await charger.poll()
    assert not charger.reading(1).fallback_refused


async def test_lease_is_renewed_and_its_length_learned(
    start_device: StartDevice, make_charger: MakeCharger, clock: Clock
) -> None:
    device = BOXES["alfen_ng9"].device()
    device.units[1].put("holding", 1208, "I", 300)
    await start_device(device)
    charger = make_charger(device, "alfen_ng9")
    renewed = []
    for _ in range(45):
        await charger.poll()
        renewed.append(device.take_writes() == [(1210, f32(8))])
        clock.advance(1)
    assert [second for second, new in enumerate(renewed) if new] == [0, 20, 40]
    assert charger.reading(1).lease_until == clock.time + timedelta(seconds=299)


async def test_two_sockets_are_two_units(
    start_device: StartDevice, make_charger: MakeCharger, clock: Clock
) -> None:
    box = BOXES["alfen_ng9"]
    device = box.device()
    device.units = {1: device.units[1], 2: box.make()}
    box.states["C"](device.units[2])
    await start_device(device)
    charger = make_charger(device, "alfen_ng9", connectors=(1, 2))
    charger.set_current(1, 10.0)
    charger.set_current(2, 12.5)
    await charger.poll()
    assert [(w.unit, w.words) for w in device.writes] == [(1, f32(10)), (2, f32(12.5))]
    assert charger.reading(1).status is ConnectorStatus.AVAILABLE
    assert charger.reading(2).status is ConnectorStatus.CHARGING

    del device.units[2]
    for _ in range(3):
        clock.advance(5)
        await charger.poll()
    assert charger.online
    assert charger.reading(1).online
    assert not charger.reading(2).online
    charger.update({1: PROFILE})
    assert set(charger.connectors) == {1}


@pytest.mark.parametrize(
    ("version", "energy"), [(10_200, 123_450.0), (10_201, 12_345.0), (None, 12_345.0)]
)
async def test_old_firmware_gives_energies_in_another_unit(
    version: int | None, energy: float, start_device: StartDevice, make_charger: MakeCharger
) -> None:
    keba = await start_device(BOXES["keba_p40"].device())
    registers = keba.units[255]
    registers.put("holding", 1036, "I", 123_450)
    if version is not None:
        registers.put("holding", 1018, "I", version)
    _state(keba, "keba_p40", "C")
    charger = make_charger(keba, "keba_p40")
    await charger.poll()
    data = charger.connectors[1]
    assert data.energy == energy
    assert data.drawn is not None
    assert data.drawn.l1 == 10.5, "currents are right in any firmware"


async def test_slow_charger_gets_its_pause_before_each_request(
    vestel: Device, start_device: StartDevice, make_charger: MakeCharger, naps: Naps
) -> None:
    await make_charger(vestel, "vestel").poll()
    assert naps.taken == []
    heidelberg = await start_device(BOXES["heidelberg_ec"].device())
    await make_charger(heidelberg, "heidelberg_ec").poll()
    requests = len(heidelberg.reads) + len(heidelberg.writes)
    assert naps.taken == [0.1] * (requests - 1)


async def test_charger_without_the_register_of_phases(
    vestel: Device, make_charger: MakeCharger
) -> None:
    del vestel.units[255].holding[405]
    charger = make_charger(vestel, "vestel")
    await charger.poll()
    assert charger.reading(1).phase_count is None
    assert not charger.capabilities.switches_phases


async def test_a_charger_switches_phases_once_it_has_shown_so_and_while_it_is_lost(
    vestel: Device, make_charger: MakeCharger
) -> None:
    charger = make_charger(vestel, "vestel")
    assert not charger.capabilities.switches_phases
    await charger.poll()
    known = charger.capabilities
    assert known.switches_phases
    await vestel.stop()
    for _ in range(4):
        await charger.poll()
    assert not charger.online
    assert charger.capabilities == known


async def test_charger_that_is_not_set_to_be_switched(
    start_device: StartDevice, make_charger: MakeCharger
) -> None:
    keba = await start_device(BOXES["keba_p30"].device())
    keba.units[255].put("holding", 1550, "I", 1)
    charger = make_charger(keba, "keba_p30")
    await charger.poll()
    assert not charger.capabilities.switches_phases
    assert charger.reading(1).phase_count is None


async def test_refused_switch_of_phases(vestel: Device, make_charger: MakeCharger) -> None:
    charger = make_charger(vestel, "vestel")
    with pytest.raises(ChargerOffline):
        await charger.set_phases(1, 1)
    await charger.poll()
    vestel.write_refusals[405] = 4
    with pytest.raises(ChargerRefused):
        await charger.set_phases(1, 1)


async def test_phases_are_not_known_until_they_are_read_on_a_new_connection(
    vestel: Device, make_charger: MakeCharger
) -> None:
    charger = make_charger(vestel, "vestel")
    await charger.poll()
    await charger.set_phases(1, 1)
    await charger.poll()
    assert charger.reading(1).phase_count == 1
    await vestel.stop()
    vestel.units[255].holding[405] = 1
    await vestel.start()
    vestel.refusals[1010] = 4
    for _ in range(2):
        await charger.poll()
    assert charger.reading(1).phase_count is None
    vestel.refusals.clear()
    await charger.poll()
    assert charger.reading(1).phase_count == 3


async def test_connector_that_cannot_be(vestel: Device, make_charger: MakeCharger) -> None:
    with pytest.raises(ValueError, match="a Vestel EVC04 and EVC08 has no connector 2"):
        make_charger(vestel, "vestel", connectors=(1, 2))
    charger = make_charger(vestel, "vestel")
    with pytest.raises(ValueError, match="has no connector 3"):
        charger.update({3: PROFILE})
    assert set(charger.connectors) == {1}


async def test_error_code_and_values_that_cannot_be(
    vestel: Device, make_charger: MakeCharger, clock: Clock
) -> None:
    charger = make_charger(vestel, "vestel")
    registers = vestel.units[255]
    registers.put("input", 1006, "I", 17)
    registers.input[1014] = 60_000
    await charger.poll()
    assert charger.reading(1).online
    assert charger.connectors[1].error == "17"
    assert charger.connectors[1].voltages is None

    drawn = charger.reading(1).drawn
    dialect = load_dialects()["vestel"]
    assert dialect.state(dict.fromkeys(dialect.state_signals.values(), 99.0)) is None
    registers.input[1004] = 9
    for _ in range(3):
        await charger.poll()
    assert not charger.online
    assert charger.reading(1).drawn == drawn


async def test_absurd_currents_are_a_fault(
    start_device: StartDevice, make_charger: MakeCharger
) -> None:
    device = BOXES["heidelberg_ec"].device()
    device.units[1].input[7] = 9000
    await start_device(device)
    charger = make_charger(device, "heidelberg_ec")
    await charger.poll()
    assert not charger.online
    assert charger.reading(1).drawn is None


async def test_faults_are_logged_once(
    vestel: Device, make_charger: MakeCharger, clock: Clock, caplog
) -> None:
    caplog.set_level(logging.INFO, LOGGER)
    charger = make_charger(vestel, "vestel")
    await charger.poll()
    vestel.refusals = {1004: 4}
    for _ in range(5):
        await charger.poll()
    vestel.refusals = {}
    await charger.poll()
    begin, end = _logged(caplog)
    assert begin[0] == logging.WARNING
    assert begin[1].startswith("cannot be read: ")
    assert end == (logging.INFO, "can be read again")


async def test_new_connection_is_armed_before_anything_is_written(
    vestel: Device, make_charger: MakeCharger, clock: Clock
) -> None:
    charger = make_charger(vestel, "vestel")
    await charger.poll()
    assert charger.contacts == 1
    vestel.take_writes()
    vestel.reads.clear()
    await vestel.hang_up()
    charger.set_current(1, 16.0)
    await charger.poll()
    assert vestel.take_writes() == []
    clock.advance(1)
    for _ in range(2):
        await charger.poll()
    assert vestel.connections == 2
    assert vestel.take_writes() == [*BOXES["vestel"].armed, (SETPOINT, (16,))]
    assert charger.online
    assert charger.contacts == 2
    assert charger.reading(1).confirmed == 16.0


async def test_writer_sends_the_newest_setpoint_at_once(
    vestel: Device, make_charger: MakeCharger, pacer: Pacer
) -> None:
    charger = make_charger(vestel, "vestel")
    await asyncio.wait_for(charger.settled(), 10)
    charger.open()
    charger.open()
    assert 0 < await pacer.nap() <= 1
    vestel.take_writes()
    charger.set_current(1, 20.0)
    charger.set_current(1, 12.0)
    assert charger.reading(1).confirmed == 8.0
    await asyncio.wait_for(charger.settled(), 10)
    assert charger.reading(1).confirmed == 12.0
    assert vestel.take_writes() == [(SETPOINT, (12,))]
    charger.maintain()


async def test_setpoint_without_contact_is_settled_at_once(
    vestel: Device, make_charger: MakeCharger, pacer: Pacer
) -> None:
    await vestel.stop()
    charger = make_charger(vestel, "vestel")
    charger.open()
    await pacer.nap()
    charger.set_current(1, 12.0)
    await asyncio.wait_for(charger.settled(), 10)
    assert charger.reading(1).confirmed is None


async def test_polls_periodically_until_closed(
    vestel: Device, make_charger: MakeCharger, pacer: Pacer, clock: Clock
) -> None:
    before = asyncio.all_tasks()
    charger = make_charger(vestel, "vestel")
    seen: list[bool] = []
    unsubscribe = charger.subscribe(lambda: seen.append(charger.online))
    charger.open()
    for _ in range(3):
        clock.advance(await pacer.nap())
        pacer.wake()
    await pacer.nap()
    assert seen[-1]
    unsubscribe()
    unsubscribe()
    await charger.close()
    await charger.close()
    charger.open()
    left = [task for task in asyncio.all_tasks() - before if "charger" in task.get_name()]
    assert left == []


async def test_broken_listener_is_reported(
    vestel: Device, make_charger: MakeCharger, caplog
) -> None:
    charger = make_charger(vestel, "vestel")
    called = asyncio.Event()

    def broken() -> None:
        called.set()
        raise RuntimeError("broken listener")

    charger.subscribe(broken)
    charger.open()
    async with asyncio.timeout(10):
        await called.wait()
    await charger.close()
    assert "broke off" in caplog.text


class TestCommands:
    """Start, stop and restart."""

    async def test_charger_without_commands_refuses(
        self, vestel: Device, make_charger: MakeCharger
    ) -> None:
        charger = make_charger(vestel, "vestel")
        await charger.poll()
        assert not charger.capabilities.starts_sessions
        assert not charger.capabilities.resets
        for command in (charger.start(1, "badge"), charger.stop(1), charger.reset(hard=False)):
            with pytest.raises(ChargerRefused, match="a Vestel EVC04 and EVC08 cannot be told to"):
                await command

    @pytest.fixture
    async def evlink(self, start_device: StartDevice) -> Device:
        return await start_device(BOXES["schneider_evlink_pro_ac"].device())

    async def test_restart(self, evlink: Device, make_charger: MakeCharger) -> None:
        charger = make_charger(evlink, "schneider_evlink_pro_ac")
        with pytest.raises(ChargerOffline):
            await charger.reset(hard=True)
        await charger.poll()
        evlink.take_writes()
        await charger.reset(hard=True)
        assert evlink.take_writes() == [(4001, (9,))]
        evlink.refusals = {4001: 3}
        with pytest.raises(ChargerRefused):
            await charger.reset(hard=True)
        evlink.refusals = {4001: 11}
        with pytest.raises(ChargerOffline):
            await charger.reset(hard=True)

    async def test_start_and_stop(self, evlink: Device, make_charger: MakeCharger) -> None:
        dialect = load_dialects()["schneider_evlink_pro_ac"]
        register = dialect.commands["reset"].register
        commands = {
            name: Order(register=register, value=n) for n, name in enumerate(("stop", "start"))
        }
        charger = make_charger(evlink, replace(dialect, commands=commands))
        await charger.poll()
        assert charger.capabilities.starts_sessions
        evlink.take_writes()
        await charger.start(1, "badge")
        await charger.stop(1)
        assert evlink.take_writes() == [(4001, (1,)), (4001, (0,))]


async def test_a_car_that_was_there_first_begins_no_session(
    vestel: Device, make_charger: MakeCharger, clock: Clock
) -> None:
    _state(vestel, "vestel", "C")
    charger = make_charger(vestel, "vestel")
    await charger.poll()
    assert charger.connectors[1].session
    assert charger.reading(1).session is None
    for state in ("A", "B"):
        _state(vestel, "vestel", state)
        clock.advance(1)
        await charger.poll()
    assert charger.reading(1).session == clock.now().isoformat()


ENERGY, SESSION_ENERGY = 1036, 1502


@pytest.mark.parametrize("counts_sessions", [True, False])
async def test_the_next_car_does_not_get_the_count_of_the_one_before(
    vestel: Device, make_charger: MakeCharger, clock: Clock, *, counts_sessions: bool
) -> None:
    registers = vestel.units[255]
    counter = SESSION_ENERGY if counts_sessions else ENERGY
    if not counts_sessions:
        vestel.refusals[SESSION_ENERGY] = 2
    charger = make_charger(vestel, "vestel")

    async def had(state: str, count: int) -> float | None:
        _state(vestel, "vestel", state)
        registers.put("input", counter, "I", count)
        clock.advance(600)
        await charger.poll()
        return charger.reading(1).energy

    await had("A", 10)
    assert await had("C", 10) == 0
    unit = 1 if counts_sessions else 100
    assert await had("C", 50) == 40 * unit
    assert await had("A", 52) is None
    assert [session.energy for session in charger.connectors[1].ended] == [42 * unit]
    assert await had("B", 52) == 0
    assert await had("C", 60) == 8 * unit
