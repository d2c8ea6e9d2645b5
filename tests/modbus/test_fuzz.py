"""Modbus devices that answer anything: no crash, no reading that cannot be, a defined error."""

import asyncio
import struct
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import override

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from custom_components.headroom.chargers.base import ConnectorProfile
from custom_components.headroom.chargers.modbus.charger import ModbusCharger
from custom_components.headroom.chargers.modbus.dialect_files import load_dialects
from custom_components.headroom.meters.modbus_meter import ModbusMeter
from custom_components.headroom.meters.model_files import load_models
from custom_components.headroom.modbus.address import TcpServer, UnitAddress
from custom_components.headroom.modbus.endpoint import EndpointPool
from custom_components.headroom.modbus.errors import ModbusError
from custom_components.headroom.modbus.registers import Function
from tests.chargers.modbus.boxes import BOXES
from tests.chargers.modbus.device import Device, Registers

from .fakes import Clock, Pacer

type Answer = Callable[[int, int, int, int], bytes]
"""From transaction, unit, function and count of a request to what is sent back."""

SHARED = settings(
    max_examples=settings().max_examples // 10,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
"""Examples share the sockets, and take a tenth of a second each."""
MOST_CURRENT = 10e3
MODELS = load_models()
DIALECTS = load_dialects()
WORD = st.integers(0, 0xFFFF)


class Babbler:
    """Answers every request once with what a test wants, and hangs up."""

    def __init__(self) -> None:
        self.answer: Answer = lambda *_: b""
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = await reader.readexactly(12)
            transaction, _, _, unit, function, _, count = struct.unpack(">HHHBBHH", request)
            writer.write(self.answer(transaction, unit, function, count))
            await writer.drain()
        except asyncio.IncompleteReadError, ConnectionError:
            return
        finally:
            writer.close()


def reply(transaction: int, unit: int, function: int, body: bytes) -> bytes:
    """Return a well-formed answer."""
    return struct.pack(">HHHBB", transaction, 0, len(body) + 2, unit, function) + body


def registers(words: list[int]) -> bytes:
    return bytes([2 * len(words) & 0xFF]) + struct.pack(f">{len(words)}H", *words)


@st.composite
def answers(draw: st.DrawFn) -> Answer:
    """Draw an answer that is wrong in one way or in several, or right by chance."""
    noise = draw(st.binary(max_size=40))
    words = draw(st.lists(WORD, max_size=10))
    shift = draw(st.tuples(*[st.sampled_from([0, 0, 1])] * 3))
    kept = draw(st.integers(1, 60))
    kind = draw(st.sampled_from(["noise", "wrong", "cut", "exception", "twice"]))

    def answer(transaction: int, unit: int, function: int, count: int) -> bytes:
        head = transaction + shift[0] & 0xFFFF, unit + shift[1] & 0xFF, function + shift[2]
        whole = reply(*head, registers(words))
        match kind:
            case "noise":
                return noise
            case "cut":
                return whole[:kept]
            case "exception":
                return reply(head[0], head[1], head[2] | 0x80, noise[:1])
            case "twice":
                return whole + whole
        return whole

    return answer


@pytest.fixture
async def babbler(socket_enabled: None) -> AsyncIterator[Babbler]:
    babbler = Babbler()
    server = await asyncio.start_server(babbler.serve, "127.0.0.1", 0)
    babbler.port = server.sockets[0].getsockname()[1]
    yield babbler
    server.close()
    await server.wait_closed()


@pytest.fixture
def answer_time() -> timedelta:
    return timedelta(milliseconds=20)


@SHARED
@given(answer=answers(), count=st.integers(1, 10))
async def test_a_read_gives_its_registers_or_a_defined_error(
    babbler: Babbler, pool: EndpointPool, answer: Answer, count: int
) -> None:
    babbler.answer = answer
    async with pool.lend(TcpServer("127.0.0.1", babbler.port)) as endpoint:
        try:
            words = await endpoint.read(1, Function.HOLDING, range(100, 100 + count))
        except ModbusError:
            return
        assert len(words) == count
        assert all(0 <= word <= 0xFFFF for word in words)


@SHARED
@given(answer=answers())
async def test_a_write_is_done_or_has_a_defined_error(
    babbler: Babbler, pool: EndpointPool, answer: Answer
) -> None:
    babbler.answer = answer
    async with pool.lend(TcpServer("127.0.0.1", babbler.port)) as endpoint:
        try:
            await endpoint.write(1, 100, [7], single=True)
        except ModbusError:
            assert endpoint.connections == 1


class Filled(dict[int, int]):
    """Some words over and over, in every register."""

    def __init__(self, words: list[int]) -> None:
        super().__init__()
        self._words = words

    @override
    def __contains__(self, address: object) -> bool:
        return True

    def __missing__(self, address: int) -> int:
        return self._words[address % len(self._words)]


@pytest.fixture
async def device(socket_enabled: None) -> AsyncIterator[Device]:
    device = Device({})
    await device.start()
    yield device
    await device.stop()


def spoilt(tables: Registers, seed: list[int], share: int) -> Registers:
    """Replace some of a device's registers."""

    def table(words: dict[int, int]) -> dict[int, int]:
        return {
            address: seed[address % len(seed)] if address % share == 0 else word
            for address, word in words.items()
        }

    return Registers(table(tables.holding), table(tables.input))


@pytest.mark.parametrize("model", MODELS)
@SHARED
@given(words=st.lists(WORD, min_size=1, max_size=40))
async def test_a_meter_shows_what_can_be_or_nothing(
    device: Device, pool: EndpointPool, clock: Clock, pacer: Pacer, model: str, words: list[int]
) -> None:
    everything = Filled(words)
    device.units = {1: Registers(everything, everything)}
    meter = ModbusMeter(
        pool,
        UnitAddress(TcpServer("127.0.0.1", device.port), 1),
        MODELS[model],
        period=timedelta(seconds=1),
        now=clock.now,
        sleep=pacer.sleep,
    )
    await meter.poll()
    if (reading := meter.reading()) is None:
        assert meter.fault is not None
    else:
        assert all(abs(current) <= MOST_CURRENT for current in reading.currents)
    await meter.stop()


@pytest.mark.parametrize("name", BOXES)
@SHARED
@given(words=st.lists(WORD, min_size=1, max_size=40), share=st.integers(1, 9))
async def test_a_charger_shows_what_can_be_or_is_lost(
    device: Device,
    pool: EndpointPool,
    clock: Clock,
    pacer: Pacer,
    name: str,
    words: list[int],
    share: int,
) -> None:
    box = BOXES[name]
    fresh = box.device()
    device.units = {box.unit: spoilt(fresh.units[box.unit], words, share)}
    device.react = fresh.react
    charger = ModbusCharger(
        pool,
        UnitAddress(TcpServer("127.0.0.1", device.port), box.unit),
        DIALECTS[box.dialect],
        {1: ConnectorProfile(fallback=8.0, max_current=32.0)},
        now=clock.now,
        sleep=pacer.sleep,
    )
    charger.set_current(1, 16.0)
    for _ in range(2):
        await charger.poll()
    reading = charger.reading(1)
    assert reading.drawn is None or all(-1.0 <= current <= 200.0 for current in reading.drawn)
    assert reading.confirmed is None or reading.confirmed <= 32.0
    await charger.close()
