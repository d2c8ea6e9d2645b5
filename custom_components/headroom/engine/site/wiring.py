"""Which grid phases the terminals of a connector are wired to."""

from enum import StrEnum
from functools import cached_property

from ..currents import PHASES, PerPhase


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
    def _terminals(self) -> tuple[int, ...]:
        """Return the terminal of each grid phase, for an outlet that is on all of them."""
        return tuple(self.phases.index(phase) for phase in PHASES)

    def to_grid(self, terminals: PerPhase) -> PerPhase:
        """Turn what a charger measures at its terminals into currents on grid phases, in A.

        A current on a terminal that this wiring does not have is counted on the phase of the
        first terminal: one-phase chargers are known to report on any of the three.
        """
        if self is Wiring.TRI123:
            return terminals
        if len(self.phases) < len(PHASES):
            first, second, third = terminals
            return PerPhase.on(self.phases, first + second + third)
        return PerPhase(*[terminals[terminal] for terminal in self._terminals])

    def to_terminals(self, grid: PerPhase) -> PerPhase:
        """Turn currents on grid phases into those at the terminals, in A."""
        terminals = [grid[phase] for phase in self.phases]
        return PerPhase(*terminals)
