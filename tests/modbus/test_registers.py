"""Numbers in registers, and what is not a number."""

import struct
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.headroom.modbus.errors import ModbusImplausible
from custom_components.headroom.modbus.registers import (
    Format,
    WordOrder,
    decode_number,
    encode_number,
)

CODES = {
    Format.FLOAT32: "f",
    Format.FLOAT64: "d",
    Format.INT16: "h",
    Format.UINT16: "H",
    Format.INT32: "i",
    Format.UINT32: "I",
    Format.INT64: "q",
    Format.UINT64: "Q",
}
FLOATS = {Format.FLOAT32, Format.FLOAT64}
INTEGERS = [format_ for format_ in Format if format_ not in FLOATS]


def _registers(number: float, format_: Format, order: WordOrder) -> list[int]:
    raw = struct.pack(f">{CODES[format_]}", number)
    words = list(struct.unpack(f">{len(raw) // 2}H", raw))
    return words if order is WordOrder.MSW else words[::-1]


def _markers(format_: Format) -> tuple[int, ...]:
    bits = int(format_.value.lstrip("uint"))
    if format_.startswith("u"):
        return (2**bits - 1,)
    return (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


@st.composite
def _numbers(draw: st.DrawFn) -> tuple[Format, float]:
    format_ = draw(st.sampled_from(Format))
    if format_ in FLOATS:
        width: Literal[32, 64] = 32 if format_ is Format.FLOAT32 else 64
        return format_, draw(st.floats(width=width, allow_nan=False, allow_infinity=False))
    bits = int(format_.value.lstrip("uint"))
    low = 0 if format_.startswith("u") else -(2 ** (bits - 1))
    integers = st.integers(low, low + 2**bits - 1)
    return format_, draw(integers.filter(lambda number: number not in _markers(format_)))


@given(numbers=_numbers(), order=st.sampled_from(WordOrder))
def test_round_trip(numbers: tuple[Format, float], order: WordOrder) -> None:
    format_, number = numbers
    registers = _registers(number, format_, order)
    assert len(registers) == format_.registers
    assert decode_number(registers, format_, order) == float(number)
    assert encode_number(number, format_, order) == registers


@pytest.mark.parametrize("order", WordOrder)
@pytest.mark.parametrize("format_", INTEGERS)
def test_extremes_of_integers_mean_not_available(format_: Format, order: WordOrder) -> None:
    for number in _markers(format_):
        with pytest.raises(ModbusImplausible, match="not available"):
            decode_number(_registers(number, format_, order), format_, order)


@pytest.mark.parametrize(
    "registers", [[0x7FC0, 0], [0xFFC0, 0], [0x7F80, 0], [0xFF80, 0], [0xFFFF, 0xFFFF]]
)
def test_float_that_is_no_number(registers: list[int]) -> None:
    with pytest.raises(ModbusImplausible, match="not available"):
        decode_number(registers, Format.FLOAT32, WordOrder.MSW)


@pytest.mark.parametrize("format_", Format)
def test_wrong_number_of_registers(format_: Format) -> None:
    for count in {0, format_.registers - 1, format_.registers + 1}:
        with pytest.raises(ModbusImplausible, match="cannot hold"):
            decode_number([0] * count, format_, WordOrder.MSW)


@pytest.mark.parametrize(
    ("number", "format_"), [(65536, Format.UINT16), (-1, Format.UINT32), (1e39, Format.FLOAT32)]
)
def test_number_that_does_not_fit(number: float, format_: Format) -> None:
    with pytest.raises(ValueError, match=f"does not fit in {format_}"):
        encode_number(number, format_, WordOrder.MSW)


def test_encoding_rounds_to_whole_numbers() -> None:
    assert encode_number(31_999.999, Format.UINT16, WordOrder.MSW) == [32_000]
