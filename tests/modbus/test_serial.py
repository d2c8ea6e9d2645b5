"""Modbus on a serial port: what is opened, who may speak, and what happens when it is pulled."""

import asyncio
import errno
import fcntl
import os
from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path
from unittest.mock import AsyncMock, Mock

import pytest
from serialx import SerialException, SerialTransport

from custom_components.headroom.modbus import clients
from custom_components.headroom.modbus.address import SerialLine, UnitAddress
from custom_components.headroom.modbus.endpoint import EndpointPool, ModbusEndpoint
from custom_components.headroom.modbus.errors import (
    ModbusRefused,
    ModbusUnreachable,
    PortFault,
    PortUnusable,
)
from custom_components.headroom.modbus.line import LineSettings, Parity, parse_line
from custom_components.headroom.modbus.registers import Function
from custom_components.headroom.modbus.rtu import AnswerFramer, Frame

from .fakes import Clock, Naps
from .line import Line, sealed
from .pty_line import PtyLine

ASKED = sealed(1, 3, 0, 100, 0, 2)
ANSWER = sealed(1, 3, 4, 0, 7, 0, 8)
WORDS = [7, 8]
USUAL = LineSettings(19200, Parity.NONE, 2)
SLOW = LineSettings(9600, Parity.NONE)


@pytest.fixture
def naps(clock: Clock) -> Naps:
    return Naps(clock)


@pytest.fixture
async def line(tmp_path: Path) -> AsyncGenerator[PtyLine]:
    line = PtyLine(tmp_path / "ttyUSB0", lambda _: [ANSWER])
    line.plug()
    yield line
    line.unplug()


@pytest.fixture
async def pool(
    line: PtyLine, clock: Clock, naps: Naps, answer_time: timedelta
) -> AsyncGenerator[EndpointPool]:
    pool = EndpointPool(clock.now, timeout=answer_time, sleep=naps.sleep)
    yield pool
    await pool.close()


@pytest.fixture
async def endpoint(line: PtyLine, pool: EndpointPool) -> ModbusEndpoint:
    return pool.acquire(serial(line))


def serial(line: PtyLine, settings: LineSettings = USUAL) -> SerialLine:
    return SerialLine(str(line.port), settings)


async def read(endpoint: ModbusEndpoint, unit: int = 1) -> list[int]:
    return await endpoint.read(unit, Function.HOLDING, range(100, 102))


async def fault(endpoint: ModbusEndpoint, clock: Clock) -> PortUnusable:
    """Return why a port cannot be used, as soon as that is noticed."""
    async with asyncio.timeout(10):
        while True:
            clock.advance(60)
            try:
                await read(endpoint)
            except PortUnusable as error:
                return error
            except ModbusUnreachable:
                continue


async def test_reads_writes_and_is_refused(line: PtyLine, endpoint: ModbusEndpoint) -> None:
    assert await read(endpoint) == WORDS
    line.reply = lambda _: [sealed(1, 16, 0, 100, 0, 1)]
    await endpoint.write(1, 100, [7])
    line.reply = lambda _: [sealed(1, 0x83, 2)]
    with pytest.raises(ModbusRefused):
        await read(endpoint)
    assert line.requests == [ASKED, sealed(1, 16, 0, 100, 0, 1, 2, 0, 7), ASKED]
    assert endpoint.connections == 1


@pytest.mark.parametrize(
    "before",
    [
        pytest.param(ASKED, id="an echo"),
        pytest.param(ASKED[:5], id="half an echo"),
        pytest.param(sealed(2, 3, 0, 5, 0, 2), id="another master's request"),
        pytest.param(sealed(2, 3, 4, 0, 1, 0, 2), id="the answer to it"),
        pytest.param(ANSWER[:6], id="half an answer"),
        pytest.param(ANSWER[:-1] + b"\0", id="a broken answer"),
        pytest.param(bytes(range(256)), id="garbage"),
    ],
)
async def test_noise_of_another_master_is_no_answer(
    before: bytes, line: PtyLine, endpoint: ModbusEndpoint
) -> None:
    line.reply = lambda _: [before, ANSWER, before]
    for _ in range(3):
        assert await read(endpoint) == WORDS
    assert endpoint.connections == 1


