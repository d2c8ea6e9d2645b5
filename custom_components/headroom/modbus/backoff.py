"""Attempts to reach a device that know the time."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from ..attempts import Attempts

_LONGEST_PAUSE: Final = 10
"""Seconds; short, because cars charge at their degraded current until the device is back."""


class Backoff:
    """Pauses after failures in a row; those before the `patience`-th begin none."""

    def __init__(self, now: Callable[[], datetime], *, patience: int = 1) -> None:
        self._now = now
        self._attempts = Attempts(_LONGEST_PAUSE, patience=patience)

    @property
    def waiting(self) -> bool:
        """Return whether the pause after the last failure still lasts."""
        return not self._attempts.may_try(self._now())

    def fail(self) -> None:
        """Note a failure."""
        self._attempts.fail(self._now())

    def reset(self) -> None:
        """Forget all failures."""
        self._attempts.succeed()
