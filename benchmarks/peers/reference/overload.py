"""How long the floors of the cars may overload a phase."""

from math import exp
from typing import Final

from simulator.trial.breaker import trip_time

_LONGEST: Final = 10.0
_PART_OF_TRIP_TIME: Final = 0.05
_DECAY: Final = 300.0
"""s"""


class Budget:
    """A small part of what the breaker of one phase stands; it comes back with time."""

    def __init__(self, rated: float) -> None:
        self._rated = rated
        self._used = 0.0

    @property
    def spent(self) -> bool:
        """Whether cars must be paused now."""
        return self._used >= 1

    def spend(self, load: float, elapsed: float) -> None:
        """Count a load in A, for so many s, that is too high."""
        self._used += elapsed / min(_LONGEST, _PART_OF_TRIP_TIME * trip_time(load / self._rated))

    def recover(self, elapsed: float) -> None:
        """Count s without an overload."""
        self._used *= exp(-elapsed / _DECAY)

    def renew(self) -> None:
        """Start anew after cars have been paused."""
        self._used = 0.0
