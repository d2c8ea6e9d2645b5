"""What a building will draw, known in advance but for what has not begun."""

from array import array
from collections import deque
from collections.abc import Sequence
from dataclasses import replace

from custom_components.headroom.engine.currents import PHASES
from simulator.trial.house import highest_around
from simulator.trial.ideal import peak_of_each_second
from simulator.trial.world import Fate


class Foresight:
    """The highest loads of each second to come, in A; gaps that are too short are closed."""

    def __init__(self, fate: Fate, shortest_gap: float) -> None:
        self._reach = round(shortest_gap / 2)
        self._coming = deque(sorted(fate.uses, key=lambda use: use.begin))
        one, two, three = fate.house
        self._course = (array("d", one), array("d", two), array("d", three))
        for use in self._coming:
            replace(use, current=-use.current).add_to(self._course)
        self._levels = [self._level(phase) for phase in PHASES]

    def learn(self, tick: int) -> None:
        """Get to know all that has begun by a tick, to its very end."""
        changed: set[int] = set()
        while self._coming and self._coming[0].begin <= tick:
            use = self._coming.popleft()
            use.add_to(self._course)
            changed.update(use.phases)
        for phase in changed:
            self._levels[phase] = self._level(phase)

    def highest(self, begin: float, end: float) -> list[float]:
        """Return what each phase carries at most between two times in s."""
        first = min(int(begin), len(self._levels[0]) - 1)
        return [max(levels[first : int(end) + 1]) for levels in self._levels]

    def _level(self, phase: int) -> Sequence[float]:
        peaks = peak_of_each_second(self._course[phase])
        if not self._reach:
            return peaks
        stretched = highest_around(peaks, self._reach)
        negative = array("d", [-value for value in stretched])
        return array("d", [-value for value in highest_around(negative, self._reach)])
