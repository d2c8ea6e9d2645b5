"""Loses contact in every way there is, and looks whether the promises hold."""

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import aiohttp
import yaml

from ..processes import simulator
from ..trial import NotReady
from .headroom import Headroom
from .judgement import GRACE, Guard, Held, differences, fall, is_kept, stops
from .network import Network, free_port, on_free_ports
from .report import fall_table
from .witness import Witness

_STEADY: Final = 45.0
"""s without a change; longer than Headroom waits before it writes its memory."""
_PATIENCE: Final = 300.0
"""s until all cars charge, and until all is as before."""
_LOOK: Final = 3.0
_SLIGHT: Final = 0.5
"""A; by so much every setpoint has to be above its fallback."""
_OVERLOAD: Final = 1.0
"""A; what a zone may be above its limit while cars follow."""


async def run(site: Mapping[str, Any]) -> bool:
    """Try a site, print what happens, and return whether every promise was kept."""
    with tempfile.TemporaryDirectory(prefix="headroom-blackout-") as folder:
        async with AsyncExitStack() as stack:
            trial = await _set_up(on_free_ports(site), Path(folder), stack)
            return await trial.run()


async def _set_up(site: dict[str, Any], folder: Path, stack: AsyncExitStack) -> Trial:
    port, ocpp_port = free_port(), free_port()
    network = await stack.enter_async_context(Network.between(site, ocpp_port))
    file = folder / "site.yaml"
    file.write_text(yaml.safe_dump(site))
    await stack.enter_async_context(simulator(file, url=network.url, quiet=True))
    headroom = Headroom(folder / "config", network.far_side(), port=port, ocpp_port=ocpp_port)
    stack.push_async_callback(headroom.stop)
    await headroom.start()
    await headroom.install()
    session = await stack.enter_async_context(aiohttp.ClientSession())
    witness = Witness(session, site["control_port"])
    watching = asyncio.create_task(witness.watch())
    stack.callback(watching.cancel)
    return Trial(site=site, network=network, headroom=headroom, witness=witness)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A site in which all cars charge, and the ways to lose contact with it."""

    site: Mapping[str, Any]
    network: Network
    headroom: Headroom
    witness: Witness

    async def run(self) -> bool:
        """Try every way; return whether every promise was kept."""
        kill, start = self.headroom.kill, self.headroom.start
        cut, hold, mend = self.network.cut, self.network.hold, self.network.mend
        kept = [
            await self._lose("Home Assistant is killed", kill, start),
            await self._lose("Home Assistant is killed and starts again at once", kill, start, 0.0),
            await self._lose("The network is cut", cut, mend),
            await self._lose("Every connection is half open", hold, mend),
        ]
        print("every promise was kept" if all(kept) else "A PROMISE WAS BROKEN", flush=True)
        return all(kept)

    async def _lose(
        self,
        title: str,
        lose: Callable[[], Awaitable[None]],
        mend: Callable[[], Awaitable[None]],
        wait: float | None = None,
    ) -> bool:
        """Lose contact, by default until everybody must have fallen back, and mend it."""
        print(f"\n{title}\n", flush=True)
        before = await self._steady()
        guards = await self.witness.guards(self.site, before)
        self.witness.overload.clear()
        lost_at = time.monotonic()
        await lose()
        longest = max(guard.timeout or 0.0 for guard in guards.values())
        await asyncio.sleep(longest + 2 * GRACE if wait is None else wait)
        kept = wait is not None or self._fell(guards, lost_at)
        await mend()
        return await self._recovers(before, guards, lost_at) and kept

    async def _steady(self) -> dict[str, Held]:
        """Wait until every car charges above its fallback and nothing moves. Raises NotReady."""
        begin = since = time.monotonic()
        last: Mapping[str, Held] = {}
        while time.monotonic() - begin < _PATIENCE:
            held = await self.headroom.held()
            if held != last or not self._above_fallback(held):
                since, last = time.monotonic(), held
            elif time.monotonic() - since >= _STEADY:
                return held
            await asyncio.sleep(_LOOK)
        raise NotReady(f"not every car charges steadily: {last}")

    def _above_fallback(self, held: Mapping[str, Held]) -> bool:
        return held.keys() == self.headroom.connectors and all(
            min(known.setpoint, self.witness.currents()[connector])
            > (known.fallback or 0.0) + _SLIGHT
            for connector, known in held.items()
        )

    def _fell(self, guards: Mapping[str, Guard], lost_at: float) -> bool:
        falls = {
            connector: fall(self.witness.samples[connector], guard, lost_at=lost_at)
            for connector, guard in guards.items()
        }
        print(fall_table(guards, falls), flush=True)
        return all(is_kept(guards[connector], falls[connector]) for connector in falls)

    async def _recovers(
        self, before: Mapping[str, Held], guards: Mapping[str, Guard], lost_at: float
    ) -> bool:
        """Wait until all is as before; return whether that was so, and without needless stops."""
        wrong = await self._differences(before)
        interrupted = {
            connector: count
            for connector in guards
            if (count := stops(self.witness.samples[connector], since=lost_at))
        }
        print(f"needless stops: {sum(interrupted.values())} {interrupted or ''}".rstrip())
        for zone, over in self.witness.overload.items():
            print(f"highest current of {zone}: {over:+.1f} A from its limit", flush=True)
        over = any(over > _OVERLOAD for over in self.witness.overload.values())
        return not (wrong or interrupted or over)

    async def _differences(self, before: Mapping[str, Held]) -> list[str]:
        """Return what is not as before, once it has been so for long or in the end."""
        begin = same_since = time.monotonic()
        wrong: list[str] = []
        while time.monotonic() - begin < _PATIENCE:
            await asyncio.sleep(_LOOK)
            wrong = differences(before, await self.headroom.held(), self.witness.currents())
            if wrong:
                same_since = time.monotonic()
            elif time.monotonic() - same_since >= _STEADY:
                break
        passed = same_since - begin
        print("\n".join(wrong) or f"setpoints, sessions and order as before after {passed:.0f} s")
        return wrong
