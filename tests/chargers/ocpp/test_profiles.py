"""Limits that chargers take."""

import pytest

from custom_components.headroom.chargers.ocpp.profiles import usable_current


@pytest.mark.parametrize(
    ("current", "usable"),
    [
        (16.0, 16.0),
        (10.35, 10.3),
        (10.3, 10.3),
        (13.799999999999999, 13.8),
        (0.1 + 0.2 + 6, 6.3),
        (6.0, 6.0),
        (5.99, 0.0),
        (0.0, 0.0),
        (-3.0, 0.0),
        (float("nan"), 0.0),
        (float("inf"), 0.0),
    ],
)
def test_currents_are_rounded_down_to_tenths_or_to_nothing(current: float, usable: float) -> None:
    assert usable_current(current) == usable
