"""Reads the schedule that a station says is in force (OCPP 1.6, 5.7; 2.0.1, K08)."""

from typing import Final

from .fields import as_number, as_text
from .traits import Unit

COMPOSITE_SPAN: Final = 60
"""Seconds that are asked for; only the first of them counts."""


def limit_now(schedule: object, unit: Unit) -> float | None:
    """Return the limit of a schedule's first period; None if it is not told in the unit."""
    match schedule:
        case {"charging_rate_unit": str() as told, "charging_schedule_period": [first, *_]}:
            pass
        case _:
            return None
    limit = as_number(first.get("limit")) if isinstance(first, dict) else None
    if limit is None or limit < 0 or as_text(told) != unit.value:
        return None
    return limit
