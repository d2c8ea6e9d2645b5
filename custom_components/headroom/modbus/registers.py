"""Numbers in registers."""

import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from math import isfinite
from typing import Final

from .errors import ModbusImplausible

LAST_ADDRESS: Final = 0xFFFF
MOST_REGISTERS: Final = 125
"""Most registers that one Modbus answer can carry."""

type Image = Mapping[int, int]
"""Registers that were read, by address."""


class Function(StrEnum):
    """Which of a device's two tables registers are read from."""

    HOLDING = "holding"
    INPUT = "input"


class WordOrder(StrEnum):
    """Which register of a value comes first; bytes in a register are always big-endian."""

    MSW = "msw"
    LSW = "lsw"


class Format(StrEnum):
    """How a number lies in registers."""

    FLOAT32 = "float32"
    FLOAT64 = "float64"
    INT16 = "int16"
    UINT16 = "uint16"
    INT32 = "int32"
    UINT32 = "uint32"
    INT64 = "int64"
    UINT64 = "uint64"

    @property
    def registers(self) -> int:
        """Return how many registers a number takes."""
        return int(self.value[-2:]) // 16


_STRUCT_CODES: Final = {
    Format.FLOAT32: ">f",
    Format.FLOAT64: ">d",
    Format.INT16: ">h",
    Format.UINT16: ">H",
    Format.INT32: ">i",
    Format.UINT32: ">I",
    Format.INT64: ">q",
    Format.UINT64: ">Q",
}


def decode_number(registers: Sequence[int], format_: Format, word_order: WordOrder) -> float:
    """Return the number in some registers. Raises ModbusImplausible if there is none."""
    if len(registers) != format_.registers:
        raise ModbusImplausible(f"{len(registers)} registers cannot hold {format_}")
    words = registers if word_order is WordOrder.MSW else reversed(registers)
    raw = b"".join(word.to_bytes(2) for word in words)
    (number,) = struct.unpack(_STRUCT_CODES[format_], raw)
    if not isfinite(number) or raw in _markers(format_):
        raise ModbusImplausible(f"{raw.hex()} marks a value that is not available")
    return float(number)


def encode_number(number: float, format_: Format, word_order: WordOrder) -> list[int]:
    """Return the registers of a number, rounded if need be. Raises ValueError if it is too big."""
    value = number if format_ in {Format.FLOAT32, Format.FLOAT64} else round(number)
    try:
        raw = struct.pack(_STRUCT_CODES[format_], value)
    except (struct.error, OverflowError) as error:
        raise ValueError(f"{number:g} does not fit in {format_}") from error
    words = list(struct.unpack(f">{format_.registers}H", raw))
    return words if word_order is WordOrder.MSW else words[::-1]


def _markers(format_: Format) -> tuple[bytes, ...]:
    """Return the extremes of an integer format, which devices use for "not available"."""
    size = 2 * format_.registers
    if format_ in {Format.FLOAT32, Format.FLOAT64}:
        return ()
    if format_.startswith("u"):
        return (b"\xff" * size,)
    return (b"\x80".ljust(size, b"\x00"), b"\x7f".ljust(size, b"\xff"))


def merge_spans(spans: Iterable[range], *, max_read: int, max_gap: int) -> Iterator[range]:
    """Yield the fewest reads that cover some registers."""
    block = range(0)
    for span in sorted(spans, key=lambda span: (span.start, span.stop)):
        merged = range(block.start, max(block.stop, span.stop))
        near = span.start - block.stop <= max_gap
        if block and near and len(merged) <= max_read:
            block = merged
            continue
        if block:
            yield block
        block = span
    if block:
        yield block
