"""Between A per phase and the W of all phases, so that no conductor gets more than was meant."""

import math
from dataclasses import dataclass
from typing import Final

from .traits import Unit

_NOMINAL: Final = 230.0
"""V; what chargers reckon with that do not measure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """What is known of a connector's phases and voltage.

    One charger divides W by the nominal voltage, another by the measured one: the lower is safe.
    """

    wired: int
    """Phases that the charger may use."""
    used: int | None = None
    """Phases that the car is seen to use."""
    volts: float | None = None

    def _phases(self, unseen: int) -> int:
        """Return how many phases share the power; so many as long as that is not seen.

        A charger that uses more than it may has to be expected to stop that at any time.
        """
        return min(self.used or unseen, self.wired)

    @property
    def _volts(self) -> float:
        return _NOMINAL if self.volts is None else min(_NOMINAL, self.volts)

    def setpoint(self, current: float, unit: Unit) -> float:
        """Return the amount to send for a setpoint in A per phase."""
        if unit is Unit.AMPERE:
            return current
        return float(math.floor(current * self._volts * self._phases(self.wired)))

    def base(self, current: float, unit: Unit) -> float:
        """Return the amount to send for a base limit: the next car may use but one phase."""
        return current if unit is Unit.AMPERE else float(math.floor(current * self._volts))

    def most_current(self, amount: float, unit: Unit, ceiling: float) -> float:
        """Return the highest current in A on any phase that an amount may stand for."""
        if unit is Unit.AMPERE:
            return amount
        return max(0.0, min(amount / (self._volts * self._phases(1)), ceiling))
