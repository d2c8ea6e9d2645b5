"""Attempts at something that a device may not take, with growing pauses."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

_LONGEST_PAUSE: Final = 60
"""Seconds between two attempts at a limit that a charger does not take."""


@dataclass(frozen=True, slots=True)
class Pause:
    """A span of time in which nothing is tried."""

    since: datetime
    until: datetime

    def is_over(self, now: datetime) -> bool:
        """Return whether it has passed; a clock that was set back ends it too."""
        return not self.since <= now < self.until


class Attempts:
    """Attempts at one thing, with a pause after each failure that is twice the one before.

    Failures before the `patience`-th begin no pause.
    """

    def __init__(self, longest_pause: int = _LONGEST_PAUSE, *, patience: int = 1) -> None:
        """Begin without failures; `longest_pause` is in s."""
        self.failures = 0
        self._longest_pause = longest_pause
        self._patience = patience
        self._pause: Pause | None = None

    def may_try(self, now: datetime) -> bool:
        """Return whether no pause is running."""
        return self._pause is None or self._pause.is_over(now)

    def hurry(self) -> None:
        """End the pause."""
        self._pause = None

    def fail(self, now: datetime) -> None:
        """Note a failure."""
        self.failures += 1
        if self.failures >= self._patience:
            seconds = min(2 ** (self.failures - self._patience), self._longest_pause)
            self._pause = Pause(now, now + timedelta(seconds=seconds))

    def succeed(self) -> None:
        """Forget all failures."""
        self.failures = 0
        self._pause = None
