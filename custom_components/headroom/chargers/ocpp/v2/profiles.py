"""Charging profiles as OCPP 2.0.1 and 2.1 have them (K01)."""

from typing import Final

from ..commands import LimitCommand
from ..fields import to_wire
from ..strategy import Purpose

type Profile = dict[str, object]

_PURPOSES: Final = {Purpose.STATION: "ChargingStationMaxProfile"}
"""Where they have another name than in OCPP 1.6."""


def charging_profile(command: LimitCommand) -> Profile:
    """Build the charging profile."""
    limit = command.limit
    profile_id = limit.place.profile_id(command.connector)
    profile: Profile = {
        "id": profile_id,
        "stack_level": limit.place.level,
        "charging_profile_purpose": _PURPOSES.get(limit.place.purpose, limit.place.purpose.value),
        "charging_profile_kind": limit.kind.value,
    }
    if limit.place.purpose is Purpose.TRANSACTION:
        profile["transaction_id"] = limit.transaction
    if limit.until is not None:
        profile["valid_to"] = to_wire(limit.until)
    schedule = {
        "id": profile_id,
        "charging_rate_unit": limit.unit.value,
        "charging_schedule_period": [limit.period],
    }
    return profile | {"charging_schedule": [limit.span(command.life) | schedule]}


def offline_end(command: LimitCommand) -> Profile:
    """Return what ends a lease by the time without contact alone (OCPP 2.1).

    It needs no clock that is right. It is never shorter than what is left of the lease, so that
    nobody's current has been given away when the base limit begins to count; and what has ended
    in this way stays so after contact is back, until it is installed anew.
    """
    if command.until is None:
        return {}
    return {
        "max_offline_duration": int(command.life.total_seconds()),
        "invalid_after_offline_duration": True,
    }
