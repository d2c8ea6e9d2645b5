"""What may be wrong with what a meter shows."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import override

from ...engine.currents import PHASE_NAMES


class Cause(StrEnum):
    """Why a meter is not believed, the worst first."""

    SIGN = "sign"
    """It counts what is drawn as given back."""
    ORDER = "order"
    """What chargers draw on one phase shows on another."""
    ABSENT = "absent"
    """What chargers draw does not show, though other loads do."""
    FROZEN = "frozen"
    """It shows the same numbers for ever."""
    TOO_SMALL = "too_small"
    """Its currents are far too small for its powers."""
    NO_VALUE = "no_value"
    """It shows no current, or one that cannot be."""
    POWER_UNIT = "power_unit"
    """Its powers are far off its currents, which can be right."""

    @property
    def is_grave(self) -> bool:
        """Return whether its currents are not used."""
        return self is not Cause.POWER_UNIT


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """Something that is wrong with a meter, and has been for a while."""

    cause: Cause
    phases: tuple[int, ...]
    """Grid phases that are concerned, in their order."""
    since: datetime
    """When it was first seen."""

    @override
    def __str__(self) -> str:
        """Return it in the words of the log."""
        return f"{self.cause} on {', '.join(PHASE_NAMES[phase] for phase in self.phases)}"

    @property
    def rank(self) -> int:
        """Return a key that sorts the worst incident first."""
        return tuple(Cause).index(self.cause)
