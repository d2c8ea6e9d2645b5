"""What integrations show, in the shapes of their documentation."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from custom_components.headroom.forecasts.series import Series, Slot
from custom_components.headroom.forecasts.shapes import series_of, series_of_rows

CET = timezone(timedelta(hours=1))
OSLO = ZoneInfo("Europe/Oslo")
HOUR = timedelta(hours=1)
MIDNIGHT = datetime(2026, 1, 17, tzinfo=CET)


def hours(*values: float, start: datetime = MIDNIGHT, length: int = 60) -> Series:
    """Return slots one after the other."""
    step = timedelta(minutes=length)
    return Series(
        tuple(
            Slot(start + number * step, start + (number + 1) * step, value)
            for number, value in enumerate(values)
        )
    )


NORDPOOL = {
    "average": 0.79,
    "today": [0.1, 0.2],
    "raw_today": [
        {"start": MIDNIGHT, "end": MIDNIGHT + HOUR, "value": 0.1},
        {
            "start": MIDNIGHT + HOUR,
            "end": MIDNIGHT + 2 * HOUR,
            "value": 0.2,
        },
    ],
    "raw_tomorrow": [
        {
            "start": MIDNIGHT + 2 * HOUR,
            "end": MIDNIGHT + 3 * HOUR,
            "value": None,
        }
    ],
}
OCTOPUS = {
    "event_types": ["octopus_energy_electricity_current_day_rates"],
    "rates": [
        {
            "start": "2026-01-17T00:00:00+01:00",
            "end": "2026-01-17T00:30:00+01:00",
            "value_inc_vat": 0.1,
            "is_capped": False,
        },
        {
            "start": "2026-01-17T00:30:00+01:00",
            "end": "2026-01-17T01:00:00+01:00",
            "value_inc_vat": 0.2,
            "is_capped": False,
        },
    ],
}
ENTSOE = {
    "prices_today": [{"time": "2026-01-17 00:00:00+01:00", "price": 0.1}],
    "prices": [
        {"time": "2026-01-17 00:00:00+01:00", "price": 0.1},
        {"time": "2026-01-17 01:00:00+01:00", "price": 0.2},
    ],
}
AMBER = {
    "channel_type": "general",
    "forecasts": [
        {
            "duration": 30,
            "nem_date": "2026-01-17T09:30:00+10:00",
            "per_kwh": 0.1,
            "spot_per_kwh": 0.05,
            "start_time": "2026-01-16T23:00:01+00:00",
            "end_time": "2026-01-16T23:30:00+00:00",
        },
        {
            "duration": 30,
            "per_kwh": 0.2,
            "start_time": "2026-01-16T23:30:01+00:00",
            "end_time": "2026-01-17T00:00:00+00:00",
        },
    ],
}
CARBON = {
    "rates": [
        {
            "from": "2026-01-16T23:00:00+00:00",
            "to": "2026-01-16T23:30:00+00:00",
            "intensity_forecast": 0.1,
        },
        {
            "from": "2026-01-16T23:30:00+00:00",
            "to": "2026-01-17T00:00:00+00:00",
            "intensity_forecast": 0.2,
        },
    ],
}
PLAIN = {
    "forecast": [
        {"start": "2026-01-17T00:00:00", "value": "0.1"},
        {"start": "2026-01-17T01:00:00", "value": "0.2"},
    ]
}


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        pytest.param(NORDPOOL, hours(0.1, 0.2), id="nordpool"),
        pytest.param(OCTOPUS, hours(0.1, 0.2, length=30), id="octopus"),
        pytest.param(ENTSOE, hours(0.1, 0.2), id="entsoe"),
        pytest.param(AMBER, hours(0.1, 0.2, length=30), id="amber"),
        pytest.param(CARBON, hours(0.1, 0.2, length=30), id="carbon"),
        pytest.param(PLAIN, hours(0.1, 0.2), id="plain"),
    ],
)
def test_lists_of_integrations_are_known(attributes: Mapping[str, Any], expected: Series) -> None:
    assert series_of(attributes, OSLO) == expected


def test_rows_of_actions_are_known() -> None:
    tibber = [
        {"start_time": "2026-01-17T00:00:00.000+01:00", "price": 0.1},
        {"start_time": "2026-01-17T01:00:00.000+01:00", "price": 0.2},
    ]
    assert series_of_rows(tibber, OSLO) == hours(0.1, 0.2)


@pytest.mark.parametrize(
    "attributes",
    [
        {},
        {"prices": None},
        {"prices": "cheap"},
        {"prices": [0.1, 0.2]},
        {"prices": [{"time": "soon", "price": 0.1}]},
        {"prices": [{"time": "2026-01-17T00:00:00Z", "price": "much"}]},
        {"prices": [{"time": "2026-01-17T00:00:00Z", "price": float("inf")}]},
        {"prices": [{"time": "2026-01-17T00:00:00Z", "price": [1]}]},
        {"prices": [{"price": 0.1}]},
    ],
)
def test_what_says_nothing_gives_nothing(attributes: Mapping[str, Any]) -> None:
    assert series_of(attributes, OSLO) == Series()


def test_a_single_row_holds_for_an_hour() -> None:
    assert series_of({"prices": [{"time": MIDNIGHT, "price": 1}]}, OSLO) == hours(1.0)


def test_a_gap_is_not_filled_by_the_row_before_it() -> None:
    rows = [{"time": MIDNIGHT + timedelta(hours=h), "price": h} for h in (0, 1, 5)]
    series = series_of({"prices": rows}, OSLO)
    assert series.mean(MIDNIGHT + 3 * HOUR, MIDNIGHT + 4 * HOUR) is None


def test_the_day_on_which_the_clock_is_put_back_has_25_hours() -> None:
    begin = datetime(2026, 10, 24, 22, tzinfo=UTC)
    rows = [
        {"start": (begin + timedelta(hours=h)).astimezone(OSLO).isoformat(), "value": h}
        for h in range(25)
    ]
    series = series_of({"raw_today": rows}, OSLO)
    assert [slot.value for slot in series.slots] == list(range(25))
    assert {slot.end - slot.start for slot in series.slots} == {timedelta(hours=1)}
    assert series.end == datetime(2026, 10, 25, 23, tzinfo=UTC)


def test_an_hour_that_the_clock_shows_twice_is_two_hours() -> None:
    first = datetime(2026, 10, 25, 2, tzinfo=OSLO)
    rows = [
        {"start": start, "end": end, "value": value}
        for start, end, value in (
            (first, first.replace(fold=1), 0.1),
            (first.replace(fold=1), first.replace(hour=3), 0.2),
        )
    ]
    found = series_of({"raw_today": rows}, OSLO)
    assert [slot.value for slot in found.slots] == [0.1, 0.2]
    assert found.slots[1].start - found.slots[0].start == HOUR
