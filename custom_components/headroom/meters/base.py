"""What every meter looks like to the rest of Headroom, whatever it speaks."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from ..engine.currents import PerPhase
from ..engine.snapshot import MeterReading
from ..modbus.errors import (
    ModbusError,
    ModbusImplausible,
    ModbusRefused,
    ModbusUnreachable,
)

MeterError = ModbusError
MeterUnreachable = ModbusUnreachable
MeterRefused = ModbusRefused
MeterImplausible = ModbusImplausible


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterData:
    """One complete reading; positive is import.

    Voltages and energies may be some seconds older than `at`.
    """

    at: datetime
    currents: PerPhase
    """A, signed by the rule of the model; 0 on phases that are lost."""
    lost: frozenset[int] = frozenset()
    """Phases without a current."""
    powers: PerPhase | None = None
    """W."""
    power: float | None = None
    """Total W."""
    voltages: PerPhase | None = None
    """V, phase to neutral."""
    energy_import: float | None = None
    """Wh."""
    energy_export: float | None = None
    """Wh."""

    def reading(self, missed: int) -> MeterReading:
        """Return what the engine needs to know of it."""
        return MeterReading(
            currents=self.currents,
            lost=self.lost,
            at=self.at,
            missed=missed,
            voltages=self.voltages,
            power=self.power,
        )


class MeterLink(ABC):
    """Contact with one meter that reads itself periodically once started."""

    patient: ClassVar[bool] = True
    """A value that is missing may come with the next poll."""

    @property
    @abstractmethod
    def data(self) -> MeterData | None:
        """Return the last good reading."""

    @property
    @abstractmethod
    def missed(self) -> int:
        """Return how many polls in a row have failed since the last good reading."""

    @property
    @abstractmethod
    def fault(self) -> MeterError | None:
        """Return why the last poll failed; None when it did not."""

    @abstractmethod
    def reading(self) -> MeterReading | None:
        """Return what the engine needs to know; None before the first good reading."""

    @abstractmethod
    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call a listener after every poll, good or failed; the result ends the subscription."""

    @abstractmethod
    def start(self) -> None:
        """Begin to poll periodically."""

    @abstractmethod
    async def poll(self) -> None:
        """Read once now. Faults are kept in `fault` and `missed`, not raised."""

    @abstractmethod
    async def stop(self) -> None:
        """Stop polling and release the connection."""
