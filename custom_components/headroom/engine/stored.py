"""Reading and writing the parts of a stored memory. Whatever is not such a part: ValueError."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

_LONGEST: Final = 366 * 86400.0
"""Spans of more seconds than this are not ours."""
_MOST: Final = 10_000.0
"""Nor are currents of more A."""


def write_time(time: datetime | None) -> str | None:
    """Return a time as text."""
    return None if time is None else time.isoformat()


def read_time(value: object) -> datetime | None:
    """Return the time that `write_time` wrote."""
    if value is None:
        return None
    if isinstance(value, str):
        time = datetime.fromisoformat(value)
        if time.tzinfo is not None:
            return time
    raise ValueError(f"not a time with its zone: {value!r}")


def read_span(value: object) -> timedelta:
    """Return a span stored in seconds."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= _LONGEST:
        raise ValueError(f"not a span: {value!r}")
    return timedelta(seconds=value)


def read_current(value: object) -> float:
    """Return a current in A."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value < _MOST:
        raise ValueError(f"not a current: {value!r}")
    return float(value)


def read_count(value: object, most: int) -> int:
    """Return a whole number from 0 to `most`."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise ValueError(f"not a count: {value!r}")
    return value


def read_object(value: object) -> Mapping[str, object]:
    """Return a JSON object."""
    if isinstance(value, Mapping):
        return value
    raise ValueError(f"not an object: {value!r}")
