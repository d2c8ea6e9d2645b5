"""At which time of day a car is to be ready."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from custom_components.headroom.plan.ready_times import next_time, ready_times

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("after", "due"),
    [
        ("2026-03-29T00:00+01:00", "2026-03-29T00:30+00:00"),
        ("2026-10-25T00:00+02:00", "2026-10-25T00:30+00:00"),
        ("2026-03-10T02:30+01:00", "2026-03-11T01:30+00:00"),
        ("2026-03-29T00:30+00:00", "2026-03-30T00:30+00:00"),
        ("2026-10-25T00:30+00:00", "2026-10-26T01:30+00:00"),
    ],
)
def test_times_of_day_are_those_on_the_wall_also_when_the_clock_is_changed(
    after: str, due: str
) -> None:
    """At half past two: it does not exist on the first day, and twice on the second one."""
    times = (time(2, 30),) * 7
    moment = next_time(times, datetime.fromisoformat(after), BERLIN)
    assert moment == datetime.fromisoformat(due)


WEEK = ready_times("06:30:00", {"sat": "09:00:00", "sun": None})
ONLY_TUESDAY = (None, time(7), None, None, None, None, None)


@pytest.mark.parametrize(
    ("times", "after", "due"),
    [
        (WEEK, "2026-03-12T20:00+00:00", "2026-03-13T06:30+00:00"),
        (WEEK, "2026-03-13T20:00+00:00", "2026-03-14T09:00+00:00"),
        (WEEK, "2026-03-14T09:00+00:00", "2026-03-16T06:30+00:00"),
        (ONLY_TUESDAY, "2026-03-10T07:00+00:00", "2026-03-17T07:00+00:00"),
        ((None,) * 7, "2026-03-10T07:00+00:00", None),
    ],
)
def test_weekdays_have_times_of_their_own(
    times: tuple[time | None, ...], after: str, due: str | None
) -> None:
    expected = None if due is None else datetime.fromisoformat(due)
    assert next_time(times, datetime.fromisoformat(after), UTC) == expected


def test_ready_by_is_at_seven_unless_somebody_changes_it() -> None:
    assert ready_times(None, {}) == (time(7),) * 7
