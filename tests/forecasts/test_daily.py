"""What is usual at a time of day."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from custom_components.headroom.forecasts.daily import DailyProfile

MONDAY = datetime(2026, 3, 9, 18, tzinfo=UTC)
DAY = timedelta(days=1)


def test_nothing_is_usual_before_anything_was_seen() -> None:
    assert DailyProfile().expected(MONDAY, UTC) is None


def test_weekdays_and_weekends_are_apart_once_both_were_seen() -> None:
    profile = DailyProfile()
    profile.note(MONDAY, 10.0, UTC)
    assert profile.expected(MONDAY + DAY, UTC) == 10
    assert profile.expected(MONDAY + 5 * DAY, UTC) == 10
    profile.note(MONDAY + 5 * DAY, 4.0, UTC)
    assert profile.expected(MONDAY + 6 * DAY, UTC) == 4
    assert profile.expected(MONDAY + 7 * DAY, UTC) == 10


def test_a_time_that_was_never_seen_is_as_it_is_now() -> None:
    profile = DailyProfile()
    profile.note(MONDAY, 10.0, UTC)
    profile.note(MONDAY, 20.0, UTC)
    found = profile.expected(MONDAY + timedelta(hours=3), UTC)
    assert found == pytest.approx(10.5)


def test_days_are_those_on_the_wall() -> None:
    profile, friday = DailyProfile(), datetime(2026, 3, 13, 23, 30, tzinfo=UTC)
    profile.note(friday, 5.0, ZoneInfo("Europe/Berlin"))
    profile.note(friday - DAY, 9.0, ZoneInfo("Europe/Berlin"))
    assert profile.expected(friday, ZoneInfo("Europe/Berlin")) == 5
