"""Limits as charging profiles hold them."""

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from .strategy import Kind, Place
from .traits import Unit
from .transactions import TransactionId

LOWEST_CURRENT: Final = 6.0
"""A; a car is never offered less, only nothing (IEC 61851-1)."""


def usable_current(current: float) -> float:
    """Round a current in A down to what a charger takes: tenths from 6 A up, or 0."""
    if not math.isfinite(current) or current < LOWEST_CURRENT:
        return 0.0
    return math.floor(current * 10 + 1e-9) / 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A limit as it stands in a charging profile."""

    place: Place
    kind: Kind
    unit: Unit
    amount: float
    """In the unit."""
    transaction: TransactionId | None = None
    until: datetime | None = None
    """When it ends by itself."""

    @property
    def wire_amount(self) -> float:
        """Return the amount without a needless decimal point: some chargers want an integer."""
        return int(self.amount) if self.amount.is_integer() else self.amount
