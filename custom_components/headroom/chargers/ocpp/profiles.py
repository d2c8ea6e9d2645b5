"""Charging profiles: permanent limits and limits that end by themselves (OCPP 1.6, 5.16)."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from .fields import to_wire
from .strategy import Kind, Place, Purpose
from .traits import Unit

LOWEST_CURRENT: Final = 6.0
"""A; a car is never offered less, only nothing (IEC 61851-1)."""

_LONG_AGO: Final = datetime(2020, 1, 1, tzinfo=UTC)
_HEAD_START: Final = timedelta(seconds=60)
"""A lease begins this much in the past: a charger whose clock is slow applies it at once too."""

type Profile = dict[str, object]


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
    transaction: int | None = None
    until: datetime | None = None
    """When it ends by itself."""

    def profile(self, connector: int, life: timedelta) -> Profile:
        """Build the charging profile.

        One with an end carries a duration too: there are chargers that heed only one of them.
        """
        profile: Profile = {
            "charging_profile_id": self.place.profile_id(connector),
            "stack_level": self.place.level,
            "charging_profile_purpose": self.place.purpose.value,
            "charging_profile_kind": self.kind.value,
        }
        if self.place.purpose is Purpose.TRANSACTION:
            profile["transaction_id"] = self.transaction
        if self.until is None:
            start = {} if self.kind is Kind.RELATIVE else {"start_schedule": to_wire(_LONG_AGO)}
            return profile | {"charging_schedule": start | self._schedule()}
        duration = int((life + _HEAD_START).total_seconds())
        start = {"start_schedule": to_wire(self.until - life - _HEAD_START)}
        return profile | {
            "valid_to": to_wire(self.until),
            "charging_schedule": {"duration": duration} | start | self._schedule(),
        }

    def _schedule(self) -> dict[str, object]:
        limit = int(self.amount) if self.amount.is_integer() else self.amount
        return {
            "charging_rate_unit": self.unit.value,
            "charging_schedule_period": [{"start_period": 0, "limit": limit}],
        }
