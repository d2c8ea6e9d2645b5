"""Currents on the three phases of the grid."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

PHASES: Final = (0, 1, 2)
"""Indices of the grid phases L1, L2 and L3."""

PHASE_NAMES: Final = ("L1", "L2", "L3")


@dataclass(frozen=True, slots=True)
class PerPhase:
    """One number per grid phase, in A unless its name says otherwise; positive is import."""

    l1: float = 0.0
    l2: float = 0.0
    l3: float = 0.0

    @classmethod
    def same(cls, value: float) -> PerPhase:
        """Return the same value on every phase."""
        return cls(value, value, value)

    @classmethod
    def on(cls, phases: tuple[int, ...], value: float) -> PerPhase:
        """Return a value on some phases and 0 on the others."""
        return cls(*[value if phase in phases else 0.0 for phase in PHASES])

    def __iter__(self) -> Iterator[float]:
        """Iterate from L1 to L3."""
        return iter((self.l1, self.l2, self.l3))

    def __getitem__(self, phase: int) -> float:
        """Return the value of a phase by its index."""
        return (self.l1, self.l2, self.l3)[phase]

    def __add__(self, other: PerPhase) -> PerPhase:
        """Add phase by phase."""
        return PerPhase(self.l1 + other.l1, self.l2 + other.l2, self.l3 + other.l3)

    def __sub__(self, other: PerPhase) -> PerPhase:
        """Subtract phase by phase."""
        return PerPhase(self.l1 - other.l1, self.l2 - other.l2, self.l3 - other.l3)

    def less(self, others: Iterable[PerPhase]) -> PerPhase:
        """Subtract one after the other phase by phase."""
        l1, l2, l3 = self
        for other in others:
            l1 -= other.l1
            l2 -= other.l2
            l3 -= other.l3
        return PerPhase(l1, l2, l3)

    def without(self, phases: Iterable[int]) -> PerPhase:
        """Return 0 on some phases and the same on the others."""
        return PerPhase(*(0.0 if phase in phases else self[phase] for phase in PHASES))

    def largest(self) -> float:
        """Return the highest of the three values."""
        return max(self.l1, self.l2, self.l3)

    def lowest(self, other: PerPhase) -> PerPhase:
        """Return the lower value of each phase."""
        return self.pairwise(other, min)

    def highest(self, other: PerPhase) -> PerPhase:
        """Return the higher value of each phase."""
        return self.pairwise(other, max)

    def pairwise(self, other: PerPhase, function: Callable[[float, float], float]) -> PerPhase:
        """Combine with another value phase by phase."""
        return PerPhase(
            function(self.l1, other.l1),
            function(self.l2, other.l2),
            function(self.l3, other.l3),
        )
