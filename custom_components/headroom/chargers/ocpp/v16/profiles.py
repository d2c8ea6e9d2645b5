"""Charging profiles: permanent limits and limits that end by themselves (OCPP 1.6, 5.16)."""

from ..commands import LimitCommand

type Profile = dict[str, object]


def charging_profile(command: LimitCommand) -> Profile:
    """Build the charging profile."""
    limit = command.limit
    return limit.frame | {
        "charging_profile_id": limit.place.profile_id(command.connector),
        "charging_profile_purpose": limit.place.purpose.value,
        "charging_schedule": limit.schedule(command.life),
    }
