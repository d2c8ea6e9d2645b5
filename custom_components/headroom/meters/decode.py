"""From registers to numbers that a meter can show."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from ..engine.currents import PerPhase
from ..modbus.registers import Image, decode_number
from .base import MeterData, MeterImplausible
from .models import CurrentSign, Kind, MeterModel, Quantity

type Values = Mapping[Kind, tuple[float, ...]]
"""Numbers of each quantity in A, V, W or Wh, from L1 to L3."""

_PLAUSIBLE: Final = {
    Kind.CURRENTS: (-10e3, 10e3),
    Kind.POWERS: (-10e6, 10e6),
    Kind.POWER: (-10e6, 10e6),
    Kind.VOLTAGES: (0.0, 10e3),
    Kind.ENERGY_IMPORT: (0.0, 1e12),
    Kind.ENERGY_EXPORT: (0.0, 1e12),
}
"""Lowest and highest value in A, W, V and Wh that a building's meter can show."""


def decode_image(model: MeterModel, image: Image) -> Values:
    """Return every quantity whose registers were read.

    Raises MeterImplausible, except for optional quantities, which are left out.
    """
    values: dict[Kind, tuple[float, ...]] = {}
    for quantity in model.quantities:
        if any(address not in image for span in quantity.spans for address in span):
            continue
        try:
            values[quantity.kind] = _decode_quantity(model, quantity, image)
        except MeterImplausible:
            if not quantity.optional:
                raise
    return values


def _decode_quantity(model: MeterModel, quantity: Quantity, image: Image) -> tuple[float, ...]:
    numbers = []
    low, high = _PLAUSIBLE[quantity.kind]
    for span in quantity.spans:
        raw = decode_number([image[a] for a in span], quantity.format, model.word_order)
        number = raw * quantity.scale
        if not low <= number <= high:
            raise MeterImplausible(f"{quantity.kind} of {number:g} cannot be")
        numbers.append(number)
    return tuple(numbers)


def signed_currents(currents: PerPhase, powers: PerPhase) -> PerPhase:
    """Give unsigned currents the direction of the phases' powers; signed ones stay."""
    return currents.pairwise(powers, lambda i, p: -i if i > 0 and p < 0 else i)


def meter_data(model: MeterModel, values: Values, at: datetime) -> MeterData:
    """Make a reading of decoded quantities.

    Unsigned currents without powers per phase count as import, the safe direction.
    """
    currents = PerPhase(*values[Kind.CURRENTS])
    powers = _per_phase(values, Kind.POWERS)
    if powers is not None and model.current_sign is CurrentSign.UNSIGNED:
        currents = signed_currents(currents, powers)
    return MeterData(
        at=at,
        currents=currents,
        powers=powers,
        power=_single(values, Kind.POWER),
        voltages=_per_phase(values, Kind.VOLTAGES),
        energy_import=_single(values, Kind.ENERGY_IMPORT),
        energy_export=_single(values, Kind.ENERGY_EXPORT),
    )


def _per_phase(values: Values, kind: Kind) -> PerPhase | None:
    return PerPhase(*values[kind]) if kind in values else None


def _single(values: Values, kind: Kind) -> float | None:
    return values[kind][0] if kind in values else None
