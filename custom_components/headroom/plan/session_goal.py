"""A goal that holds for one session."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Self

from ..engine.memory.stored import read_number, read_time, write_time

_MOST: Final = 10_000.0
"""Neither kWh nor percent of a goal are more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionGoal:
    """A goal for the session that runs, or the next one."""

    ready_by: datetime
    energy: float | None = None
    """kWh from the charger."""
    charge: float | None = None
    """Percent of the car's battery."""
    minimum_energy: float | None = None
    """kWh that come before the rest."""
    minimum_charge: float | None = None
    """Percent that come before the rest."""
    minimum_by: datetime | None = None
    """None: as soon as possible."""

    def to_json(self) -> dict[str, Any]:
        """Return a JSON object that `from_json` reads."""
        return {
            "ready_by": self.ready_by.isoformat(),
            "energy": self.energy,
            "charge": self.charge,
            "minimum_energy": self.minimum_energy,
            "minimum_charge": self.minimum_charge,
            "minimum_by": write_time(self.minimum_by),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Return a stored goal. Raises KeyError or ValueError."""
        if (ready_by := read_time(stored["ready_by"])) is None:
            raise ValueError("a goal that is never due")
        return cls(
            ready_by=ready_by,
            energy=_read_amount(stored["energy"]),
            charge=_read_amount(stored["charge"]),
            minimum_energy=_read_amount(stored.get("minimum_energy")),
            minimum_charge=_read_amount(stored.get("minimum_charge")),
            minimum_by=read_time(stored.get("minimum_by")),
        )


def _read_amount(value: object) -> float | None:
    return None if value is None else read_number(value, 0, _MOST)
