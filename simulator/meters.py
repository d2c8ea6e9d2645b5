"""Modbus TCP meters at the supplies of zones.

The register tables are written from the makers' documents and share nothing with the
integration's own, so that a mistake in one of them shows.
"""

import asyncio
import math
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, cast

from pymodbus.constants import ExcCodes
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from .plant.ev import VOLTAGE
from .plant.park import ZoneTotals

READ_HOLDING: Final = 3

_FREQUENCY: Final = 50.0
_UNIT_ID_AT: Final = 6
"""Offset of the unit id in a frame of Modbus TCP."""


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


class MeterServer:
    """A gateway: one TCP port with the meters behind it."""

    def __init__(self, meters: Sequence[SimulatedMeter], *, port: int = 0) -> None:
        """Prepare a gateway on loopback; port 0 takes a free one."""
        self.meters = tuple(meters)
        self.port = port
        self._server: ModbusTcpServer | None = None

    @property
    def listening(self) -> bool:
        """Return whether connections are taken."""
        return self._server is not None

    async def start(self) -> None:
        """Listen. Raises OSError if the port is taken."""
        server = ModbusTcpServer(
            [meter.device() for meter in self.meters],
            address=("127.0.0.1", self.port),
            trace_packet=self._drop_answers_of_silent_meters,
        )
        try:
            await server.serve_forever(background=True)
        except RuntimeError as error:
            msg = f"port {self.port} is taken"
            raise OSError(msg) from error
        self._server = server
        self.port = cast("asyncio.Server", server.transport).sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Refuse connections; `start` listens on the same port again."""
        server, self._server = self._server, None
        if server:
            await server.shutdown()  # type: ignore[no-untyped-call]  # untyped in pymodbus

    def _drop_answers_of_silent_meters(self, sending: bool, frame: bytes) -> bytes:  # noqa: FBT001 - pymodbus' own signature
        silent = {meter.unit for meter in self.meters if meter.mode is Mode.SILENT}
        return b"" if sending and frame[_UNIT_ID_AT] in silent else frame
