"""The meter of a connector."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from custom_components.headroom.engine.currents import PHASES

from ..plant.ev import VOLTAGE
from ..plant.outlet import Outlet
from .faults import Faults

_ROTATED: Final = (1, 2, 0)
"""The name that each terminal goes by when the phases are taken for others."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One measurement; `phase` is a conductor such as L1 or L1-N, None is the sum."""

    measurand: str
    value: float
    unit: str
    decimals: int
    phase: str | None = None


class ConnectorMeter:
    """Measures an outlet, as well as its station's faults let it."""

    def __init__(self, outlet: Outlet, faults: Faults) -> None:
        self.offered = 0.0
        """A per phase that the station believes to offer."""
        self._outlet = outlet
        self._faults = faults
        self._frozen: tuple[Sample, ...] = ()

    @property
    def register(self) -> int:
        """Return the reading of the energy register in Wh."""
        return round(self._outlet.energy)

    def read(self, measurands: tuple[str, ...]) -> list[Sample]:
        """Return the measurements that are asked for."""
        if not self._faults.frozen_meter or not self._frozen:
            self._frozen = tuple(self._measure())
        return [sample for sample in self._frozen if sample.measurand in measurands]

    def _measure(self) -> Iterator[Sample]:
        names = _ROTATED if self._faults.wrong_phase_order else PHASES
        terminals = range(len(self._outlet.wiring.phases))
        currents = self._outlet.terminals
        for terminal in terminals:
            phase = f"L{names[terminal] + 1}"
            yield Sample("Current.Import", currents[terminal], "A", 2, phase)
        for terminal in terminals:
            yield Sample("Voltage", VOLTAGE, "V", 1, f"L{names[terminal] + 1}-N")
        yield Sample("Power.Active.Import", sum(currents) * VOLTAGE, "W", 0)
        yield Sample("Energy.Active.Import.Register", self._outlet.energy, "Wh", 0)
        yield Sample("Current.Offered", self.offered, "A", 1)
