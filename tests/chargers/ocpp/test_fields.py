"""Single values as chargers send them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from custom_components.headroom.chargers.ocpp.fields import (
    as_int,
    as_number,
    as_text,
    as_time,
    to_wire,
)


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("16", 16.0),
        (" 16.5 ", 16.5),
        ("16,5", 16.5),
        (16, 16.0),
        (1e3, 1000.0),
        ("NaN", None),
        ("Infinity", None),
        ("1e999", None),
        (10**400, None),
        ("\N{EN DASH}", None),
        ("1.234,5", None),
        ("", None),
        (None, None),
        (True, None),
        ([1], None),
    ],
)
def test_numbers(value: object, number: float | None) -> None:
    assert as_number(value) == number


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (3, 3),
        ("3", 3),
        (3.0, 3),
        (-1, -1),
        (2**31 - 1, 2**31 - 1),
        (-(2**31), -(2**31)),
        (2**31, None),
        (-(2**31) - 1, None),
        (1e300, None),
        (3.5, None),
        ("x", None),
    ],
)
def test_whole_numbers(value: object, number: int | None) -> None:
    assert as_int(value) == number


@pytest.mark.parametrize(
    ("value", "text"),
    [(" a ", "a"), ("", None), ("  ", None), (7, None), (None, None), ("x" * 501, "x" * 500)],
)
def test_texts(value: object, text: str | None) -> None:
    assert as_text(value) == text


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("2026-07-01T12:00:00Z", datetime(2026, 7, 1, 12, tzinfo=UTC)),
        ("2026-07-01T12:00:00", datetime(2026, 7, 1, 12, tzinfo=UTC)),
        ("2026-07-01T14:00:00+02", datetime(2026, 7, 1, 12, tzinfo=UTC)),
        ("2026-07-01T12:00:00.123456789Z", datetime(2026, 7, 1, 12, 0, 0, 123456, UTC)),
        ("1970-01-01T00:00:00Z", datetime(1970, 1, 1, tzinfo=UTC)),
        ("0001-01-01T00:00:00+14:00", None),
        ("yesterday", None),
        ("", None),
        (1782907200, None),
        (None, None),
    ],
)
def test_moments(value: object, moment: datetime | None) -> None:
    assert as_time(value) == moment


def test_moments_on_the_wire_are_utc_without_fraction() -> None:
    moment = datetime(2026, 7, 1, 14, 0, 1, 999, timezone(timedelta(hours=2)))
    assert to_wire(moment) == "2026-07-01T12:00:01Z"
