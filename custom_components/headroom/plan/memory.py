"""What plans remember across restarts: visits of cars, what they take, and other loads."""

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from ..stored_parts import read_each
from .intake import Intake
from .loads import Loads
from .visit import Visit


@dataclass(slots=True, kw_only=True)
class PlanMemory:
    """The memory of one site."""

    visits: dict[str, Visit] = field(default_factory=dict)
    """Of the cars that are plugged in, by connector id."""
    intakes: dict[str, Intake] = field(default_factory=dict)
    """By connector id."""
    loads: Loads = field(default_factory=Loads)

    def forget_all_but(self, known: Container[str]) -> None:
        """Drop what is remembered of connectors and zones that do not exist any more."""
        self.visits = {key: visit for key, visit in self.visits.items() if key in known}
        self.intakes = {key: intake for key, intake in self.intakes.items() if key in known}
        self.loads.forget_all_but(known)

    def to_json(self) -> dict[str, Any]:
        """Return a JSON object that `from_json` reads."""
        return {
            "visits": {key: visit.to_json() for key, visit in self.visits.items()},
            "intakes": {key: intake.to_json() for key, intake in self.intakes.items()},
            "loads": self.loads.to_json(),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Return what is stored. Raises KeyError or AttributeError."""
        return cls(
            visits=read_each("visit", stored["visits"], Visit.from_json),
            intakes=read_each("intake", stored["intakes"], Intake.from_json),
            loads=Loads.from_json(stored["loads"]),
        )
