"""Powers over one day."""

from collections.abc import Sequence
from typing import Final

DAY: Final = 86_400.0
"""Seconds in a day."""

type DayProfile = Sequence[float]
"""Powers in W at equal distances over a day that repeats itself."""


def at(profile: DayProfile, seconds: float) -> float:
    """Return the power in W at a time of day, between two points on a straight line."""
    position = (seconds % DAY) / DAY * len(profile)
    index = int(position) % len(profile)
    ahead = position - int(position)
    return profile[index] * (1 - ahead) + profile[(index + 1) % len(profile)] * ahead
