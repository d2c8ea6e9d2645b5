"""Watches what is true in the simulated plant."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final

import aiohttp

from .judgement import Guard, Held, Sample

_PERIOD: Final = 0.5
_LEASE: Final = 180.0
"""s that a limit over OCPP lasts at most; docs/safety.md promises it."""


class Witness:
    """Asks the simulator itself, not over the network that fails."""

    def __init__(self, session: aiohttp.ClientSession, control_port: int) -> None:
        self.samples: defaultdict[str, list[Sample]] = defaultdict(list)
        """By `charger/connector`."""
        self.overload: dict[str, float] = {}
        """By zone: how far its highest phase was above its limit at most, in A."""
        self._session = session
        self._url = f"http://127.0.0.1:{control_port}/state"

    async def state(self) -> Mapping[str, Any]:
        """Return what is true now."""
        async with self._session.get(self._url) as response:
            state: Mapping[str, Any] = await response.json()
            return state

    async def watch(self) -> None:
        """Look for ever."""
        while True:
            await self.look()
            await asyncio.sleep(_PERIOD)

    async def look(self) -> None:
        """Note what every connector draws, and what every zone carries."""
        state = await self.state()
        now = time.monotonic()
        for connector, seen in connectors(state).items():
            self.samples[connector].append(Sample(now, max(seen["currents"])))
        for zone, seen in state["zones"].items():
            over = max(seen["currents"]) - seen["limit"]
            self.overload[zone] = max(over, self.overload.get(zone, over))

    def currents(self) -> dict[str, float]:
        """Return the newest true current of each connector."""
        return {connector: samples[-1].current for connector, samples in self.samples.items()}

    async def guards(self, site: Mapping[str, Any], held: Mapping[str, Held]) -> dict[str, Guard]:
        """Return what limits each connector without contact, as it is armed now."""
        boxes = (await self.state())["boxes"]
        protocols = {s["id"]: s.get("protocol", "ocpp1.6") for s in site.get("stations", ())}
        guards = {}
        for connector, known in held.items():
            charger = connector.partition("/")[0]
            if charger in boxes:
                kind, timeout = boxes[charger]["kind"], boxes[charger]["timeout"]
            else:
                kind, timeout = f"{protocols[charger]} lease", _LEASE
            guards[connector] = Guard(
                kind=kind,
                timeout=None if known.fallback is None else timeout,
                fallback=known.fallback or 0.0,
            )
        return guards


def connectors(state: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return the connectors of stations and boxes by `charger/connector`."""
    of_stations = {
        f"{station}/{number}": connector
        for station, seen in state["stations"].items()
        for number, connector in seen["connectors"].items()
    }
    return of_stations | {f"{box}/1": seen for box, seen in state["boxes"].items()}
