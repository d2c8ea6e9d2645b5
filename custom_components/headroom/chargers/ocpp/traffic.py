"""How much a station may send, and when it is its turn to be served."""

import asyncio
import math
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from .config import CentralSystemConfig

_MESSAGE: Final = 4096
"""Bytes; a frame that has more counts as several messages."""


class Flood(Exception):
    """A peer has not slowed down although it was held back for long."""


class Allowance:
    """What one connection may send: a burst at once, and a steady number of messages after it.

    A charger that was offline empties its queue within the burst.
    """

    def __init__(self, config: CentralSystemConfig, now: Callable[[], datetime]) -> None:
        self._config = config
        self._now = now
        self._left = float(config.burst)
        self._seen_at = now()
        self._held_since: datetime | None = None

    def spend(self, size: int) -> timedelta:
        """Return how long to wait after a frame of so many bytes. Raises Flood."""
        now = self._now()
        passed = max(timedelta(), now - self._seen_at)
        self._seen_at = now
        earned = self._config.messages_per_second * passed.total_seconds()
        self._left = min(self._config.burst, self._left + earned) - math.ceil(size / _MESSAGE)
        if self._left >= 0:
            self._held_since = None
            return timedelta()
        self._held_since = self._held_since or now
        if now - self._held_since > self._config.flood_patience:
            raise Flood
        return timedelta(seconds=-self._left / self._config.messages_per_second)


class Turnstile:
    """Lets a few go on in one turn of the event loop, so that all others get theirs in between."""

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._free = at_once
        self._queue: deque[asyncio.Future[None]] = deque()
        self._handle: asyncio.Handle | None = None

    async def wait(self) -> None:
        """Wait for one's turn, first come first served."""
        if self._handle is None:
            self._handle = asyncio.get_running_loop().call_soon(self._begin)
        if self._free:
            self._free -= 1
            return
        turn = asyncio.get_running_loop().create_future()
        self._queue.append(turn)
        await turn

    def _begin(self) -> None:
        self._handle = None
        self._free = self._at_once
        while self._queue and self._free:
            turn = self._queue.popleft()
            if not turn.done():
                turn.set_result(None)
                self._free -= 1
        if self._free < self._at_once:
            self._handle = asyncio.get_running_loop().call_soon(self._begin)
