"""From registers to a reading."""

import struct
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.meters.base import MeterImplausible
from custom_components.headroom.meters.decode import (
    decode_image,
    meter_data,
    signed_currents,
)
from custom_components.headroom.meters.models import (
    CurrentSign,
    Kind,
    Quantity,
    load_models,
)
from custom_components.headroom.modbus.registers import Format, WordOrder

AT = datetime(2026, 3, 1, tzinfo=UTC)


def _registers(number: int) -> list[int]:
    return list(struct.unpack(">4H", struct.pack(">q", number)))


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
    words = _registers(int(number))
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
