"""How a gateway with many units holds its period: `python -m benchmarks.gateway --help`.

The gateway runs in a process of its own; Headroom's meters poll its units through one connection.
"""

import argparse
import asyncio
import logging
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Final

from benchmarks.central.processes import Module
from benchmarks.markdown import head, line, percentile
from custom_components.headroom.meters.modbus_meter import ModbusMeter
from custom_components.headroom.meters.model_files import load_models
from custom_components.headroom.modbus.address import TcpServer, UnitAddress
from custom_components.headroom.modbus.endpoint import EndpointPool

COLUMNS = (
    "units",
    "good readings",
    "fewest of a unit",
    "between two of a unit: median ms",
    "p95 ms",
    "p99 ms",
    "max ms",
)
_MODEL: Final = "klefr_693x"


@dataclass(frozen=True, slots=True)
class Case:
    """Units that behave unlike the others."""

    name: str
    silent: int = 0
    slow: int = 0


CASES: Final = (
    Case("all answer"),
    Case("one takes 200 ms", slow=1),
    Case("one never answers", silent=1),
    Case("five never answer", silent=5),
)


def _now() -> datetime:
    return datetime.now(UTC)


async def measure(case: Case, arguments: argparse.Namespace) -> list[list[datetime]]:
    """Return when the units that answer were read, unit by unit."""
    units = ["--units", str(arguments.units)]
    oddities = ["--silent", str(case.silent), "--slow", str(case.slow)]
    async with Module.running("benchmarks.central.units", *units, *oddities) as gateway:
        server = TcpServer("127.0.0.1", await gateway.hear())
        return await _poll(server, arguments)


async def _poll(server: TcpServer, arguments: argparse.Namespace) -> list[list[datetime]]:
    """Poll the units of a gateway for a while."""
    pool, model = EndpointPool(_now), load_models()[_MODEL]
    period = timedelta(milliseconds=arguments.period)
    seen: list[list[datetime]] = []
    async with AsyncExitStack() as stack:
        for unit in range(1, arguments.units + 1):
            meter = ModbusMeter(pool, UnitAddress(server, unit), model, period=period, now=_now)
            seen.append([])
            meter.subscribe(_note(meter, seen[-1]))
            meter.start()
            stack.push_async_callback(meter.stop)
        await asyncio.sleep(arguments.seconds)
    return [moments for moments in seen if moments]


def _note(meter: ModbusMeter, moments: list[datetime]) -> Callable[[], None]:
    def note() -> None:
        if meter.data is not None and meter.fault is None:
            moments.append(meter.data.at)

    return note


def row(case: Case, seen: list[list[datetime]]) -> str:
    """Return the line of one case."""
    between = sorted(
        (later - earlier) / timedelta(milliseconds=1)
        for moments in seen
        for earlier, later in pairwise(moments)
    )
    figures = (*(percentile(between, share) for share in (0.5, 0.95, 0.99)), between[-1])
    counts = [len(moments) for moments in seen]
    return line(
        (case.name, f"{sum(counts)}", f"{min(counts)}", *(f"{figure:.0f}" for figure in figures))
    )


def main() -> None:
    """Run what the command line asks for, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=60.0, help="how long each case lasts")
    parser.add_argument("--period", type=int, default=500, help="ms from poll to poll")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.CRITICAL)  # units that do not answer are meant to
    print(head(COLUMNS))
    for case in CASES:
        print(row(case, asyncio.run(measure(case, arguments))), flush=True)


if __name__ == "__main__":
    main()
