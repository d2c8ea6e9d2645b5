"""The face of a box on Modbus TCP."""

from typing import Final

from pymodbus.constants import ExcCodes
from pymodbus.simulator import DataType, SimData, SimDevice

from .box import Box, Fault
from .kinds import ANY_REQUEST, READ_HOLDING, READ_INPUT
from .registers import Setting, Shown, Written, decode, encode, words_of

_READS: Final = frozenset({READ_HOLDING, READ_INPUT})


class ServedBox:
    """A box behind a gateway."""

    silent: Final = False

    def __init__(self, box: Box, *, unit: int) -> None:
        self.box = box
        self.unit: Final = unit
        self._kind: Final = box.character
        self._registers: tuple[Shown | Written, ...] = (*self._kind.shown, *self._kind.written)

    @property
    def label(self) -> str:
        """Return what people know it by."""
        return f"box {self.box.id}: {self.box.kind}"

    def device(self) -> SimDevice:
        """Return the box as pymodbus serves it."""
        data = [
            SimData(
                register.address,
                values=[0] * words_of(register.layout),
                datatype=DataType.REGISTERS,
                readonly=isinstance(register, Shown),
            )
            for register in sorted(self._registers, key=lambda register: register.address)
        ]
        return SimDevice(self.unit, simdata=data, action=self._serve)

    async def _serve(  # noqa: PLR0917 - pymodbus' own signature
        self,
        function: int,
        start: int,
        address: int,
        count: int,
        words: list[int],
        written: list[int] | list[bool] | None,
    ) -> ExcCodes | None:
        """Change the words that begin at `start`, or return why not."""
        if self._kind.signs == ANY_REQUEST:
            self.box.hear()
        if written is not None:
            return self._write(address, [int(word) for word in written])
        asked = range(address, address + count)
        if function in _READS and not self._are_read_by(function, asked):
            return ExcCodes.ILLEGAL_ADDRESS
        self._fill(words, start)
        return None

    def _are_read_by(self, function: int, asked: range) -> bool:
        return all(
            function in (self._kind.reads if isinstance(register, Shown) else {READ_HOLDING})
            for register in self._registers
            if register.address in asked
        )

    def _fill(self, words: list[int], start: int) -> None:
        inside = self.box.inside()
        for register in self._registers:
            value = register.value(inside) if isinstance(register, Shown) else self._raw(register)
            encoded = encode(register.layout, value, low_first=self._kind.low_first)
            begin = register.address - start
            words[begin : begin + len(encoded)] = encoded

    def _raw(self, register: Written) -> float:
        if register.setting is Setting.ALIVE:
            return 0.0  # the box resets it
        value = self.box.setting(register.setting)
        if register.setting is Setting.SETPOINT and not value:
            value = self._kind.pause_reads_as
        return value / register.scale

    def _write(self, address: int, words: list[int]) -> ExcCodes | None:
        if Fault.REFUSES_WRITES in self.box.faults:
            return ExcCodes.DEVICE_BUSY
        for register in self._kind.written:
            if register.address == address and words_of(register.layout) == len(words):
                raw = decode(register.layout, words, low_first=self._kind.low_first)
                self.box.set(register.setting, raw * register.scale)
                return None
        return ExcCodes.ILLEGAL_ADDRESS
