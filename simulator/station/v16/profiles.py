"""Charging profiles as OCPP 1.6 words them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from ..profiles import MAX_STACK_LEVEL, RECURRENCE, Kind, Profile, ProfileError, Purpose, Reason
from ..schedule import parse_optional_time, parse_periods

PURPOSES: Final = {
    "ChargePointMaxProfile": Purpose.STATION,
    "TxDefaultProfile": Purpose.DEFAULT,
    "TxProfile": Purpose.TRANSACTION,
}


def parse_profile(connector: int, payload: Mapping[str, Any]) -> Profile:
    """Read the `csChargingProfiles` of a message, keys in snake case. Raises ProfileError."""
    schedule = payload["charging_schedule"]
    duration = schedule.get("duration")
    profile = Profile(
        id=payload["charging_profile_id"],
        connector=connector,
        purpose=PURPOSES[payload["charging_profile_purpose"]],
        kind=Kind(payload["charging_profile_kind"]),
        stack=payload["stack_level"],
        periods=parse_periods(schedule),
        start=parse_optional_time(schedule.get("start_schedule")),
        duration=None if duration is None else timedelta(seconds=duration),
        valid_from=parse_optional_time(payload.get("valid_from")),
        valid_to=parse_optional_time(payload.get("valid_to")),
        recurrence=RECURRENCE.get(payload.get("recurrency_kind", "")),
        transaction=payload.get("transaction_id"),
        watts=schedule["charging_rate_unit"] == "W",
    )
    _check(profile)
    return profile


def _check(profile: Profile) -> None:
    """Raise ProfileError where the specification forbids the combination."""
    if profile.stack > MAX_STACK_LEVEL:
        raise ProfileError(Reason.STACK, "stack level too high")
    if profile.purpose is not Purpose.DEFAULT and (
        (profile.purpose is Purpose.STATION) != (profile.connector == 0)
    ):
        raise ProfileError(Reason.PROFILE, "purpose and connector do not go together")
    if profile.purpose is Purpose.STATION and profile.kind is Kind.RELATIVE:
        raise ProfileError(Reason.PROFILE, "a limit of the station cannot be relative")
    if profile.kind is Kind.RECURRING and (profile.recurrence is None or profile.start is None):
        raise ProfileError(Reason.SCHEDULE, "a recurring profile needs a recurrency and a start")
