"""Frames that are no OCPP."""

from datetime import datetime
from itertools import cycle
from typing import Final

from .times import is_over

_FRAMES: Final = ("no JSON", "[]", '{"a": 1}', "[2]", '[9,"x","y",{}]', '[3,"nobody asked",{}]')
_PERIOD: Final = 10
"""s between two of them."""


class Garbage:
    """Has one frame after the other, but not too often."""

    def __init__(self, now: datetime) -> None:
        """Begin to wait."""
        self._frames = cycle(_FRAMES)
        self._last = now

    def due(self, now: datetime) -> str | None:
        """Return the frame that is due now, if there is one."""
        if not is_over(self._last, _PERIOD, now):
            return None
        self._last = now
        return next(self._frames)
