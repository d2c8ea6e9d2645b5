"""Fixtures of all tests that speak Modbus; each conftest imports those it needs."""

from collections.abc import AsyncGenerator, Awaitable, Mapping
from datetime import timedelta
from typing import Protocol

import pytest
from pymodbus.framer import FramerType

from custom_components.headroom.modbus.endpoint import EndpointPool

from .fakes import Clock, FakeServer, Naps, Pacer, Table


class StartServer(Protocol):
    """Start a server with the tables of some units."""

    def __call__(
        self, units: Mapping[int, Table], framer: FramerType = ...
    ) -> Awaitable[FakeServer]: ...


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def answer_time() -> timedelta:
    """Return how long an answer may take: long, tests of silence override it."""
    return timedelta(seconds=10)


@pytest.fixture
async def start_server(socket_enabled: None) -> AsyncGenerator[StartServer]:
    servers: list[FakeServer] = []

    async def start(
        units: Mapping[int, Table], framer: FramerType = FramerType.SOCKET
    ) -> FakeServer:
        server = FakeServer(units, framer)
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
    """Return a pool that is closed before the servers are; the clock goes on when it sleeps."""
    pool = EndpointPool(clock.now, timeout=answer_time, sleep=Naps(clock).sleep)
    yield pool
    await pool.close()


@pytest.fixture
async def pacer() -> Pacer:
    return Pacer()