async def test_units_of_a_line_have_fair_turns(line: PtyLine, endpoint: ModbusEndpoint) -> None:
    line.reply = lambda request: [sealed(request[0], 3, 4, 0, request[0], 0, 0)]
    units = (1, 2, 3)
    for unit in units:
        await read(endpoint, unit)
    line.requests.clear()

    async def poll(unit: int) -> None:
        for _ in range(3):
            assert await read(endpoint, unit) == [unit, 0]

    async with asyncio.timeout(10):
        await asyncio.gather(*(poll(unit) for unit in units))
    assert [request[0] for request in line.requests] == [1, 2, 3] * 3


@pytest.mark.parametrize(
    ("settings", "silence"),
    [
        (LineSettings(9600, Parity.NONE), 3.5 * 10 / 9600),
        (LineSettings(19200, Parity.EVEN), 3.5 * 11 / 19200),
        (LineSettings(1200, Parity.ODD, 2), 3.5 * 12 / 1200),
        (LineSettings(38400), 0.00175),
        (LineSettings(115200, Parity.NONE), 0.00175),
    ],
)
async def test_frames_have_silence_between_them(
    settings: LineSettings, silence: float, line: PtyLine, pool: EndpointPool, naps: Naps
) -> None:
    endpoint = pool.acquire(serial(line, settings))
    await read(endpoint)
    await read(endpoint)
    assert naps.taken == pytest.approx([silence], abs=1e-6)


async def test_a_device_that_needs_a_longer_pause_gets_it(
    line: PtyLine, pool: EndpointPool, naps: Naps
) -> None:
    endpoint = pool.acquire(serial(line), pause=timedelta(seconds=0.1))
    await read(endpoint)
    await read(endpoint)
    assert naps.taken == [0.1]


