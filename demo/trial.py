"""The command line of trials that simulate a site and tell whether promises are kept."""

import argparse
import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from .home import HomeError
from .processes import REPOSITORY

_UNUSABLE: Final = 2
"""Exit status of a trial that could not be finished; 1: a promise was broken."""

type Trial = Callable[[Mapping[str, Any]], Awaitable[bool]]
"""Simulates a site and returns whether every promise was kept. Raises NotReady."""


class NotReady(Exception):
    """The simulated site did not come into the state that a trial begins with."""


def run_trial(name: str, description: str, trial: Trial) -> int:
    """Run a trial with the site that the command line names, and return its exit status."""
    parser = argparse.ArgumentParser(prog=f"python -m demo.{name}", description=description)
    parser.add_argument(
        "site",
        nargs="?",
        type=Path,
        default=REPOSITORY / "simulator" / "sites" / "blackout.yaml",
        help="the site to simulate; its ports are replaced by free ones",
    )
    try:
        site = yaml.safe_load(parser.parse_args().site.read_text())
        return 0 if asyncio.run(_cancelled_by_signal(trial, site)) else 1
    except asyncio.CancelledError:
        return _UNUSABLE
    except (OSError, yaml.YAMLError, HomeError, NotReady) as error:
        print(f"{name}: {error}", file=sys.stderr)
        return _UNUSABLE


async def _cancelled_by_signal(trial: Trial, site: Mapping[str, Any]) -> bool:
    """Run a trial so that its processes end with it when it is told to."""
    task = asyncio.ensure_future(trial(site))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await task
