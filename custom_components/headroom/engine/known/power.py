"""A limit in watts as currents."""

from math import floor
from typing import Final

from ..currents import PHASES, PerPhase

NOMINAL_VOLTAGE: Final = 230.0
"""Voltage to neutral in V where none is measured."""

_PLAUSIBLE: Final = (0.7, 1.3)
"""Measured voltages outside these parts of the nominal one come from a missing or faulty sensor."""
_PER_AMPERE: Final = 100
"""Limits are whole hundredths of an ampere."""
_EPSILON: Final = 1e-9
"""Far below a hundredth: what binary fractions take off a whole number is no reason to lose one."""


def amperes(
    power_w: float,
    voltages: PerPhase | None,
    phases: tuple[int, ...],
    nominal: float = NOMINAL_VOLTAGE,
) -> PerPhase:
    """Return the current per phase, in A, that keeps a supply within a contracted power (A2.10).

    Each phase gets an equal part of the power. A contract limits the sum over the phases, and equal
    parts keep that sum whatever the others draw; a phase given more would rely on another to stay
    low, which nobody can promise. Where each phase is limited by itself, equal parts are the
    contract. Phases that the supply does not have get 0. Raises ValueError for what is no power,
    no voltage or no phases.
    """
    if not 0 <= power_w < float("inf"):
        raise ValueError(f"not a power: {power_w!r}")
    if not 0 < nominal < float("inf"):
        raise ValueError(f"not a voltage: {nominal!r}")
    if len(set(phases)) < len(phases) or not set(phases) <= set(PHASES):
        raise ValueError(f"not the phases of a supply: {phases!r}")
    share = power_w / max(1, len(phases))
    measured = PerPhase() if voltages is None else voltages
    return PerPhase(
        *(
            hundredths(share / voltage_or_nominal(measured[phase], nominal))
            if phase in phases
            else 0.0
            for phase in PHASES
        )
    )


def voltage_or_nominal(measured: float, nominal: float = NOMINAL_VOLTAGE) -> float:
    """Return a measured voltage to neutral in V, or the nominal one if it cannot be true."""
    low, high = _PLAUSIBLE
    return measured if low * nominal <= measured <= high * nominal else nominal


def hundredths(current: float) -> float:
    """Return a current in A without what is less than a hundredth."""
    return floor(current * _PER_AMPERE + _EPSILON) / _PER_AMPERE
