"""What meters and chargers that are made of entities see of them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from math import isfinite
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityState:
    """What an available entity shows, and what it says of its own range."""

    domain: str
    value: str | None
    """None: available, but its value is not known."""
    reported_at: datetime
    """When it was last reported, whether or not it changed."""
    unit: str | None = None
    options: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None


class EntityStates(Protocol):
    """Entities by the key that the configuration names them with."""

    def state(self, entity: str) -> EntityState | None:
        """Return what an entity shows; None if it is missing or unavailable."""

    def subscribe(
        self, entities: Iterable[str], listener: Callable[[], None]
    ) -> Callable[[], None]:
        """Call a listener after every change of the entities; the result ends that."""


def as_float(text: str | None) -> float | None:
    """Return a text that is a finite number as such."""
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if isfinite(value) else None
