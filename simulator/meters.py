"""Modbus TCP meters at the supplies of zones.

The register tables are written from the makers' documents and share nothing with the
integration's own, so that a mistake in one of them shows.
"""

import math
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from pymodbus.constants import ExcCodes
from pymodbus.simulator import DataType, SimData, SimDevice

from .plant.ev import VOLTAGE
from .plant.park import ZoneTotals

READ_HOLDING: Final = 3

_FREQUENCY: Final = 50.0


class Mode(StrEnum):
    """How a meter behaves."""

    NORMAL = "normal"
    SILENT = "silent"
    """Takes requests and never answers."""
    NAN = "nan"
    """Answers with the model's marker for a value that is not available."""
    EXCEPTION = "exception"
    """Answers every request with a Modbus exception."""


@dataclass(frozen=True, slots=True)
class Register:
    """A quantity at an address (0-based, as on the wire), high word first."""

    address: int
    code: str
    """Format of `struct`: f is a 32-bit float, q a signed 64-bit integer."""
    value: Callable[[ZoneTotals], float]

    def encode(self, totals: ZoneTotals, *, available: bool) -> list[int]:
        """Return the words to be read at the address."""
        if self.code == "q":
            number = round(self.value(totals)) if available else -(2**63)
            data = struct.pack(">q", number)
        else:
            data = struct.pack(">f", self.value(totals) if available else math.nan)
        return list(struct.unpack(f">{len(data) // 2}H", data))

    @property
    def words(self) -> int:
        """Return how many words it takes."""
        return struct.calcsize(f">{self.code}") // 2


def _current(phase: int) -> Callable[[ZoneTotals], float]:
    return lambda totals: abs(totals.currents[phase])


def _kilowatts(phase: int) -> Callable[[ZoneTotals], float]:
    return lambda totals: totals.powers[phase] / 1000


def _total_kilowatts(totals: ZoneTotals) -> float:
    return sum(totals.powers) / 1000


def _floats(address: int, values: Sequence[Callable[[ZoneTotals], float]]) -> list[Register]:
    return [Register(address + 2 * index, "f", value) for index, value in enumerate(values)]


_CURRENTS: Final = [_current(phase) for phase in range(3)]
_POWERS: Final = [_kilowatts(phase) for phase in range(3)]
_VOLTAGES: Final = [lambda _: VOLTAGE] * 3

MODELS: Final[Mapping[str, Sequence[Register]]] = {
    "schneider_iem3000": [
        *_floats(2999, _CURRENTS),
        *_floats(3027, _VOLTAGES),
        *_floats(3053, [*_POWERS, _total_kilowatts]),
        *_floats(3109, [lambda _: _FREQUENCY]),
        Register(3203, "q", lambda totals: totals.imported),
        Register(3207, "q", lambda totals: totals.exported),
    ],
    "klefr": [
        *_floats(0x5000, [lambda _: VOLTAGE, *_VOLTAGES, lambda _: _FREQUENCY]),
        *_floats(0x500C, [*_CURRENTS, _total_kilowatts, *_POWERS]),
        *_floats(0x6000, [lambda totals: (totals.imported + totals.exported) / 1000]),
        *_floats(0x600C, [lambda totals: totals.imported / 1000]),
        *_floats(0x6018, [lambda totals: totals.exported / 1000]),
    ],
}


class SimulatedMeter:
    """One meter: what it measures and how it behaves."""

    def __init__(
        self,
        id: str,  # noqa: A002 - what it is called everywhere
        *,
        model: str,
        unit: int,
        totals: Callable[[], ZoneTotals],
    ) -> None:
        self.id = id
        self.model = model
        self.unit = unit
        self.mode = Mode.NORMAL
        self._registers = MODELS[model]
        self._totals = totals

    @property
    def label(self) -> str:
        """Return what people know it by."""
        return f"meter {self.id}: {self.model}"

    @property
    def silent(self) -> bool:
        """Return whether it takes requests and never answers."""
        return self.mode is Mode.SILENT

    def silence(self) -> None:
        """Stop answering."""
        self.mode = Mode.SILENT

    def speak(self) -> None:
        """Answer again, with true values."""
        self.mode = Mode.NORMAL

    def device(self) -> SimDevice:
        """Return the meter as pymodbus serves it."""
        data = [
            SimData(register.address, values=[0] * register.words, datatype=DataType.REGISTERS)
            for register in self._registers
        ]
        return SimDevice(self.unit, simdata=data, action=self._serve)

    async def _serve(
        self,
        function: int,
        start: int,
        _address: int,
        _count: int,
        words: list[int],
        written: list[int] | list[bool] | None,
    ) -> ExcCodes | None:
        if self.mode is Mode.EXCEPTION:
            return ExcCodes.DEVICE_FAILURE
        if function != READ_HOLDING or written is not None:
            return ExcCodes.ILLEGAL_FUNCTION
        totals = self._totals()
        for register in self._registers:
            begin = register.address - start
            words[begin : begin + register.words] = register.encode(
                totals, available=self.mode is not Mode.NAN
            )
        return None
