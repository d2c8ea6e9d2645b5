"""Charging profiles: a permanent base limit and a leased limit above it (OCPP 1.6, 5.16)."""

import math
from datetime import UTC, datetime, timedelta
from typing import Final

from .fields import to_wire

LOWEST_CURRENT: Final = 6.0
"""A; a car is never offered less, only nothing (IEC 61851-1)."""

_BASE_START: Final = datetime(2020, 1, 1, tzinfo=UTC)
_HEAD_START: Final = timedelta(seconds=60)
"""A lease begins this much in the past: a charger whose clock is slow applies it at once too."""

type Profile = dict[str, object]


def usable_current(current: float) -> float:
    """Round a current in A down to what a charger takes: tenths from 6 A up, or 0."""
    if not math.isfinite(current) or current < LOWEST_CURRENT:
        return 0.0
    return math.floor(current * 10 + 1e-9) / 10


def base_profile(connector: int, current: float) -> Profile:
    """Build the permanent limit that holds when no lease does."""
    return {
        "charging_profile_id": 1000 + connector,
        "stack_level": 0,
        "charging_profile_purpose": "TxDefaultProfile",
        "charging_profile_kind": "Absolute",
        "charging_schedule": _schedule(_BASE_START, current),
    }


def lease_profile(
    connector: int, current: float, until: datetime | None, life: timedelta
) -> Profile:
    """Build a limit above the base limit that ends by itself, or stays if it has no end.

    It carries a duration and an end: there are chargers that heed only one of them.
    """
    profile: Profile = {
        "charging_profile_id": 2000 + connector,
        "stack_level": 1,
        "charging_profile_purpose": "TxDefaultProfile",
        "charging_profile_kind": "Absolute",
    }
    if until is None:
        return profile | {"charging_schedule": _schedule(_BASE_START, current)}
    start = until - life - _HEAD_START
    duration = int((life + _HEAD_START).total_seconds())
    return profile | {
        "valid_to": to_wire(until),
        "charging_schedule": {"duration": duration, **_schedule(start, current)},
    }


def _schedule(start: datetime, current: float) -> dict[str, object]:
    limit = int(current) if current.is_integer() else current
    return {
        "start_schedule": to_wire(start),
        "charging_rate_unit": "A",
        "charging_schedule_period": [{"start_period": 0, "limit": limit}],
    }
