"""Which strategy a station's limits follow now, and which one comes after a refusal."""

from collections.abc import Collection
from typing import Final

from .strategy import ANY, Strategy, WayChoice, rungs
from .traits import StationTraits

_PATIENCE: Final = 2
"""So many refusals are forgiven to what worked before: a station that starts up may be busy."""


class Ladder:
    """The strategies for one station; all its connectors stand on the same rung."""

    def __init__(self, connectors: int = 1) -> None:
        self._rungs = rungs(StationTraits(), connectors=connectors)
        self._index = 0
        self._refusals = 0
        self._patience = 0
        self.proven = False
        """A setpoint was accepted on this rung since the charger connected or booted."""
        self._powerless = False
        self._worked: Strategy | None = None

    @property
    def strategy(self) -> Strategy:
        """Return the rung that is tried or in use."""
        return self._rungs[self._index]

    @property
    def is_trial(self) -> bool:
        """Return whether this rung has never worked, here or for a station of the same kind."""
        return self._worked != self.strategy

    @property
    def exhausted(self) -> bool:
        """Return whether every rung was refused, or the last one left has no effect."""
        return self._powerless or self._refusals >= len(self._rungs)

    def begin(
        self,
        traits: StationTraits,
        *,
        connectors: int,
        remembered: str | None,
        barred: Collection[str],
        choice: WayChoice = ANY,
    ) -> None:
        """Start at the rung that worked before, else at the best one; leave out barred ones."""
        before = self.strategy
        hoped = rungs(traits, connectors=connectors, choice=choice)
        possible = rungs(StationTraits(), connectors=connectors, choice=choice)
        known = tuple(rung for rung in possible if rung.name == remembered)
        every = (*(rung for rung in known if rung not in hoped), *hoped)
        self._rungs = tuple(rung for rung in every if rung.name not in barred) or every
        names = [rung.name for rung in self._rungs]
        self._index = names.index(remembered) if remembered in names else 0
        self._patience = _PATIENCE if remembered in names else 0
        self._refusals, self._powerless = 0, False
        self._worked = self.strategy if remembered in names else None
        self.proven = self.proven and self.strategy == before

    def accept(self) -> None:
        """Note that a setpoint was accepted on this rung."""
        self.proven = True
        self._worked = self.strategy
        self._refusals = 0

    def refuse(self) -> bool:
        """Go to the next rung, from the last to the first; return whether it is time for that."""
        if self._patience > 0:
            self._patience -= 1
            return False
        self._refusals += 1
        self.proven = False
        self._index = (self._index + 1) % len(self._rungs)
        return True

    @property
    def is_round(self) -> bool:
        """Return whether a whole round of refusals has just ended."""
        return self._refusals > 0 and self._refusals % len(self._rungs) == 0

    def bar(self) -> bool:
        """Leave out a rung that has no effect; return False if there is no other."""
        if len(self._rungs) == 1:
            self._powerless = True
            return False
        self._rungs = self._rungs[: self._index] + self._rungs[self._index + 1 :]
        self._index %= len(self._rungs)
        self._refusals = 0
        self.proven = False
        return True
