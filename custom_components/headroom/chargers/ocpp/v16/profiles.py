"""Charging profiles: permanent limits and limits that end by themselves (OCPP 1.6, 5.16)."""

from datetime import UTC, datetime, timedelta
from typing import Final

from ..fields import to_wire
from ..limits import LimitCommand
from ..strategy import Kind, Purpose

_LONG_AGO: Final = datetime(2020, 1, 1, tzinfo=UTC)
_HEAD_START: Final = timedelta(seconds=60)
"""A lease begins this much in the past: a charger whose clock is slow applies it at once too."""

type Profile = dict[str, object]


def charging_profile(command: LimitCommand) -> Profile:
    """Build the charging profile.

    One with an end carries a duration too: there are chargers that heed only one of them.
    """
    limit = command.limit
    profile: Profile = {
        "charging_profile_id": limit.place.profile_id(command.connector),
        "stack_level": limit.place.level,
        "charging_profile_purpose": limit.place.purpose.value,
        "charging_profile_kind": limit.kind.value,
    }
    if limit.place.purpose is Purpose.TRANSACTION:
        profile["transaction_id"] = limit.transaction
    if limit.until is not None:
        profile["valid_to"] = to_wire(limit.until)
    return profile | {"charging_schedule": _span(command) | _schedule(command)}


def _span(command: LimitCommand) -> dict[str, object]:
    """Return when the schedule holds."""
    if (until := command.limit.until) is not None:
        duration = int((command.life + _HEAD_START).total_seconds())
        start = to_wire(until - command.life - _HEAD_START)
        return {"duration": duration, "start_schedule": start}
    relative = command.limit.kind is Kind.RELATIVE
    return {} if relative else {"start_schedule": to_wire(_LONG_AGO)}


def _schedule(command: LimitCommand) -> dict[str, object]:
    return {
        "charging_rate_unit": command.limit.unit.value,
        "charging_schedule_period": [{"start_period": 0, "limit": command.limit.wire_amount}],
    }
