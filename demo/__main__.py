"""Command line of the demo; `scripts/demo` prepares the environment and calls it."""

import argparse
import asyncio
import sys
from pathlib import Path

from .run import DemoError, Options, run

_FOLDER = Path(__file__).parent.parent


def main() -> int:
    """Run the demo until it is interrupted and return the exit status."""
    parsed = _parser().parse_args()
    options = Options(
        port=parsed.port,
        ocpp_port=parsed.ocpp_port,
        speed=parsed.speed,
        start=parsed.start,
        headless=parsed.headless,
        data=parsed.data,
        site=parsed.site,
    )
    try:
        asyncio.run(run(options))
    except DemoError as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/demo",
        description="A real Home Assistant that manages a simulated car park, all on loopback.",
    )
    parser.add_argument("--port", type=int, default=8123, help="of Home Assistant's page")
    parser.add_argument("--ocpp-port", type=int, default=9000, help="where the chargers connect")
    parser.add_argument("--speed", type=float, default=1.0, help="how fast the day passes")
    parser.add_argument("--start", default="12:00", help="time of day to begin at, HH:MM")
    parser.add_argument("--headless", action="store_true", help="do not open a browser")
    parser.add_argument(
        "--data", type=Path, default=_FOLDER / ".demo", help="folder that keeps the demo's data"
    )
    parser.add_argument(
        "--site",
        type=Path,
        default=_FOLDER / "simulator" / "sites" / "demo.yaml",
        help="the car park to simulate",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
