"""When a site takes its steps: at once, but a large one rests after each of them."""

import asyncio
from collections.abc import Callable
from typing import Final

SMALL_SITE: Final = 30
"""Connectors; fewer do not keep Home Assistant waiting."""
BREATHER: Final = 0.001
"""Seconds per connector that a large site leaves to everything else after a step."""
LONGEST_BREATHER: Final = 0.25
"""Seconds; a reading that makes cars charge slower waits for the end of it."""


class Pace:
    """Lets a site take a step; `step` returns how many connectors it was for."""

    def __init__(self, loop: asyncio.AbstractEventLoop, step: Callable[[], int]) -> None:
        self._loop = loop
        self._step = step
        self._pending: asyncio.Handle | None = None
        self._rested_at = 0.0
        self._stopped = False

    @property
    def is_rested(self) -> bool:
        """Return whether the site may take a step now."""
        return self._loop.time() >= self._rested_at

    def soon(self) -> None:
        """Step once for all that has changed in this turn of the loop, or until it has rested."""
        if self._pending is not None or self._stopped:
            return
        if self.is_rested:
            self._pending = self._loop.call_soon(self.now)
        else:
            self._pending = self._loop.call_at(self._rested_at, self.now)

    def now(self) -> None:
        """Step, and for all that has changed."""
        self._cancel()
        connectors = self._step()
        if connectors > SMALL_SITE:
            breather = min(BREATHER * connectors, LONGEST_BREATHER)
            self._rested_at = self._loop.time() + breather
            if self._pending is not None:
                self._cancel()
                self.soon()

    def stop(self) -> None:
        """Do not step any more."""
        self._stopped = True
        self._cancel()

    def _cancel(self) -> None:
        if self._pending is not None:
            self._pending.cancel()
            self._pending = None
