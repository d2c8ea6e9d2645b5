"""A phase that shows no value for a moment keeps its last one."""

from datetime import datetime, timedelta
from typing import NamedTuple

from ...engine.currents import PHASES, PerPhase
from ..base import MeterData


class _Good(NamedTuple):
    """The last value of a phase, and how many polls have shown none since."""

    current: float
    at: datetime
    bad_polls: int = 0


class Patience:
    """Knows the last good current of each phase.

    It lasts no longer than a meter that does not answer at all keeps its last reading.
    """

    def __init__(self) -> None:
        self._good: list[_Good | None] = [None] * len(PHASES)

    def take(
        self,
        data: MeterData,
        credible: frozenset[int],
        given_up: frozenset[int],
        most_bad_polls: int,
    ) -> None:
        """Take over a reading of which some phases show a current that can be.

        Those that are given up are not waited for.
        """
        for phase in PHASES:
            good = self._good[phase]
            if phase in credible:
                self._good[phase] = _Good(data.currents[phase], data.at)
            elif phase in given_up:
                self._good[phase] = None
            elif good is not None:
                bad_polls = good.bad_polls + 1
                is_over = bad_polls >= most_bad_polls
                self._good[phase] = None if is_over else good._replace(bad_polls=bad_polls)

    def forget(self) -> None:
        """Know no value, as after a meter was silent."""
        self._good = [None] * len(PHASES)

    def lost(self, now: datetime, max_age: timedelta) -> frozenset[int]:
        """Return the phases without a value."""
        return frozenset(
            phase
            for phase, good in enumerate(self._good)
            if good is None or (good.bad_polls and abs(now - good.at) > max_age)
        )

    @property
    def currents(self) -> PerPhase:
        """Return the last value of each phase in A, 0 where there is none."""
        return PerPhase(*(0.0 if good is None else good.current for good in self._good))
