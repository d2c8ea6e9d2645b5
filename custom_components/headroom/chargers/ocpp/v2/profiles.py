"""Charging profiles as OCPP 2.0.1 and 2.1 have them (K01)."""

from typing import Final

from ..commands import LimitCommand
from ..strategy import Purpose

type Profile = dict[str, object]

_PURPOSES: Final = {Purpose.STATION: "ChargingStationMaxProfile"}
"""Where they have another name than in OCPP 1.6."""


def charging_profile(command: LimitCommand) -> Profile:
    """Build the charging profile."""
    limit = command.limit
    profile_id = limit.place.profile_id(command.connector)
    purpose = limit.place.purpose
    return limit.frame | {
        "id": profile_id,
        "charging_profile_purpose": _PURPOSES.get(purpose, purpose.value),
        "charging_schedule": [limit.schedule(command.life) | {"id": profile_id}],
    }


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
