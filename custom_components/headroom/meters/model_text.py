"""A model as text that people can copy, keep and paste."""

from collections.abc import Mapping
from typing import Any, Final

import yaml

from ..engine.currents import PHASES
from ..modbus.descriptions import STANDARD_LINE
from .models import MeterModel, ModelError, Quantity

MOST_CHARACTERS: Final = 20_000
"""Several times as long as the longest model."""


def as_text(description: Mapping[str, Any]) -> str:
    """Return a model's description as it stands in a file."""
    return yaml.safe_dump(
        dict(description), allow_unicode=True, default_flow_style=None, sort_keys=False
    )


def read_text(text: str) -> object:
    """Return what a text describes, which may be no model. Raises ModelError if it is no YAML."""
    if len(text) > MOST_CHARACTERS:
        raise ModelError(f"more than {MOST_CHARACTERS} characters", "text_too_long")
    try:
        return yaml.safe_load(text)
    # PyYAML leaves dates that do not exist to their constructor, and nesting to the stack.
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ModelError(str(error), "no_yaml", problem=str(error)) from error


def describe(model: MeterModel) -> dict[str, Any]:
    """Return the content of a file from which a model would be read."""
    usual = model.quantities[0]
    return {
        "id": model.id,
        "name": model.name,
        "confidence": model.confidence.value,
        "source": model.source,
        "function": usual.table.function.value,
        "word_order": usual.word_order.value,
        "current_sign": model.current_sign.value,
        "max_read": model.max_read,
        "max_gap": model.max_gap,
        **_besides(model),
        "quantities": {
            quantity.kind.value: _describe_quantity(quantity, usual)
            for quantity in model.quantities
        },
    }


def _besides(model: MeterModel) -> dict[str, Any]:
    """Return what most models do not need."""
    entries = {
        "phases": (model.phases, len(PHASES)),
        "sunspec": (sorted(model.sunspec), []),
        "pause": (model.pause.total_seconds(), 0),
        "line": (str(model.line), STANDARD_LINE),
        "may_hide_export": (model.may_hide_export, False),
    }
    return {key: value for key, (value, default) in entries.items() if value != default}


def _describe_quantity(quantity: Quantity, usual: Quantity) -> dict[str, Any]:
    entries: dict[str, tuple[object, object]] = {
        "function": (quantity.table.function.value, usual.table.function.value),
        "unit": (quantity.table.unit, None),
        "word_order": (quantity.word_order.value, usual.word_order.value),
        "scale": (quantity.scale, 1.0),
        "less": (list(quantity.less), []),
        "exponent": (quantity.exponent, None),
        "optional": (quantity.optional, False),
    }
    return {
        "address": list(quantity.addresses),
        "format": quantity.format.value,
        **{key: value for key, (value, default) in entries.items() if value != default},
    }
