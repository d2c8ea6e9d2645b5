"""Command line: `python -m simulator serve SITE.yaml` and `python -m simulator run FILE.json`."""

import argparse
import asyncio
import logging
import sys
from datetime import datetime
from pathlib import Path

from .run import run
from .serve import Options, serve
from .validation import FileError

_UNUSABLE = 2
"""Exit status for a file or a port that cannot be used."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return the exit status."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    try:
        if options.command == "run":
            return 0 if run(options.file, out=sys.stdout, err=sys.stderr) else 1
        asyncio.run(
            serve(
                Options(
                    site=options.file,
                    url=options.url,
                    speed=options.speed,
                    seed=options.seed,
                    day_start=options.start,
                )
            )
        )
    except (FileError, OSError) as error:
        print(f"{options.file}: {error}", file=sys.stderr)
        return _UNUSABLE
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m simulator", description="A simulated car park")
    commands = parser.add_subparsers(dest="command", required=True)
    live = commands.add_parser("serve", help="stations, meters and cars on loopback, live")
    live.add_argument("file", metavar="SITE.yaml", type=Path)
    live.add_argument("--url", default="ws://127.0.0.1:9000", help="where the stations call")
    live.add_argument("--speed", type=_positive, default=1.0, help="how fast the day passes")
    live.add_argument("--seed", type=int, default=0, help="the same seed gives the same day")
    live.add_argument("--start", type=_time_of_day, default="12:00", help="time of day, HH:MM")
    once = commands.add_parser("run", help="a scenario through the engine, as JSON lines")
    once.add_argument("file", metavar="SCENARIO.json", type=Path)
    return parser


def _positive(text: str) -> float:
    value = float(text)
    if not value > 0:
        raise argparse.ArgumentTypeError("must be above 0")
    return value


def _time_of_day(text: str) -> float:
    try:
        time = datetime.strptime(text, "%H:%M")  # noqa: DTZ007 - a time of day has no zone
    except ValueError as error:
        raise argparse.ArgumentTypeError("must be HH:MM") from error
    return time.hour * 3600.0 + time.minute * 60.0


if __name__ == "__main__":
    sys.exit(main())
