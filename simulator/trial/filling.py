"""Sharing room evenly, in steps; on purpose not the engine's own way of doing it."""

from collections.abc import Sequence
from typing import Final

from .ev import FLOOR
from .outlet import Outlet

DECIAMPS: Final = 10
"""Per ampere; all currents here are whole deciamps."""
_FLOOR: Final = round(FLOOR * DECIAMPS)


def fill(
    rooms: Sequence[int], outlets: Sequence[Outlet], caps: Sequence[int], steps: Sequence[int]
) -> list[int]:
    """Give every outlet its floor as long as that fits, then raise all together step by step.

    `rooms` are per phase, `caps` per outlet; finer steps fill what coarser ones have left.
    """
    left = list(rooms)
    given = [0] * len(outlets)

    def give(number: int, more: int) -> bool:
        outlet = outlets[number]
        fits = all(left[phase] >= more for phase in outlet.phases)
        if not fits or given[number] + more > caps[number]:
            return False
        given[number] += more
        for phase in outlet.phases:
            left[phase] -= more
        return True

    admitted = [number for number in range(len(outlets)) if give(number, _FLOOR)]
    for step in steps:
        rising = admitted
        while rising:
            rising = [number for number in rising if give(number, step)]
    return given
