"""Numbers in registers, and what is not a number."""

import struct
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.meters.base import MeterImplausible
from custom_components.headroom.meters.decode import (
    decode_image,
    decode_number,
    meter_data,
    signed_currents,
)
from custom_components.headroom.meters.models import (
    CurrentSign,
    Format,
    Kind,
    Quantity,
    WordOrder,
    load_models,
)

AT = datetime(2026, 3, 1, tzinfo=UTC)
CODES = {
    Format.FLOAT32: "f",
    Format.INT16: "h",
    Format.UINT16: "H",
    Format.INT32: "i",
    Format.UINT32: "I",
    Format.INT64: "q",
    Format.UINT64: "Q",
}
INTEGERS = [format_ for format_ in Format if format_ is not Format.FLOAT32]


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
    if format_ is Format.FLOAT32:
        return format_, draw(st.floats(width=32, allow_nan=False, allow_infinity=False))
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


@pytest.mark.parametrize("order", WordOrder)
@pytest.mark.parametrize("format_", INTEGERS)
def test_extremes_of_integers_mean_not_available(format_: Format, order: WordOrder) -> None:
    for number in _markers(format_):
        with pytest.raises(MeterImplausible, match="not available"):
            decode_number(_registers(number, format_, order), format_, order)


@pytest.mark.parametrize(
    "registers", [[0x7FC0, 0], [0xFFC0, 0], [0x7F80, 0], [0xFF80, 0], [0xFFFF, 0xFFFF]]
)
def test_float_that_is_no_number(registers: list[int]) -> None:
    with pytest.raises(MeterImplausible, match="not available"):
        decode_number(registers, Format.FLOAT32, WordOrder.MSW)


@pytest.mark.parametrize("format_", Format)
def test_wrong_number_of_registers(format_: Format) -> None:
    for count in {0, format_.registers - 1, format_.registers + 1}:
        with pytest.raises(MeterImplausible, match="cannot hold"):
            decode_number([0] * count, format_, WordOrder.MSW)


@pytest.mark.parametrize(
    ("kind", "number", "plausible"),
    [
        (Kind.POWER, 10e6, True),
        (Kind.POWER, -10e6, True),
        (Kind.POWER, 10e6 + 1, False),
        (Kind.POWER, -10e6 - 1, False),
        (Kind.ENERGY_IMPORT, 1e12, True),
        (Kind.ENERGY_IMPORT, 1e12 + 1, False),
        (Kind.ENERGY_EXPORT, -1, False),
    ],
)
def test_absurd_numbers(kind: Kind, number: float, plausible: bool) -> None:
    quantity = Quantity(kind=kind, addresses=(10,), format=Format.INT64)
    model = replace(load_models()["klefr_693x"], quantities=(CURRENTS, quantity))
    words = _registers(int(number), Format.INT64, WordOrder.MSW)
    image = dict(enumerate(words, start=10))
    if plausible:
        assert decode_image(model, image) == {kind: (number,)}
    else:
        with pytest.raises(MeterImplausible, match=f"{kind} of .* cannot be"):
            decode_image(model, image)
    optional = replace(model, quantities=(CURRENTS, replace(quantity, optional=True)))
    assert (kind in decode_image(optional, image)) is plausible


CURRENTS = Quantity(kind=Kind.CURRENTS, addresses=(0, 2, 4), format=Format.INT32, scale=0.001)


@pytest.mark.parametrize(
    ("current", "power", "expected"),
    [
        (10.0, 2300.0, 10.0),
        (10.0, -2300.0, -10.0),
        (-10.0, -2300.0, -10.0),
        (-10.0, 2300.0, -10.0),
        (10.0, 0.0, 10.0),
        (0.0, -5.0, 0.0),
    ],
)
def test_sign_rule(current: float, power: float, expected: float) -> None:
    currents = signed_currents(PerPhase(current, 1.0, 2.0), PerPhase(power, 1.0, 1.0))
    assert currents == PerPhase(expected, 1.0, 2.0)


def test_sign_comes_from_the_model() -> None:
    model = load_models()["klefr_693x"]
    signed = replace(model, current_sign=CurrentSign.SIGNED)
    values = {Kind.CURRENTS: (1.0, 2.0, 3.0), Kind.POWERS: (-1.0, 1.0, -1.0)}
    assert meter_data(model, values, AT).currents == PerPhase(-1.0, 2.0, -3.0)
    assert meter_data(signed, values, AT).currents == PerPhase(1.0, 2.0, 3.0)


def test_unsigned_currents_without_powers_count_as_import() -> None:
    data = meter_data(load_models()["klefr_693x"], {Kind.CURRENTS: (1.0, 2.0, 3.0)}, AT)
    assert data.currents == PerPhase(1.0, 2.0, 3.0)
    assert data.powers is None
    assert data.power is None


def test_low_word_first_and_scale() -> None:
    model = replace(load_models()["klefr_693x"], word_order=WordOrder.LSW, quantities=(CURRENTS,))
    words = [10_500, 0, 0xFFFF - 250 + 1, 0xFFFF, 0x0001, 0x0001]
    values = decode_image(model, dict(enumerate(words)))
    assert values[Kind.CURRENTS] == pytest.approx((10.5, -0.25, 65.537))
