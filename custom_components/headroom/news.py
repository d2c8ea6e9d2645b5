"""Telling many entities of news without keeping Home Assistant from everything else."""

import asyncio
from collections import deque
from collections.abc import Callable, Collection
from typing import Final

MANY: Final = 200
"""Entities; fewer are told at once."""
AT_ONCE: Final = 50
"""Entities that are told in one turn of the event loop."""


class News:
    """Tells the listeners of a large site in slices, each once and of the newest state.

    News that come while it tells make it begin anew when it is through, so nobody is left out.
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

    def spread(self) -> None:
        """Begin to tell everybody."""
        self._again = bool(self._untold)
        if not self._again:
            self._untold.extend(self._listeners())
            self._go_on()

    def _go_on(self) -> None:
        if self._untold:
            self._loop.call_soon(self._tell_some)
        elif self._again:
            self.spread()

    def _tell_some(self) -> None:
        try:
            for _ in range(min(AT_ONCE, len(self._untold))):
                self._tell(self._untold.popleft())
        finally:
            self._go_on()
