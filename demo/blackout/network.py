"""The network between a simulated site and Headroom."""

import socket
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Self

from .link import Link


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def on_free_ports(site: Mapping[str, Any]) -> dict[str, Any]:
    """Return a site file with a free port wherever it has one."""
    return {
        **site,
        "control_port": free_port(),
        **{
            kind: [{**unit, "port": free_port()} if "port" in unit else unit for unit in site[kind]]
            for kind in ("meters", "boxes")
            if kind in site
        },
    }


class Network:
    """One link for every port of a site, and one for its stations' calls."""

    def __init__(self, site: Mapping[str, Any], *, ocpp_port: int) -> None:
        self._site = site
        self._calls = Link(ocpp_port)
        units = [*site.get("meters", ()), *site.get("boxes", ())]
        ports = [site["control_port"], *(unit["port"] for unit in units if "port" in unit)]
        self._links = {port: Link(port) for port in ports}

    @classmethod
    @asynccontextmanager
    async def between(cls, site: Mapping[str, Any], ocpp_port: int) -> AsyncGenerator[Self]:
        """Run a network that works."""
        network = cls(site, ocpp_port=ocpp_port)
        async with AsyncExitStack() as stack:
            for link in network._all:
                await link.start()
                stack.push_async_callback(link.cut)
            yield network

    @property
    def _all(self) -> list[Link]:
        return [self._calls, *self._links.values()]

    @property
    def url(self) -> str:
        """Return where the stations call."""
        return f"ws://127.0.0.1:{self._calls.port}"

    def far_side(self) -> dict[str, Any]:
        """Return the site file as whoever is behind the network has to know it."""
        far = {port: link.port for port, link in self._links.items()}
        return {
            **self._site,
            "control_port": far[self._site["control_port"]],
            **{
                kind: [
                    {**unit, "port": far[unit["port"]]} if "port" in unit else unit
                    for unit in self._site[kind]
                ]
                for kind in ("meters", "boxes")
                if kind in self._site
            },
        }

    async def cut(self) -> None:
        """End everything and refuse everything."""
        for link in self._all:
            await link.cut()

    async def hold(self) -> None:
        """Leave everything half open: nothing ends, and nothing gets through."""
        for link in self._all:
            link.hold()

    async def mend(self) -> None:
        """Let everything work again."""
        for link in self._all:
            await link.mend()
