"""Endpoints and their pool over real sockets."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta

import pytest
from pymodbus.constants import ExcCodes

from custom_components.headroom.modbus.address import TcpServer
from custom_components.headroom.modbus.backoff import Backoff
from custom_components.headroom.modbus.endpoint import EndpointPool, ModbusEndpoint
from custom_components.headroom.modbus.errors import (
    ModbusError,
    ModbusImplausible,
    ModbusRefused,
    ModbusUnreachable,
)
from custom_components.headroom.modbus.registers import Function
from custom_components.headroom.modbus.turns import Turns

from .conftest import StartServer
from .fakes import Clock, FakeServer, Table

TABLE: Table = {100: bytes(range(8))}
REGISTERS = range(100, 104)
WORDS = [0x0001, 0x0203, 0x0405, 0x0607]


@pytest.fixture
async def server(start_server: StartServer) -> FakeServer:
    return await start_server(dict.fromkeys((1, 2, 3), TABLE))


@pytest.fixture
async def endpoint(server: FakeServer, pool: EndpointPool) -> ModbusEndpoint:
    return pool.acquire(TcpServer("127.0.0.1", server.port))


@pytest.mark.parametrize(("function", "code"), [(Function.HOLDING, 3), (Function.INPUT, 4)])
async def test_reads_registers(
    function: Function, code: int, server: FakeServer, endpoint: ModbusEndpoint
) -> None:
    assert await endpoint.read(2, function, REGISTERS) == WORDS
    assert server.requests == [(2, code, 100, 4)]


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (ExcCodes.ILLEGAL_FUNCTION, ModbusRefused),
        (ExcCodes.ILLEGAL_ADDRESS, ModbusRefused),
        (ExcCodes.DEVICE_FAILURE, ModbusRefused),
        (ExcCodes.DEVICE_BUSY, ModbusUnreachable),
        (ExcCodes.GATEWAY_PATH_UNAVIABLE, ModbusUnreachable),
        (ExcCodes.GATEWAY_NO_RESPONSE, ModbusUnreachable),
    ],
)
async def test_exception_answers(
    code: ExcCodes, error: type[ModbusError], server: FakeServer, endpoint: ModbusEndpoint
) -> None:
    server.refusals = {100: code}
    with pytest.raises(error, match=f"/1 answered with Modbus exception {code:d}$"):
        await endpoint.read(1, Function.HOLDING, REGISTERS)
    server.refusals = {}
    assert await endpoint.read(1, Function.HOLDING, REGISTERS) == WORDS
    assert server.connections == 1


async def test_silent_unit_behind_a_gateway_is_asked_less_often(
    server: FakeServer, endpoint: ModbusEndpoint, clock: Clock
) -> None:
    server.refusals = {100: ExcCodes.GATEWAY_NO_RESPONSE}
    for pause, asked in ((0, 1), (0, 2), (0, 3), (0.9, 3), (0.1, 4), (1.9, 4), (0.1, 5)):
        clock.advance(pause)
        with pytest.raises(ModbusUnreachable):
            await endpoint.read(1, Function.HOLDING, REGISTERS)
        assert len(server.requests) == asked

    server.refusals = {}
    assert await endpoint.read(2, Function.HOLDING, REGISTERS) == WORDS
    clock.advance(4)
    assert await endpoint.read(1, Function.HOLDING, REGISTERS) == WORDS


async def test_unit_that_the_server_does_not_have(endpoint: ModbusEndpoint) -> None:
    with pytest.raises(ModbusRefused):
        await endpoint.read(9, Function.HOLDING, REGISTERS)


async def test_half_answer(server: FakeServer, endpoint: ModbusEndpoint) -> None:
    server.cut = 1
    with pytest.raises(ModbusImplausible, match="gave 3 of 4 registers"):
        await endpoint.read(1, Function.HOLDING, REGISTERS)


async def test_units_share_a_connection(server: FakeServer, pool: EndpointPool) -> None:
    first = pool.acquire(TcpServer("127.0.0.1", server.port))
    second = pool.acquire(TcpServer("127.0.0.1", server.port))
    assert first is second
    await first.read(1, Function.HOLDING, REGISTERS)
    await second.read(2, Function.HOLDING, REGISTERS)
    assert server.connections == 1

    await pool.release(first)
    assert await second.read(2, Function.HOLDING, REGISTERS) == WORDS
    await pool.release(second)
    async with asyncio.timeout(10):
        await server.disconnected.wait()
    await pool.release(second)
    assert pool.acquire(TcpServer("127.0.0.1", server.port)) is not first


async def test_other_port_is_another_endpoint(
    server: FakeServer, endpoint: ModbusEndpoint, start_server: StartServer, pool: EndpointPool
) -> None:
    other = await start_server({1: TABLE})
    other_endpoint = pool.acquire(TcpServer("127.0.0.1", other.port))
    await endpoint.read(1, Function.HOLDING, REGISTERS)
    await other_endpoint.read(1, Function.HOLDING, REGISTERS)
    await pool.release(other_endpoint)
    assert await endpoint.read(1, Function.HOLDING, REGISTERS) == WORDS
    assert (server.connections, other.connections) == (1, 1)


async def test_one_request_at_a_time_in_order(server: FakeServer, endpoint: ModbusEndpoint) -> None:
    server.answering.clear()
    units = (1, 3, 2, 3, 1)
    async with asyncio.TaskGroup() as tasks:
        for unit in units:
            tasks.create_task(endpoint.read(unit, Function.HOLDING, REGISTERS))
        async with asyncio.timeout(10):
            await server.asked.acquire()
        assert len(server.requests) == 1
        server.answering.set()
    assert [unit for unit, *_ in server.requests] == list(units)


@pytest.mark.parametrize(("single", "code", "words"), [(True, 6, [7]), (False, 16, [7, 8])])
async def test_writes_registers(
    single: bool, code: int, words: list[int], server: FakeServer, endpoint: ModbusEndpoint
) -> None:
    await endpoint.write(2, 101, words, single=single)
    assert [(unit, function) for unit, function, *_ in server.requests] == [(2, code)]
    read = await endpoint.read(2, Function.HOLDING, REGISTERS)
    assert read[1 : 1 + len(words)] == words


async def test_refused_write(server: FakeServer, endpoint: ModbusEndpoint) -> None:
    server.refusals = {100: ExcCodes.ILLEGAL_VALUE}
    with pytest.raises(ModbusRefused, match=r"Modbus exception 3$"):
        await endpoint.write(1, 100, [1])


async def test_write_goes_before_waiting_reads(
    server: FakeServer, endpoint: ModbusEndpoint
) -> None:
    for unit in (1, 2, 3):
        await endpoint.read(unit, Function.HOLDING, REGISTERS)
        await server.asked.acquire()
    server.requests.clear()
    server.answering.clear()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(endpoint.read(1, Function.HOLDING, REGISTERS))
        async with asyncio.timeout(10):
            await server.asked.acquire()
        tasks.create_task(endpoint.read(2, Function.HOLDING, REGISTERS))
        gone = tasks.create_task(endpoint.write(3, 100, [1]))
        tasks.create_task(endpoint.write(3, 101, [1]))
        await asyncio.sleep(0)
        gone.cancel()
        server.answering.set()
    assert [(unit, function) for unit, function, *_ in server.requests] == [(1, 3), (3, 16), (2, 3)]


async def test_write_for_an_ended_connection_is_not_sent(
    server: FakeServer, endpoint: ModbusEndpoint
) -> None:
    await endpoint.write(1, 100, [1], connection=None)
    await endpoint.write(1, 100, [1], connection=endpoint.connections)
    with pytest.raises(ModbusUnreachable, match="was connected anew"):
        await endpoint.write(1, 100, [2], connection=endpoint.connections - 1)
    assert len(server.requests) == 2


async def test_a_connection_that_drops_is_not_waited_for(socket_enabled: None) -> None:
    asked = 0

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        asked += len(await reader.read(100))
        writer.close()
        await writer.wait_closed()

    hour = timedelta(hours=1)
    pool = EndpointPool(Clock().now, timeout=hour)
    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server, asyncio.timeout(10):
        endpoint = pool.acquire(TcpServer("127.0.0.1", server.sockets[0].getsockname()[1]))
        with pytest.raises(ModbusUnreachable, match=r"/1 does not answer$"):
            await endpoint.read(1, Function.HOLDING, REGISTERS)
        await pool.close()
    assert asked


async def test_turn_that_comes_as_it_is_given_up_is_passed_on() -> None:
    turns = Turns(1.0)
    entered: list[str] = []

    async def enter(name: str) -> None:
        async with turns.take():
            entered.append(name)

    async with asyncio.timeout(10), turns.take():
        first = asyncio.create_task(enter("first"))
        second = asyncio.create_task(enter("second"))
        await asyncio.sleep(0)
    first.cancel()
    await second
    assert entered == ["second"]


async def test_closed_endpoint_connects_no_more(
    server: FakeServer, endpoint: ModbusEndpoint, pool: EndpointPool
) -> None:
    await endpoint.read(1, Function.HOLDING, REGISTERS)
    await pool.close()
    with pytest.raises(ModbusUnreachable, match=r"is closed$"):
        await endpoint.read(1, Function.HOLDING, REGISTERS)
    async with asyncio.timeout(10):
        await server.disconnected.wait()
    assert server.connections == 1
    await pool.release(endpoint)


async def test_close_with_a_request_under_way(
    server: FakeServer, endpoint: ModbusEndpoint, pool: EndpointPool
) -> None:
    server.answering.clear()
    reading = asyncio.create_task(endpoint.read(1, Function.HOLDING, REGISTERS))
    async with asyncio.timeout(10):
        await server.asked.acquire()
        closing = asyncio.create_task(pool.close())
        server.answering.set()
        await closing
        await server.disconnected.wait()
    assert await reading == WORDS


async def test_cancelled_request_is_cancelled(server: FakeServer, endpoint: ModbusEndpoint) -> None:
    server.answering.clear()
    reading = asyncio.create_task(endpoint.read(1, Function.HOLDING, REGISTERS))
    async with asyncio.timeout(10):
        await server.asked.acquire()
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading


async def test_refused_connection_pauses_attempts(
    server: FakeServer, endpoint: ModbusEndpoint, clock: Clock
) -> None:
    await server.stop()
    for pause, attempts in ((0, 1), (0.9, 1), (0.1, 2), (1.9, 2), (0.1, 3), (-3600, 4)):
        clock.advance(pause)
        with pytest.raises(ModbusUnreachable, match=r"cannot be reached$"):
            await endpoint.read(1, Function.HOLDING, REGISTERS)
        assert endpoint.connections == attempts

    await server.start()
    endpoint.retry_now()
    assert await endpoint.read(1, Function.HOLDING, REGISTERS) == WORDS


async def test_host_that_cannot_be(pool: EndpointPool, monkeypatch: pytest.MonkeyPatch) -> None:
    def resolve(host: str, *_: object, **__: object) -> None:
        host.encode("idna")

    monkeypatch.setattr("socket.getaddrinfo", resolve)
    endpoint = pool.acquire(TcpServer("device..local", 502))
    with pytest.raises(ModbusUnreachable, match=r"^device\.\.local:502 is not an address"):
        await endpoint.read(1, Function.HOLDING, REGISTERS)


def test_backoff_grows_up_to_a_longest_pause(clock: Clock) -> None:
    backoff = Backoff(clock.now)
    pauses = []
    for _ in range(6):
        backoff.fail()
        failed_at = clock.time
        while backoff.waiting:
            clock.advance(0.5)
        pauses.append(clock.time - failed_at)
    assert pauses == [timedelta(seconds=pause) for pause in (1, 2, 4, 8, 10, 10)]


def test_backoff_forgets_failures(clock: Clock) -> None:
    backoff = Backoff(clock.now)
    backoff.fail()
    backoff.fail()
    backoff.reset()
    waiting = [backoff.waiting]
    backoff.fail()
    waiting.append(backoff.waiting)
    clock.advance(1)
    waiting.append(backoff.waiting)
    assert waiting == [False, True, False]


def test_backoff_has_patience(clock: Clock) -> None:
    backoff = Backoff(clock.now, patience=3)
    waiting = []
    for _ in range(3):
        backoff.fail()
        waiting.append(backoff.waiting)
    clock.advance(1)
    waiting.append(backoff.waiting)
    assert waiting == [False, False, True, False]


class TestSilence:
    """Servers that do not answer in time."""

    @pytest.fixture
    def answer_time(self) -> timedelta:
        return timedelta(seconds=0.2)

    async def test_slow_server_holds_up_nobody_for_long(
        self, server: FakeServer, endpoint: ModbusEndpoint
    ) -> None:
        server.answering.clear()
        with pytest.raises(ModbusUnreachable, match=r"/1 does not answer$"):
            await endpoint.read(1, Function.HOLDING, REGISTERS)
        server.answering.set()
        assert await endpoint.read(2, Function.HOLDING, REGISTERS) == WORDS
        assert server.connections == 1

    async def test_answer_of_another_unit_counts_for_nothing(
        self, server: FakeServer, endpoint: ModbusEndpoint
    ) -> None:
        server.impostor = 2
        with pytest.raises(ModbusUnreachable, match=r"/1 does not answer$"):
            await endpoint.read(1, Function.HOLDING, REGISTERS)

    async def test_connection_is_renewed_after_long_silence(
        self, server: FakeServer, endpoint: ModbusEndpoint, clock: Clock
    ) -> None:
        server.answering.clear()
        for _ in range(5):
            clock.advance(10)
            with pytest.raises(ModbusUnreachable):
                await endpoint.read(1, Function.HOLDING, REGISTERS)
        clock.advance(10)
        server.answering.set()
        assert await endpoint.read(1, Function.HOLDING, REGISTERS) == WORDS
        assert server.connections == 2

    @pytest.fixture(params=[b"", b"\0\1\0\0\0\3\1\3\x63", b"HTTP/1.1 400 Bad Request\r\n\r\n"])
    async def rude_port(
        self, request: pytest.FixtureRequest, socket_enabled: None
    ) -> AsyncGenerator[int]:
        """Return the port of a server that answers nonsense and hangs up."""

        async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read(100)
            writer.write(request.param)
            writer.close()
            await writer.wait_closed()

        server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
        yield server.sockets[0].getsockname()[1]
        server.close()
        await server.wait_closed()

    async def test_server_of_another_kind(self, rude_port: int, pool: EndpointPool) -> None:
        endpoint = pool.acquire(TcpServer("127.0.0.1", rude_port))
        for attempt in (1, 2):
            with pytest.raises(ModbusUnreachable, match=r"does not answer$"):
                await endpoint.read(1, Function.HOLDING, REGISTERS)
            assert endpoint.connections == attempt
        await pool.release(endpoint)
