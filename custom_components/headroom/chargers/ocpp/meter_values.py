"""Reading of MeterValues (OCPP 1.6, 4.7 and 7.31), tolerant of what chargers make of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from ...engine.currents import PerPhase
from .fields import as_number, as_text, as_time, mappings

_CURRENT: Final = "Current.Import"
_OFFERED: Final = "Current.Offered"
_POWER: Final = "Power.Active.Import"
_ENERGY: Final = "Energy.Active.Import.Register"
_VOLTAGE: Final = "Voltage"

_TOTAL: Final = 3
_NEUTRAL: Final = 4
"""Some chargers name the neutral conductor where they mean the total."""
_PHASES: Final = {
    None: _TOTAL,
    "L1": 0,
    "L1-N": 0,
    "L2": 1,
    "L2-N": 1,
    "L3": 2,
    "L3-N": 2,
    "N": _NEUTRAL,
}

_NOISE: Final = 0.5
"""A; below it a negative current is taken for 0, above it for a reversed transformer."""
_MOST_CURRENT: Final = 1000.0
"""A; above it the number is in another unit."""
_LEAST_VOLTAGE: Final = 50.0

type _Values = Mapping[tuple[str, int], float]


@dataclass(frozen=True, slots=True)
class Sample:
    """What a charger measured at one moment."""

    at: datetime | None = None
    """By the charger's clock."""
    triggered: bool = False
    """It was taken because we asked for it, so it is not an old one."""
    _values: _Values = field(default_factory=dict)

    @property
    def energy(self) -> float | None:
        """Return the energy register in Wh."""
        return self._total(_ENERGY)

    @property
    def power(self) -> float | None:
        """Return the power of all phases in W."""
        return self._total(_POWER)

    @property
    def offered(self) -> float | None:
        """Return the current offered to the car in A per phase."""
        return max(self._all(_OFFERED), default=None)

    def voltages(self, terminals: int) -> PerPhase | None:
        """Return the voltages to neutral at the terminals in V."""
        return self._per_phase(_VOLTAGE, terminals)

    def drawn(self, terminals: int) -> PerPhase | None:
        """Return the currents at the terminals in A.

        A current without a phase is assumed at every wired terminal, since any of them may carry
        it. Without currents they follow from power and voltage; a power without a phase is
        assumed to be spread evenly.
        """
        measured = self._per_phase(_CURRENT, terminals)
        return self._derived(terminals) if measured is None else measured

    def is_per_phase(self, terminals: int) -> bool:
        """Return whether every wired terminal has a measured current of its own."""
        return self._by_phase(_CURRENT).keys() >= set(range(terminals))

    def _derived(self, terminals: int) -> PerPhase | None:
        volts = [value for value in self._all(_VOLTAGE) if value > _LEAST_VOLTAGE]
        if not volts:
            return None
        mean = sum(volts) / len(volts)
        if by_phase := self._by_phase(_POWER):
            return PerPhase(*(by_phase.get(phase, 0.0) / mean for phase in range(3)))
        power = self.power
        if power is None:
            return None
        return PerPhase.on(tuple(range(terminals)), power / mean / terminals)

    def _per_phase(self, measurand: str, terminals: int) -> PerPhase | None:
        if by_phase := self._by_phase(measurand):
            return PerPhase(*(by_phase.get(phase, 0.0) for phase in range(3)))
        total = self._total(measurand)
        return None if total is None else PerPhase.on(tuple(range(terminals)), total)

    def _total(self, measurand: str) -> float | None:
        if (total := self._values.get((measurand, _TOTAL))) is not None:
            return total
        if by_phase := self._by_phase(measurand):
            return sum(by_phase.values())
        return self._values.get((measurand, _NEUTRAL))

    def _by_phase(self, measurand: str) -> dict[int, float]:
        return {
            phase: value
            for (name, phase), value in self._values.items()
            if name == measurand and phase < _TOTAL
        }

    def _all(self, measurand: str) -> list[float]:
        return [value for (name, _), value in self._values.items() if name == measurand]


def read_samples(meter_values: object) -> list[Sample]:
    """Return the samples of a MeterValues message, in its order.

    Values with the same timestamp make one sample, also if they were sent one by one. Whatever
    cannot be read is left out.
    """
    moments: dict[datetime | None, dict[tuple[str, int], float]] = {}
    triggered: set[datetime | None] = set()
    for meter_value in mappings(meter_values):
        at = as_time(meter_value.get("timestamp"))
        values = moments.setdefault(at, {})
        for sampled in mappings(meter_value.get("sampled_value")):
            if (reading := _read(sampled)) is not None:
                values[reading[0]] = reading[1]
            if sampled.get("context") == "Trigger":
                triggered.add(at)
    return [Sample(at, at in triggered, values) for at, values in moments.items()]


def highest_energy(samples: Iterable[Sample], told: float | None = None) -> float | None:
    """Return the highest energy register of some samples, and of what else was told, in Wh.

    At the end of a session that is the last one: what is lower was measured before, or is no
    reading, as the 0 that some chargers send.
    """
    registers = (told, *(sample.energy for sample in samples))
    return max((one for one in registers if one is not None), default=None)


def _read(sampled: Mapping[str, object]) -> tuple[tuple[str, int], float] | None:
    measurand = as_text(sampled.get("measurand")) or _ENERGY
    phase = _PHASES.get(as_text(sampled.get("phase")))
    value = as_number(sampled.get("value"))
    if phase is None or value is None:
        return None
    value *= _factor(as_text(sampled.get("unit")))
    if measurand == _CURRENT and -_NOISE < value < 0:
        value = 0.0
    if value < 0 or (measurand == _CURRENT and value > _MOST_CURRENT):
        return None
    return (measurand, phase), value


def _factor(unit: str | None) -> float:
    match (unit or "").lower():
        case "kw" | "kwh":
            return 1000.0
        case "ma":
            return 0.001
        case _:
            return 1.0
