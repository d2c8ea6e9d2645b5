"""Runs a simulated site live: plant, stations, meters and the control interface."""

import asyncio
import signal
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any, Final

from aiohttp import web

from .assembly import Simulation, build
from .control import application
from .site_file import load_site
from .station.link import LinkClosed
from .station.station import Station

_PLANT_PERIOD: Final = 0.1
_REPORT_PERIOD: Final = 0.5
_FIRST_BACKOFF: Final = 1.0
_LAST_BACKOFF: Final = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What `serve` is told; `day_start` in s after midnight."""

    site: Path
    url: str
    speed: float
    seed: int
    day_start: float


async def serve(options: Options) -> None:
    """Serve a site until SIGINT or SIGTERM. Raises FileError or OSError if it cannot start."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    site = load_site(options.site)
    simulation = await asyncio.to_thread(
        build,
        site,
        seed=options.seed,
        start=datetime.now(UTC),
        day_start=options.day_start,
        speed=options.speed,
    )
    async with running(simulation, url=options.url, seed=options.seed) as control_port:
        describe(simulation, url=options.url, control_port=control_port)
        await stop.wait()
    print("stopped", flush=True)


@asynccontextmanager
async def running(simulation: Simulation, *, url: str, seed: int) -> AsyncIterator[int]:
    """Run a site and yield the port of its control interface."""
    async with AsyncExitStack() as stack:
        for server in simulation.servers:
            await server.start()
            stack.push_async_callback(server.stop)
        runner = web.AppRunner(application(simulation))
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", simulation.site.control_port).start()
        for station in simulation.stations.values():
            stack.push_async_callback(station.disconnect)
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(work) for work in _work(simulation, url, Random(seed))]
            yield runner.addresses[0][1]
            for task in tasks:
                task.cancel()


def _work(simulation: Simulation, url: str, random: Random) -> Iterator[Coroutine[Any, Any, None]]:
    yield _live(simulation)
    for station in simulation.stations.values():
        yield _talk(station, url, Random(random.getrandbits(64)))


async def _live(simulation: Simulation) -> None:
    loop = asyncio.get_running_loop()
    last = loop.time()
    while True:
        await asyncio.sleep(_PLANT_PERIOD)
        now = loop.time()
        simulation.park.advance(now - last)
        last = now


async def _talk(station: Station, url: str, random: Random) -> None:
    loop = asyncio.get_running_loop()
    backoff, retry_at = _FIRST_BACKOFF, 0.0
    while True:
        if station.wanted and not station.online and loop.time() >= retry_at:
            try:
                await station.connect(url)
                backoff = _FIRST_BACKOFF
            except LinkClosed:
                retry_at = loop.time() + backoff * random.uniform(0.5, 1.0)
                backoff = min(backoff * 2, _LAST_BACKOFF)
        await asyncio.sleep(_REPORT_PERIOD)
        await station.report()


def describe(simulation: Simulation, *, url: str, control_port: int) -> None:
    """Print what is where; the last line tells that all of it is there."""
    print(f"{simulation.site.name} at {simulation.park.time_of_day}")
    for server in simulation.servers:
        for unit in server.units:
            print(f"{unit.label} at 127.0.0.1:{server.port} unit {unit.unit}")
    for spec in simulation.site.stations:
        wirings = ", ".join(connector.wiring for connector in spec.connectors)
        print(
            f"station {spec.id} in {spec.zone}: {wirings} calls {url}/{spec.id} by {spec.protocol}"
        )
    print(f"ready http://127.0.0.1:{control_port}", flush=True)
