"""How many phases a car uses, which decides what a limit in W is in A."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

CARRIES_ABOVE: Final = 1.0
"""A; less than this is no charging."""
_SETTLES_IN: Final = timedelta(seconds=5)
"""The sensors of three phases report one after the other."""


class PhaseUse:
    """What the currents of three terminals have shown of the car that is plugged in."""

    def __init__(self) -> None:
        self.count: int | None = None
        """None: not measured."""
        self._fewer_since: datetime | None = None

    def observe(self, currents: Sequence[float], now: datetime, *, has_car: bool) -> None:
        """Learn from currents; fewer phases count once that has lasted."""
        carrying = sum(current > CARRIES_ABOVE for current in currents)
        if len(currents) < 3 or not has_car:
            self.count = self._fewer_since = None
        elif carrying >= (self.count or 1):
            self.count, self._fewer_since = carrying, None
        elif not carrying:
            self._fewer_since = None
        elif self._fewer_since is None or now < self._fewer_since:
            self._fewer_since = now
        elif now - self._fewer_since >= _SETTLES_IN:
            self.count, self._fewer_since = carrying, None
