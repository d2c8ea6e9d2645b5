"""From what a meter measures to currents at the supply of its zone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ..engine.currents import PHASES, PerPhase
from ..engine.site.wiring import Wiring
from .base import MeterData, MeterImplausible
from .estimate import Spread, current_of
from .models import CurrentSign, Kind

type Numbers = tuple[float | None, ...]
"""A, V, W or Wh from L1 on, None on a phase without a value; or the only number."""

type Values = Mapping[Kind, Numbers]

_PLAUSIBLE: Final = {
    Kind.CURRENTS: (-10e3, 10e3),
    Kind.POWERS: (-10e6, 10e6),
    Kind.POWER: (-10e6, 10e6),
    Kind.VOLTAGES: (0.0, 10e3),
    Kind.ENERGY_IMPORT: (0.0, 1e12),
    Kind.ENERGY_EXPORT: (0.0, 1e12),
}
"""Lowest and highest value in A, W, V and Wh that a building's meter can show."""

_ENERGY_OTHER_WAY: Final = {
    Kind.ENERGY_IMPORT: Kind.ENERGY_EXPORT,
    Kind.ENERGY_EXPORT: Kind.ENERGY_IMPORT,
}
_SILENT: Final[Numbers] = (None,) * len(PHASES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mounting:
    """How a meter is installed."""

    wiring: Wiring = Wiring.TRI123
    """Grid phases of its inputs."""
    inverted: bool = False
    """It counts what is drawn as given back, as transformers that are clamped on backwards do."""
    spread: Spread = Spread.WORST
    """For meters that measure no more than a total."""


def plausible(kind: Kind, number: float) -> float:
    """Return a number that a building's meter can show. Raises MeterImplausible for another."""
    low, high = _PLAUSIBLE[kind]
    if not low <= number <= high:
        raise MeterImplausible(f"{kind} of {number:g} cannot be")
    return number


def meter_data(
    values: Values, at: datetime, sign: CurrentSign, mounting: Mounting | None = None
) -> MeterData:
    """Make a reading of what was measured.

    Currents come from powers where none are measured. Unsigned currents without powers per
    phase count as import, the safe direction. Raises MeterImplausible if nothing tells a current,
    or powers tell one that cannot be.
    """
    mounting = mounting or Mounting()
    values = _on_grid(values, sign, mounting)
    currents = _currents(values, sign, mounting)
    lost = frozenset(phase for phase in PHASES if currents[phase] is None)
    return MeterData(
        at=at,
        currents=_filled(currents),
        lost=lost,
        powers=_complete(values, Kind.POWERS, lost),
        power=_total(values, lost),
        voltages=_complete(values, Kind.VOLTAGES, lost),
        energy_import=_single(values, Kind.ENERGY_IMPORT),
        energy_export=_single(values, Kind.ENERGY_EXPORT),
    )


def _on_grid(values: Values, sign: CurrentSign, mounting: Mounting) -> Values:
    """Return what was measured by grid phase, with import counted up."""
    turned: dict[Kind, Numbers] = {}
    for kind, numbers in values.items():
        if kind.is_per_phase:
            turned[kind] = _by_grid_phase(numbers, mounting.wiring)
        else:
            turned[_ENERGY_OTHER_WAY.get(kind, kind) if mounting.inverted else kind] = numbers
    if mounting.inverted:
        signed = {Kind.POWERS, Kind.POWER} | (
            {Kind.CURRENTS} if sign is CurrentSign.SIGNED else set()
        )
        for kind in signed & turned.keys():
            turned[kind] = tuple(n if n is None else -n for n in turned[kind])
    return turned


def _by_grid_phase(numbers: Numbers, wiring: Wiring) -> Numbers:
    of_phase = dict(zip(wiring.phases, numbers, strict=False))
    return tuple(of_phase.get(phase) for phase in PHASES)


def _currents(values: Values, sign: CurrentSign, mounting: Mounting) -> Numbers:
    powers = values.get(Kind.POWERS, _SILENT)
    if Kind.CURRENTS in values:
        unsigned = sign is CurrentSign.UNSIGNED
        pairs = zip(values[Kind.CURRENTS], powers, strict=True)
        return tuple(_signed(i, p) if unsigned else i for i, p in pairs)
    if Kind.POWERS not in values:
        total = _single(values, Kind.POWER)
        if total is None:
            raise MeterImplausible("neither currents nor powers")
        phases = mounting.wiring.phases
        share = mounting.spread.share(total, len(phases))
        powers = tuple(share if phase in phases else None for phase in PHASES)
    voltages = values.get(Kind.VOLTAGES, _SILENT)
    return tuple(
        None if power is None else plausible(Kind.CURRENTS, current_of(power, voltage))
        for power, voltage in zip(powers, voltages, strict=True)
    )


def _signed(current: float | None, power: float | None) -> float | None:
    """Give a current the direction of its phase's power; one below 0 has it already."""
    if current is None or power is None:
        return current
    return -current if current > 0 > power else current


def _filled(numbers: Numbers) -> PerPhase:
    return PerPhase(*(number or 0.0 for number in numbers))


def _complete(values: Values, kind: Kind, lost: frozenset[int]) -> PerPhase | None:
    """Return a quantity if every phase that has a current has it."""
    numbers = values.get(kind, _SILENT)
    if any(numbers[phase] is None for phase in PHASES if phase not in lost):
        return None
    return _filled(numbers)


def _total(values: Values, lost: frozenset[int]) -> float | None:
    total = _single(values, Kind.POWER)
    powers = _complete(values, Kind.POWERS, lost)
    return sum(powers) if total is None and powers is not None else total


def _single(values: Values, kind: Kind) -> float | None:
    return values[kind][0] if kind in values else None
