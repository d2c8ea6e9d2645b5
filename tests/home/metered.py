"""Meters on loopback, and the seconds in which they are polled."""

import asyncio
import struct
from collections.abc import Callable

from custom_components.headroom.meters.base import MeterLink
from tests.modbus.fakes import FakeServer

from .life import Life

CURRENTS = 3000 - 1
POWERS = 3054 - 1
TURNS = 200
"""Of the event loop in a second: enough for many requests over loopback."""


async def measure(server: FakeServer, *currents: float) -> None:
    """Let a meter show currents."""
    await server.write(255, CURRENTS, struct.pack(">3f", *currents))
    powers = [current * 0.23 for current in currents]
    await server.write(255, POWERS, struct.pack(">4f", *powers, sum(powers)))


async def show(server: FakeServer, current: float) -> None:
    """Let a meter show a current on every phase."""
    await measure(server, current, current, current)


class Watch:
    """Seconds in each of which a meter is polled, if it answers."""

    def __init__(self, meter: MeterLink, life: Life) -> None:
        self._life = life
        self._polled = asyncio.Event()
        meter.subscribe(self._polled.set)

    async def go_on(self, seconds: int = 1) -> None:
        """Let seconds pass in which the meter answers."""
        for _ in range(seconds):
            self._polled.clear()
            self._life.pass_by(1)
            await self._polled.wait()
            await self._life.settle()

    async def until(self, predicate: Callable[[], bool], within: int = 200) -> None:
        """Let seconds pass until something is so; the meter may be silent meanwhile."""
        for _ in range(within):
            if predicate():
                return
            self._life.pass_by(1)
            for _ in range(TURNS):
                await asyncio.sleep(0)
            await self._life.settle()
        raise AssertionError(f"not so within {within} seconds")
