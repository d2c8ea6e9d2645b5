"""The grid of time on which a trial runs."""

from typing import Final

TICKS_PER_SECOND: Final = 10
TICK: Final = 1 / TICKS_PER_SECOND
"""s"""


def ticks(seconds: float) -> int:
    """Return the nearest whole number of ticks."""
    return round(seconds * TICKS_PER_SECOND)
