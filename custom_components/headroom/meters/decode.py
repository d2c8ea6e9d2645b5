"""From registers to numbers that a meter can show."""

from typing import Final

from ..modbus.registers import Format, Image, WordOrder, decode_number
from .base import MeterImplausible
from .measured import Numbers, Values, plausible
from .models import Kind, MeterModel, Quantity, Table

type Images = dict[Table, dict[int, int]]
"""Registers that were read, by address."""

_LARGEST_EXPONENT: Final = 10
"""Scale factors of SunSpec lie between its negative and itself."""


def decode_images(model: MeterModel, images: Images) -> Values:
    """Return every quantity whose registers were read.

    A phase without a plausible number is None. Raises MeterImplausible if no phase has one,
    except for optional quantities, which are left out.
    """
    values: dict[Kind, Numbers] = {}
    for quantity in model.quantities:
        image = images.get(quantity.table, {})
        if any(address not in image for span in quantity.spans for address in span):
            continue
        try:
            values[quantity.kind] = _decode_quantity(quantity, image)
        except MeterImplausible:
            if not quantity.optional:
                raise
    return values


def _decode_quantity(quantity: Quantity, image: Image) -> Numbers:
    scale = quantity.scale * _power_of_ten(quantity, image)
    numbers: list[float | None] = []
    fault: MeterImplausible | None = None
    for index in range(len(quantity.addresses)):
        try:
            numbers.append(plausible(quantity.kind, scale * _raw(quantity, image, index)))
        except MeterImplausible as error:
            numbers.append(None)
            fault = fault or error
    if fault is not None and all(number is None for number in numbers):
        raise fault
    return tuple(numbers)


def _raw(quantity: Quantity, image: Image, index: int) -> float:
    number = _number(quantity, image, quantity.addresses[index])
    return number - _number(quantity, image, quantity.less[index]) if quantity.less else number


def _number(quantity: Quantity, image: Image, first: int) -> float:
    words = [image[first + offset] for offset in range(quantity.format.registers)]
    return decode_number(words, quantity.format, quantity.word_order)


def _power_of_ten(quantity: Quantity, image: Image) -> float:
    if quantity.exponent is None:
        return 1.0
    exponent = decode_number([image[quantity.exponent]], Format.INT16, WordOrder.MSW)
    if abs(exponent) > _LARGEST_EXPONENT:
        raise MeterImplausible(f"{exponent:g} is no power of ten of {quantity.kind}")
    return float(10**exponent)
