"""Which grid phases the terminals of a connector are wired to."""

from enum import StrEnum
from functools import cached_property

from .currents import PHASES, PerPhase


class Wiring(StrEnum):
    """Grid phases of a connector's terminals, in terminal order (A1.7)."""

    TRI123 = "tri123"
    TRI231 = "tri231"
    TRI312 = "tri312"
    TRI132 = "tri132"
    TRI213 = "tri213"
    TRI321 = "tri321"
    MONO1 = "mono1"
    MONO2 = "mono2"
    MONO3 = "mono3"

    @cached_property
    def phases(self) -> tuple[int, ...]:
        """Return the grid phase index of each terminal."""
        return tuple(int(digit) - 1 for digit in self.value if digit.isdigit())

    @cached_property
    def _counted_on(self) -> tuple[int, ...]:
        """Return the grid phase that a current on each of the terminals 1 to 3 is counted on."""
        phases = self.phases
        return tuple(
            phases[terminal] if terminal < len(phases) else phases[0] for terminal in PHASES
        )

    def to_grid(self, terminals: PerPhase) -> PerPhase:
        """Turn what a charger measures at its terminals into currents on grid phases, in A.

        A current on a terminal that this wiring does not have is counted on the phase of the
        first terminal: one-phase chargers are known to report on any of the three.
        """
        grid = [0.0, 0.0, 0.0]
        for phase, current in zip(self._counted_on, terminals, strict=True):
            grid[phase] += current
        return PerPhase(*grid)
