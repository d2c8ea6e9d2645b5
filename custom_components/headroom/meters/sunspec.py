"""Where a device keeps a SunSpec model (SunSpec Device Information Model Specification)."""

from collections.abc import Awaitable, Callable
from typing import Final

from .base import MeterImplausible, MeterRefused

type Read = Callable[[range], Awaitable[list[int]]]
"""Reads holding registers. Raises MeterError."""

_STARTS: Final = (40000, 0, 50000)
USUAL_START: Final = range(_STARTS[0], _STARTS[0] + 2)
"""Where most devices begin."""
_MARK: Final = [0x5375, 0x6E53]
"""The letters SunS."""
_END: Final = 0xFFFF
_MOST_MODELS: Final = 64
"""No device is known to have as many; one that answers anything would be asked for ever."""


async def find_model(read: Read, ids: frozenset[int]) -> int:
    """Return where the first of some models begins, with the register of its id.

    Raises MeterImplausible if there is none, and MeterError if the device cannot be asked.
    """
    first = await _first_model(read)
    for _ in range(_MOST_MODELS):
        model, length = await read(range(first, first + 2))
        if model in ids:
            return first
        if model == _END:
            break
        first += 2 + length
    raise MeterImplausible(f"no SunSpec model {' or '.join(map(str, sorted(ids)))}")


async def _first_model(read: Read) -> int:
    for start in _STARTS:
        try:
            if await read(range(start, start + 2)) == _MARK:
                return start + 2
        except MeterRefused:
            continue
    raise MeterImplausible("no SunSpec map")
