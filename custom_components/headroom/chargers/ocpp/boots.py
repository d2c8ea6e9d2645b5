"""When and why a charger introduces itself."""

from datetime import datetime, timedelta
from typing import Final

_RESTARTS_WITHIN: Final = timedelta(minutes=5)
"""Some chargers end a session first, and then take minutes to start."""


class Boots:
    """Tells a charger that has started anew from one that was asked who it is."""

    def __init__(self, patience: timedelta) -> None:
        self._patience = patience
        self.expects_none = False
        """The charger has introduced itself, or was asked to, since contact began."""
        self._asked_at: datetime | None = None
        self._ordered_at: datetime | None = None
        self.last: datetime | None = None
        """When it last began to work, perhaps after a loss of power."""

    def connect(self) -> None:
        """Expect an introduction, for contact has begun."""
        self.expects_none, self._asked_at = False, None

    def ask(self, now: datetime) -> None:
        """Note that the charger is asked to introduce itself."""
        self.expects_none, self._asked_at = True, now

    def order(self, now: datetime) -> None:
        """Note that the charger is told to start anew, which is no loss of power."""
        self._ordered_at = now

    def note(self, now: datetime, *, after_loss: bool) -> bool:
        """Return whether a charger has started anew within a contact."""
        was_asked = self._asked_at is not None and now - self._asked_at <= self._patience
        restarted = self.expects_none if self._asked_at is None else not was_asked
        ordered_at, self._ordered_at = self._ordered_at, None
        was_told = ordered_at is not None and now - ordered_at <= _RESTARTS_WITHIN
        if after_loss and not was_asked and not was_told:
            self.last = now
        self.expects_none, self._asked_at = True, None
        return restarted
