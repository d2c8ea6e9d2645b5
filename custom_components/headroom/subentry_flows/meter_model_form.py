"""The forms of a meter model, and the description that they make."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import probatio
from homeassistant.const import CONF_NAME
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    TextSelector,
    TextSelectorConfig,
)

from ..engine.currents import PHASES
from ..meters.models import CurrentSign, Kind, ModelError
from ..modbus.descriptions import STANDARD_LINE, Confidence
from ..modbus.line import parse_line
from ..modbus.registers import LAST_ADDRESS, MOST_REGISTERS, Format, Function, WordOrder
from .form import (
    WHOLE_FORM,
    Fields,
    Refusal,
    choice,
    named_choice,
    required_text,
    seconds,
    whole_number,
)

CONF_CONFIDENCE: Final = "confidence"
CONF_COPY_OF: Final = "copy_of"
CONF_YAML: Final = "yaml"

SOURCE: Final = "source"
LINE: Final = "line"
ADDRESS: Final = "address"
FORMAT: Final = "format"
FUNCTION: Final = "function"
WORD_ORDER: Final = "word_order"
CURRENT_SIGN: Final = "current_sign"
SCALE: Final = "scale"
OPTIONAL: Final = "optional"
QUANTITIES: Final = "quantities"

LONG_TEXT: Final = TextSelector(TextSelectorConfig(multiline=True))

GENERAL_FIELDS: Final[Fields] = {
    probatio.Required(CONF_NAME): TextSelector(),
    probatio.Required(FUNCTION, default=Function.HOLDING.value): named_choice(FUNCTION, Function),
    probatio.Required(WORD_ORDER, default=WordOrder.MSW.value): named_choice(WORD_ORDER, WordOrder),
    probatio.Required(CURRENT_SIGN, default=CurrentSign.UNSIGNED.value): named_choice(
        CURRENT_SIGN, CurrentSign
    ),
    probatio.Required("phases", default=len(PHASES)): whole_number(1, len(PHASES)),
    probatio.Required("max_read", default=MOST_REGISTERS): whole_number(1, MOST_REGISTERS),
    probatio.Required("max_gap", default=0): whole_number(0, MOST_REGISTERS),
    probatio.Required("pause", default=0): seconds(0, 10),
    probatio.Required(LINE, default=STANDARD_LINE): TextSelector(),
    probatio.Optional(SOURCE): LONG_TEXT,
}

_QUANTITY_FIELDS: Final[Fields] = {
    probatio.Optional(ADDRESS): TextSelector(),
    probatio.Required(FORMAT, default=Format.FLOAT32.value): choice({one: one for one in Format}),
    probatio.Required(SCALE, default=1): NumberSelector(
        NumberSelectorConfig(step="any", mode=NumberSelectorMode.BOX)
    ),
    probatio.Optional(FUNCTION): named_choice(FUNCTION, Function),
    probatio.Optional(WORD_ORDER): named_choice(WORD_ORDER, WordOrder),
    probatio.Required(OPTIONAL, default=False): BooleanSelector(),
}

NEW: Final[Mapping[str, Any]] = {CONF_CONFIDENCE: Confidence.LOW.value, SOURCE: ""}
"""What a model made from nothing begins with."""


def quantity_fields(described: Iterable[str]) -> Fields:
    """Return a section for each quantity; those of a model so far are open, and currents."""
    open_ones = {*described, Kind.CURRENTS}
    return {
        probatio.Required(kind.value): section(
            probatio.Schema(_QUANTITY_FIELDS), {"collapsed": kind not in open_ones}
        )
        for kind in Kind
    }


def with_general(description: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a description with what the form says of the whole model. Raises Refusal."""
    name, line = required_text(values, CONF_NAME), required_text(values, LINE)
    try:
        parse_line(line)
    except ValueError as error:
        raise Refusal("line_invalid", LINE) from error
    texts = {CONF_NAME: name, LINE: line, SOURCE: str(values.get(SOURCE, "")).strip()}
    return {**description, **values, **texts}


def shown_quantities(description: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the form of the quantities shows, by section."""
    return {
        kind: {**entry, ADDRESS: _written(entry[ADDRESS])}
        for kind, entry in description.get(QUANTITIES, {}).items()
    }


def with_quantities(description: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a description with the quantities that have addresses; the others it has not.

    What the form does not show stays as it was. Raises Refusal.
    """
    before = description.get(QUANTITIES, {})
    hidden = {key.schema for key in _QUANTITY_FIELDS}
    quantities = {}
    for kind, entered in values.items():
        if addresses := _addresses(kind, entered.get(ADDRESS, "")):
            kept = {key: v for key, v in before.get(kind, {}).items() if key not in hidden}
            quantities[kind] = {**kept, **entered, ADDRESS: addresses}
    return {**description, QUANTITIES: quantities}


def refusal_of(error: ModelError, field: str | None = None) -> Refusal:
    """Return what a form says of a model that cannot be, at a field or at the quantity."""
    place = field or error.kind or WHOLE_FORM
    placeholders = {"quantity": error.kind or "", **error.placeholders}
    return Refusal(error.key, place, **placeholders)


def _addresses(kind: str, text: str) -> list[int]:
    try:
        addresses = [int(part, base=0) for part in re.findall(r"[^\s,;]+", text)]
    except ValueError as error:
        raise Refusal("address_invalid", kind, quantity=kind) from error
    if any(not 0 <= address <= LAST_ADDRESS for address in addresses):
        raise Refusal("address_invalid", kind, quantity=kind)
    return addresses


def _written(addresses: int | list[int]) -> str:
    return ", ".join(map(str, addresses if isinstance(addresses, list) else [addresses]))
