"""The grid of time of a simulated week."""

from typing import Final

import numpy as np
import numpy.typing as npt

from simulator.plant.profile import DAY

type Floats = npt.NDArray[np.float64]

TICK: Final = 2.0
"""s"""
PER_DAY: Final = round(DAY / TICK)
"""Ticks in a day."""
DAYS_PER_WEEK: Final = 7


def ticks(hours: float) -> int:
    """Return the nearest tick of a time in hours."""
    return round(hours * 3600 / TICK)
