"""Charging profiles as OCPP 2.0.1 and 2.1 word them (2.0.1 K01)."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from ..cabinet import Cabinet
from ..profiles import (
    MAX_STACK_LEVEL,
    RECURRENCE,
    Kind,
    Profile,
    ProfileError,
    ProfileStore,
    Purpose,
    Reason,
)
from ..schedule import parse_optional_time, parse_periods


def parse_profile(evse: int, payload: Mapping[str, Any], *, offline_limits: bool) -> Profile:
    """Read the `chargingProfile` of a message, keys in snake case. Raises ProfileError.

    `offline_limits` tells whether the station knows maxOfflineDuration.
    """
    if len(payload["charging_schedule"]) != 1:
        raise ProfileError(Reason.SCHEDULE, "more than one schedule is for ISO 15118")
    (schedule,) = payload["charging_schedule"]
    duration = schedule.get("duration")
    offline = payload.get("max_offline_duration") if offline_limits else None
    profile = Profile(
        id=payload["id"],
        connector=evse,
        purpose=_known(Purpose, payload["charging_profile_purpose"]),
        kind=_known(Kind, payload["charging_profile_kind"]),
        stack=payload["stack_level"],
        periods=parse_periods(schedule),
        start=parse_optional_time(schedule.get("start_schedule")),
        duration=None if duration is None else timedelta(seconds=duration),
        valid_from=parse_optional_time(payload.get("valid_from")),
        valid_to=parse_optional_time(payload.get("valid_to")),
        recurrence=RECURRENCE.get(payload.get("recurrency_kind", "")),
        transaction=payload.get("transaction_id"),
        watts=schedule["charging_rate_unit"] == "W",
        max_offline=None if offline is None else timedelta(seconds=offline),
        dies_offline=offline is not None and payload.get("invalid_after_offline_duration", False),
        source=payload,
    )
    _check_purpose(profile)
    _check_schedule(profile)
    return profile


def check_place(profile: Profile, cabinet: Cabinet) -> None:
    """Raise ProfileError if it does not go with the transaction, wiring and other profiles."""
    if profile.purpose is Purpose.TRANSACTION and profile.transaction is None:
        raise ProfileError(Reason.PROFILE, "a TxProfile names its transaction (K01.FR.03)")
    check_phases(profile, cabinet)
    if cabinet.profiles.find(lambda other: _excludes(profile, other)):
        raise ProfileError(Reason.DUPLICATE, "another one has its place (K01.FR.06, FR.52, FR.53)")


def check_phases(profile: Profile, cabinet: Cabinet) -> None:
    """Raise ProfileError for phases that cannot be ensured (K01.FR.43, FR.46 to FR.48)."""
    if cabinet.limits.switches_phases:
        return
    (schedule,) = profile.source["charging_schedule"]
    connector = cabinet.connectors.get(profile.connector)
    connected = len(connector.outlet.wiring.phases) if connector else 0
    for period in schedule["charging_schedule_period"]:
        if "phase_to_use" in period or period.get("number_phases", connected) < connected:
            raise ProfileError(Reason.SCHEDULE, "it cannot switch phases")


def matching(
    profiles: ProfileStore, criteria: Mapping[str, Any], *, evse: int | None
) -> list[Profile]:
    """Return the profiles that meet all criteria of a message, keys in snake case."""

    def matches(profile: Profile) -> bool:
        ids = criteria.get("charging_profile_id")
        sources = criteria.get("charging_limit_source")
        pairs = (
            (evse, profile.connector),
            (criteria.get("charging_profile_purpose"), profile.purpose),
            (criteria.get("stack_level"), profile.stack),
        )
        return (
            all(wanted is None or wanted == actual for wanted, actual in pairs)
            and (ids is None or profile.id in ids)
            and (sources is None or "CSO" in sources)
        )

    return profiles.find(matches)


def _known[Word: (Purpose, Kind)](words: type[Word], text: str) -> Word:
    try:
        return words(text)
    except ValueError as error:
        raise ProfileError(Reason.PROFILE, f"{text} is not supported") from error


def _check_purpose(profile: Profile) -> None:
    if profile.stack > MAX_STACK_LEVEL:
        raise ProfileError(Reason.STACK, "stack level too high")
    if profile.purpose is Purpose.EXTERNAL:
        raise ProfileError(Reason.PROFILE, "external limits are not the CSMS's (K01.FR.22)")
    if profile.purpose is Purpose.STATION and (profile.connector or profile.kind is Kind.RELATIVE):
        raise ProfileError(Reason.PROFILE, "a station's limit is for EVSE 0, and not relative")
    if profile.purpose is Purpose.TRANSACTION and not profile.connector:
        raise ProfileError(Reason.PROFILE, "a transaction has an EVSE")


def _check_schedule(profile: Profile) -> None:
    if (profile.start is None) != (profile.kind is Kind.RELATIVE):
        raise ProfileError(Reason.SCHEDULE, "start and kind do not go together (K01.FR.40, FR.41)")
    if profile.kind is Kind.RECURRING and profile.recurrence is None:
        raise ProfileError(Reason.SCHEDULE, "a recurring profile needs a recurrency")


def _excludes(profile: Profile, other: Profile) -> bool:
    """Return whether two profiles cannot be installed at the same time."""
    if profile.id == other.id or (profile.purpose, profile.stack) != (other.purpose, other.stack):
        return False
    one_for_all = profile.purpose is Purpose.DEFAULT and 0 in {profile.connector, other.connector}
    return one_for_all or profile.connector == other.connector
