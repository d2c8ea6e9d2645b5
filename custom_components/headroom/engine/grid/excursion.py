"""Import limitation in the manner of ENA Engineering Recommendation G100 Issue 2 (A9.7).

State 1 is normal operation. In state 2 the import has been above its limit for longer than a scheme
may take to correct it, and cars get nothing until it is below. Too many or too long excursions
lead to state 3, a lockout that only a person ends. A scheme that does not know the import counts
as failed: cars get nothing meanwhile.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self

from ..decision import ReasonCode
from ..inputs import Ask, Reach, ZoneLimit
from ..memory.stored import read_list, read_time, write_time
from .peak import LONGEST_GAP
from .standing import SchemeState

DOMESTIC_MOST: Final = 100.0
"""A per phase (A9.7)."""
REACT: Final = timedelta(seconds=5)
"""An excursion, or a meter's silence, of so long stops the cars."""
EXCURSION: Final = timedelta(seconds=15)
"""From then on it counts as one."""
TOO_LONG: Final = timedelta(seconds=60)
"""A single one of so long locks out."""
SHORTLY: Final = timedelta(minutes=10)
SHORTLY_MOST: Final = 1
"""More excursions within `SHORTLY` lock out."""
DAY: Final = timedelta(hours=24)
DAY_MOST: Final = 3
"""More excursions within `DAY` lock out."""
MONTH: Final = timedelta(days=30)
USER_RESETS: Final = 3
"""From so many lockouts of a home within `MONTH` on its users may not reset any more."""
BUSINESS_PAUSE: Final = timedelta(hours=4)
"""Users of other premises may reset after so long."""


class Premises(StrEnum):
    """What a scheme is for."""

    DOMESTIC = "domestic"
    COMMERCIAL = "commercial"


_CODES: Final = {
    SchemeState.EXCURSION: ReasonCode.G100_EXCURSION,
    SchemeState.UNMEASURED: ReasonCode.G100_UNMEASURED,
    SchemeState.LOCKOUT: ReasonCode.G100_LOCKOUT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportScheme:
    """The limits that were agreed with the network operator, in A per phase."""

    import_limit: float
    premises: Premises = Premises.DOMESTIC
    export_limit: float | None = None
    """For people to see: Headroom commands no generator."""


@dataclass(slots=True, kw_only=True)
class SchemeMemory:
    """What is known of a scheme's past."""

    state: SchemeState = SchemeState.NORMAL
    above_since: datetime | None = None
    heard_at: datetime | None = None
    looked_at: datetime | None = None
    counted: bool = False
    """The running excursion is among the excursions."""
    excursions: tuple[datetime, ...] = ()
    """Of the last 24 hours."""
    lockouts: tuple[datetime, ...] = ()
    """Of the last 30 days."""

    def look(
        self,
        current: float | None,
        scheme: ImportScheme,
        now: datetime,
        *,
        longest_gap: timedelta = LONGEST_GAP,
    ) -> SchemeState:
        """Follow the import, in A on the phase with most of it; None: it is not known.

        A silence that is longer than `longest_gap` is no part of an excursion.
        """
        self._catch_up(now)
        self.excursions = tuple(at for at in self.excursions if abs(now - at) <= DAY)
        self.lockouts = tuple(at for at in self.lockouts if abs(now - at) <= MONTH)
        silence = now - (self.heard_at or now)
        if self.heard_at is None or current is not None:
            self.heard_at = now
        if self.state is SchemeState.LOCKOUT:
            return self.state
        if current is None:
            self.state = SchemeState.UNMEASURED if silence > REACT else self.state
        elif current <= scheme.import_limit:
            self.above_since, self.counted = None, False
            self.state = SchemeState.NORMAL
        else:
            if self.above_since is None or silence > longest_gap:
                self.above_since = now
            self.state = self._exceeded(now - self.above_since, now)
        return self.state

    def _exceeded(self, lasts: timedelta, now: datetime) -> SchemeState:
        """Return the state above the limit; it does not become normal there."""
        if lasts >= EXCURSION and not self.counted:
            self.counted, self.excursions = True, (*self.excursions, now)
        if self._locks_out(lasts, now):
            self.lockouts = (*self.lockouts, now)
            return SchemeState.LOCKOUT
        is_normal = self.state is SchemeState.NORMAL and lasts < REACT
        return SchemeState.NORMAL if is_normal else SchemeState.EXCURSION

    def _catch_up(self, now: datetime) -> None:
        """Move what is remembered along with a clock that has leapt, or that nobody looked at."""
        gap, self.looked_at = now - (self.looked_at or now), now
        if timedelta() <= gap <= LONGEST_GAP:
            return

        def moved(times: Iterable[datetime]) -> tuple[datetime, ...]:
            return tuple(min(at + gap, now) for at in times)

        self.excursions, self.lockouts = moved(self.excursions), moved(self.lockouts)
        self.above_since = self.above_since and self.above_since + gap
        self.heard_at = self.heard_at and self.heard_at + gap

    def _locks_out(self, lasts: timedelta, now: datetime) -> bool:
        shortly = [at for at in self.excursions if now - at <= SHORTLY]
        many = len(shortly) > SHORTLY_MOST or len(self.excursions) > DAY_MOST
        return (self.counted and many) or lasts >= TOO_LONG

    def may_reset(self, scheme: ImportScheme, now: datetime) -> bool:
        """Return whether users may end a lockout; installers always may."""
        if scheme.premises is Premises.DOMESTIC:
            return len(self.lockouts) < USER_RESETS
        return not self.lockouts or now - self.lockouts[-1] >= BUSINESS_PAUSE

    def reset(self, *, by_installer: bool) -> None:
        """End a lockout; an installer also ends its consequences for users."""
        self.state, self.above_since, self.counted = SchemeState.NORMAL, None, False
        self.excursions = ()
        if by_installer:
            self.lockouts = ()

    def limits(self, zone: str, scheme: ImportScheme) -> tuple[ZoneLimit, ...]:
        """Return the limit of the import, and of the cars if they may not charge."""
        limit = ZoneLimit(zone=zone, ask=Ask(scheme.import_limit), code=ReasonCode.G100_LIMIT)
        if (code := _CODES.get(self.state)) is None:
            return (limit,)
        return (limit, ZoneLimit(zone=zone, ask=Ask(0.0), code=code, reach=Reach.EVS))

    def to_json(self) -> dict[str, object]:
        """Return what outlives a restart; what runs is looked at anew."""
        return {
            "locked": self.state is SchemeState.LOCKOUT,
            "excursions": [write_time(at) for at in self.excursions],
            "lockouts": [write_time(at) for at in self.lockouts],
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, object]) -> Self:
        """Return the stored memory. Raises KeyError and ValueError."""
        return cls(
            state=SchemeState.LOCKOUT if stored["locked"] is True else SchemeState.UNMEASURED,
            excursions=_read_times(stored["excursions"]),
            lockouts=_read_times(stored["lockouts"]),
        )


def _read_times(stored: object) -> tuple[datetime, ...]:
    times = [read_time(item) for item in read_list(stored)]
    return tuple(time for time in times if time is not None)
