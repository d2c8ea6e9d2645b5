"""Times that come back every week, by the clock on the wall."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cached_property
from typing import Final

EVERY_DAY: Final = frozenset(range(7))
WEEKEND: Final = frozenset({5, 6})
WEEKDAYS: Final = EVERY_DAY - WEEKEND

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DAY: Final = timedelta(days=1)
_DAY_MINUTES: Final = 24 * 60
_WEEK_MINUTES: Final = 7 * _DAY_MINUTES
_HORIZON: Final = 16
"""Days: a slot that comes once a week can be missing once, where the clock is put forward."""


@dataclass(frozen=True, slots=True)
class WeeklySlot:
    """Hours on some days of the week. Raises ValueError for what makes no sense.

    A slot whose end is not after its start reaches into the next day, and belongs to the day on
    which it begins; one that ends when it starts lasts for 24 hours.
    """

    weekdays: frozenset[int]
    """As `date.weekday` counts them: Monday is 0."""
    start: time
    end: time
    """The first minute that is no longer part of it."""

    def __post_init__(self) -> None:
        """Check the slot."""
        if not self.weekdays or not self.weekdays <= EVERY_DAY:
            raise ValueError(f"not days of a week: {sorted(self.weekdays)}")
        for edge in (self.start, self.end):
            if edge.tzinfo is not None or edge.second or edge.microsecond:
                raise ValueError(f"not hours and minutes on the wall: {edge}")

    def contains(self, wall: datetime) -> bool:
        """Return whether the clock on the wall shows a moment within the slot."""
        return any(self._contains(wall, wall.date() - ago) for ago in (timedelta(), _DAY))

    def _contains(self, wall: datetime, day: date) -> bool:
        if day.weekday() not in self.weekdays:
            return False
        start, end = datetime.combine(day, self.start), datetime.combine(day, self.end)
        return start <= wall < (end if end > start else end + _DAY)

    def overlaps(self, other: WeeklySlot) -> bool:
        """Return whether there is a minute of the week that both contain."""
        return any(
            (theirs - ours) % _WEEK_MINUTES < self._minutes
            or (ours - theirs) % _WEEK_MINUTES < other._minutes
            for ours in self._starts()
            for theirs in other._starts()
        )

    @property
    def _minutes(self) -> int:
        lasts = (_minute_of(self.end) - _minute_of(self.start)) % _DAY_MINUTES
        return lasts or _DAY_MINUTES

    def _starts(self) -> Iterator[int]:
        for day in self.weekdays:
            yield day * _DAY_MINUTES + _minute_of(self.start)


@dataclass(frozen=True)  # no slots, for what is worked out once is kept
class WeeklyTimes:
    """Slots in one time zone, joined.

    What the clock on the wall shows is what counts. An hour that it shows twice is part of them
    twice. A slot that begins in an hour that it skips begins right after that hour. Moments must
    be aware of their zone, else they raise ValueError; those that are returned are UTC.
    """

    slots: tuple[WeeklySlot, ...]
    zone: tzinfo

    def contains(self, now: datetime) -> bool:
        """Return whether a moment is within a slot."""
        wall = _aware(now).astimezone(self.zone).replace(tzinfo=None)
        return any(slot.contains(wall) for slot in self.slots)

    def next_change(self, now: datetime) -> datetime | None:
        """Return when `contains` next turns over after a moment; None: it does not."""
        inside = self.contains(now)
        changes = (moment for moment in self._edges(now) if self.contains(moment) is not inside)
        return next(changes, None)

    def next_start(self, now: datetime) -> datetime | None:
        """Return when a time outside the slots next ends; None: it does not."""
        return self._next(now, inside=True)

    def next_end(self, now: datetime) -> datetime | None:
        """Return when a time inside the slots next ends; None: it does not."""
        return self._next(now, inside=False)

    def _next(self, now: datetime, *, inside: bool) -> datetime | None:
        change = self.next_change(now)
        if change is None or self.contains(change) is inside:
            return change
        return self.next_change(change)

    def _edges(self, now: datetime) -> list[datetime]:
        """Return every moment after now at which `contains` could turn over, in order."""
        first = _aware(now).astimezone(self.zone).date() - _DAY
        days = [first + ahead * _DAY for ahead in range(_HORIZON + 2)]
        moments = {moment for day in days for moment in self._edges_on(day)}
        moments.update(self._clock_changes(now.astimezone(UTC)))
        return sorted(moment for moment in moments if moment > now)

    def _edges_on(self, day: date) -> Iterable[datetime]:
        for edge in self._times_of_day:
            for fold in (0, 1):
                wall = datetime.combine(day, edge.replace(fold=fold), self.zone)
                yield wall.astimezone(UTC)

    @cached_property
    def _times_of_day(self) -> frozenset[time]:
        return frozenset(edge for slot in self.slots for edge in (slot.start, slot.end))

    def _clock_changes(self, now: datetime) -> Iterator[datetime]:
        """Return when clocks are put forward or back."""
        for ahead in range(_HORIZON):
            before = now + ahead * _DAY
            seconds = range(int(before.timestamp()), int((before + _DAY).timestamp()) + 1)
            if self._offset(seconds[0]) != self._offset(seconds[-1]):
                yield _moment(self._change_within(seconds))

    def _change_within(self, seconds: range) -> int:
        offset = self._offset(seconds[0])
        return seconds[bisect_left(seconds, 1, key=lambda at: int(self._offset(at) != offset))]

    def _offset(self, second: int) -> timedelta | None:
        return _moment(second).astimezone(self.zone).utcoffset()


def _moment(second: int) -> datetime:
    return _EPOCH + timedelta(seconds=second)


def _minute_of(edge: time) -> int:
    return edge.hour * 60 + edge.minute


def _aware(moment: datetime) -> datetime:
    if moment.utcoffset() is None:
        raise ValueError(f"a time without its zone: {moment}")
    return moment
