"""Reading of single values that chargers send, right or wrong."""

import math
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Final

PLAUSIBLE_SINCE: Final = datetime(2024, 1, 1, tzinfo=UTC)
"""Clocks that were never set show 1970, 2000 or 2010."""
_LEAST_INT: Final = -(2**31)
_LONGEST_TEXT: Final = 500
"""Characters; nothing that is used is longer, and some of it is kept."""


def as_number(value: object) -> float | None:
    """Return a finite number, also from text and with a decimal comma; None if it is none."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        number = float(value.replace(",", ".") if isinstance(value, str) else value)
    except ValueError, OverflowError:
        return None
    return number if math.isfinite(number) else None


def as_int(value: object) -> int | None:
    """Return a whole number of 32 bits, as OCPP has them; None if it is none."""
    number = as_number(value)
    if number is None or not number.is_integer() or not _LEAST_INT <= number <= -_LEAST_INT - 1:
        return None
    return int(number)


def as_text(value: object) -> str | None:
    """Return text without surrounding space and not too long; None if there is none."""
    return (value.strip()[:_LONGEST_TEXT] or None) if isinstance(value, str) else None


def as_time(value: object) -> datetime | None:
    """Return a moment in UTC, which is also assumed where no zone is named; None if it is none."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value.strip())
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except ValueError, OverflowError:
        return None


def mappings(items: object) -> Iterator[Mapping[str, object]]:
    """Yield the mappings of a list, without whatever else is in it."""
    if isinstance(items, list):
        yield from (item for item in items if isinstance(item, dict))


def as_mapping(value: object) -> Mapping[str, object]:
    """Return a mapping; an empty one if it is none."""
    return value if isinstance(value, dict) else {}


def to_wire(moment: datetime) -> str:
    """Write a moment as every charger understands it: UTC, whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
