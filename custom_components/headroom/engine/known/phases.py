"""Which grid phases the car at a connector uses, learned from what it is measured to draw (A1.7).

An outlet with three phases may feed a car that uses one or two of them, and some chargers switch
two of them off. Until that is known all wired phases count, and a current on any phase counts from
the moment it is measured.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from itertools import product
from typing import Final, Self

from ..currents import PHASES
from ..memory.stored import read_count, read_list, read_object
from ..site.wiring import Wiring
from ..snapshot import ConnectorReading

DRAWING: Final = 3.0
"""A on its strongest phase from which a car charges in earnest and shows all of its phases."""
IDLE: Final = 0.5
"""A; up to it a phase is not used: chargers show some tenths on idle phases."""
LEARN_AFTER: Final = timedelta(seconds=30)
"""A phase must have been idle for so long; some cars take one phase after the other."""
_SETS: Final = {
    flags: frozenset(phase for phase in PHASES if flags[phase])
    for flags in product((False, True), repeat=len(PHASES))
}
"""Each set of phases by whether L1, L2 and L3 are in it."""


@dataclass(slots=True, kw_only=True)
class PhaseUse:
    """What is known of the phases of one connector's car."""

    used: frozenset[int] | None = None
    """Grid phases that the car uses; None: not known."""
    first_only: bool = False
    """The charger says that it uses the first terminal only, and no current speaks against it."""
    before: frozenset[int] | None = None
    """Grid phases that the last known car used, unless the one of now has shown more."""
    _said: int | None = None
    """So many phases the charger says that it uses."""
    _shown: frozenset[int] = frozenset()
    _shown_since: datetime | None = None

    @property
    def several(self) -> bool:
        """Return whether the car is known to use more than one phase."""
        return self.used is not None and len(self.used) > 1

    def forget(self) -> None:
        """Know nothing again: another car may come, or contact is lost."""
        self._forget_shown()
        self.first_only, self._said = False, None

    def _forget_shown(self) -> None:
        self.used, self._shown, self._shown_since = None, frozenset(), None

    def _note_said(self, phase_count: int | None) -> None:
        """Take note of how many phases the charger says that it uses."""
        if phase_count != self._said:
            self.forget()
            self._said, self.first_only = phase_count, phase_count == 1

    def learn(self, reading: ConnectorReading, wiring: Wiring) -> None:
        """Take note of a measurement."""
        self._note_said(reading.phase_count)
        at = reading.drawn_at
        if reading.drawn is None or at is None:
            return
        drawn = wiring.to_grid(reading.drawn)
        shown = _SETS[drawn.l1 > IDLE, drawn.l2 > IDLE, drawn.l3 > IDLE]
        if self.used is not None and not shown <= self.used:
            self._forget_shown()
        if self.before is not None and not shown <= self.before:
            self.before = None
        if reading.per_phase and not shown <= {wiring.phases[0]}:
            self.first_only = False
        if not reading.per_phase or drawn.largest() < DRAWING:
            self._shown_since = None
        elif self._shown_since is None or shown != self._shown or at < self._shown_since:
            self._shown, self._shown_since = shown, at
        elif at - self._shown_since >= LEARN_AFTER:
            self.used = shown
            if self._said != 1:
                self.before = shown

    def phases(self, wiring: Wiring) -> tuple[int, ...]:
        """Return the grid phases that must be counted, in the order of the terminals."""
        if self.used:
            return _counted(wiring, self.used)
        return wiring.phases[:1] if self.first_only else wiring.phases

    def expected(self, wiring: Wiring) -> tuple[int, ...]:
        """Return the grid phases that the car most likely uses: those of the one before it.

        Mostly it is the same one. Nothing that could overload a phase may go by them.
        """
        if self.used or self.first_only or self.before is None:
            return self.phases(wiring)
        return _counted(wiring, self.before)

    def to_json(self) -> dict[str, object]:
        """Return a JSON object that `from_json` reads, of what is left when a car goes."""
        return {"before": None if self.before is None else sorted(self.before)}

    @classmethod
    def from_json(cls, value: object) -> Self:
        """Return the stored memory. Raises ValueError if it is not one."""
        before = read_object(value).get("before")
        if before is None:
            return cls()
        return cls(before=frozenset(read_count(phase, PHASES[-1]) for phase in read_list(before)))


@cache
def _counted(wiring: Wiring, used: frozenset[int]) -> tuple[int, ...]:
    return tuple(phase for phase in wiring.phases if phase in used) or wiring.phases
