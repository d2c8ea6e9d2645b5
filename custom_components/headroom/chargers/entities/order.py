"""One entity that is written: what it was told, what it shows, and what may be in force."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from ...attempts import Attempts

SHOWN_WITHIN: Final = timedelta(seconds=60)
"""An entity that shows something else so long after it was written did not take the value."""

LONGEST_PAUSE: Final = 600
"""Seconds between two writes of a value that does not stay; each may wear the charger's memory."""


class Order[T: (float, bool)]:
    """Writes to one entity, and what is believed of them."""

    def __init__(self, same: Callable[[T | None, T | None], bool]) -> None:
        self._same: Callable[[T | None, T | None], bool] = same
        self._attempts = Attempts()
        self._repeats = Attempts(LONGEST_PAUSE)
        self._sent: T | None = None
        self._sent_at: datetime | None = None
        self._answered = False
        self._believed = False
        self.possible: frozenset[T] = frozenset()
        """Values that may be in force though the entity does not show them."""
        self._possible_before: frozenset[T] = self.possible
        self.failing = False
        """The last write did not take effect."""
        self.overwritten = 0
        """So many times something else has changed the entity."""

    def hurry(self) -> None:
        """Try at once what has failed before."""
        self._attempts.hurry()
        self._repeats.hurry()

    def sending(self, value: T, now: datetime) -> None:
        """Count with a value from now on, beside what is shown."""
        if self._answered and self._same(self._sent, value):
            self._repeats.fail(now)
        self._sent, self._sent_at = value, now
        self._answered = self._believed = False
        self._possible_before = self.possible
        self.possible |= {value}

    def accepted(self) -> None:
        """Note that the entity took the value; whether it has effect is seen by its state."""
        self._answered = True
        self._attempts.succeed()

    def refused(self, now: datetime) -> None:
        """Note that the write had no effect."""
        self.possible = self._possible_before
        self.unanswered(now)

    def unanswered(self, now: datetime) -> None:
        """Note that the entity may or may not have taken the value."""
        self.failing = True
        self._attempts.fail(now)

    def observe(self, shown: T | None, reported_at: datetime, now: datetime) -> bool:
        """Compare with what is shown; return whether something else has changed the entity."""
        if self._sent_at is None:
            return False
        overdue = not self._sent_at <= now < self._sent_at + SHOWN_WITHIN
        if self._same(shown, self._sent):
            if self._answered and (overdue or reported_at >= self._sent_at):
                self._believe(for_good=overdue)
            return False
        if self._believed:
            self._believed = False
            self.overwritten += 1
            return True
        if overdue and self._answered:
            self.failing = True
            if shown is not None and reported_at >= self._sent_at + SHOWN_WITHIN:
                self.possible = frozenset()
        return False

    def is_due(self, wanted: T, *, shown: T | None, now: datetime) -> bool:
        """Return whether a value is to be written now."""
        if self._same(shown, wanted) and (
            not self.possible or (self._answered and self.possible == {wanted})
        ):
            return False
        if self._same(self._sent, wanted) and self._may_yet_be_shown(now):
            return False
        return self._attempts.may_try(now) and self._repeats.may_try(now)

    def has_been_told(self, value: T, /) -> bool:
        """Return whether a value is the last that the entity was told, and it has taken it."""
        return self._answered and self._same(self._sent, value)

    def _believe(self, *, for_good: bool) -> None:
        self._believed, self.failing, self.possible = True, False, frozenset()
        if for_good:
            self._repeats.succeed()

    def _may_yet_be_shown(self, now: datetime) -> bool:
        at = self._sent_at
        return (
            self._answered
            and bool(self.possible)
            and at is not None
            and at <= now < at + SHOWN_WITHIN
        )
