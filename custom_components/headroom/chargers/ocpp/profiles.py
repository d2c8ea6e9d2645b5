"""Limits as charging profiles hold them."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from .fields import to_wire
from .strategy import Kind, Place, Purpose
from .traits import Unit
from .transactions import TransactionId

LOWEST_CURRENT: Final = 6.0
"""A; a car is never offered less, only nothing (IEC 61851-1)."""
_LONG_AGO: Final = datetime(2020, 1, 1, tzinfo=UTC)
_HEAD_START: Final = timedelta(seconds=60)
"""A lease begins this much in the past: a charger whose clock is slow applies it at once too."""


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
    phases: int | None = None
    """How many the charger is to use; None: as many as it likes."""

    @property
    def frame(self) -> dict[str, object]:
        """Return what a profile says beside its schedule, in the words of every version."""
        frame: dict[str, object] = {
            "stack_level": self.place.level,
            "charging_profile_kind": self.kind.value,
        }
        if self.place.purpose is Purpose.TRANSACTION:
            frame["transaction_id"] = self.transaction
        if self.until is not None:
            frame["valid_to"] = to_wire(self.until)
        return frame

    def schedule(self, life: timedelta) -> dict[str, object]:
        """Return its schedule, in the words of every version."""
        return self._span(life) | {
            "charging_rate_unit": self.unit.value,
            "charging_schedule_period": [self._period],
        }

    @property
    def _wire_amount(self) -> float:
        """Return the amount without a needless decimal point: some chargers want an integer."""
        return int(self.amount) if self.amount.is_integer() else self.amount

    @property
    def _period(self) -> dict[str, object]:
        """Return the only period of its schedule."""
        period: dict[str, object] = {"start_period": 0, "limit": self._wire_amount}
        return period if self.phases is None else period | {"number_phases": self.phases}

    def _span(self, life: timedelta) -> dict[str, object]:
        """Return when its schedule holds.

        What ends has a duration too: there are chargers that heed only one of the two. A start
        belongs to an absolute schedule, and to no other (OCPP 2.0.1, K01.FR.40 and 41).
        """
        if self.until is not None:
            duration = int((life + _HEAD_START).total_seconds())
            start = to_wire(self.until - life - _HEAD_START)
            return {"duration": duration, "start_schedule": start}
        relative = self.kind is Kind.RELATIVE
        return {} if relative else {"start_schedule": to_wire(_LONG_AGO)}
