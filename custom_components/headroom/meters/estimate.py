"""Currents of meters that measure power only."""

from enum import StrEnum
from typing import Final

from ..engine.known.power import voltage_or_nominal

POWER_FACTOR: Final = 0.95
"""Assumed of what is drawn: a building's current is a little more than its active power says."""


class Spread(StrEnum):
    """How a power that is known as a total only lies on the phases."""

    WORST = "worst"
    """Any phase may carry all that is drawn; none is known to give back what another draws."""
    EVEN = "even"
    """All carry the same."""

    def share(self, power: float, phases: int) -> float:
        """Return the power in W that counts on each of some phases."""
        if self is Spread.EVEN or phases == 1:
            return power / phases
        return max(power, 0.0)


def current_of(power: float, voltage: float | None) -> float:
    """Return the current in A of a power in W; below 0 where power is given back."""
    current = power / voltage_or_nominal(voltage or 0.0)
    return current / POWER_FACTOR if power > 0 else current
