"""Command line: `python -m demo.blackout [SITE.yaml]`."""

import sys

from ..trial import run_trial
from .run import run


def main() -> int:
    """Run the trial and return its exit status."""
    return run_trial(
        "blackout", "Kill Home Assistant and cut the network while simulated cars charge.", run
    )


if __name__ == "__main__":
    sys.exit(main())
