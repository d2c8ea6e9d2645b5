"""Values over time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Slot:
    """A value that holds for a time."""

    start: datetime
    end: datetime
    value: float


@dataclass(frozen=True, slots=True)
class Series:
    """Slots in order of time."""

    slots: tuple[Slot, ...] = ()

    @classmethod
    def of(cls, slots: Iterable[Slot]) -> Self:
        """Return slots in order; of several that begin at the same time the last one counts."""
        by_start = {slot.start: slot for slot in slots if slot.end > slot.start}
        return cls(tuple(by_start[start] for start in sorted(by_start)))

    @property
    def end(self) -> datetime | None:
        """Return up to when something is known."""
        return max((slot.end for slot in self.slots), default=None)

    def mean(self, start: datetime, end: datetime) -> float | None:
        """Return the mean of what is known between two moments; None: nothing is."""
        weights = [
            ((min(end, slot.end) - max(start, slot.start)).total_seconds(), slot.value)
            for slot in self.slots
            if slot.start < end and slot.end > start
        ]
        total = sum(weight for weight, _ in weights)
        return sum(weight * value for weight, value in weights) / total if total else None

    def expected(self, start: datetime, end: datetime) -> float | None:
        """Return the mean, else that of the day before, else that of all that is known ahead."""
        for back in (timedelta(), _DAY):
            if (value := self.mean(start - back, end - back)) is not None:
                return value
        if not self.slots:
            return None
        return self.mean(self.slots[0].start, self.slots[-1].end)

    def scaled(self, factor: float) -> Self:
        """Return the series with all values multiplied."""
        return type(self)(
            tuple(Slot(slot.start, slot.end, slot.value * factor) for slot in self.slots)
        )
