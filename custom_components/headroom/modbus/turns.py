"""Who may use a connection next."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

type _Turn = asyncio.Future[None]


class Turns:
    """Lets one through at a time: urgent ones first, else in the order of arrival.

    Who is doubted may hold a turn for long. Such a turn comes after those of all who wait already,
    and all who wait at its end have theirs before the next one, so neither starves the other.
    """

    def __init__(self) -> None:
        self._taken = False
        self._urgent = deque[_Turn]()
        self._patient = deque[_Turn]()
        self._doubted = deque[_Turn]()
        self._owed = 0
        """Turns of patient ones that come before the next of a doubted one."""

    @asynccontextmanager
    async def take(self, *, urgent: bool = False, doubted: bool = False) -> AsyncGenerator[None]:
        """Wait for a turn and hold it; who is doubted is urgent among the doubted only."""
        await self._wait(urgent=urgent, doubted=doubted)
        try:
            yield
        finally:
            if doubted:
                self._owed = len(self._patient)
            self._pass_on()

    async def _wait(self, *, urgent: bool, doubted: bool) -> None:
        if not self._taken:
            self._taken = True
            return
        turn = asyncio.get_running_loop().create_future()
        if doubted:
            self._queue_doubted(turn, urgent=urgent)
        else:
            (self._urgent if urgent else self._patient).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():
                self._pass_on()
            raise

    def _queue_doubted(self, turn: _Turn, *, urgent: bool) -> None:
        if not self._doubted:
            self._owed = len(self._patient)
        if urgent:
            self._doubted.appendleft(turn)
        else:
            self._doubted.append(turn)

    def _pass_on(self) -> None:
        turn = self._next()
        self._taken = turn is not None
        if turn is not None:
            turn.set_result(None)

    def _next(self) -> _Turn | None:
        if turn := _first(self._urgent):
            return turn
        if not self._owed and (turn := _first(self._doubted)):
            return turn
        self._owed = max(0, self._owed - 1)
        return _first(self._patient) or _first(self._doubted)


def _first(queue: deque[_Turn]) -> _Turn | None:
    """Take the first who still waits out of a queue."""
    while queue:
        turn = queue.popleft()
        if not turn.done():
            return turn
    return None
