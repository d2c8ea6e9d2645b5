"""What several peers have in common."""

from collections.abc import Iterable, Sequence
from math import floor

from simulator.trial.controller import Installation, View

FLOOR = 6.0


def usable(current: float, most: float) -> float:
    """Return a setpoint in whole A: 0 below the floor, and no more than the charger's most."""
    whole = min(float(floor(current + 1e-9)), most)
    return whole if whole >= FLOOR else 0.0


def headroom(installation: Installation, view: View) -> float:
    """Return what the fullest phase leaves by the last sample, in A; no phase is told apart."""
    return min(headrooms(installation, view))


def headrooms(installation: Installation, view: View) -> list[float]:
    """Return what each phase leaves by the last sample, in A."""
    if view.sample is None:
        return [0.0, 0.0, 0.0]
    return [installation.limit - current for current in view.sample.currents]


def drawn_per_phase(installation: Installation, view: View) -> list[float]:
    """Return what the chargers have last reported, in A per phase."""
    sums = [0.0, 0.0, 0.0]
    for outlet, report in zip(installation.outlets, view.reports, strict=True):
        for phase in outlet.phases:
            sums[phase] += report.drawn
    return sums


def lowest(values: Sequence[float], phases: Iterable[int]) -> float:
    """Return the lowest value on some phases."""
    return min(values[phase] for phase in phases)
