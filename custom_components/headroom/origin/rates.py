"""What a kWh costs and how much CO2 it makes, from what sensors show in their units."""

from collections.abc import Callable
from typing import Final

from ..entity_state import EntityState, as_float

_KWH_PER: Final = {"kWh": 1.0, "MWh": 1000.0, "Wh": 0.001}
_HUNDREDTHS: Final = frozenset({"c", "cent", "cents", "ct", "p", "øre", "öre", "¢"})
"""Of whatever the currency is."""
_GRAMS: Final = {"kg": 1000.0, "g": 1.0, "mg": 0.001}
_MOST: Final = 1e9
"""Of the currency, or g, per kWh: no rate is higher, or lower below 0, in any country."""


def rate(state: EntityState | None, factor_of: Callable[[str], float | None]) -> float | None:
    """Return what a sensor shows, times the factor of its unit; None if that says nothing."""
    value = None if state is None else as_float(state.value)
    factor = None if state is None else factor_of(state.unit or "")
    if value is None or factor is None or abs(value * factor) > _MOST:
        return None
    return value * factor


def price_factor(unit: str) -> float | None:
    """Return the factor from a unit of prices to the currency per kWh; None if it is none."""
    money, per = _sides(unit)
    if per is None or not money:
        return None
    return (0.01 if money.lower() in _HUNDREDTHS else 1.0) / per


def intensity_factor(unit: str) -> float | None:
    """Return the factor from a unit of carbon intensity to g per kWh; None if it is none."""
    mass, per = _sides(unit)
    grams = next((grams for name, grams in _GRAMS.items() if mass.startswith(name)), None)
    return None if per is None or grams is None else grams / per


def _sides(unit: str) -> tuple[str, float | None]:
    """Return what stands before the stroke, and the kWh of what stands behind it."""
    before, _, energy = unit.partition("/")
    return before.strip(), _KWH_PER.get(energy.strip())
