"""What a station may send, and whose turn it is."""

import asyncio
import logging
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import ClientSession, WSCloseCode, web

from custom_components.headroom.chargers.ocpp.config import CentralSystemConfig
from custom_components.headroom.chargers.ocpp.server import CentralSystem
from custom_components.headroom.chargers.ocpp.station import OcppStation
from custom_components.headroom.chargers.ocpp.traffic import Allowance, Flood, Turnstile
from custom_components.headroom.chargers.ocpp.transport import MeasuredSocket

from .charge_point import PATIENCE, ScriptedChargePoint
from .conftest import PROFILE, Clock, Connect

CONFIG = CentralSystemConfig(burst=3, messages_per_second=2.0, flood_patience=timedelta(seconds=10))
NONE = timedelta()


@pytest.fixture
def allowance(clock: Clock) -> Allowance:
    return Allowance(CONFIG, clock)


def test_a_burst_goes_through_at_once(allowance: Allowance) -> None:
    assert [allowance.spend(100) for _ in range(3)] == [NONE] * 3


def test_what_comes_after_the_burst_is_held_back(allowance: Allowance) -> None:
    for _ in range(3):
        allowance.spend(100)
    assert allowance.spend(100) == timedelta(seconds=0.5)
    assert allowance.spend(100) == timedelta(seconds=1)


def test_time_earns_new_messages_up_to_a_burst(allowance: Allowance, clock: Clock) -> None:
    for _ in range(4):
        allowance.spend(100)
    clock.advance(3600)
    assert [allowance.spend(100) for _ in range(3)] == [NONE] * 3
    assert allowance.spend(100) > NONE


def test_a_clock_that_is_set_back_takes_nothing_away(allowance: Allowance, clock: Clock) -> None:
    allowance.spend(100)
    clock.advance(-3600)
    assert allowance.spend(100) == NONE


def test_large_frames_count_as_many(allowance: Allowance) -> None:
    assert allowance.spend(3 * 4096) == NONE
    assert allowance.spend(0) == NONE
    assert allowance.spend(4097) == timedelta(seconds=1)


def test_who_keeps_to_the_pace_is_no_flood(allowance: Allowance, clock: Clock) -> None:
    for _ in range(3):
        allowance.spend(100)
    for _ in range(100):
        clock.advance(0.5)
        assert allowance.spend(100) == NONE


def test_who_never_keeps_to_the_pace_is_a_flood(allowance: Allowance, clock: Clock) -> None:
    for _ in range(4):
        allowance.spend(100)
    for _ in range(20):
        clock.advance(0.5)
        assert allowance.spend(100) > NONE
    clock.advance(0.5)
    with pytest.raises(Flood):
        allowance.spend(100)


def test_a_break_ends_the_suspicion(allowance: Allowance, clock: Clock) -> None:
    for _ in range(4):
        allowance.spend(100)
    clock.advance(9)
    assert allowance.spend(100) == NONE
    clock.advance(9)
    assert [allowance.spend(100) for _ in range(4)] == [NONE] * 3 + [timedelta(seconds=0.5)]


def test_a_thousand_messages_kept_while_offline_are_no_burden(clock: Clock) -> None:
    allowance = Allowance(CentralSystemConfig(), clock)
    assert all(allowance.spend(4096) == NONE for _ in range(1000))


async def test_a_few_go_on_in_each_turn_of_the_loop_and_in_order() -> None:
    turnstile = Turnstile(2)
    served: list[int] = []

    async def visit(number: int) -> None:
        await turnstile.wait()
        served.append(number)

    visits = [asyncio.create_task(visit(number)) for number in range(5)]
    seen = []
    while len(served) < 5:
        await asyncio.sleep(0)
        seen.append(len(served))
    await asyncio.gather(*visits)
    assert served == [0, 1, 2, 3, 4]
    assert max(after - before for before, after in zip([0, *seen], seen, strict=False)) == 2


async def test_who_has_gone_takes_nobodys_turn() -> None:
    turnstile = Turnstile(1)
    await turnstile.wait()
    gone = asyncio.create_task(turnstile.wait())
    next_one = asyncio.create_task(turnstile.wait())
    await asyncio.sleep(0)
    gone.cancel()
    async with asyncio.timeout(PATIENCE):
        await next_one


async def test_turns_are_free_again_after_a_rest() -> None:
    turnstile = Turnstile(1)
    await turnstile.wait()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    waiting = asyncio.create_task(turnstile.wait())
    await asyncio.sleep(0)
    assert waiting.done()


