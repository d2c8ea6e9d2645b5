"""What a trial counts."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from custom_components.headroom.engine.currents import PHASES

from .breaker import Breaker
from .clock import TICK, TICKS_PER_SECOND

_NOTICEABLE: Final = 0.5
"""A above the limit, 1 s mean, that makes an episode."""


@dataclass(slots=True)
class Tally:
    """Running sums of one trial on a supply with a limit in A per phase."""

    limit: float
    ampere_seconds: float = 0.0
    """Above the limit, as far as cars could have avoided it."""
    excursion: float = 0.0
    """Highest 1 s mean in A above the limit while cars draw, the house's own part included."""
    charge: float = 0.0
    """A*s that cars took, summed over phases."""
    episodes: list[float] = field(default_factory=list)
    """s for which each excursion lasted."""
    breakers: tuple[Breaker, Breaker, Breaker] = field(init=False)
    _sums: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0])
    _excess: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0])
    _ticks: int = 0
    _lasting: int = 0

    def __post_init__(self) -> None:
        """Put a breaker into each phase."""
        self.breakers = (Breaker(self.limit), Breaker(self.limit), Breaker(self.limit))

    @property
    def damage(self) -> float:
        """Return how near the worst phase came to tripping; 1 trips."""
        return max(breaker.worst for breaker in self.breakers)

    def note(self, totals: Sequence[float], cars: Sequence[float]) -> None:
        """Count one tick: currents in A per phase, of all loads and of the cars among them."""
        for phase in PHASES:
            total, car = totals[phase], cars[phase]
            self.charge += car * TICK
            over = min(total - self.limit, car)
            if over > 0:
                self.ampere_seconds += over * TICK
                self._sums[phase] += over
                self._excess[phase] += total - self.limit
            self.breakers[phase].carry(total if over > 0 else 0.0)
        self._ticks += 1
        if self._ticks == TICKS_PER_SECOND:
            self._second()

    def finish(self) -> None:
        """End an episode that still lasts."""
        if self._lasting:
            self.episodes.append(float(self._lasting))
            self._lasting = 0

    def _second(self) -> None:
        avoidable = max(self._sums) / TICKS_PER_SECOND
        self.excursion = max(self.excursion, max(self._excess) / TICKS_PER_SECOND)
        self._sums[:] = self._excess[:] = (0.0, 0.0, 0.0)
        self._ticks = 0
        if avoidable > _NOTICEABLE:
            self._lasting += 1
        else:
            self.finish()
