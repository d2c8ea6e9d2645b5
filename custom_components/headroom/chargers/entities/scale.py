"""The values that a limit can take, and what they are in A per phase."""

import re
from dataclasses import dataclass
from math import floor, inf
from typing import Final, Self

from ...entity_state import EntityState

LEAST_CURRENT: Final = 6.0
"""IEC 61851 cannot tell a car to take less."""
_NUMBER: Final = re.compile(r"[-+]?\d+(?:[.,]\d+)?")
_ROUNDING: Final = 1e-6


def as_number(text: str | None) -> float | None:
    """Return the first number in a text, if there is one."""
    found = None if text is None else _NUMBER.search(text)
    return None if found is None else float(found[0].replace(",", "."))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """What the entity of a limit can be set to, in its own unit."""

    per_ampere: float = 1.0
    """What the limit grows by with 1 A per phase."""
    minimum: float = 0.0
    maximum: float = inf
    step: float = 1.0
    options: tuple[tuple[float, str], ...] | None = None
    """Sorted values and texts of a select; None for a number."""

    @classmethod
    def of(cls, state: EntityState, per_ampere: float) -> Self:
        """Return the scale of an entity by what it says of itself."""
        if state.domain.endswith("select"):
            values = ((as_number(option), option) for option in state.options)
            known = sorted((value, option) for value, option in values if value is not None)
            return cls(per_ampere=per_ampere, options=tuple(known))
        return cls(
            per_ampere=per_ampere,
            minimum=state.minimum or 0.0,
            maximum=inf if state.maximum is None else state.maximum,
            step=state.step or 1.0,
        )

    @property
    def has_zero(self) -> bool:
        """Return whether a limit of 0 can be set."""
        return self.down(0.0) == 0

    @property
    def least(self) -> float | None:
        """Return the smallest value that can be set."""
        if self.options is None:
            return self.minimum
        return self.options[0][0] if self.options else None

    def down(self, value: float) -> float | None:
        """Return the highest value that can be set and is not above one; None if all are."""
        if self.options is not None:
            return max((v for v, _ in self.options if v <= value + _ROUNDING), default=None)
        value = min(value, self.maximum)
        if value < self.minimum - _ROUNDING:
            return None
        steps = floor((value - self.minimum) / self.step + _ROUNDING)
        return round(self.minimum + steps * self.step, 6)

    def usable(self, current: float) -> float | None:
        """Return the value for a current in A per phase; None if it is too little to charge."""
        if current < LEAST_CURRENT:
            return None
        value = self.down(current * self.per_ampere)
        if value is None or self.current(value) < LEAST_CURRENT - _ROUNDING:
            return None
        return value

    def current(self, value: float) -> float:
        """Return what a value is in A per phase."""
        return value / self.per_ampere

    def same(self, one: float | None, other: float | None) -> bool:
        """Return whether two values are one and the same to the charger."""
        if one is None or other is None:
            return one is other
        finest = self.step if self.options is None else _ROUNDING
        return abs(one - other) < max(finest / 2, _ROUNDING)

    def option(self, value: float) -> str:
        """Return the text of a select's value."""
        return next(option for known, option in self.options or () if known == value)
