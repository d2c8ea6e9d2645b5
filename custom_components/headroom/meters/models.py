"""Meter models: where a meter keeps which quantity, read from one YAML file per model."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from functools import cache
from math import isfinite
from pathlib import Path
from typing import Any, Final

import probatio

from ..modbus import descriptions
from ..modbus.descriptions import ADDRESS, LINE, PAUSE, STANDARD_LINE, Confidence
from ..modbus.line import LineSettings
from ..modbus.registers import LAST_ADDRESS, MOST_REGISTERS, Format, Function, WordOrder

_FOLDER: Final = Path(__file__).parent / "models"


class ModelError(ValueError):
    """A model file that cannot be used."""


class CurrentSign(StrEnum):
    """Whether currents tell import from export."""

    SIGNED = "signed"
    UNSIGNED = "unsigned"
    """The sign of the phase's power does."""


class Kind(StrEnum):
    """What a meter measures, named as in MeterData."""

    CURRENTS = "currents"
    POWERS = "powers"
    POWER = "power"
    VOLTAGES = "voltages"
    ENERGY_IMPORT = "energy_import"
    ENERGY_EXPORT = "energy_export"

    @property
    def numbers(self) -> int:
        """Return how many numbers make the quantity: one per phase, or one."""
        return 3 if self in {Kind.CURRENTS, Kind.POWERS, Kind.VOLTAGES} else 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """Where a quantity lies. Raises ModelError if it cannot lie there."""

    kind: Kind
    addresses: tuple[int, ...]
    """First register of each number as sent on the wire, from L1 to L3."""
    format: Format
    scale: float = 1.0
    """Factor from the meter's unit to A, V, W or Wh."""
    optional: bool = False
    """Some devices of the model do not have it."""

    def __post_init__(self) -> None:
        """Check the quantity."""
        if len(self.addresses) != self.kind.numbers:
            raise ModelError(f"{self.kind} needs {self.kind.numbers} address(es)")
        if any(span.stop - 1 > LAST_ADDRESS for span in self.spans):
            raise ModelError(f"{self.kind} ends above the last register")

    @property
    def spans(self) -> tuple[range, ...]:
        """Return the registers of each number."""
        return tuple(range(first, first + self.format.registers) for first in self.addresses)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterModel:
    """How to read one kind of meter. Raises ModelError if it cannot be read that way."""

    id: str
    name: str
    confidence: Confidence
    source: str
    function: Function
    word_order: WordOrder
    current_sign: CurrentSign
    max_read: int
    """Most registers that the meter gives in one answer."""
    max_gap: int
    """Most registers that may be read without being wanted to save a read; 0 forbids it."""
    quantities: tuple[Quantity, ...]
    pause: timedelta = timedelta()
    """Least time that the meter needs between an answer and the next request."""
    line: LineSettings = field(default_factory=LineSettings)
    """How its serial line is set when it is new, if it has one."""

    def __post_init__(self) -> None:
        """Check the model."""
        currents = [q for q in self.quantities if q.kind is Kind.CURRENTS]
        if not currents or currents[0].optional:
            raise ModelError("currents are missing or optional")
        for quantity in self.quantities:
            if quantity.format.registers > self.max_read:
                raise ModelError(f"{quantity.kind} does not fit in one read")


def _scale(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise probatio.Invalid("expected a number")
    if not isfinite(value) or value == 0:
        raise probatio.Invalid("expected a finite number other than 0")
    return float(value)


_QUANTITY: Final = probatio.Schema(
    {
        probatio.Required("address"): probatio.Any(ADDRESS, [ADDRESS]),
        probatio.Required("format"): probatio.Coerce(Format),
        probatio.Optional("scale", default=1.0): _scale,
        probatio.Optional("optional", default=False): bool,
    }
)

_MODEL: Final = probatio.Schema(
    {
        probatio.Required("id"): str,
        probatio.Required("name"): str,
        probatio.Required("confidence"): probatio.Coerce(Confidence),
        probatio.Required("source"): str,
        probatio.Required("function"): probatio.Coerce(Function),
        probatio.Required("word_order"): probatio.Coerce(WordOrder),
        probatio.Required("current_sign"): probatio.Coerce(CurrentSign),
        probatio.Required("max_read"): probatio.All(int, probatio.Range(min=1, max=MOST_REGISTERS)),
        probatio.Required("max_gap"): probatio.All(int, probatio.Range(min=0)),
        probatio.Required("quantities"): {probatio.Coerce(Kind): _QUANTITY},
        probatio.Optional("pause", default=0): PAUSE,
        probatio.Optional("line", default=STANDARD_LINE): LINE,
    }
)


def parse_model(raw: object) -> MeterModel:
    """Build a model from the content of its file. Raises ModelError."""
    try:
        checked: dict[str, Any] = _MODEL(raw)
    except probatio.Invalid as error:
        raise ModelError(str(error)) from error
    quantities = tuple(_quantity(kind, entry) for kind, entry in checked["quantities"].items())
    return MeterModel(**checked | {"quantities": quantities})


def _quantity(kind: Kind, entry: dict[str, Any]) -> Quantity:
    address = entry.pop("address")
    addresses = tuple(address) if isinstance(address, list) else (address,)
    return Quantity(kind=kind, addresses=addresses, **entry)


def read_folder(folder: Path) -> Mapping[str, MeterModel]:
    """Read every model of a folder by its id. Blocks. Raises ModelError."""
    models = descriptions.read_folder(folder, parse_model, ModelError)
    for stem, model in models.items():
        if model.id != stem:
            raise ModelError(f"{stem}.yaml: id {model.id} is not the file's name")
    return models


@cache
def load_models() -> Mapping[str, MeterModel]:
    """Return the shipped models by id.

    The first call reads files: make it off the event loop.
    """
    return read_folder(_FOLDER)
