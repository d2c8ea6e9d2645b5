"""Fixtures of the meters' tests."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from datetime import timedelta

import pytest

from custom_components.headroom.meters.address import UnitAddress
from custom_components.headroom.meters.endpoint import EndpointPool
from custom_components.headroom.meters.modbus_meter import ModbusMeter
from custom_components.headroom.meters.models import MeterModel, load_models

from .fakes import Clock, FakeServer, Pacer, Table

type StartServer = Callable[[Mapping[int, Table]], Awaitable[FakeServer]]
type MakeMeter = Callable[..., ModbusMeter]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def models() -> Mapping[str, MeterModel]:
    return load_models()


@pytest.fixture
def answer_time() -> timedelta:
    """Return how long an answer may take: long, tests of silence override it."""
    return timedelta(seconds=10)


@pytest.fixture
async def start_server(socket_enabled: None) -> AsyncGenerator[StartServer]:
    servers: list[FakeServer] = []

    async def start(units: Mapping[int, Table]) -> FakeServer:
        server = FakeServer(units)
        await server.start()
        servers.append(server)
        return server

    yield start
    for server in servers:
        await server.stop()


@pytest.fixture
async def pool(
    start_server: StartServer, clock: Clock, answer_time: timedelta
) -> AsyncGenerator[EndpointPool]:
    """Return a pool that is closed before the servers are."""
    pool = EndpointPool(clock.now, timeout=answer_time)
    yield pool
    await pool.close()


@pytest.fixture
async def pacer() -> Pacer:
    return Pacer()


@pytest.fixture
async def make_meter(
    pool: EndpointPool, clock: Clock, pacer: Pacer, models: Mapping[str, MeterModel]
) -> AsyncGenerator[MakeMeter]:
    meters: list[ModbusMeter] = []

    def make(port: int, unit: int = 1, model: str = "schneider_iem3000") -> ModbusMeter:
        meter = ModbusMeter(
            pool,
            UnitAddress("127.0.0.1", port, unit),
            models[model],
            period=timedelta(milliseconds=500),
            now=clock.now,
            sleep=pacer.sleep,
        )
        meters.append(meter)
        return meter

    yield make
    for meter in meters:
        await meter.stop()