class TestSilence:
    """The device answers late or not at all."""

    @pytest.fixture
    def answer_time(self) -> timedelta:
        return timedelta(seconds=0.05)

    async def test_a_late_answer_is_not_that_to_the_next_request(
        self,
        line: PtyLine,
        clock: Clock,
        answer_time: timedelta,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        waits: list[float] = []
        heard = asyncio.Event()
        late = sealed(1, 3, 4, 0, 99, 0, 99)

        def decode(framer: AnswerFramer, data: bytes) -> Frame:
            if data.endswith(late):
                heard.set()
            return take(framer, data)

        async def hear_the_late_answer(seconds: float) -> None:
            waits.append(seconds)
            clock.advance(seconds)
            line.say(late)
            async with asyncio.timeout(10):
                await heard.wait()

        take = AnswerFramer.decode
        monkeypatch.setattr(AnswerFramer, "decode", decode)

        endpoint = EndpointPool(clock.now, timeout=answer_time, sleep=hear_the_late_answer).acquire(
            serial(line)
        )
        line.reply = lambda _: []
        with pytest.raises(ModbusUnreachable):
            await read(endpoint)
        line.reply = lambda _: [ANSWER]
        assert await read(endpoint) == WORDS
        longest = (256 + 8) * 11 / 19200
        assert waits == pytest.approx([0.05 + longest], abs=1e-5)
        await endpoint.close()

    async def test_a_slow_line_has_time_for_long_answers(
        self, line: PtyLine, pool: EndpointPool, naps: Naps
    ) -> None:
        line.reply = lambda _: []
        endpoint = pool.acquire(serial(line, LineSettings(115200, Parity.NONE)))
        for _ in range(2):
            with pytest.raises(ModbusUnreachable):
                await read(endpoint)
        assert naps.taken == pytest.approx([0.05 + (256 + 8) * 10 / 115200], abs=1e-5)

    async def test_a_line_that_stays_silent_is_opened_anew(
        self, line: PtyLine, endpoint: ModbusEndpoint, clock: Clock
    ) -> None:
        line.reply = lambda _: []
        for _ in range(6):
            clock.advance(60)
            with pytest.raises(ModbusUnreachable, match="does not answer"):
                await read(endpoint)
        line.reply = lambda _: [ANSWER]
        clock.advance(60)
        assert await read(endpoint) == WORDS
        assert endpoint.connections == 2

    async def test_a_port_that_is_pulled_during_a_request_is_found_again(
        self, line: PtyLine, endpoint: ModbusEndpoint, clock: Clock
    ) -> None:
        await read(endpoint)
        line.reply = lambda _: []
        reading = asyncio.create_task(read(endpoint))
        async with asyncio.timeout(10):
            await line.asked.acquire()
            await line.asked.acquire()
        line.unplug()
        with pytest.raises(ModbusUnreachable):
            await reading
        assert (await fault(endpoint, clock)).fault is PortFault.MISSING
        line.reply = lambda _: [ANSWER]
        line.plug()
        clock.advance(60)
        assert await read(endpoint) == WORDS


async def test_a_port_that_is_pulled_and_plugged_in_again(
    line: PtyLine, endpoint: ModbusEndpoint, clock: Clock
) -> None:
    await read(endpoint)
    line.unplug()
    lost = await fault(endpoint, clock)
    assert (lost.fault, str(lost)) == (PortFault.MISSING, f"{line.port} is not plugged in")
    line.plug()
    with pytest.raises(ModbusUnreachable, match="is not plugged in"):
        await read(endpoint)
    assert line.requests == [ASKED]
    clock.advance(60)
    assert await read(endpoint) == WORDS


@pytest.mark.parametrize("error", [OSError(errno.EIO, "gone"), SerialException("gone")])
async def test_a_port_that_breaks_while_it_is_written_to(
    error: Exception, endpoint: ModbusEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    await read(endpoint)
    with monkeypatch.context() as broken:
        broken.setattr(SerialTransport, "write", Mock(side_effect=error))
        with pytest.raises(ModbusUnreachable, match="does not answer"):
            await read(endpoint)
    assert await read(endpoint) == WORDS


async def test_a_port_that_is_absent_at_first(
    line: PtyLine, endpoint: ModbusEndpoint, clock: Clock
) -> None:
    line.unplug()
    assert (await fault(endpoint, clock)).fault is PortFault.MISSING
    line.plug()
    clock.advance(60)
    assert await read(endpoint) == WORDS


async def test_a_port_that_another_program_has(
    line: PtyLine, endpoint: ModbusEndpoint, clock: Clock
) -> None:
    other = os.open(line.port, os.O_RDWR | os.O_NOCTTY)
    fcntl.flock(other, fcntl.LOCK_EX)
    busy = await fault(endpoint, clock)
    os.close(other)
    assert (busy.fault, str(busy)) == (
        PortFault.BUSY,
        f"{line.port} is in use by another program",
    )
    clock.advance(60)
    assert await read(endpoint) == WORDS


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (PermissionError(errno.EACCES, "x"), PortFault.FORBIDDEN, "may not be opened"),
        (OSError(errno.EIO, "x"), PortFault.MISSING, "is not plugged in"),
        (OSError(errno.ENOTTY, "no tty"), PortFault.UNUSABLE, "cannot be opened: .*no tty"),
        (SerialException("odd"), PortFault.UNUSABLE, "cannot be opened: odd"),
        (ValueError("worse"), PortFault.UNUSABLE, "cannot be opened: worse"),
    ],
)
async def test_a_port_that_cannot_be_opened(
    error: Exception,
    kind: PortFault,
    words: str,
    endpoint: ModbusEndpoint,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opening = AsyncMock(side_effect=error)
    monkeypatch.setattr(clients, "create_serial_connection", opening)
    with pytest.raises(PortUnusable, match=words) as raised:
        await read(endpoint)
    assert raised.value.fault is kind


async def test_a_file_is_no_port(tmp_path: Path, pool: EndpointPool, clock: Clock) -> None:
    (tmp_path / "notes").write_text("")
    endpoint = pool.acquire(SerialLine(str(tmp_path / "notes")))
    assert (await fault(endpoint, clock)).fault is PortFault.UNUSABLE


class TestSharing:
    """Several devices name one port."""

    @pytest.fixture
    def link(self, line: PtyLine, tmp_path: Path) -> SerialLine:
        by_id = tmp_path / "usb-adapter-port0"
        by_id.symlink_to(line.port)
        return SerialLine(str(by_id), USUAL)

    async def test_a_link_and_its_device_are_one_port(
        self, link: SerialLine, line: PtyLine, endpoint: ModbusEndpoint, pool: EndpointPool
    ) -> None:
        assert pool.acquire(link) is endpoint
        assert pool.acquire(SerialLine(str(line.port.readlink()), USUAL)) is endpoint

    async def test_the_first_decides_how_a_port_is_set(
        self, link: SerialLine, line: PtyLine, endpoint: ModbusEndpoint, pool: EndpointPool
    ) -> None:
        other = pool.acquire(SerialLine(link.port, SLOW))
        with pytest.raises(PortUnusable, match="in use with other line settings") as raised:
            await read(other)
        assert raised.value.fault is PortFault.SETTINGS
        assert await read(endpoint) == WORDS
        await pool.release(endpoint)
        assert await read(other) == WORDS

    async def test_a_port_is_lent_with_other_settings(
        self, line: PtyLine, endpoint: ModbusEndpoint, pool: EndpointPool
    ) -> None:
        await read(endpoint)
        async with pool.lend(serial(line, SLOW)) as lent:
            assert await read(lent) == WORDS
            with pytest.raises(PortUnusable):
                await read(endpoint)
        assert await read(endpoint) == WORDS

    async def test_a_port_that_was_lent_goes_back_to_its_first(
        self, line: PtyLine, endpoint: ModbusEndpoint, pool: EndpointPool
    ) -> None:
        second = pool.acquire(serial(line, SLOW))
        async with pool.lend(serial(line, SLOW)) as lent:
            assert lent is second
            assert await read(second) == WORDS
        assert await read(endpoint) == WORDS
        with pytest.raises(PortUnusable):
            await read(second)

    async def test_ports_of_the_network_are_told_apart_by_their_names(
        self, pool: EndpointPool
    ) -> None:
        one, other = (SerialLine(f"socket://192.0.2.{host}:4001") for host in (1, 2))
        assert pool.acquire(one) is pool.acquire(one)
        assert pool.acquire(one) is not pool.acquire(other)


def test_ports_and_units_that_cannot_be() -> None:
    for port in ("", "ttyUSB0", "esphome://device"):
        with pytest.raises(ValueError, match="is not a serial port"):
            SerialLine(port)
    for unit in (0, 248):
        with pytest.raises(ValueError, match="is not a Modbus unit id"):
            UnitAddress(SerialLine("/dev/ttyUSB0"), unit)


def test_addresses_in_messages() -> None:
    address = UnitAddress(SerialLine("/dev/ttyUSB0"), 7)
    assert (str(address), address.identity) == ("/dev/ttyUSB0/7", "/dev/ttyUSB0:7")
    assert address.server.name == "ttyUSB0"


@pytest.mark.parametrize("text", ["19200 8E1", "9600 8N2", "115200 8O1"])
def test_settings_are_written_as_on_devices(text: str) -> None:
    assert str(parse_line(text)) == text


@pytest.mark.parametrize("text", ["", "19200", "19200 7E1", "19200 8M1", "19200 8E3", "300 8N1"])
def test_settings_that_cannot_be(text: str) -> None:
    with pytest.raises(ValueError, match=r"does not set a line|is not a baud rate"):
        parse_line(text)


def test_stop_bits_that_cannot_be() -> None:
    with pytest.raises(ValueError, match="3 is not a number of stop bits"):
        LineSettings(stop_bits=3)


async def test_a_port_of_another_machine(
    socket_enabled: None, clock: Clock, naps: Naps, answer_time: timedelta
) -> None:
    remote = Line(lambda _: [ANSWER])
    await remote.start()
    pool = EndpointPool(clock.now, timeout=answer_time, sleep=naps.sleep)
    endpoint = pool.acquire(SerialLine(f"socket://127.0.0.1:{remote.port}"))
    assert await read(endpoint) == WORDS
    assert await read(endpoint) == WORDS
    await endpoint.disconnect()
    assert await read(endpoint) == WORDS
    assert remote.connections == 2
    await endpoint.disconnect()
    await remote.stop()
    lost = await fault(endpoint, clock)
    assert lost.fault is PortFault.UNUSABLE
    await pool.close()
