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
    used: int | None = None
    """Phases that the car is seen to use."""
    volts: float | None = None

    @property
    def _volts(self) -> float:
        return _NOMINAL if self.volts is None else min(_NOMINAL, self.volts)

    def setpoint(self, current: float, unit: Unit) -> float:
        """Return the amount to send for a setpoint in A per phase."""
        if unit is Unit.AMPERE:
            return current
        return float(math.floor(current * self._volts * (self.used or self.wired)))

    def base(self, current: float, unit: Unit) -> float:
        """Return the amount to send for a base limit: the next car may use but one phase."""
        return current if unit is Unit.AMPERE else float(math.floor(current * self._volts))

    def most_current(self, amount: float, unit: Unit, ceiling: float) -> float:
        """Return the highest current in A on any phase that an amount may stand for."""
        if unit is Unit.AMPERE:
            return amount
        return max(0.0, min(amount / (self._volts * (self.used or 1)), ceiling))
