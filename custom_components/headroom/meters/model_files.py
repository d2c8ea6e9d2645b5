"""Meter models as files: one YAML file per model."""

from collections.abc import Mapping, Sequence
from functools import cache
from math import isfinite
from pathlib import Path
from typing import Any, Final

import probatio

from ..engine.currents import PHASES
from ..modbus import descriptions
from ..modbus.descriptions import ADDRESS, LINE, PAUSE, STANDARD_LINE, Confidence
from ..modbus.registers import MOST_REGISTERS, Format, Function, WordOrder
from .models import CurrentSign, Kind, MeterModel, ModelError, Quantity, Table

_FOLDER: Final = Path(__file__).parent / "models"
_HIGHEST_UNIT: Final = 255


def _scale(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise probatio.Invalid("expected a number")
    if not isfinite(value) or value == 0:
        raise probatio.Invalid("expected a finite number other than 0")
    return float(value)


def _addresses(value: object) -> tuple[int, ...]:
    addresses = value if isinstance(value, list) else [value]
    return tuple(probatio.Schema([ADDRESS])(addresses))


_QUANTITY: Final = probatio.Schema(
    {
        probatio.Required("address"): _addresses,
        probatio.Required("format"): probatio.Coerce(Format),
        probatio.Optional("word_order"): probatio.Coerce(WordOrder),
        probatio.Optional("function"): probatio.Coerce(Function),
        probatio.Optional("unit"): probatio.All(int, probatio.Range(min=0, max=_HIGHEST_UNIT)),
        probatio.Optional("scale", default=1.0): _scale,
        probatio.Optional("less", default=[]): _addresses,
        probatio.Optional("exponent"): ADDRESS,
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
        probatio.Optional("phases"): probatio.All(int, probatio.Range(min=1, max=len(PHASES))),
        probatio.Optional("sunspec"): probatio.All([int], probatio.Coerce(frozenset)),
        probatio.Optional("pause", default=0): PAUSE,
        probatio.Optional("line", default=STANDARD_LINE): LINE,
        probatio.Optional("may_hide_export", default=False): bool,
    }
)


def parse_model(raw: object) -> MeterModel:
    """Build a model from the content of its file. Raises ModelError."""
    try:
        checked: dict[str, Any] = _MODEL(raw)
    except probatio.Invalid as error:
        entry, problem = ".".join(map(str, error.path)), str(error.msg)
        message, kind = str(error), _kind_at(error.path)
        raise ModelError(message, "entry_invalid", kind, entry=entry, problem=problem) from error
    function, word_order = checked.pop("function"), checked.pop("word_order")
    quantities = tuple(
        _quantity(kind, {"function": function, "word_order": word_order} | entry)
        for kind, entry in checked["quantities"].items()
    )
    return MeterModel(**checked | {"quantities": quantities})


def _kind_at(path: Sequence[object]) -> Kind | None:
    """Return the quantity that a path in a file leads through."""
    return next((kind for kind in Kind if path[:2] == ["quantities", kind]), None)


def _quantity(kind: Kind, entry: dict[str, Any]) -> Quantity:
    table = Table(entry.pop("function"), entry.pop("unit", None))
    return Quantity(kind=kind, addresses=entry.pop("address"), table=table, **entry)


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
