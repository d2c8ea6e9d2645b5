"""Values over time, and what is usual at a time of day."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.headroom.forecasts.daily import DailyProfile
from custom_components.headroom.forecasts.series import Series, Slot

NOW = datetime(2026, 1, 17, tzinfo=UTC)
HOUR = timedelta(hours=1)


def hourly(*values: float) -> Series:
    return Series.of(
        Slot(NOW + n * HOUR, NOW + (n + 1) * HOUR, value) for n, value in enumerate(values)
    )


def test_slots_are_brought_in_order_and_the_last_of_the_same_time_counts() -> None:
    late, early = Slot(NOW + HOUR, NOW + 2 * HOUR, 2), Slot(NOW, NOW + HOUR, 1)
    again, empty = Slot(NOW, NOW + HOUR, 5), Slot(NOW + 3 * HOUR, NOW + 3 * HOUR, 9)
    assert Series.of([late, early, again, empty]).slots == (again, late)


def test_a_mean_is_weighted_by_time() -> None:
    series = hourly(1, 4)
    assert series.mean(NOW, NOW + HOUR) == 1
    assert series.mean(NOW + HOUR / 2, NOW + 2 * HOUR) == 3
    assert series.mean(NOW + 2 * HOUR, NOW + 3 * HOUR) is None


def test_what_is_not_known_is_as_a_day_before_or_as_usual() -> None:
    series = hourly(*range(24))
    tomorrow = NOW + timedelta(days=1, hours=5)
    assert series.expected(tomorrow, tomorrow + HOUR) == 5
    assert hourly(1, 3).expected(tomorrow, tomorrow + HOUR) == 2
    assert Series().expected(NOW, NOW + HOUR) is None


def test_the_end_and_a_factor() -> None:
    assert Series().end is None
    assert hourly(1, 2).end == NOW + 2 * HOUR
    assert hourly(1, 2).scaled(10) == hourly(10, 20)


def test_a_profile_knows_what_is_usual_at_a_time_of_day() -> None:
    profile = DailyProfile()
    assert profile.expected(NOW, UTC) is None
    profile.note(NOW, 100, UTC)
    assert profile.expected(NOW + timedelta(days=1, minutes=14), UTC) == 100
    assert profile.expected(NOW + HOUR, UTC) == 100
    profile.note(NOW + HOUR, 500, UTC)
    assert profile.expected(NOW, UTC) == 100
    assert profile.expected(NOW + HOUR, UTC) == 500
    assert profile.expected(NOW + 2 * HOUR, UTC) == pytest.approx(120)


def test_a_profile_forgets_slowly() -> None:
    profile = DailyProfile()
    for minute in range(15):
        profile.note(NOW + timedelta(minutes=minute), 0, UTC)
    for minute in range(15):
        profile.note(NOW + timedelta(days=1, minutes=minute), 100, UTC)
    expected = profile.expected(NOW, UTC)
    assert expected is not None
    assert 50 < expected < 60
