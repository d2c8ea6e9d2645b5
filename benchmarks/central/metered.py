"""Headroom in a real Home Assistant with many chargers, and a Modbus meter for some of them each.

It prints the port for chargers as JSON, and stops with its input.
"""

import argparse
import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Final

from homeassistant.config_entries import ConfigSubentryDataWithId

from custom_components.headroom.const import SUBENTRY_METER

from .home import part, parts, running_site
from .server import run
from .steps import PER_METER, SHARE

_MODEL_ID: Final = "klefr_693x"
"""What Headroom calls the model of the simulated meters."""


@asynccontextmanager
async def serve(stations: int, *, port: int, period: int) -> AsyncGenerator[int]:
    """Run it for the time of the context and give the port for chargers."""
    site = parts(stations, share=SHARE, per_zone=PER_METER, supply="dynamic")
    async with running_site([*site, *_meters(stations, port, period)]) as listening:
        yield listening


def _meters(stations: int, port: int, period: int) -> Iterator[ConfigSubentryDataWithId]:
    for unit, board in enumerate(range(0, stations, PER_METER), start=1):
        data = {
            "zone": f"board{board}",
            "model": _MODEL_ID,
            "host": "127.0.0.1",
            "port": port,
            "unit": unit,
            "period": period,
        }
        yield part(f"meter{unit}", SUBENTRY_METER, data)


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stations", type=int, default=100)
    parser.add_argument("--meters", type=int, required=True, help="TCP port of the meters")
    parser.add_argument("--period", type=int, default=500, help="ms from poll to poll")
    arguments = parser.parse_args()
    server = partial(serve, port=arguments.meters, period=arguments.period)
    asyncio.run(run(server, arguments.stations))


if __name__ == "__main__":
    main()
