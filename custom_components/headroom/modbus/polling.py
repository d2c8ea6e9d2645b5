"""When to poll."""

from datetime import datetime, timedelta


def next_poll(due: datetime, period: timedelta, now: datetime) -> datetime:
    """Return the first moment after `now` that lies whole periods away from `due`.

    Polls that came too late are skipped, and a clock that was set back stops nothing.
    """
    return due + ((now - due) // period + 1) * period
