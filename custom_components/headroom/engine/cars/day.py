"""The day by which stops and switches are counted: from one morning to the next, by local time.

A budget over the last 24 h would leave a sunny morning without what a flickering evening has used.
"""

from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Final

_MORNING: Final = time(4)


def morning_after(moment: datetime, time_zone: tzinfo) -> datetime:
    """Return the first morning after a moment, in UTC."""
    local = moment.astimezone(time_zone)
    day = local.date() + timedelta(days=1 if local.time() >= _MORNING else 0)
    return datetime.combine(day, _MORNING, tzinfo=time_zone).astimezone(UTC)
