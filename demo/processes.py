"""The processes of the demo: the simulator and Home Assistant."""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

REPOSITORY: Final = Path(__file__).parent.parent
COMPONENT: Final = REPOSITORY / "custom_components" / "headroom"
LOG: Final = "home-assistant.log"
_PATIENCE: Final = 20.0
"""Seconds that a process gets to stop by itself."""


@asynccontextmanager
async def simulator(
    site: Path, *, url: str, speed: float = 1.0, start: str = "12:00", quiet: bool = False
) -> AsyncGenerator[asyncio.subprocess.Process]:
    """Run the simulator of a site file whose stations call a URL."""
    async with _process(
        "-m",
        "simulator",
        "serve",
        str(site),
        "--url",
        url,
        "--speed",
        str(speed),
        "--start",
        start,
        quiet=quiet,
    ) as process:
        yield process


@asynccontextmanager
async def home_assistant(config: Path) -> AsyncGenerator[asyncio.subprocess.Process]:
    """Run Home Assistant in a folder that `prepare_config` has made."""
    async with _process(
        "-m",
        "homeassistant",
        "--config",
        str(config),
        "--skip-pip",
        "--log-file",
        str(config / LOG),
        "--log-no-color",
        quiet=True,
    ) as process:
        yield process


@asynccontextmanager
async def _process(
    *arguments: str, quiet: bool = False
) -> AsyncGenerator[asyncio.subprocess.Process]:
    """Run Python as a child that stops with the demo, on Ctrl-C not before it is told."""
    output = asyncio.subprocess.DEVNULL if quiet else None
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *arguments,
        cwd=REPOSITORY,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        await _stop(process)


async def _stop(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(_PATIENCE):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
