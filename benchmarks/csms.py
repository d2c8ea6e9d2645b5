"""How a central system bears many stations at once: `python -m benchmarks.csms --help`.

Server and stations run in processes of their own. The stations connect at the same time, begin a
transaction each, and send ten samples every other second.
"""

import argparse
import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from benchmarks.central.dialects import DIALECTS
from benchmarks.central.gauges import Figures
from benchmarks.central.load import Service
from benchmarks.central.processes import Module
from benchmarks.central.server import SERVERS
from benchmarks.markdown import head, line

COLUMNS = (
    "server",
    "seconds",
    "messages/s",
    "lost",
    "limits",
    "answer median ms",
    "p99 ms",
    "max ms",
    "CPU %",
    "memory MiB",
    "loop lag p99 ms",
    "max ms",
    "full garbage collections",
    "longest ms",
    "max lag without it ms",
    "of that own work ms",
)
PHASES = ("All connect at once", "All charge")


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """What stations and server saw of one phase."""

    server: str
    service: Service
    figures: Figures


async def measure(server: str, arguments: argparse.Namespace) -> list[Phase]:
    """Put a server under load and return what was seen, phase by phase."""
    stations = str(arguments.stations)
    phases = []
    async with Module.running(
        "benchmarks.central.server", server, "--stations", stations
    ) as process:
        port = await process.hear()
        await process.asked()
        load = ["--port", str(port), "--stations", stations, "--seconds", str(arguments.seconds)]
        load += ["--protocol", arguments.protocol, "--period", str(arguments.period)]
        async with Module.running("benchmarks.central.load", *load) as stations_process:
            for _ in PHASES:
                service = Service.of(await stations_process.hear())
                figures = Figures.of(await process.asked())
                phases.append(Phase(server=server, service=service, figures=figures))
            await stations_process.ended()
    return phases


def row(phase: Phase) -> str:
    """Return the line of one server."""
    service, figures = phase.service, phase.figures
    cells = (
        phase.server,
        f"{service.seconds:.1f}",
        f"{service.messages / service.seconds:.0f}",
        f"{service.lost}",
        f"{service.limits}",
        f"{service.median:.1f}",
        f"{service.p99:.1f}",
        f"{service.worst:.0f}",
        f"{100 * figures.cpu / service.seconds:.0f}",
        f"{figures.memory:.0f}",
        f"{figures.lag_p99:.1f}",
        f"{figures.lag_max:.0f}",
        f"{figures.collections}",
        f"{figures.collection_max:.0f}",
        f"{figures.rest_max:.0f}",
        f"{figures.work_max:.0f}",
    )
    return line(cells)


def print_tables(outcomes: Iterable[list[Phase]]) -> None:
    """Print a table per phase."""
    for title, phases in zip(PHASES, zip(*outcomes, strict=True), strict=True):
        print(f"\n**{title}**\n")
        print(head(COLUMNS))
        for phase in phases:
            print(row(phase))


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stations", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--period", type=float, default=2.0, help="seconds between samples")
    parser.add_argument("--protocol", choices=sorted(DIALECTS), default="1.6")
    parser.add_argument("--server", action="append", choices=sorted(SERVERS))
    arguments = parser.parse_args()
    servers = arguments.server or list(SERVERS)
    print_tables([asyncio.run(measure(server, arguments)) for server in servers])


if __name__ == "__main__":
    main()
