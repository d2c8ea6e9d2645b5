"""When to poll."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Never


def next_poll(due: datetime, period: timedelta, now: datetime) -> datetime:
    """Return the first moment after `now` that lies whole periods away from `due`.

    Polls that came too late are skipped, and a clock that was set back stops nothing.
    """
    return due + ((now - due) // period + 1) * period


async def poll_for_ever(
    poll: Callable[[], Awaitable[None]],
    period: timedelta,
    *,
    now: Callable[[], datetime],
    sleep: Callable[[float], Awaitable[None]],
) -> Never:
    """Poll with a steady period."""
    due = now()
    while True:
        await poll()
        due = next_poll(due, period, now())
        await sleep((due - now()).total_seconds())
