"""Currents on the grid of a charger's step."""

from math import ceil, floor
from typing import Final

_EPSILON: Final = 1e-9


def is_whole(number: float) -> bool:
    """Return whether a number is a whole one."""
    return abs(number - round(number)) < _EPSILON


def down_to_step(current: float, step: float) -> float:
    """Return the highest whole number of steps that is not above a current."""
    return round(floor(current / step + _EPSILON) * step, 3)


def up_to_step(current: float, step: float) -> float:
    """Return the lowest whole number of steps that is not below a current."""
    return round(ceil(current / step - _EPSILON) * step, 3)
