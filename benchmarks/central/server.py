"""One central system in this process: `python -m benchmarks.central.server --help`.

It prints the port that it listens on as JSON, then its figures for every line that it is given,
and stops with its input.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import asdict
from importlib import import_module
from typing import Final

from benchmarks.central.gauges import Gauges

SERVERS: Final[Mapping[str, str]] = {
    "library": "benchmarks.central.bare",
    "library in Home Assistant": "benchmarks.central.guest",
    "Headroom": "benchmarks.central.alone",
    "Headroom in Home Assistant": "benchmarks.central.home",
}
"""Modules, of which a process imports one: memory is measured."""

type Server = Callable[[int], AbstractAsyncContextManager[int]]


async def run(server: Server, stations: int) -> None:
    """Serve until standard input ends."""
    gauges = Gauges()
    lines = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    async with server(stations) as port:
        gauges.watch(loop)
        print(json.dumps(port), flush=True)
        while await lines.readline():
            print(json.dumps(asdict(gauges.take())), flush=True)


def main() -> None:
    """Run the server that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("server", choices=sorted(SERVERS))
    parser.add_argument("--stations", type=int, default=200)
    arguments = parser.parse_args()
    server: Server = import_module(SERVERS[arguments.server]).serve
    asyncio.run(run(server, arguments.stations))


if __name__ == "__main__":
    main()
