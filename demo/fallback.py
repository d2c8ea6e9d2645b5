"""Tests the fallback of every charger of a simulated site as a person does: by its button.

Command line: `python -m demo.fallback [SITE.yaml]`.
"""

import asyncio
import sys
import tempfile
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

import aiohttp
import yaml

from .blackout.network import free_port, on_free_ports
from .blackout.witness import connectors
from .home import Home, HomeError, prepare_config
from .install import Parts, chargers_of, install_site
from .processes import COMPONENT, home_assistant, simulator
from .trial import NotReady, run_trial

_PATIENCE: Final = 720.0
"""s until all cars charge, and until a test has ended."""
_LOOK: Final = 2.0
_CHARGES: Final = 9.0
"""A; enough above a fallback of 6 A to see whether a car goes back to it."""


class Shown(NamedTuple):
    """What the sensor of a charger shows, or should."""

    fallback: str
    after_restart: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A site in which all cars charge, as a person sees it and as it is."""

    site: Mapping[str, Any]
    home: Home
    control: str
    session: aiohttp.ClientSession
    entities: Mapping[str, Mapping[str, str]]
    """Entity ids by charger and key; a charger that cannot be tested has no button."""

    async def run(self) -> bool:
        """Test chargers that go back, then the same with faults; return whether it shows."""
        boxes = (await self._state())["boxes"]
        stations = [charger for charger in self.entities if charger not in boxes]
        await self._misbehave(stations, "resumes_after_reset")
        expected = dict.fromkeys(stations, Shown("proven", "holds"))
        for box in boxes:
            has_fallback = boxes[box]["timeout"]
            expected[box] = Shown("proven" if has_fallback else "none", "unknown")
        testable = [charger for charger in expected if expected[charger].fallback == "proven"]
        rounds = [await self._round("Every charger goes back", testable, expected)]
        await self._misbehave(stations, "free_after_blackout")
        expected |= dict.fromkeys(stations, Shown("proven", "free"))
        rounds.append(await self._round("No station has a limit at first", stations, expected))
        for charger in chargers_of(self.site):
            await self._spoil(charger)
        expected |= {c: expected[c]._replace(fallback="failed") for c in testable}
        rounds.append(await self._round("No charger goes back any more", testable, expected))
        print("every test told the truth" if all(rounds) else "A TEST WAS WRONG", flush=True)
        return all(rounds)

    async def _misbehave(self, stations: Iterable[str], fault: str) -> None:
        for station in stations:
            await self._tell("station", {"id": station, "faults": {fault: True}})

    async def _spoil(self, charger: Mapping[str, Any]) -> None:
        """Let a charger keep what it has when contact is lost."""
        if "kind" in charger:
            await self._tell("box", {"id": charger["id"], "faults": ["watchdog_missing"]})
        else:
            await self._misbehave([charger["id"]], "endless_limits")

    async def _round(
        self, title: str, tested: Iterable[str], expected: Mapping[str, Shown]
    ) -> bool:
        """Test some chargers, all at once, and look at every one."""
        print(f"\n{title}\n", flush=True)
        await self._until_all_charge()
        for charger in tested:
            await self._press(self.entities[charger]["test_fallback"])
        shown = await self._results()
        print("| Charger | Expected | Shown |\n| --- | --- | --- |")
        for charger, seen in shown.items():
            print(f"| {charger} | {', '.join(expected[charger])} | {', '.join(seen)} |", flush=True)
        return shown == expected

    async def _press(self, button: str) -> None:
        """Begin a test as soon as Headroom too has seen that the car charges. Raises NotReady."""
        async with _patience("a charger cannot be tested"):
            while not await self._is_pressed(button):  # noqa: ASYNC110 - nobody tells it
                await asyncio.sleep(_LOOK)

    async def _is_pressed(self, button: str) -> bool:
        try:
            await self.home.post("/api/services/button/press", {"entity_id": button})
        except HomeError:
            return False
        return True

    async def _results(self) -> dict[str, Shown]:
        """Wait until no test runs; return what the sensors show. Raises NotReady."""
        async with _patience("a test does not end"):
            while True:
                await asyncio.sleep(_LOOK)
                states = await self._states()
                shown = {c: states[ids["fallback"]] for c, ids in self.entities.items()}
                if all(seen.fallback != "testing" for seen in shown.values()):
                    return shown

    async def _states(self) -> dict[str, Shown]:
        return {
            state["entity_id"]: Shown(state["state"], state["attributes"].get("after_restart", ""))
            for state in await self.home.get("/api/states")
        }

    async def _until_all_charge(self) -> None:
        async with _patience("not every car charges"):
            while await self._lowest_current() < _CHARGES:  # noqa: ASYNC110 - nobody tells it
                await asyncio.sleep(_LOOK)

    async def _lowest_current(self) -> float:
        """Return what the car that draws least draws in truth, in A."""
        highest = [max(seen["currents"]) for seen in connectors(await self._state()).values()]
        return float(min(highest))

    async def _state(self) -> Mapping[str, Any]:
        async with self.session.get(f"{self.control}/state") as response:
            state: Mapping[str, Any] = await response.json()
            return state

    async def _tell(self, kind: str, body: Mapping[str, Any]) -> None:
        async with self.session.post(f"{self.control}/{kind}", json=body) as response:
            response.raise_for_status()


@asynccontextmanager
async def _patience(lack: str) -> AsyncGenerator[None]:
    try:
        async with asyncio.timeout(_PATIENCE):
            yield
    except TimeoutError as error:
        raise NotReady(lack) from error


async def run(site: Mapping[str, Any]) -> bool:
    """Try a site, print what happens, and return whether every test told the truth."""
    with tempfile.TemporaryDirectory(prefix="headroom-fallback-") as folder:
        async with AsyncExitStack() as stack:
            trial = await _set_up(on_free_ports(site), Path(folder), stack)
            return await trial.run()


async def _set_up(site: dict[str, Any], folder: Path, stack: AsyncExitStack) -> Trial:
    port, ocpp_port = free_port(), free_port()
    file = folder / "site.yaml"
    file.write_text(yaml.safe_dump(site))
    await stack.enter_async_context(simulator(file, url=f"ws://127.0.0.1:{ocpp_port}", quiet=True))
    config = folder / "config"
    prepare_config(config, port=port, site=site, component=COMPONENT)
    await stack.enter_async_context(home_assistant(config))
    home = await stack.enter_async_context(Home.connected(f"http://127.0.0.1:{port}"))
    await home.log_in()
    parts = await install_site(home, site, ocpp_port=ocpp_port)
    return Trial(
        site=site,
        home=home,
        control=f"http://127.0.0.1:{site['control_port']}",
        session=await stack.enter_async_context(aiohttp.ClientSession()),
        entities=await _entities(home, parts),
    )


async def _entities(home: Home, parts: Parts) -> dict[str, dict[str, str]]:
    """Return what shows and tests the fallback of each charger; all of it is switched on."""
    known, registry = await parts.known(), await home.entities()
    return {
        charger: {
            key: registry[f"{known[unique_id]}_{key}"]["entity_id"]
            for key in ("fallback", "test_fallback")
            if f"{known[unique_id]}_{key}" in registry
        }
        for charger, unique_id in parts.chargers.items()
    }


def main() -> int:
    """Run the trial and return its exit status."""
    return run_trial(
        "fallback", "Test the fallback of simulated chargers, good ones and bad ones.", run
    )


if __name__ == "__main__":
    sys.exit(main())
