"""The Headroom under trial: a Home Assistant that can be killed, and what it holds."""

import json
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Final

from ..home import Home, prepare_config
from ..install import chargers_of, connectors_of, install_site
from ..processes import COMPONENT, home_assistant
from .judgement import Held

_NOTHING: Final = {"unavailable", "unknown"}


class Headroom:
    """Headroom in a Home Assistant of its own."""

    def __init__(self, folder: Path, site: Mapping[str, Any], *, port: int, ocpp_port: int) -> None:
        """Prepare a new one for a site file."""
        self._folder = folder
        self._site = dict(site)
        self._ocpp_port = ocpp_port
        self._address = f"http://127.0.0.1:{port}"
        self._process = AsyncExitStack()
        self._kill: Any = None
        self._entry = ""
        self._parts: dict[str, str] = {}
        """Subentry ids by the ids of chargers in the site file."""
        prepare_config(folder, port=port, site=self._site, component=COMPONENT)

    async def start(self) -> None:
        """Start Home Assistant."""
        process = await self._process.enter_async_context(home_assistant(self._folder))
        self._kill = process.kill

    async def kill(self) -> None:
        """End Home Assistant without a warning."""
        self._kill()
        await self.stop()

    async def stop(self) -> None:
        """Stop Home Assistant if it runs."""
        await self._process.aclose()

    async def install(self) -> None:
        """Set the site up; it trusts fallbacks, for the trial looks at them. Raises HomeError."""
        async with Home.connected(self._address) as home:
            await home.log_in()
            parts = await install_site(home, self._site, ocpp_port=self._ocpp_port)
            await parts.set_options("rules", {"untested": "fallback"})
            known = await parts.known()
        self._entry = parts.entry
        self._parts = {charger: known[parts.chargers[charger]] for charger in parts.chargers}

    async def held(self) -> dict[str, Held]:
        """Return what it holds of each connector that it knows.

        Setpoints are what it shows now, the rest is what a restart would begin with.
        """
        setpoints = await self._setpoints()
        stored = self._stored()
        return {
            connector: Held(
                setpoint=setpoint,
                fallback=stored[id_]["fallback"],
                session=stored[id_]["session"],
                arrived_at=stored[id_]["arrived_at"] or "",
            )
            for connector, id_ in self._ids.items()
            if id_ in stored and (setpoint := setpoints.get(connector)) is not None
        }

    @property
    def connectors(self) -> set[str]:
        """Return all connectors of the site as `charger/connector`."""
        return set(self._ids)

    @property
    def _ids(self) -> dict[str, str]:
        """Return Headroom's ids of the connectors by `charger/connector`."""
        return {
            f"{charger['id']}/{number}": f"{self._parts[charger['id']]}:{number}"
            for charger in chargers_of(self._site)
            for number in range(1, len(connectors_of(charger)) + 1)
        }

    async def _setpoints(self) -> dict[str, float]:
        async with Home.connected(self._address) as home:
            await home.log_in()
            entities = await home.entities()
            states = {state["entity_id"]: state["state"] for state in await home.get("/api/states")}
        shown = {
            connector: states.get(entities[f"{id_}_setpoint"]["entity_id"], "unknown")
            for connector, id_ in self._ids.items()
        }
        return {c: float(state) for c, state in shown.items() if state not in _NOTHING}

    def _stored(self) -> Mapping[str, Mapping[str, Any]]:
        file = self._folder / ".storage" / f"headroom.{self._entry}"
        if not file.exists():
            return {}
        content = json.loads(file.read_text())
        connectors: Mapping[str, Mapping[str, Any]] = content["data"]["controller"]["connectors"]
        return connectors
