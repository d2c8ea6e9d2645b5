"""Reading and writing the parts of a stored memory. Whatever is not such a part: ValueError."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from math import nextafter
from typing import Final

_LONGEST: Final = 366 * 86400.0
"""Spans of more seconds than this are not ours."""
_MOST: Final = nextafter(10_000.0, 0)
"""Nor are currents of 10,000 A and more."""


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


def read_number(value: object, least: float, most: float) -> float:
    """Return a number within bounds."""
    if isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most:
        return float(value)
    raise ValueError(f"not a number from {least} to {most}: {value!r}")


def read_text(value: object) -> str | None:
    """Return a text, or None where there is none."""
    if value is None or isinstance(value, str):
        return value
    raise ValueError(f"not a text: {value!r}")


def read_span(value: object) -> timedelta:
    """Return a span stored in seconds."""
    return timedelta(seconds=read_number(value, 0, _LONGEST))


def read_current(value: object) -> float:
    """Return a current in A."""
    return read_number(value, 0, _MOST)


def read_count(value: object, most: int) -> int:
    """Return a whole number from 0 to `most`."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise ValueError(f"not a count: {value!r}")
    return value


def read_list(value: object) -> list[object]:
    """Return a JSON array."""
    if isinstance(value, list):
        return value
    raise ValueError(f"not a list: {value!r}")


def read_object(value: object) -> Mapping[str, object]:
    """Return a JSON object."""
    if isinstance(value, Mapping):
        return value
    raise ValueError(f"not an object: {value!r}")
