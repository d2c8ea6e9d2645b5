"""Headroom's central system without Home Assistant; every setpoint stays as it is."""

import asyncio
import random
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Final

from custom_components.headroom.chargers.base import ConnectorProfile
from custom_components.headroom.chargers.ocpp.server import CentralSystem

_TICK: Final = 1.0
_SETPOINT: Final = 9.0


@asynccontextmanager
async def serve(stations: int) -> AsyncGenerator[int]:
    """Run it for the time of the context and give its port."""
    central = CentralSystem(now=lambda: datetime.now(UTC), random=random.random)
    for number in range(stations):
        profile = ConnectorProfile(fallback=6.0, max_current=32.0)
        central.register(f"CP{number}", {1: profile}).set_current(1, _SETPOINT)
    await central.start("127.0.0.1", 0)
    ticking = asyncio.create_task(_maintain(central))
    yield central.port or 0
    ticking.cancel()
    await central.stop()


async def _maintain(central: CentralSystem) -> None:
    while True:
        await asyncio.sleep(_TICK)
        for station in central.stations.values():
            station.maintain()
