"""What cars are seen to take, which is often less than their chargers could give."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from ..engine.cars.appetite import ASKING
from ..engine.memory.stored import read_count, read_current

_LAST_PHASE: Final = 2


@dataclass(slots=True, kw_only=True)
class Intake:
    """What the car at a connector takes, or the last one while nothing is seen; in A per phase."""

    most: float | None = None
    """What it takes of more that it is offered; None: it takes all of it."""
    usual: float | None = None
    """The same of the last car at its best."""
    phases: frozenset[int] = frozenset()
    """Grid phases that it was seen to use; none: not known."""
    _left_at: float = 0.0
    """The most that it took while it was offered more."""
    _peak: float = 0.0

    def watch(self, drawn: float, *, leaves_some: bool) -> None:
        """Take note of what a car draws that charges in earnest."""
        self._peak = max(self._peak, drawn)
        if leaves_some:
            self.most, self._left_at = drawn, max(self._left_at, drawn)
        elif self.most is not None and drawn > self.most + ASKING:
            self.most = None

    def part(self) -> None:
        """Keep for the next visit what the car takes at its best: a nearly full one takes less."""
        if self._left_at > max(0.0, self._peak - ASKING):
            self.usual = self._left_at
        elif self.usual is not None and self._peak > self.usual + ASKING:
            self.usual = None
        self.most = self.usual
        self._left_at = self._peak = 0.0

    def to_json(self) -> dict[str, Any]:
        """Return a JSON object that `from_json` reads."""
        return {
            "most": self.most,
            "usual": self.usual,
            "phases": sorted(self.phases),
            "left_at": self._left_at,
            "peak": self._peak,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Return what is stored. Raises KeyError, TypeError or ValueError."""
        most, usual = stored["most"], stored["usual"]
        return cls(
            most=None if most is None else read_current(most),
            usual=None if usual is None else read_current(usual),
            phases=frozenset(read_count(phase, _LAST_PHASE) for phase in stored["phases"]),
            _left_at=read_current(stored["left_at"]),
            _peak=read_current(stored["peak"]),
        )
