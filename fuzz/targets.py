"""Functions that take any bytes; whatever they raise is a finding.

Property tests run them with bytes by chance, `python -m fuzz` with those that atheris makes up.
"""

import json
import math
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from itertools import chain
from typing import Final

from custom_components.headroom.chargers.modbus.dialect import Dialect
from custom_components.headroom.chargers.modbus.dialect_files import load_dialects
from custom_components.headroom.chargers.modbus.register import Register, Value
from custom_components.headroom.chargers.ocpp.credentials import Credentials, read_login
from custom_components.headroom.chargers.ocpp.library import BadFrame, parse_frame
from custom_components.headroom.chargers.ocpp.meter_values import Sample, read_samples
from custom_components.headroom.meters.base import MeterData, MeterImplausible
from custom_components.headroom.meters.decode import Images, decode_images
from custom_components.headroom.meters.measured import meter_data
from custom_components.headroom.meters.model_files import load_models
from custom_components.headroom.meters.models import MeterModel
from custom_components.headroom.modbus.errors import ModbusImplausible

_MOST_CURRENT: Final = 10e3
"""A; more than any building has."""
_NOW: Final = datetime(2026, 7, 1, tzinfo=UTC)


def ocpp_frame(data: bytes) -> None:
    """Read a frame; one that is none has its own error."""
    try:
        frame = parse_frame(data.decode(errors="replace"))
    except BadFrame:
        return
    _require(isinstance(frame.unique_id, str | int), "an answer needs an id")


def meter_values(data: bytes) -> None:
    """Read what a charger measured, if it is JSON at all."""
    try:
        content = json.loads(data)
    except ValueError, RecursionError:
        return
    for sample in read_samples(content):
        check_sample(sample)


def check_sample(sample: Sample) -> None:
    """Require that numbers that were read of a MeterValues can be."""
    for number in (sample.energy, sample.power, sample.offered):
        _require(number is None or 0 <= number < math.inf, f"{number} of {sample}")
    for terminals in (1, 3):
        for measured in (sample.drawn(terminals), sample.voltages(terminals)):
            _require(measured is None or all(map(math.isfinite, measured)), f"{sample}")
            _require(measured is None or min(measured) >= 0, f"{sample}")


def login(data: bytes) -> None:
    """Read a header that shall let somebody in; nobody gets in by chance."""
    header = data.decode("latin-1")
    known = Credentials("a password that nobody guesses")
    if (shown := read_login([header])) is not None:
        _require(not known.admit("CP1", shown), "let in without the password")


def meter_registers(data: bytes) -> None:
    """Read each kind of meter from registers with any content."""
    words = _words(data)
    for model in _models().values():
        images: Images = {}
        for quantity in model.quantities:
            images.setdefault(quantity.table, {}).update(_image(quantity.spans, words))
        try:
            values = decode_images(model, images)
        except MeterImplausible:
            continue
        if model.measures_currents:
            check_meter(meter_data(values, _NOW, model.current_sign))


def check_meter(data: MeterData) -> None:
    """Require that the currents can be those of a building."""
    _require(all(abs(current) <= _MOST_CURRENT for current in data.currents), f"{data}")


def charger_registers(data: bytes) -> None:
    """Read each kind of Modbus charger from registers with any content."""
    words = _words(data)
    for dialect in _dialects().values():
        wanted = {*dialect.signals.values(), *chain(*dialect.quantities.values())}
        image = _image((register.span for register in wanted), words)
        values: dict[Register, Value] = {}
        for register in wanted:
            with suppress(ModbusImplausible):
                values[register] = register.decode(image)
        _require(all(map(_is_value, values.values())), f"{values}")
        if all(register.optional or register in values for register in wanted):
            dialect.state(values)


def _is_value(value: Value) -> bool:
    return value.isascii() if isinstance(value, str) else math.isfinite(value)


def _words(data: bytes) -> list[int]:
    pairs = zip(data[::2], data[1::2], strict=False)
    return [high << 8 | low for high, low in pairs] or [0]


def _image(spans: Iterable[range], words: list[int]) -> dict[int, int]:
    """Return registers that are filled with some words over and over."""
    return {address: words[address % len(words)] for span in spans for address in span}


@cache
def _models() -> Mapping[str, MeterModel]:
    return load_models()


@cache
def _dialects() -> Mapping[str, Dialect]:
    return load_dialects()


def _require(holds: bool, what: str) -> None:  # noqa: FBT001 - the one thing that it is about
    if not holds:
        raise AssertionError(what)


type Target = Callable[[bytes], None]

TARGETS: Final[Mapping[str, Target]] = {
    "ocpp_frame": ocpp_frame,
    "meter_values": meter_values,
    "login": login,
    "meter_registers": meter_registers,
    "charger_registers": charger_registers,
}
