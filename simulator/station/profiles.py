"""Charging profiles and what they add up to (1.6 edition 2, section 3.13; 2.0.1 K01 to K10)."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import takewhile
from typing import Any, Final

MAX_STACK_LEVEL: Final = 8
MAX_PERIODS: Final = 24
MAX_PROFILES: Final = 32

RECURRENCE: Final = {"Daily": timedelta(days=1), "Weekly": timedelta(days=7)}


class Reason(StrEnum):
    """Why a profile is refused, in the words of OCPP 2.0.1."""

    UNIT = "UnsupportedRateUnit"
    PROFILE = "InvalidProfile"
    SCHEDULE = "InvalidSchedule"
    STACK = "InvalidStackLevel"
    DUPLICATE = "DuplicateProfile"
    TRANSACTION = "TxNotFound"
    EVSE = "UnknownEvse"


class ProfileError(ValueError):
    """A profile that this station cannot take."""

    def __init__(self, reason: Reason, text: str) -> None:
        super().__init__(text)
        self.reason = reason


class Purpose(StrEnum):
    """What a profile limits, in the words of OCPP 2.0.1."""

    STATION = "ChargingStationMaxProfile"
    DEFAULT = "TxDefaultProfile"
    TRANSACTION = "TxProfile"
    EXTERNAL = "ChargingStationExternalConstraints"


class Kind(StrEnum):
    """What a profile's schedule starts from."""

    ABSOLUTE = "Absolute"
    RECURRING = "Recurring"
    RELATIVE = "Relative"


@dataclass(frozen=True, slots=True)
class Period:
    """From `start`, in s after the schedule's start, the limit in A per phase."""

    start: int
    limit: float
    terminals: tuple[int, ...] | None = None
    """Terminals, counted from 0, that may be used; None where it says nothing of phases."""


@dataclass(frozen=True, slots=True)
class Usage:
    """The transaction that a limit is asked for."""

    transaction: int | str | None
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
    transaction: int | str | None = None
    watts: bool = False
    """Whether its limits came in W."""
    max_offline: timedelta | None = None
    """So long it stays valid without a central system (2.1)."""
    dies_offline: bool = False
    """Whether it is gone for good after that."""
    source: Any = None
    """The message it came in, to be shown again."""

    def replaces(self, other: Profile) -> bool:
        """Return whether installing this one removes another one."""
        same_place = (self.connector, self.purpose, self.stack) == (
            other.connector,
            other.purpose,
            other.stack,
        )
        return same_place or self.id == other.id

    def forever(self) -> Profile:
        """Return it without an end."""
        return replace(self, valid_to=None, duration=None, max_offline=None)

    def bears_silence(self, now: datetime, since: datetime | None) -> bool:
        """Return whether it is valid although nobody has been there since a time, if so."""
        return since is None or self.max_offline is None or now < since + self.max_offline

    def period(self, now: datetime, usage: Usage | None) -> Period | None:
        """Return what it says of a time; None while the profile does not apply."""
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
        return past[-1] if past else None

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

    def __init__(self, endless: Callable[[], bool] = lambda: False) -> None:
        """Take who says whether the ends of limits are ignored."""
        self.offline_since: datetime | None = None
        self._endless = endless
        self._profiles: list[Profile] = []

    @property
    def full(self) -> bool:
        """Return whether it takes no profile that replaces none."""
        return len(self._profiles) >= MAX_PROFILES

    def find(self, wanted: Callable[[Profile], bool]) -> list[Profile]:
        """Return the profiles that are wanted, in the order they came."""
        return [profile for profile in self._profiles if wanted(profile)]

    def install(self, profile: Profile) -> None:
        """Add a profile in the place of those that it replaces."""
        self._profiles = [other for other in self._profiles if not profile.replaces(other)]
        self._profiles.append(profile)

    def clear(self, wanted: Callable[[Profile], bool] = lambda _profile: True) -> bool:
        """Remove the profiles that are wanted; return whether there were any."""
        kept = [profile for profile in self._profiles if not wanted(profile)]
        found = len(kept) < len(self._profiles)
        self._profiles = kept
        return found

    def end_transaction(self, connector: int) -> None:
        """Forget what was meant for the transaction that has ended."""
        place = (Purpose.TRANSACTION, connector)
        self.clear(lambda profile: (profile.purpose, profile.connector) == place)

    def come_online(self, now: datetime) -> None:
        """Note that there is a central system again, and forget what has died without it."""
        since, self.offline_since = self.offline_since, None
        self.clear(lambda p: p.dies_offline and not p.bears_silence(now, since))

    def limit(self, connector: int, now: datetime, usage: Usage | None = None) -> float | None:
        """Return the limit in A of a connector from its own profiles; None if there is none."""
        period = self._own(connector, now, usage)
        return None if period is None else period.limit

    def terminals(
        self, connector: int, now: datetime, usage: Usage | None = None
    ) -> tuple[int, ...] | None:
        """Return the terminals that a connector may use, counted from 0; None if all it has."""
        period = self._own(connector, now, usage)
        return None if period is None else period.terminals

    def _own(self, connector: int, now: datetime, usage: Usage | None) -> Period | None:
        """Return what the leading of a connector's own profiles says."""
        candidates = (
            self._highest(Purpose.TRANSACTION, connector, now, usage) if usage else None,
            self._highest(Purpose.DEFAULT, connector, now, usage),
            self._highest(Purpose.DEFAULT, 0, now, usage),
        )
        return next((period for period in candidates if period is not None), None)

    def changes(self, now: datetime, end: datetime, usage: Usage | None) -> list[datetime]:
        """Return now and the times until an end at which any limit may change, in order."""
        times = {time for profile in self._profiles for time in profile.changes(now, end, usage)}
        return sorted({now, *times})

    def station_limit(self, now: datetime) -> float | None:
        """Return the limit in A that all connectors share; None if there is none."""
        purposes = (Purpose.STATION, Purpose.EXTERNAL)
        periods = [self._highest(purpose, 0, now, None) for purpose in purposes]
        return min((period.limit for period in periods if period is not None), default=None)

    def _highest(
        self, purpose: Purpose, connector: int, now: datetime, usage: Usage | None
    ) -> Period | None:
        endless = self._endless()
        stacked = sorted(
            (
                profile.forever() if endless else profile
                for profile in self._profiles
                if (profile.purpose, profile.connector) == (purpose, connector)
            ),
            key=lambda profile: profile.stack,
            reverse=True,
        )
        said = (p.period(now, usage) for p in stacked if p.bears_silence(now, self.offline_since))
        return next((period for period in said if period is not None), None)
