"""Growing pauses between attempts that fail."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

FIRST_PAUSE: Final = timedelta(seconds=1)
LONGEST_PAUSE: Final = timedelta(seconds=10)
"""Short, because cars charge at their degraded current until the device is back."""


class Backoff:
    """Doubles the pause with every failure in a row up to a longest one.

    Failures before the `patience`-th begin no pause.
    """

    def __init__(self, now: Callable[[], datetime], *, patience: int = 1) -> None:
        self._now = now
        self._patience = patience
        self._failures = 0
        self._pause = FIRST_PAUSE
        self._failed_at = now()

    @property
    def waiting(self) -> bool:
        """Return whether the pause after the last failure still lasts.

        A clock that was set back ends the pause.
        """
        if self._failures < self._patience:
            return False
        return timedelta() <= self._now() - self._failed_at < self._pause

    def fail(self) -> None:
        """Note a failure."""
        if self._failures >= self._patience:
            self._pause = min(2 * self._pause, LONGEST_PAUSE)
        self._failures += 1
        self._failed_at = self._now()

    def reset(self) -> None:
        """Forget all failures."""
        self._failures = 0
        self._pause = FIRST_PAUSE
