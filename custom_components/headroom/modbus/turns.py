"""Who may use a connection next."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager


class Turns:
    """Lets one through at a time: urgent ones first, else in the order of arrival.

    Who is doubted may hold a turn for long. Of those only one waits with the others at a time, and
    the next one leaves the others as much time before it as that one has taken, up to `longest`
    seconds.
    """

    def __init__(self, longest: float) -> None:
        self._longest = longest
        self._taken = False
        self._urgent: deque[asyncio.Future[None]] = deque()
        self._patient: deque[asyncio.Future[None]] = deque()
        self._doubted = asyncio.Lock()
        self._doubt_again_at = 0.0
        """When the next one that is doubted may join the others, by the loop's clock."""

    @asynccontextmanager
    async def take(self, *, urgent: bool = False, doubted: bool = False) -> AsyncGenerator[None]:
        """Wait for a turn and hold it."""
        if doubted:
            async with self._doubted, self._doubted_turn(urgent=urgent):
                yield
        else:
            async with self._turn(urgent=urgent):
                yield

    @asynccontextmanager
    async def _doubted_turn(self, *, urgent: bool) -> AsyncGenerator[None]:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(self._doubt_again_at - loop.time())
        async with self._turn(urgent=urgent):
            began = loop.time()
            try:
                yield
            finally:
                ended = loop.time()
                self._doubt_again_at = ended + min(ended - began, self._longest)

    @asynccontextmanager
    async def _turn(self, *, urgent: bool) -> AsyncGenerator[None]:
        await self._wait_in(self._urgent if urgent else self._patient)
        try:
            yield
        finally:
            self._pass_on()

    async def _wait_in(self, queue: deque[asyncio.Future[None]]) -> None:
        if not self._taken:
            self._taken = True
            return
        turn = asyncio.get_running_loop().create_future()
        queue.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():
                self._pass_on()
            raise

    def _pass_on(self) -> None:
        for queue in (self._urgent, self._patient):
            while queue:
                turn = queue.popleft()
                if not turn.done():
                    turn.set_result(None)
                    return
        self._taken = False
