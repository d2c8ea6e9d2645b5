"""What people see of an energy register."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.headroom.chargers.steady import SteadyRegister

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


def shown(*readings: float) -> list[float | None]:
    """Return what is shown of readings that come once a minute."""
    register = SteadyRegister()
    times = (NOON + timedelta(minutes=number) for number in range(len(readings)))
    return [register.see(one, now) for one, now in zip(readings, times, strict=True)]


def test_a_register_is_passed_on() -> None:
    assert shown(5000, 5000, 5010.5, 9000) == [5000, 5000, 5010.5, 9000]


@pytest.mark.parametrize("leap", [0, 4999, 5_000_000, 4_294_967_295])
def test_a_leap_for_a_moment_is_not_shown(leap: float) -> None:
    assert shown(5000, leap, leap, 5100) == [5000, 5000, 5000, 5100]


@pytest.mark.parametrize("leap", [0, 70, 5_000_000])
def test_a_leap_that_stays_is_shown(leap: float) -> None:
    readings = shown(5000, *(leap + number for number in range(8)))
    assert readings == [5000] * 6 + [leap + 5, leap + 6, leap + 7]


def test_a_leap_and_another_are_waited_for_anew() -> None:
    assert shown(5000, 0, 0, 0, 5000, 0, 0, 0, 5001)[-1] == 5001
    assert 0 not in shown(5000, 0, 0, 0, 5000, 0, 0, 0, 5001)


def test_nothing_is_shown_of_a_charger_that_starts() -> None:
    assert shown(0, 0, 5000) == [None, None, 5000]
    assert shown(0, 0, 0, 0, 0, 0, 10)[-2:] == [0, 10]
