"""A goal that holds for one session."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionGoal:
    """A goal for the session that runs, or the next one."""

    ready_by: datetime
    energy: float | None = None
    """kWh from the charger."""
    charge: float | None = None
    """Percent of the car's battery."""

    def to_json(self) -> dict[str, Any]:
        """Return a JSON object that `from_json` reads."""
        return {
            "ready_by": self.ready_by.isoformat(),
            "energy": self.energy,
            "charge": self.charge,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Return a stored goal. Raises KeyError, TypeError or ValueError."""
        return cls(
            ready_by=datetime.fromisoformat(stored["ready_by"]),
            energy=stored["energy"],
            charge=stored["charge"],
        )
