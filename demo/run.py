"""Starts the car park and Home Assistant, sets the site up once, and stops both together."""

import asyncio
import signal
import socket
import webbrowser
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from .dashboard import install_dashboard
from .home import Home, HomeError, prepare_config
from .install import install_site
from .processes import COMPONENT, LOG, home_assistant, simulator


class DemoError(Exception):
    """The demo cannot go on; the text is for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the command line says."""

    port: int
    ocpp_port: int
    speed: float
    start: str
    headless: bool
    data: Path
    site: Path


async def run(options: Options) -> None:
    """Run the demo until SIGINT or SIGTERM. Raises DemoError."""
    try:
        site = yaml.safe_load(options.site.read_text())
    except (OSError, yaml.YAMLError) as error:
        raise DemoError(f"{options.site} cannot be read: {error}") from error
    _require_free_ports(options, site)
    config = options.data / "config"
    prepare_config(config, port=options.port, site=site, component=COMPONENT)
    stop = _stop_signal()
    async with AsyncExitStack() as stack:
        simulator_process = await stack.enter_async_context(
            simulator(
                options.site,
                url=f"ws://127.0.0.1:{options.ocpp_port}",
                speed=options.speed,
                start=options.start,
            )
        )
        home_process = await stack.enter_async_context(home_assistant(config))
        ended = asyncio.ensure_future(_first_end(simulator_process, home_process))
        stack.callback(ended.cancel)
        await _until(_set_up(options, site), stop, ended, config)
        await _until(stop.wait(), stop, ended, config)
        print("demo: stopping", flush=True)
    print("demo: stopped; its data stay in", options.data, flush=True)


async def _set_up(options: Options, site: dict[str, Any]) -> None:
    address = f"http://127.0.0.1:{options.port}"
    print("demo: starting Home Assistant ...", flush=True)
    async with Home.connected(address) as home:
        if await home.log_in():
            print("demo: setting up the site through its config flows ...", flush=True)
        parts = await install_site(home, site, ocpp_port=options.ocpp_port)
        await install_dashboard(home, site, parts)
    print(f"demo: ready at {address} (no login needed on this machine)", flush=True)
    print(
        f"demo: cars arrive in the first minutes; the simulator's control is at "
        f"http://127.0.0.1:{site['control_port']}; Ctrl-C stops",
        flush=True,
    )
    if not options.headless:
        webbrowser.open(address)


async def _until(
    work: Coroutine[Any, Any, Any], stop: asyncio.Event, ended: asyncio.Future[str], config: Path
) -> None:
    """Do some work unless people stop the demo or a process ends before it is done."""
    task = asyncio.create_task(work)
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({task, stopping, ended}, return_when=asyncio.FIRST_COMPLETED)
        if ended.done():
            raise DemoError(f"{ended.result()} ended; see above and {config / LOG}")
        if task.done():
            task.result()
    except HomeError as error:
        raise DemoError(f"{error}; see {config / LOG}") from error
    finally:
        task.cancel()
        stopping.cancel()


def _stop_signal() -> asyncio.Event:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


def _require_free_ports(options: Options, site: dict[str, Any]) -> None:
    wanted = {
        options.port: "Home Assistant's page (choose another with --port)",
        options.ocpp_port: "the chargers (choose another with --ocpp-port)",
        site["control_port"]: "the simulator's control",
    }
    wanted |= {meter["port"]: f"the simulated meter {meter['id']}" for meter in site["meters"]}
    wanted |= {
        box["port"]: f"the simulated box {box['id']}"
        for box in site.get("boxes", ())
        if "port" in box
    }
    for port, purpose in wanted.items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                raise DemoError(
                    f"port {port} is taken by another program, but needed for {purpose}"
                ) from error


async def _first_end(
    simulator: asyncio.subprocess.Process, home: asyncio.subprocess.Process
) -> str:
    """Return which process has ended first."""
    waits = {
        asyncio.ensure_future(simulator.wait()): "the simulator",
        asyncio.ensure_future(home.wait()): "Home Assistant",
    }
    done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    return waits[done.pop()]
