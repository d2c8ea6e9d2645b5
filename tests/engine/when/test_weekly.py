"""Weekly times, checked against a look at the clock on the wall in every minute."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custom_components.headroom.engine.when.weekly import (
    EVERY_DAY,
    WEEKDAYS,
    WEEKEND,
    WeeklySlot,
    WeeklyTimes,
)

PARIS = ZoneInfo("Europe/Paris")
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
SUNDAY = 6

CLOCK_CHANGES = {
    "Europe/Paris": (datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)),
    "Europe/London": (datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)),
    "America/New_York": (
        datetime(2026, 3, 8, 7, tzinfo=UTC),
        datetime(2026, 11, 1, 6, tzinfo=UTC),
    ),
    "Australia/Lord_Howe": (
        datetime(2026, 10, 3, 15, 30, tzinfo=UTC),
        datetime(2026, 4, 4, 15, tzinfo=UTC),
    ),
    "America/Havana": (datetime(2026, 3, 8, 5, tzinfo=UTC), datetime(2026, 11, 1, 5, tzinfo=UTC)),
    "UTC": (datetime(2026, 3, 29, 1, tzinfo=UTC),),
}


def slot(start: str, end: str, weekdays: frozenset[int] = EVERY_DAY) -> WeeklySlot:
    return WeeklySlot(weekdays, time.fromisoformat(start), time.fromisoformat(end))


def in_paris(*slots: WeeklySlot) -> WeeklyTimes:
    return WeeklyTimes(slots, PARIS)


def shown(times: WeeklyTimes, moment: datetime) -> bool:
    """Return what a person with a watch and a list of minutes says."""
    wall = moment.astimezone(times.zone)
    minute = wall.hour * 60 + wall.minute
    for part in times.slots:
        start, end = (60 * edge.hour + edge.minute for edge in (part.start, part.end))
        today = wall.weekday() in part.weekdays
        yesterday = (wall.weekday() - 1) % 7 in part.weekdays
        if start < end:
            if today and start <= minute < end:
                return True
        elif (today and minute >= start) or (yesterday and minute < end):
            return True
    return False


def scan(times: WeeklyTimes, now: datetime, *, minutes: int) -> Iterator[tuple[datetime, bool]]:
    """Yield each whole minute after now at which the answer has turned over."""
    minute = now.replace(second=0, microsecond=0)
    before = shown(times, minute)
    for _ in range(minutes):
        minute += MINUTE
        if shown(times, minute) is not before:
            before = not before
            yield minute, before


TIMES = st.builds(time, st.integers(0, 23), st.sampled_from([0, 1, 15, 29, 30, 45, 59]))
SLOTS = st.builds(WeeklySlot, st.frozensets(st.integers(0, 6), min_size=1), TIMES, TIMES)


@st.composite
def moments(draw: st.DrawFn) -> tuple[str, datetime]:
    """Return a zone and a moment near one of its clock changes."""
    zone = draw(st.sampled_from(sorted(CLOCK_CHANGES)))
    change = draw(st.sampled_from(CLOCK_CHANGES[zone]))
    return zone, change + timedelta(seconds=draw(st.integers(-2 * 86_400, 86_400)))


@settings(max_examples=120, deadline=None)
@given(st.lists(SLOTS, max_size=4), moments())
def test_it_agrees_with_a_look_at_the_wall_in_every_minute(
    slots: list[WeeklySlot], moment: tuple[str, datetime]
) -> None:
    zone, now = moment
    times = WeeklyTimes(tuple(slots), ZoneInfo(zone))
    assert times.contains(now) is shown(times, now)
    seen = list(scan(times, now, minutes=3 * 24 * 60))
    starts = [at for at, inside in seen if inside]
    ends = [at for at, inside in seen if not inside]
    horizon = now + timedelta(days=3) - MINUTE
    for found, expected in (
        (times.next_change(now), [at for at, _ in seen]),
        (times.next_start(now), starts),
        (times.next_end(now), ends),
    ):
        if expected:
            assert found == expected[0]
        else:
            assert found is None or found > horizon


@settings(max_examples=60, deadline=None)
@given(SLOTS, SLOTS)
def test_slots_overlap_if_they_share_a_minute_of_the_week(
    one: WeeklySlot, other: WeeklySlot
) -> None:
    monday = datetime(2026, 6, 1, tzinfo=UTC)
    minutes = [(monday + n * MINUTE).replace(tzinfo=None) for n in range(7 * 24 * 60)]
    shared = any(one.contains(minute) and other.contains(minute) for minute in minutes)
    assert one.overlaps(other) is other.overlaps(one) is shared


def test_a_slot_over_midnight_belongs_to_the_day_on_which_it_begins() -> None:
    friday = in_paris(slot("22:00", "08:00", frozenset({4})))
    assert not friday.contains(datetime(2026, 6, 5, 7, tzinfo=PARIS))
    assert friday.contains(datetime(2026, 6, 5, 22, tzinfo=PARIS))
    assert friday.contains(datetime(2026, 6, 6, 7, 59, tzinfo=PARIS))
    assert not friday.contains(datetime(2026, 6, 6, 8, tzinfo=PARIS))


def test_a_slot_that_ends_when_it_starts_lasts_for_a_day() -> None:
    sunday = in_paris(slot("00:00", "00:00", frozenset({SUNDAY})))
    friday = datetime(2026, 6, 5, 12, tzinfo=PARIS)
    assert sunday.next_start(friday) == datetime(2026, 6, 7, tzinfo=PARIS)
    assert sunday.next_end(friday) == datetime(2026, 6, 8, tzinfo=PARIS)


def test_what_touches_is_one_time() -> None:
    times = in_paris(slot("06:00", "12:00"), slot("12:00", "14:00"))
    morning = datetime(2026, 6, 5, 7, tzinfo=PARIS)
    assert times.next_end(morning) == datetime(2026, 6, 5, 14, tzinfo=PARIS)


@pytest.mark.parametrize("slots", [(), (slot("00:00", "00:00"),)])
def test_what_never_changes_has_no_next_change(slots: tuple[WeeklySlot, ...]) -> None:
    times, now = in_paris(*slots), datetime(2026, 3, 28, 7, tzinfo=PARIS)
    assert times.contains(now) is bool(slots)
    assert times.next_change(now) is None
    assert times.next_start(now) is None
    assert times.next_end(now) is None


def test_a_slot_begins_right_after_an_hour_that_is_skipped() -> None:
    times = in_paris(slot("02:30", "05:00"))
    evening = datetime(2026, 3, 28, 22, tzinfo=PARIS)
    assert times.next_start(evening) == datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert times.next_end(evening) == datetime(2026, 3, 29, 3, tzinfo=UTC)


def test_a_weekly_slot_within_a_skipped_hour_comes_a_week_later() -> None:
    times = in_paris(slot("02:15", "02:45", frozenset({SUNDAY})))
    over = datetime(2026, 3, 22, 3, tzinfo=PARIS)
    assert times.next_start(over) == datetime(2026, 4, 5, 2, 15, tzinfo=PARIS)


def test_both_hours_count_that_the_clock_shows_twice() -> None:
    times = in_paris(slot("02:00", "03:00"))
    evening = datetime(2026, 10, 24, 22, tzinfo=PARIS)
    start, end = times.next_start(evening), times.next_end(evening)
    assert start == datetime(2026, 10, 25, 0, tzinfo=UTC)
    assert end == datetime(2026, 10, 25, 2, tzinfo=UTC)


def test_a_change_is_found_to_the_second_from_any_moment() -> None:
    times = in_paris(slot("11:00", "16:00"))
    moment = datetime(2026, 6, 5, 10, 59, 59, 999_999, tzinfo=PARIS)
    assert times.next_start(moment) == datetime(2026, 6, 5, 11, tzinfo=PARIS)
    start = datetime(2026, 6, 5, 11, tzinfo=PARIS)
    assert times.contains(start)
    assert times.next_change(start) == start + 5 * HOUR


def test_moments_that_are_returned_are_utc() -> None:
    found = in_paris(slot("11:00", "16:00")).next_change(datetime(2026, 6, 5, tzinfo=PARIS))
    assert found is not None
    assert found.tzinfo is UTC


@pytest.mark.parametrize("weekdays", [frozenset[int](), frozenset({7}), frozenset({-1, 2})])
def test_days_that_no_week_has_are_refused(weekdays: frozenset[int]) -> None:
    with pytest.raises(ValueError, match="not days of a week"):
        WeeklySlot(weekdays, time(1), time(2))


@pytest.mark.parametrize("edge", [time(1, 0, 1), time(1, 0, 0, 1), time(1, tzinfo=UTC)])
def test_edges_are_hours_and_minutes_without_a_zone(edge: time) -> None:
    with pytest.raises(ValueError, match="not hours and minutes"):
        WeeklySlot(EVERY_DAY, edge, time(2))
    with pytest.raises(ValueError, match="not hours and minutes"):
        WeeklySlot(EVERY_DAY, time(2), edge)


def test_a_moment_without_its_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without its zone"):
        in_paris().contains(datetime(2026, 6, 5))  # noqa: DTZ001 - that is the point


def test_week_and_weekend_make_up_every_day() -> None:
    assert WEEKDAYS | WEEKEND == EVERY_DAY
    assert not WEEKDAYS & WEEKEND
