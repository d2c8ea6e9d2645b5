"""Prices and carbon intensities in the units of various sensors."""

from datetime import UTC, datetime

import pytest

from custom_components.headroom.entity_state import EntityState
from custom_components.headroom.origin.rates import intensity_factor, price_factor, rate


@pytest.mark.parametrize(
    ("unit", "factor"),
    [
        ("EUR/kWh", 1),
        ("€/kWh", 1),
        ("EUR / MWh", 0.001),
        ("ct/kWh", 0.01),
        ("p/kWh", 0.01),
        ("Öre/kWh", 0.01),
        ("$/Wh", 1000),
        ("EUR", None),
        ("/kWh", None),
        ("", None),
    ],
)
def test_units_of_prices(unit: str, factor: float | None) -> None:
    assert price_factor(unit) == (factor and pytest.approx(factor))


@pytest.mark.parametrize(
    ("unit", "factor"),
    [
        ("gCO2eq/kWh", 1),
        ("g/kWh", 1),
        ("kgCO2/MWh", 1),
        ("mg/Wh", 1),
        ("EUR/kWh", None),
        ("%", None),
        ("g", None),
    ],
)
def test_units_of_carbon_intensity(unit: str, factor: float | None) -> None:
    assert intensity_factor(unit) == (factor and pytest.approx(factor))


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        ("25", "ct/kWh", 0.25),
        ("-0.1", "EUR/kWh", -0.1),
        ("soon", "ct/kWh", None),
        ("1", "W", None),
        ("1e300", "EUR/kWh", None),
        ("-1e10", "EUR/kWh", None),
    ],
)
def test_what_a_sensor_shows(value: str, unit: str, shown: float | None) -> None:
    now = datetime(2026, 6, 1, tzinfo=UTC)
    state = EntityState(domain="sensor", value=value, reported_at=now, unit=unit)
    assert rate(state, price_factor) == shown


def test_a_missing_sensor_shows_nothing() -> None:
    assert rate(None, price_factor) is None
