"""Houses with meters, and charging stations: `python -m benchmarks.central.steps --help`.

It prints the TCP port of the meters, reads the port for chargers from its input, prints how many
seconds it took until all cars charged, and then one reaction after the other, all as JSON.
"""

import argparse
import asyncio
import gc
import json
import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Self, override

from benchmarks.central.dialects import DIALECTS
from benchmarks.central.load import Load, Station, Storm, Tally
from custom_components.headroom.engine.currents import PerPhase
from simulator.gateway import Gateway
from simulator.meters import SimulatedMeter
from simulator.plant.park import ZoneTotals

PER_METER: Final = 25
"""Stations; the units of the meters follow each other from 1 on."""
SHARE: Final = 34.0
"""A per station and phase: all can charge as they like beside a small house."""
_MODEL: Final = "klefr"
_STEP: Final = (10.0, 20.0)
"""A per phase, least and most, by which a house draws more."""
_REST: Final = (9.0, 10.0)
"""Seconds, shortest and longest, between a reaction and the next step.

With `_FOLLOW` longer than the engine takes to be sure that cars have followed: until then it does
not know whether a meter shows a new load or a car that is still slowing down, and cuts only once.
"""
_FOLLOW: Final = 2.0
"""Seconds after a first lower limit in which others belong to the same reaction."""
_APPETITE: Final = 32.0
_FLOOR: Final = 8.0
"""A per phase and car; if there is less for them, the house begins anew."""
_SAMPLES_EVERY: Final = 2.0
"""Seconds between what a station says that its car draws."""
_LOOK: Final = 0.05
"""Seconds from one look for a reaction to the next."""
_FULL: Final = 0.95
"""Share of their appetite with which the cars count as charging again."""
_PATIENCE: Final = 120.0
"""Seconds that anything may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction:
    """One step of a house; times in ms since then."""

    read: float
    """Its meter was asked for the first time."""
    first: float
    """A station got a lower limit for the first time after that."""
    last: float
    lowered: int
    """Stations that got one."""

    @classmethod
    def of(cls, reaction: dict[str, Any]) -> Self:
        """Read what another process has printed."""
        return cls(**reaction)


@dataclass(slots=True)
class Lowerings(Tally):
    """When stations got lower limits."""

    at: list[tuple[float, int]] = field(default_factory=list)

    @override
    def limit(self, station: int, before: float, now: float) -> None:
        if now < before:
            self.at.append((time.monotonic(), station))


class Board:
    """What one meter measures: a house, and cars at some stations."""

    def __init__(self, unit: int, stations: Sequence[Station], lowerings: Lowerings) -> None:
        self._stations = stations
        self._lowerings = lowerings
        self._numbers = {station.number for station in stations}
        self._limit = len(stations) * SHARE
        self._most = len(stations) * _APPETITE
        self._least = len(stations) * _FLOOR
        self._house = self._limit - self._most
        self._read_at: float | None = None
        self.meter = SimulatedMeter(f"{unit}", model=_MODEL, unit=unit, totals=self._totals)

    @property
    def _drawn(self) -> float:
        return sum(station.drawn for station in self._stations)

    def _totals(self) -> ZoneTotals:
        """Return what the meter answers now."""
        if self._read_at is None:
            self._read_at = time.monotonic()
        total = self._house + self._drawn
        return ZoneTotals(currents=PerPhase(total, total, total))

    async def report(self, samples: int) -> None:
        """Print reactions. Raises TimeoutError."""
        for _ in range(samples):
            if self._house > self._limit - self._least:
                await self.fill()
            await asyncio.sleep(random.uniform(*_REST))
            print(json.dumps(asdict(await self._react())), flush=True)

    async def fill(self) -> None:
        """Let nearly all cars charge as they like, and leave no room."""
        self._house = self._limit - self._most
        await _soon(lambda: self._drawn > _FULL * self._most)
        self._house = self._limit - self._drawn - 1
        await asyncio.sleep(_FOLLOW)

    async def _react(self) -> Reaction:
        """Let the house draw more and see what happens."""
        self._house += random.uniform(*_STEP)
        self._read_at = None
        changed_at = time.monotonic()
        read_at = await _soon(lambda: self._read_at)
        await _soon(lambda: self._lowered_since(read_at))
        await asyncio.sleep(_FOLLOW)
        lowered = self._lowered_since(read_at)
        return Reaction(
            read=1000 * (read_at - changed_at),
            first=1000 * (lowered[0] - changed_at),
            last=1000 * (lowered[-1] - changed_at),
            lowered=len(lowered),
        )

    def _lowered_since(self, moment: float) -> list[float]:
        """Return when stations got lower limits after a moment."""
        return [at for at, number in self._lowerings.at if at > moment and number in self._numbers]


async def _soon[ResultT](look: Callable[[], ResultT | None]) -> ResultT:
    """Look until there is something to see, and return that. Raises TimeoutError."""
    async with asyncio.timeout(_PATIENCE):
        while not (seen := look()):  # noqa: ASYNC110 - looks at far more than one event
            await asyncio.sleep(_LOOK)
    return seen


async def run(load: Load, samples: int) -> None:
    """Serve the meters, and print reactions once there is a port for chargers."""
    lowerings = Lowerings()
    storm = Storm(load, lowerings)
    boards = [
        Board(unit, storm.stations[first : first + PER_METER], lowerings)
        for unit, first in enumerate(range(0, load.stations, PER_METER), start=1)
    ]
    gateway = Gateway([board.meter for board in boards])
    await gateway.start()
    print(json.dumps(gateway.port), flush=True)
    port = int(await asyncio.to_thread(sys.stdin.readline))
    began_at = time.monotonic()
    async with storm.charging(port):
        await asyncio.gather(*(board.fill() for board in boards))
        print(json.dumps(time.monotonic() - began_at), flush=True)
        await asyncio.gather(*(board.report(samples) for board in boards))
    await gateway.stop()


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stations", type=int, default=100)
    parser.add_argument("--samples", type=int, default=25, help="steps of each house")
    parser.add_argument("--protocol", choices=sorted(DIALECTS), default="1.6")
    arguments = parser.parse_args()
    load = Load(
        stations=arguments.stations,
        period=_SAMPLES_EVERY,
        dialect=DIALECTS[arguments.protocol],
        appetite=_APPETITE,
        noise=0.0,
    )
    gc.freeze()  # this process measures another one, and shall not pause itself
    asyncio.run(run(load, arguments.samples))


if __name__ == "__main__":
    main()
