"""Limits that a charger may still have from a strategy that is not followed any more."""

from dataclasses import dataclass
from datetime import datetime

from .strategy import Place, Purpose, Strategy


@dataclass(frozen=True, slots=True)
class Leftover:
    """The highest current in A that a forgotten limit may stand for, and when it ends."""

    current: float
    until: datetime | None


class Leftovers:
    """By place: a later limit for the same place replaces what is there."""

    def __init__(self) -> None:
        self._items: dict[Place, Leftover] = {}

    def add(self, place: Place, current: float, until: datetime | None) -> None:
        """Remember a limit; the worse of two counts."""
        if (known := self._items.get(place)) is not None:
            current = max(current, known.current)
            until = None if until is None or known.until is None else max(until, known.until)
        self._items[place] = Leftover(current, until)

    def drop(self, place: Place) -> None:
        """Forget what has been replaced or cleared."""
        self._items.pop(place, None)

    def drop_transaction(self) -> None:
        """Forget what has ended with its transaction."""
        self.drop(Place(Purpose.TRANSACTION))

    def expire(self, now: datetime) -> bool:
        """Forget what has ended by itself; return whether there was any."""
        over = [
            p for p, item in self._items.items() if item.until is not None and item.until <= now
        ]
        for place in over:
            del self._items[place]
        return bool(over)

    def above(self, place: Place) -> float:
        """Return the highest current that may hold in place of a limit; 0 if none does."""
        return max(
            (item.current for other, item in self._items.items() if other.outranks(place)),
            default=0.0,
        )

    def to_clear(self, strategy: Strategy) -> Place | None:
        """Return a place that the strategy does not use and that should be emptied."""
        return next((place for place in self._items if place not in strategy.places), None)
