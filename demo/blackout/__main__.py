"""Command line: `python -m demo.blackout [SITE.yaml]`."""

import argparse
import asyncio
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from ..home import HomeError
from ..processes import REPOSITORY
from .run import NotReady, run

_UNUSABLE: Final = 2
"""Exit status of a trial that could not be finished; 1: a promise was broken."""


def main() -> int:
    """Run the trial and return its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m demo.blackout",
        description="Kill Home Assistant and cut the network while simulated cars charge.",
    )
    parser.add_argument(
        "site",
        nargs="?",
        type=Path,
        default=REPOSITORY / "simulator" / "sites" / "blackout.yaml",
        help="the site to simulate; its ports are replaced by free ones",
    )
    try:
        site = yaml.safe_load(parser.parse_args().site.read_text())
        return 0 if asyncio.run(_run(site)) else 1
    except asyncio.CancelledError:
        return _UNUSABLE
    except (OSError, yaml.YAMLError, HomeError, NotReady) as error:
        print(f"blackout: {error}", file=sys.stderr)
        return _UNUSABLE


async def _run(site: Mapping[str, Any]) -> bool:
    """Run the trial so that its processes end with it when it is told to."""
    task = asyncio.ensure_future(run(site))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await task


if __name__ == "__main__":
    sys.exit(main())
