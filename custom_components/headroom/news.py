"""Telling many entities of news without keeping Home Assistant from everything else."""

import asyncio
from collections import deque
from collections.abc import Callable, Collection
from typing import Final

MANY: Final = 400
"""Entities; fewer are told at once."""
AT_ONCE: Final = 50
"""Entities that are told in one turn of the event loop."""
PACE: Final = 0.001
"""Seconds per entity from one telling to the next.

Every state that is written is also recorded, and becomes garbage of which Home Assistant's next
full collection has to find the cycles.
"""


class News:
    """Tells the listeners of a large site in slices, each once and of the newest state.

    News that come while it tells or rests make it begin anew after that, so nobody is left out.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        listeners: Callable[[], Collection[int]],
        tell: Callable[[int], None],
    ) -> None:
        self._loop = loop
        self._listeners = listeners
        self._tell = tell
        self._untold: deque[int] = deque()
        self._again = False
        self._rested_at = 0.0
        self._waiting: asyncio.TimerHandle | None = None

    def spread(self) -> None:
        """Begin to tell everybody, as soon as it has rested."""
        if self._untold:
            self._again = True
        elif self._loop.time() >= self._rested_at:
            self._begin()
        elif self._waiting is None:
            self._waiting = self._loop.call_at(self._rested_at, self._begin)

    def hurry(self) -> None:
        """Do not rest before the next news: a person waits for them."""
        self._rested_at = 0.0

    def stop(self) -> None:
        """Do not wait any more."""
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _begin(self) -> None:
        self.stop()
        self._untold.extend(self._listeners())
        self._rested_at = self._loop.time() + PACE * len(self._untold)
        self._go_on()

    def _go_on(self) -> None:
        if self._untold:
            self._loop.call_soon(self._tell_some)
        elif self._again:
            self._again = False
            self.spread()

    def _tell_some(self) -> None:
        try:
            for _ in range(min(AT_ONCE, len(self._untold))):
                self._tell(self._untold.popleft())
        finally:
            self._go_on()
