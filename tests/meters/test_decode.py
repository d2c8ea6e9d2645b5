"""From registers to numbers."""

import struct
from collections.abc import Mapping
from dataclasses import replace

import pytest

from custom_components.headroom.meters.base import MeterImplausible
from custom_components.headroom.meters.decode import decode_images
from custom_components.headroom.meters.measured import Values
from custom_components.headroom.meters.model_files import load_models
from custom_components.headroom.meters.models import Kind, MeterModel, Quantity, Table
from custom_components.headroom.modbus.registers import Format, Function, WordOrder

CURRENTS = Quantity(kind=Kind.CURRENTS, addresses=(0, 2, 4), format=Format.INT32, scale=0.001)
MODEL = replace(load_models()["klefr_693x"], quantities=(CURRENTS,))
HOLDING, INPUT = Table(Function.HOLDING), Table(Function.INPUT)


def _decode(model: MeterModel, image: Mapping[int, int]) -> Values:
    return decode_images(model, {HOLDING: dict(image)})


def _with(*quantities: Quantity) -> MeterModel:
    return replace(MODEL, quantities=(CURRENTS, *quantities))


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
    words = struct.unpack(">4H", struct.pack(">q", int(number)))
    image = dict(enumerate(words, start=10))
    if plausible:
        assert _decode(_with(quantity), image) == {kind: (number,)}
    else:
        with pytest.raises(MeterImplausible, match=f"{kind} of .* cannot be"):
            _decode(_with(quantity), image)
    optional = replace(quantity, optional=True)
    assert (kind in _decode(_with(optional), image)) is plausible


def test_low_word_first_and_scale() -> None:
    model = replace(MODEL, quantities=(replace(CURRENTS, word_order=WordOrder.LSW),))
    words = [10_500, 0, 0xFFFF - 250 + 1, 0xFFFF, 0x0001, 0x0001]
    assert _decode(model, dict(enumerate(words)))[Kind.CURRENTS] == pytest.approx(
        (10.5, -0.25, 65.537)
    )


def test_a_phase_without_a_number_is_none_and_the_others_count() -> None:
    words = [0, 10_500, 0x7FFF, 0xFFFF, 0, 30_000_000 >> 16]
    values = _decode(MODEL, dict(enumerate(words)))
    l1, l2, l3 = values[Kind.CURRENTS]
    assert (l1, l3) == pytest.approx((10.5, 0.457))
    assert l2 is None


def test_no_phase_with_a_number_is_a_fault() -> None:
    with pytest.raises(MeterImplausible, match="7fffffff marks a value that is not available"):
        _decode(MODEL, dict(enumerate([0x7FFF, 0xFFFF] * 3)))


def test_the_difference_of_two_numbers() -> None:
    power = Quantity(kind=Kind.POWER, addresses=(10,), less=(12,), format=Format.UINT32)
    assert _decode(_with(power), {10: 0, 11: 500, 12: 0, 13: 2000}) == {Kind.POWER: (-1500.0,)}
    with pytest.raises(MeterImplausible):
        _decode(_with(power), {10: 0, 11: 500, 12: 0xFFFF, 13: 0xFFFF})


@pytest.mark.parametrize(("exponent", "expected"), [(-2, 1.5), (0, 150.0), (2, 15_000.0)])
def test_a_power_of_ten_in_a_register(exponent: int, expected: float) -> None:
    power = Quantity(kind=Kind.POWER, addresses=(10,), exponent=11, format=Format.INT16)
    image = {10: 150, 11: exponent & 0xFFFF}
    assert _decode(_with(power), image)[Kind.POWER] == pytest.approx((expected,))


@pytest.mark.parametrize("exponent", [-11, 11, -0x8000])
def test_what_is_no_power_of_ten(exponent: int) -> None:
    power = Quantity(kind=Kind.POWER, addresses=(10,), exponent=11, format=Format.INT16)
    with pytest.raises(MeterImplausible):
        _decode(_with(power), {10: 150, 11: exponent & 0xFFFF})


def test_tables_do_not_mix() -> None:
    power = Quantity(kind=Kind.POWER, addresses=(0,), format=Format.INT16, table=INPUT)
    images = {HOLDING: dict.fromkeys(range(6), 0), INPUT: {0: 7}}
    assert decode_images(_with(power), images) == {
        Kind.CURRENTS: (0.0, 0.0, 0.0),
        Kind.POWER: (7.0,),
    }
