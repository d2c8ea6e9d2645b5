"""Numbers that stay the same though they cannot."""

from dataclasses import replace
from datetime import datetime

from ...engine.currents import PHASES
from ..base import MeterData
from .thresholds import Thresholds


class Stillness:
    """Notices a meter that is frozen, from reading to reading."""

    def __init__(self, thresholds: Thresholds) -> None:
        self._thresholds = thresholds
        self._first: MeterData | None = None
        self._is_fine = False
        self._steps = 0
        self.is_frozen = False

    @property
    def since(self) -> datetime | None:
        """Return when the numbers of now were first seen."""
        return None if self._first is None else self._first.at

    def look(self, data: MeterData) -> None:
        """Take over a reading."""
        first = self._first
        if first is None or data.at < first.at:
            self._begin(data)
        elif replace(data, at=first.at) != first:
            self._is_fine = self._is_fine or self._differs_finely(data, first)
            self._begin(data)
        elif self._is_fine and self._carries(data):
            self.is_frozen |= data.at - first.at >= self._thresholds.frozen

    def note_step(self) -> None:
        """Count a step of the chargers during which no number has changed."""
        self._steps += 1
        self.is_frozen |= self._steps >= self._thresholds.still

    def _begin(self, data: MeterData) -> None:
        self._first, self._steps, self.is_frozen = data, 0, False

    def _differs_finely(self, data: MeterData, other: MeterData) -> bool:
        """Return whether a phase that both show has changed by a part of an ampere."""
        shown = [phase for phase in PHASES if phase not in data.lost | other.lost]
        changes = (abs(data.currents[phase] - other.currents[phase]) for phase in shown)
        return any(0 < change < self._thresholds.fine for change in changes)

    def _carries(self, data: MeterData) -> bool:
        return max(map(abs, data.currents)) >= self._thresholds.carries
