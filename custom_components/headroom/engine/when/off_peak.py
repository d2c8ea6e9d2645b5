"""Cheap hours: when they are, and what a connector remembers of them (A8.6 to A8.10)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from enum import StrEnum
from itertools import combinations
from typing import Final, Self

from ..memory.stored import read_number, read_object, read_time, write_time
from .weekly import EVERY_DAY, WEEKDAYS, WEEKEND, WeeklySlot, WeeklyTimes

LONGEST_DELAY: Final = timedelta(seconds=1800)
"""A8.9"""

type Window = tuple[time, time]
"""Local start and end; one that does not end after its start reaches into the next day."""

DEFAULT_WINDOWS: Final[tuple[Window, ...]] = ((time(11), time(16)), (time(22), time(8)))


class WeekendRule(StrEnum):
    """What the cheap hours are on Saturdays and Sundays."""

    OFF_PEAK = "off_peak"
    """All of them: British peak hours are on weekdays only."""
    AS_WEEKDAYS = "as_weekdays"
    PEAK = "peak"
    """None begin there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockRules:
    """When cars charge by the clock. Raises ValueError for what makes no sense."""

    windows: tuple[Window, ...] = DEFAULT_WINDOWS
    weekend: WeekendRule = WeekendRule.OFF_PEAK
    continues: bool = False
    """Who charges when the cheap hours end goes on (A8.8)."""
    longest_delay: timedelta = timedelta()
    """A random part of it passes before a car begins (A8.9)."""
    delays_end: bool = False
    """It also passes before a car stops at the end of the cheap hours (A8.10)."""
    resumes: bool = True
    """Cars go on by themselves after their charger has lost power (A8.13)."""

    def __post_init__(self) -> None:
        """Check the rules."""
        if not timedelta() <= self.longest_delay <= LONGEST_DELAY:
            raise ValueError("a delay is between 0 and 1800 s")
        slots = [WeeklySlot(EVERY_DAY, start, end) for start, end in self.windows]
        if any(one.overlaps(other) for one, other in combinations(slots, 2)):
            raise ValueError("windows overlap")

    def times(self, zone: tzinfo) -> WeeklyTimes:
        """Return the cheap hours in a time zone."""
        return WeeklyTimes(tuple(self._slots()), zone)

    def _slots(self) -> Iterator[WeeklySlot]:
        days = WEEKDAYS if self.weekend is WeekendRule.PEAK else EVERY_DAY
        for start, end in self.windows:
            yield WeeklySlot(days, start, end)
        if self.weekend is WeekendRule.OFF_PEAK:
            yield WeeklySlot(WEEKEND, time(), time())


@dataclass(frozen=True, slots=True)
class Hours:
    """What the clock says at a moment."""

    at: datetime
    cheap: bool
    changes_at: datetime | None
    """None: never."""

    def holds(self, now: datetime) -> bool:
        """Return whether that is so at another moment as well."""
        return self.at <= now and (self.changes_at is None or now < self.changes_at)


class OffPeakHours:
    """Looks at the clock; what it has seen holds until the hours change."""

    def __init__(self, rules: ClockRules, zone: tzinfo) -> None:
        self._times = rules.times(zone)
        self._seen: Hours | None = None

    def look(self, now: datetime) -> Hours:
        """Return what the clock says."""
        if self._seen is None or not self._seen.holds(now):
            self._seen = Hours(now, self._times.contains(now), self._times.next_change(now))
        return self._seen


@dataclass(slots=True, kw_only=True)
class OpenHours:
    """What one connector remembers of the hours in which its car may charge."""

    are_open: bool | None = None
    """None: nobody has looked, for its car charges at any hour."""
    charged: bool = False
    """Its car has charged in them."""
    closes_at: datetime | None = None
    """When the cheap hours end, or have ended."""
    lot: float | None = None
    """Part of the longest delay by which its car stops later."""

    def forget(self) -> None:
        """Begin anew."""
        self.are_open, self.charged, self.closes_at, self.lot = None, False, None, None

    def follow(self, rules: ClockRules, hours: Hours, now: datetime, lot: float) -> bool:
        """Return whether they have begun or ended; `lot` is used if it is time to draw one."""
        before = self.are_open
        have_ended = self._are_past(hours, now) and not self._go_on(rules, now, lot)
        if have_ended:
            self.forget()
        if hours.cheap:
            self.are_open, self.closes_at, self.lot = True, hours.changes_at, None
        else:
            self.are_open = bool(before) and not have_ended
        return before is not None and (have_ended or before is not self.are_open)

    def _are_past(self, hours: Hours, now: datetime) -> bool:
        """Return whether the hours that were open are over, perhaps while nobody looked."""
        missed = self.closes_at is not None and self.closes_at <= now
        return bool(self.are_open) and (missed or not hours.cheap)

    def _go_on(self, rules: ClockRules, now: datetime, lot: float) -> bool:
        if not self.charged or rules.continues:
            return self.charged
        if not rules.delays_end:
            return False
        self.lot = lot if self.lot is None else self.lot
        self.closes_at = min(self.closes_at or now, now)
        return now < self.closes_at + self.lot * rules.longest_delay

    def to_json(self) -> dict[str, object]:
        """Return a JSON object that `from_json` reads."""
        return {
            "are_open": self.are_open,
            "charged": self.charged,
            "closes_at": write_time(self.closes_at),
            "lot": self.lot,
        }

    @classmethod
    def from_json(cls, value: object) -> Self:
        """Return the stored memory. Raises ValueError if it is not one."""
        data = read_object(value)
        are_open, lot = data.get("are_open"), data.get("lot")
        return cls(
            are_open=None if are_open is None else are_open is True,
            charged=data.get("charged") is True,
            closes_at=read_time(data.get("closes_at")),
            lot=None if lot is None else read_number(lot, 0, 1),
        )
