"""Many light charging stations: `python -m benchmarks.central.load --help`.

It prints one JSON object when all stations have been let in and have begun a transaction, and a
second one at the end.
"""

import argparse
import asyncio
import json
import random
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Self

from aiohttp import ClientSession, ClientWebSocketResponse, TCPConnector, WSMsgType

from benchmarks.central.dialects import DIALECTS, Dialect, Payload, frame
from benchmarks.markdown import percentile

_PATIENCE: Final = 30.0
"""Seconds after which an answer counts as lost."""
_WH_PER_AS: Final = 3 * 230.0 / 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """How stations were served in one phase; times of answers in ms."""

    seconds: float
    messages: int
    lost: int
    limits: int
    median: float
    p99: float
    worst: float

    @classmethod
    def of(cls, service: dict[str, Any]) -> Self:
        """Read what another process has printed."""
        return cls(**service)


@dataclass(slots=True)
class Tally:
    """Counts over all stations."""

    since: float = field(default_factory=time.monotonic)
    waits: list[float] = field(default_factory=list)
    lost: int = 0
    limits: int = 0

    def limit(self, station: int, before: float, now: float) -> None:
        """Note that a station with one limit in A has been sent another."""
        self.limits += 1

    def take(self) -> Service:
        """Return what was counted since the last call."""
        now = time.monotonic()
        waits = sorted(self.waits) or [0.0]
        service = Service(
            seconds=now - self.since,
            messages=len(self.waits) + self.lost,
            lost=self.lost,
            limits=self.limits,
            median=1000 * percentile(waits, 0.5),
            p99=1000 * percentile(waits, 0.99),
            worst=1000 * waits[-1],
        )
        self.since, self.waits, self.lost, self.limits = now, [], 0, 0
        return service


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What is asked for."""

    stations: int
    period: float
    """Seconds between a station's samples."""
    dialect: Dialect
    appetite: float = 16.0
    """A per phase that a car takes of what it is offered."""
    noise: float = 0.03
    """Share by which a sample may be below what a car draws."""


class Station:
    """One station with a car that takes what it is offered."""

    def __init__(self, number: int, load: Load, tally: Tally) -> None:
        self.number = number
        self._load = load
        self._dialect = load.dialect
        self._tally = tally
        self._offered = 0.0
        self._energy = 0.0
        self._sent = 0
        self._awaited: dict[str, asyncio.Future[Payload]] = {}

    @property
    def drawn(self) -> float:
        """Return what the car draws, in A per phase."""
        return min(self._offered, self._load.appetite)

    async def listen(self, socket: ClientWebSocketResponse) -> None:
        """Take answers and answer commands until the connection ends."""
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await self._take(socket, json.loads(message.data))

    async def begin(self, socket: ClientWebSocketResponse) -> Callable[[float], Awaitable[None]]:
        """Introduce itself and begin to charge; return how to send the samples of some seconds."""
        for action, payload in self._dialect.introduction():
            await self._call(socket, action, payload)
        result = await self._call(socket, *self._dialect.begin(self.number))
        metering = self._dialect.metering(self.number, result)

        async def measure(seconds: float) -> None:
            current = self.drawn * random.uniform(1 - self._load.noise, 1.0)
            self._energy += current * seconds * _WH_PER_AS
            await self._call(socket, *metering(current, self._energy))

        return measure

    async def _call(
        self, socket: ClientWebSocketResponse, action: str, payload: Payload
    ) -> Payload:
        """Send a call and note how its answer comes; an empty one for none."""
        self._sent += 1
        call_id = f"{self.number}-{self._sent}"
        self._awaited[call_id] = answer = asyncio.get_running_loop().create_future()
        sent_at = time.monotonic()
        await socket.send_str(frame(2, call_id, action, payload))
        try:
            async with asyncio.timeout(_PATIENCE):
                result: Payload = await answer
        except TimeoutError:
            self._tally.lost += 1
            return {}
        self._tally.waits.append(time.monotonic() - sent_at)
        return result

    async def _take(self, socket: ClientWebSocketResponse, message: list[Any]) -> None:
        match message:
            case [2, call_id, action, payload]:
                if action == "SetChargingProfile":
                    before, self._offered = self._offered, self._dialect.limit(payload)
                    self._tally.limit(self.number, before, self._offered)
                answer = self._dialect.answer(action, payload)
                await socket.send_str(frame(3, call_id, answer))
            case [3, call_id, payload] if awaited := self._awaited.pop(call_id, None):
                awaited.set_result(payload)
            case _:
                self._tally.lost += 1


class Storm:
    """All stations together."""

    def __init__(self, load: Load, tally: Tally) -> None:
        self._load = load
        self.stations = [Station(number, load, tally) for number in range(load.stations)]
        self._begun = asyncio.Barrier(load.stations + 1)
        self._ended = asyncio.Event()

    @asynccontextmanager
    async def charging(self, port: int) -> AsyncGenerator[None]:
        """Connect all at once to a port, and let them charge for the time of the context."""
        async with (
            ClientSession(connector=TCPConnector(limit=0)) as session,
            asyncio.TaskGroup() as group,
        ):
            for station in self.stations:
                group.create_task(self._live(session, port, station))
            await self._begun.wait()
            yield
            self._ended.set()

    async def _live(self, session: ClientSession, port: int, station: Station) -> None:
        load = self._load
        url = f"http://127.0.0.1:{port}/CP{station.number}"
        async with session.ws_connect(url, protocols=(load.dialect.subprotocol,)) as socket:
            listening = asyncio.create_task(station.listen(socket))
            measure = await station.begin(socket)
            await self._begun.wait()
            pause = load.period * random.random()
            while not await self._ends_within(pause):
                await measure(pause)
                pause = load.period
            listening.cancel()

    async def _ends_within(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                return await self._ended.wait()
        except TimeoutError:
            return False


async def run(load: Load, port: int, seconds: float) -> None:
    """Connect to a port, charge for a while, and print how both went."""
    tally = Tally()
    async with Storm(load, tally).charging(port):
        _report(tally)
        await asyncio.sleep(seconds)
    _report(tally)


def _report(tally: Tally) -> None:
    print(json.dumps(asdict(tally.take())), flush=True)


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--stations", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--period", type=float, default=2.0)
    parser.add_argument("--protocol", choices=sorted(DIALECTS), default="1.6")
    arguments = parser.parse_args()
    load = Load(
        stations=arguments.stations,
        period=arguments.period,
        dialect=DIALECTS[arguments.protocol],
    )
    asyncio.run(run(load, arguments.port, arguments.seconds))


if __name__ == "__main__":
    main()
