"""The entity by which a charger is switched between one phase and three."""

import re
from typing import Final, NamedTuple

from ...entity_state import EntityState, as_float
from ..base import ChargerRefused

SWITCHES: Final = frozenset({"switch", "input_boolean"})
"""On forces one phase."""
_SELECTS: Final = frozenset({"select", "input_select"})
_WORDS: Final = {
    1: re.compile(r"\b(single|one|mono\w*)\b|(?<!\d)1(?!\d)"),
    3: re.compile(r"\b(three|triple|all)\b|(?<!\d)3(?!\d)"),
}
"""How choices name one phase and three; L1 - L3 and 1/3 are three."""


class PhaseAction(NamedTuple):
    """An action of the entity's domain, and its data."""

    name: str
    data: dict[str, object]


def phases_shown(state: EntityState) -> int | None:
    """Return the number that an entity shows, 1 or 3; None if it shows something else."""
    if state.value is None:
        return None
    if state.domain in SWITCHES:
        return 1 if state.value == "on" else 3
    if state.domain in _SELECTS:
        return _named(state.value)
    number = as_float(state.value)
    return int(number) if number in {1, 3} else None


def phase_action(state: EntityState, count: int) -> PhaseAction:
    """Return what makes an entity show a number. Raises ChargerRefused if it cannot."""
    if state.domain in SWITCHES:
        return PhaseAction("turn_on" if count == 1 else "turn_off", {})
    if state.domain in _SELECTS:
        option = next((option for option in state.options if _named(option) == count), None)
        if option is None:
            raise ChargerRefused(f"no choice of {', '.join(state.options)} is {count} phase(s)")
        return PhaseAction("select_option", {"option": option})
    return PhaseAction("set_value", {"value": count})


def _named(option: str) -> int | None:
    text = option.replace("_", " ").lower()
    return next((count for count in (3, 1) if _WORDS[count].search(text)), None)
