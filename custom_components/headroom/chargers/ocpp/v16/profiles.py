"""Charging profiles: permanent limits and limits that end by themselves (OCPP 1.6, 5.16)."""

from ..commands import LimitCommand
from ..fields import to_wire
from ..strategy import Purpose

type Profile = dict[str, object]


def charging_profile(command: LimitCommand) -> Profile:
    """Build the charging profile."""
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
    schedule = {
        "charging_rate_unit": limit.unit.value,
        "charging_schedule_period": [limit.period],
    }
    return profile | {"charging_schedule": limit.span(command.life) | schedule}