class Server:
    """Receives on one measured socket and notes the pauses instead of making them."""

    def __init__(self, clock: Clock, config: CentralSystemConfig) -> None:
        self.clock = clock
        self.config = config
        self.pauses: list[float] = []
        self.received: list[str] = []
        self.ended = asyncio.Event()

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = MeasuredSocket(
            "CP1",
            Allowance(self.config, self.clock),
            Turnstile(1),
            protocols=(),
            max_frame=1024,
            close_timeout=PATIENCE,
            sleep=self._pause,
        )
        await socket.prepare(request)
        async for message in socket:
            self.received.append(message.data)
        self.ended.set()
        return socket

    async def _pause(self, seconds: float) -> None:
        self.pauses.append(seconds)


@pytest.fixture
def server(clock: Clock) -> Server:
    return Server(clock, CONFIG)


@pytest.fixture
async def url(server: Server, socket_enabled: None) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_get("/", server.serve)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    await runner.cleanup()


async def test_a_socket_is_read_more_slowly_and_loses_nothing(
    server: Server, url: str, session: ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with session.ws_connect(url) as socket:
        for number in range(6):
            await socket.send_str(f"{number}")
        await socket.close()
    async with asyncio.timeout(PATIENCE):
        await server.ended.wait()
    assert server.received == ["0", "1", "2", "3", "4", "5"]
    assert server.pauses == [0.5, 1.0, 1.5]
    assert [r.message for r in caplog.records if "CP1" in r.message] == [
        "Station CP1 sends too much and is read more slowly"
    ]


async def test_a_flood_is_cut_with_one_line(
    server: Server, url: str, session: ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    server.config = CentralSystemConfig(burst=0, flood_patience=timedelta(seconds=-1))
    async with session.ws_connect(url) as socket:
        await socket.send_str("too much")
        async with asyncio.timeout(PATIENCE):
            await socket.receive()
        assert socket.close_code == WSCloseCode.POLICY_VIOLATION
    async with asyncio.timeout(PATIENCE):
        await server.ended.wait()
    assert server.received == []
    assert [r.message for r in caplog.records if "CP1" in r.message] == [
        "Station CP1 does not stop to send too much and is cut off"
    ]


class TestThroughTheCentralSystem:
    @pytest.fixture
    def config(self) -> CentralSystemConfig:
        return CentralSystemConfig(burst=40, flood_patience=timedelta(seconds=-1))

    async def test_a_station_within_its_burst_is_served(
        self, charge_point: ScriptedChargePoint
    ) -> None:
        assert "currentTime" in await charge_point.call("Heartbeat")

    async def test_a_flood_loses_its_connection_and_may_come_back(
        self, station: OcppStation, connect: Connect
    ) -> None:
        charge_point = await connect()
        for number in range(50):
            await charge_point.socket.send_str(f'[2, "{number}", "Heartbeat", {{}}]')
        assert await charge_point.until_closed() == WSCloseCode.POLICY_VIOLATION
        again = await connect()
        assert (await again.boot())["status"] == "Accepted"


async def test_complaints_are_bounded(
    charge_point: ScriptedChargePoint, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(40):
        answer = await charge_point.exchange([2, f"{number}", f"Nonsense{number}", {}])
        assert answer[0] == 4
    complaints = [r for r in caplog.records if "cannot be understood" in r.message]
    assert len(complaints) == 20


async def test_all_are_served_who_come_at_once(
    system: CentralSystem, session: ClientSession
) -> None:
    for number in range(100):
        system.register(f"S{number}", {1: PROFILE})

    async def visit(number: int) -> dict[str, Any]:
        url = f"http://127.0.0.1:{system.port}/S{number}"
        charge_point = await ScriptedChargePoint.connect(session, url)
        answer = await charge_point.boot()
        await charge_point.close()
        return answer

    answers = await asyncio.gather(*(visit(number) for number in range(100)))
    assert [answer["status"] for answer in answers] == ["Accepted"] * 100


async def test_an_unknown_action_loads_nothing(charge_point: ScriptedChargePoint) -> None:
    before = set(sys.modules)
    answer = await charge_point.exchange([2, "1", "Nonsense", {}])
    assert answer[:3] == [4, "1", "NotImplemented"]
    assert {name for name in set(sys.modules) - before if name.startswith("ocpp")} == set()
