"""RTU frames through a socket: what counts as an answer, and how a line is left in peace."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta

import pytest
from pymodbus.framer import FramerType
from pymodbus.pdu import DecodePDU

from custom_components.headroom.modbus.address import Framing, TcpServer
from custom_components.headroom.modbus.endpoint import EndpointPool, ModbusEndpoint
from custom_components.headroom.modbus.errors import ModbusRefused, ModbusUnreachable
from custom_components.headroom.modbus.registers import Function
from custom_components.headroom.modbus.rtu import AnswerFramer

from .conftest import StartServer
from .fakes import Clock, Naps
from .line import Line, sealed

ASKED = sealed(1, 3, 0, 100, 0, 2)
ANSWER = sealed(1, 3, 4, 0, 7, 0, 8)
WORDS = [7, 8]
REGISTERS = range(100, 102)
TIMEOUT = timedelta(seconds=10)


@pytest.fixture
def naps(clock: Clock) -> Naps:
    return Naps(clock)


@pytest.fixture
async def line(socket_enabled: None) -> AsyncGenerator[Line]:
    line = Line(lambda _: [ANSWER])
    await line.start()
    yield line
    await line.stop()


@pytest.fixture
def answer_time() -> timedelta:
    return TIMEOUT


@pytest.fixture
async def pool(
    line: Line, clock: Clock, naps: Naps, answer_time: timedelta
) -> AsyncGenerator[EndpointPool]:
    pool = EndpointPool(clock.now, timeout=answer_time, sleep=naps.sleep)
    yield pool
    await pool.close()


@pytest.fixture
async def endpoint(line: Line, pool: EndpointPool) -> ModbusEndpoint:
    return pool.acquire(TcpServer("127.0.0.1", line.port, Framing.RTU_OVER_TCP))


async def read(endpoint: ModbusEndpoint) -> list[int]:
    return await endpoint.read(1, Function.HOLDING, REGISTERS)


async def test_reads(line: Line, endpoint: ModbusEndpoint) -> None:
    assert await read(endpoint) == WORDS
    assert line.requests == [ASKED]


@pytest.mark.parametrize(
    ("single", "request_", "answer"),
    [
        (True, sealed(1, 6, 0, 100, 0, 7), sealed(1, 6, 0, 100, 0, 7)),
        (False, sealed(1, 16, 0, 100, 0, 1, 2, 0, 7), sealed(1, 16, 0, 100, 0, 1)),
    ],
)
async def test_writes(
    single: bool, request_: bytes, answer: bytes, line: Line, endpoint: ModbusEndpoint
) -> None:
    line.reply = lambda _: [answer]
    await endpoint.write(1, 100, [7], single=single)
    assert line.requests == [request_]


@pytest.mark.parametrize("function", [3, 16])
async def test_refusals(function: int, line: Line, endpoint: ModbusEndpoint) -> None:
    line.reply = lambda _: [sealed(1, function | 0x80, 2)]
    with pytest.raises(ModbusRefused):
        await (read(endpoint) if function == 3 else endpoint.write(1, 100, [7]))


@pytest.mark.parametrize(
    "before",
    [
        pytest.param(b"\0", id="a zero"),
        pytest.param(b"\x01\x03\xff", id="a long answer that begins"),
        pytest.param(bytes(range(256)), id="noise"),
        pytest.param(ASKED, id="an echo"),
        pytest.param(sealed(1, 3, 0, 5, 0, 2), id="another master's request to the same unit"),
        pytest.param(sealed(2, 3, 4, 0, 1, 0, 2), id="an answer of another unit"),
        pytest.param(sealed(1, 4, 4, 0, 1, 0, 2), id="an answer to another function"),
        pytest.param(sealed(1, 3, 2, 0, 1), id="an answer of another length"),
        pytest.param(sealed(1, 0x84, 2), id="a refusal of another function"),
        pytest.param(ANSWER[:-1] + b"\0", id="a broken answer"),
        pytest.param(ANSWER[:4], id="a torn answer"),
    ],
)
@pytest.mark.parametrize("parts", [1, 2])
async def test_what_is_no_answer_is_passed_over(
    before: bytes, parts: int, line: Line, endpoint: ModbusEndpoint
) -> None:
    line.reply = lambda _: [before, ANSWER] if parts == 2 else [before + ANSWER]
    assert await read(endpoint) == WORDS
    assert await read(endpoint) == WORDS
    assert line.connections == 1


async def test_an_answer_in_pieces_with_noise_behind(line: Line, endpoint: ModbusEndpoint) -> None:
    line.reply = lambda _: [ANSWER[:1], ANSWER[1:5], ANSWER[5:] + b"\x55\xaa"]
    assert await read(endpoint) == WORDS
    assert await read(endpoint) == WORDS


async def test_what_nobody_asked_for_is_nothing(line: Line, endpoint: ModbusEndpoint) -> None:
    await read(endpoint)
    line.say(sealed(2, 3, 4, 0, 1, 0, 2) * 3)
    line.reply = lambda _: [sealed(1, 3, 4, 0, 9, 0, 9)]
    assert await read(endpoint) == [9, 9]


class TestSilence:
    """The device answers late or not at all."""

    @pytest.fixture
    def answer_time(self) -> timedelta:
        return timedelta(seconds=0.1)

    @pytest.mark.parametrize(("framing", "waits"), [("rtu_over_tcp", [0.1]), ("tcp", [])])
    async def test_a_late_answer_is_not_that_to_the_next_request(
        self, framing: str, waits: list[float], line: Line, pool: EndpointPool, naps: Naps
    ) -> None:
        line.reply = lambda _: []
        endpoint = pool.acquire(TcpServer("127.0.0.1", line.port, Framing(framing)))
        for _ in range(2):
            with pytest.raises(ModbusUnreachable):
                await read(endpoint)
        assert naps.taken == waits


async def test_a_request_that_is_cancelled_may_be_answered_late(
    line: Line, endpoint: ModbusEndpoint, naps: Naps
) -> None:
    line.reply = lambda _: []
    reading = asyncio.create_task(read(endpoint))
    async with asyncio.timeout(10):
        await line.asked.acquire()
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    line.reply = lambda _: [ANSWER]
    assert await read(endpoint) == WORDS
    assert naps.taken == [TIMEOUT.total_seconds()]


async def test_a_pause_is_kept_for_whoever_needs_it_most(
    line: Line, pool: EndpointPool, naps: Naps, clock: Clock
) -> None:
    endpoint, same = (
        pool.acquire(
            TcpServer("127.0.0.1", line.port, Framing.RTU_OVER_TCP), pause=timedelta(seconds=pause)
        )
        for pause in (0.1, 0)
    )
    assert endpoint is same
    await read(endpoint)
    clock.advance(0.04)
    await read(endpoint)
    clock.advance(0.1)
    await read(endpoint)
    assert naps.taken == pytest.approx([0.06])


@pytest.mark.parametrize(
    ("framing", "pause", "wait"),
    [(Framing.TCP, 0.0, []), (Framing.TCP, 0.1, [0.1]), (Framing.RTU_OVER_TCP, 0.1, [0.1])],
)
async def test_a_clock_that_is_set_back_makes_a_pause_no_longer(
    start_server: StartServer,
    pool: EndpointPool,
    naps: Naps,
    clock: Clock,
    framing: Framing,
    pause: float,
    wait: list[float],
) -> None:
    framer = FramerType.SOCKET if framing is Framing.TCP else FramerType.RTU
    server = await start_server({1: {100: bytes(4)}}, framer)
    address = TcpServer("127.0.0.1", server.port, framing)
    endpoint = pool.acquire(address, pause=timedelta(seconds=pause))
    await read(endpoint)
    clock.advance(-3600)
    await read(endpoint)
    assert naps.taken == pytest.approx(wait)


async def test_a_clock_that_is_set_back_before_the_first_request(
    line: Line, endpoint: ModbusEndpoint, naps: Naps, clock: Clock
) -> None:
    clock.advance(-3600)
    await read(endpoint)
    assert naps.taken == []


async def test_speaks_with_a_server_of_pymodbus(
    start_server: StartServer, pool: EndpointPool
) -> None:
    server = await start_server({1: {100: bytes(4)}, 2: {100: bytes(4)}}, FramerType.RTU)
    endpoint = pool.acquire(TcpServer("127.0.0.1", server.port, Framing.RTU_OVER_TCP))
    await endpoint.write(1, 100, [7, 8])
    await endpoint.write(2, 101, [9], single=True)
    assert await read(endpoint) == WORDS
    assert await endpoint.read(2, Function.INPUT, REGISTERS) == [0, 9]
    with pytest.raises(ModbusRefused):
        await endpoint.read(1, Function.HOLDING, range(7, 9))
    assert server.connections == 1


async def test_connections_of_another_framing_are_others(pool: EndpointPool) -> None:
    tcp = pool.acquire(TcpServer("127.0.0.1", 502))
    assert pool.acquire(TcpServer("127.0.0.1", 502, Framing.RTU_OVER_TCP)) is not tcp


def test_nothing_is_an_answer_before_a_request() -> None:
    framer = AnswerFramer(DecodePDU(False))
    assert framer.decode(ANSWER) == (0, 0, 0, b"")
    assert framer.encode(ASKED[1:-2], 1, 0) == ASKED
    assert framer.decode(ANSWER) == (len(ANSWER), 1, 0, ANSWER[1:-2])
