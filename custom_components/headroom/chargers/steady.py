"""An energy register as people see it: statistics never forget what it showed for a moment."""

from datetime import datetime, timedelta
from typing import Final

from .counted import MOST_AT_ONCE

_PATIENCE: Final = timedelta(minutes=5)
"""A charger has started by then, and a meter that was exchanged still shows what it shows."""


class SteadyRegister:
    """Passes on a register, but for leaps that do not last.

    A fall, a rise that no car makes, and a 0 at the beginning are believed once they have stayed.
    """

    def __init__(self) -> None:
        self._known: float | None = None
        self._leapt_at: datetime | None = None

    def see(self, register: float, now: datetime) -> float | None:
        """Return what to show after a reading in Wh; None if nothing is believed yet."""
        if not self._is_leap(register):
            self._leapt_at = None
        elif self._leapt_at is None:
            self._leapt_at = now
        if self._leapt_at is None or now - self._leapt_at >= _PATIENCE:
            self._known, self._leapt_at = register, None
        return self._known

    def _is_leap(self, register: float) -> bool:
        if self._known is None:
            return register == 0
        return not 0 <= register - self._known <= MOST_AT_ONCE
