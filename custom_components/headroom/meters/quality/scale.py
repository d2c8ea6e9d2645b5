"""Whether powers and currents can be of the same meter, in the units that are assumed."""

from collections.abc import Iterable

from ...compliance.spell import Sign
from ...engine.known.power import voltage_or_nominal
from ..base import MeterData
from .thresholds import Thresholds


def is_too_small(data: MeterData, phase: int, most: float, thresholds: Thresholds) -> Sign | None:
    """Return whether a current is far too small for its power; None if that cannot be told.

    `most` is the highest current in A that can be: a power that tells more is wrong itself.
    """
    told = _told_by_power(data, phase)
    if told is None or told < thresholds.flows:
        return None
    is_dwarfed = told >= thresholds.too_small * abs(data.currents[phase])
    return Sign(is_dwarfed and told <= most)


def is_power_off(
    data: MeterData, phases: Iterable[int], most: float, thresholds: Thresholds
) -> Sign | None:
    """Return whether powers are far off their currents on all phases that can be judged."""
    signs = {_is_power_off(data, phase, most, thresholds) for phase in phases} - {None}
    return None if not signs else Sign(signs == {True})


def _is_power_off(data: MeterData, phase: int, most: float, thresholds: Thresholds) -> bool | None:
    told, current = _told_by_power(data, phase), abs(data.currents[phase])
    if told is None or max(told, current) < thresholds.flows:
        return None
    low, high = thresholds.power_unit
    return (
        told > max(most, thresholds.too_small * current) or low * current <= told <= high * current
    )


def _told_by_power(data: MeterData, phase: int) -> float | None:
    """Return the current in A that would make all of a power, whatever its direction."""
    if data.powers is None:
        return None
    voltage = 0.0 if data.voltages is None else data.voltages[phase]
    return abs(data.powers[phase]) / voltage_or_nominal(voltage)
