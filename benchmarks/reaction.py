"""From a change at the meter to a lower limit at a charger: `python -m benchmarks.reaction --help`.

Home Assistant runs in one process; the meters, which it polls, and the stations in another. Houses
draw more at random moments, and the stations note when a lower limit arrives.
"""

import argparse
import asyncio
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Final

from benchmarks.central.dialects import DIALECTS
from benchmarks.central.gauges import Figures
from benchmarks.central.processes import Module
from benchmarks.central.steps import PER_METER, Reaction
from benchmarks.markdown import head, line, percentile

COLUMNS = ("ms", "samples", "median", "p95", "p99", "max")
PARTS: Final[Mapping[str, Callable[[Reaction], float]]] = {
    "from the change until its meter is read": attrgetter("read"),
    "from there until the first lower limit": lambda seen: seen.first - seen.read,
    "**from the change until the first lower limit**": attrgetter("first"),
    "from the first lower limit until the last": lambda seen: seen.last - seen.first,
}


async def measure(arguments: argparse.Namespace) -> tuple[list[Reaction], Figures]:
    """Return the reactions of a site, and what its process saw meanwhile."""
    stations = ["--stations", str(arguments.stations)]
    steps = [*stations, "--samples", str(arguments.samples), "--protocol", arguments.protocol]
    samples = arguments.samples * math.ceil(arguments.stations / PER_METER)
    async with Module.running("benchmarks.central.steps", *steps) as world:
        meters = ["--meters", str(await world.hear()), "--period", str(arguments.period)]
        async with Module.running("benchmarks.central.metered", *stations, *meters) as home:
            world.say(str(await home.hear()))
            await world.hear()
            await home.asked()
            reactions = [Reaction.of(await world.hear()) for _ in range(samples)]
            figures = Figures.of(await home.asked())
            await world.ended()
    return reactions, figures


def rows(reactions: Sequence[Reaction]) -> Iterator[str]:
    """Return a line of the table for each part of the way."""
    for name, part in PARTS.items():
        times = sorted(map(part, reactions))
        figures = (*(percentile(times, share) for share in (0.5, 0.95, 0.99)), times[-1])
        yield line((name, f"{len(times)}", *(f"{figure:.0f}" for figure in figures)))


def host(figures: Figures) -> str:
    """Return what is worth knowing of Home Assistant's process."""
    return (
        f"The loop of Home Assistant was {figures.lag_p99:.0f} ms late in 99 % of all cases and "
        f"{figures.lag_max:.0f} ms at most, {figures.rest_max:.0f} ms without collections of "
        f"garbage; {figures.collections} of those were full ones, and the longest took "
        f"{figures.collection_max:.0f} ms."
    )


def main() -> None:
    """Run what the command line asks for, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stations", type=int, default=100)
    parser.add_argument("--samples", type=int, default=25, help="steps of each house")
    parser.add_argument("--period", type=int, default=500, help="ms from poll to poll")
    parser.add_argument("--protocol", choices=sorted(DIALECTS), default="1.6")
    arguments = parser.parse_args()
    reactions, figures = asyncio.run(measure(arguments))
    lowered = percentile(sorted(seen.lowered for seen in reactions), 0.5)
    print(
        f"{arguments.stations} stations, a meter for {PER_METER} each, polled every "
        f"{arguments.period} ms; a step lowers {lowered} of them (median).\n"
    )
    print("\n".join((head(COLUMNS), *rows(reactions))))
    print(f"\n{host(figures)}")


if __name__ == "__main__":
    main()
