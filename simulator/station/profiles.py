"""Charging profiles of OCPP 1.6 and what they add up to (1.6 edition 2, section 3.13)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import takewhile
from typing import Any, Final

from ..plant.ev import VOLTAGE

MAX_STACK_LEVEL: Final = 8
MAX_PERIODS: Final = 24

_DEFAULT_PHASES: Final = 3


class ProfileError(ValueError):
    """A profile that this station cannot take."""


class Purpose(StrEnum):
    """What a profile limits."""

    STATION = "ChargePointMaxProfile"
    DEFAULT = "TxDefaultProfile"
    TRANSACTION = "TxProfile"


class Kind(StrEnum):
    """What a profile's schedule starts from."""

    ABSOLUTE = "Absolute"
    RECURRING = "Recurring"
    RELATIVE = "Relative"


_RECURRENCE: Final = {"Daily": timedelta(days=1), "Weekly": timedelta(days=7)}


@dataclass(frozen=True, slots=True)
class Period:
    """From `start`, in s after the schedule's start, the limit in A per phase."""

    start: int
    limit: float


@dataclass(frozen=True, slots=True)
class Usage:
    """The transaction that a limit is asked for."""

    transaction: int | None
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One installed profile."""

    id: int
    connector: int
    purpose: Purpose
    kind: Kind
    stack: int
    periods: tuple[Period, ...]
    start: datetime | None = None
    duration: timedelta | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    recurrence: timedelta | None = None
    transaction: int | None = None

    @classmethod
    def parse(cls, connector: int, payload: Mapping[str, Any]) -> Profile:
        """Read the `csChargingProfiles` of a message, keys in snake case. Raises ProfileError."""
        schedule = payload["charging_schedule"]
        duration = schedule.get("duration")
        recurrency = payload.get("recurrency_kind")
        profile = cls(
            id=payload["charging_profile_id"],
            connector=connector,
            purpose=Purpose(payload["charging_profile_purpose"]),
            kind=Kind(payload["charging_profile_kind"]),
            stack=payload["stack_level"],
            periods=_parse_periods(schedule),
            start=_parse_time(schedule.get("start_schedule")),
            duration=None if duration is None else timedelta(seconds=duration),
            valid_from=_parse_time(payload.get("valid_from")),
            valid_to=_parse_time(payload.get("valid_to")),
            recurrence=_RECURRENCE.get(recurrency) if recurrency else None,
            transaction=payload.get("transaction_id"),
        )
        profile.check()
        return profile

    def check(self) -> None:
        """Raise ProfileError where the specification forbids the combination."""
        if self.stack > MAX_STACK_LEVEL:
            raise ProfileError("stack level too high")
        if (self.purpose is Purpose.STATION) != (self.connector == 0) and (
            self.purpose is not Purpose.DEFAULT
        ):
            raise ProfileError("purpose and connector do not go together")
        if self.purpose is Purpose.STATION and self.kind is Kind.RELATIVE:
            raise ProfileError("a limit of the station cannot be relative")
        if self.kind is Kind.RECURRING and (self.recurrence is None or self.start is None):
            raise ProfileError("a recurring profile needs a recurrency and a start")

    def replaces(self, other: Profile) -> bool:
        """Return whether installing this one removes another one."""
        same_place = (self.connector, self.purpose, self.stack) == (
            other.connector,
            other.purpose,
            other.stack,
        )
        return same_place or self.id == other.id

    def limit(self, now: datetime, usage: Usage | None) -> float | None:
        """Return the limit in A per phase at a time; None while the profile does not apply."""
        if self.transaction is not None and (not usage or usage.transaction != self.transaction):
            return None
        begin = self._begin(now, usage)
        if begin is None or now < max(begin, self.valid_from or begin):
            return None
        if self.valid_to is not None and now >= self.valid_to:
            return None
        if self.duration is not None and now >= begin + self.duration:
            return None
        seconds = (now - begin).total_seconds()
        past = list(takewhile(lambda period: period.start <= seconds, self.periods))
        return past[-1].limit if past else None

    def changes(self, now: datetime, end: datetime, usage: Usage | None) -> set[datetime]:
        """Return the times between now and an end at which the limit may change."""
        times = {self.valid_from, self.valid_to, self.start}
        begin = self._begin(now, usage)
        while begin is not None and begin < end:
            times |= {begin + timedelta(seconds=period.start) for period in self.periods}
            times |= {begin + self.duration} if self.duration is not None else set()
            begin = begin + self.recurrence if self.recurrence else None
        return {time for time in times if time is not None and now < time < end}

    def _begin(self, now: datetime, usage: Usage | None) -> datetime | None:
        if self.kind is Kind.RECURRING and self.start and self.recurrence:
            return now - (now - self.start) % self.recurrence if now >= self.start else None
        if self.kind is Kind.ABSOLUTE and self.start:
            return self.start
        return usage.since if usage else None


class ProfileStore:
    """The profiles of a station; they outlive a lost connection."""

    def __init__(self) -> None:
        self._profiles: list[Profile] = []

    def install(self, profile: Profile) -> None:
        """Add a profile in the place of those that it replaces."""
        self._profiles = [other for other in self._profiles if not profile.replaces(other)]
        self._profiles.append(profile)

    def clear(
        self,
        *,
        id: int | None = None,  # noqa: A002 - the specification's word
        connector: int | None = None,
        purpose: str | None = None,
        stack: int | None = None,
    ) -> bool:
        """Remove what matches every given criterion; return whether anything did."""

        def matches(profile: Profile) -> bool:
            pairs = (
                (id, profile.id),
                (connector, profile.connector),
                (purpose, profile.purpose),
                (stack, profile.stack),
            )
            return all(wanted is None or wanted == actual for wanted, actual in pairs)

        kept = [profile for profile in self._profiles if not matches(profile)]
        found = len(kept) < len(self._profiles)
        self._profiles = kept
        return found

    def end_transaction(self, connector: int) -> None:
        """Forget what was meant for the transaction that has ended."""
        self.clear(connector=connector, purpose=Purpose.TRANSACTION)

    def limit(self, connector: int, now: datetime, usage: Usage | None = None) -> float | None:
        """Return the limit in A of a connector from its own profiles; None if there is none."""
        candidates = (
            self._highest(Purpose.TRANSACTION, connector, now, usage) if usage else None,
            self._highest(Purpose.DEFAULT, connector, now, usage),
            self._highest(Purpose.DEFAULT, 0, now, usage),
        )
        return next((limit for limit in candidates if limit is not None), None)

    def changes(self, now: datetime, end: datetime, usage: Usage | None) -> list[datetime]:
        """Return now and the times until an end at which any limit may change, in order."""
        times = {time for profile in self._profiles for time in profile.changes(now, end, usage)}
        return sorted({now, *times})

    def station_limit(self, now: datetime) -> float | None:
        """Return the limit in A that all connectors share; None if there is none."""
        return self._highest(Purpose.STATION, 0, now, None)

    def _highest(
        self, purpose: Purpose, connector: int, now: datetime, usage: Usage | None
    ) -> float | None:
        stacked = sorted(
            (p for p in self._profiles if (p.purpose, p.connector) == (purpose, connector)),
            key=lambda profile: profile.stack,
            reverse=True,
        )
        limits = (profile.limit(now, usage) for profile in stacked)
        return next((limit for limit in limits if limit is not None), None)


def _parse_periods(schedule: Mapping[str, Any]) -> tuple[Period, ...]:
    if schedule["charging_rate_unit"] not in {"A", "W"}:
        raise ProfileError("unknown unit")
    periods: Sequence[Mapping[str, Any]] = schedule["charging_schedule_period"]
    if not 0 < len(periods) <= MAX_PERIODS:
        raise ProfileError("number of periods")
    starts = [period["start_period"] for period in periods]
    if starts != sorted(set(starts)) or starts[0] != 0:
        raise ProfileError("periods begin at 0 and come in order")
    watts = schedule["charging_rate_unit"] == "W"
    return tuple(
        Period(
            period["start_period"],
            _per_phase(float(period["limit"]), period.get("number_phases"), watts=watts),
        )
        for period in periods
    )


def _per_phase(limit: float, phases: int | None, *, watts: bool) -> float:
    return limit / (VOLTAGE * (phases or _DEFAULT_PHASES)) if watts else limit


def _parse_time(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise ProfileError("time") from error
    if time.tzinfo is None:
        raise ProfileError("time without a zone")
    return time
