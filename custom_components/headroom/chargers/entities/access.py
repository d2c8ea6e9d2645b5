"""What a charger made of entities needs of whoever holds them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ..base import ChargerInfo


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


class EntityAccess(Protocol):
    """Entities by the key that the configuration names them with."""

    def state(self, entity: str) -> EntityState | None:
        """Return what an entity shows; None if it is missing or unavailable."""

    async def call(self, entity: str, action: str, **data: object) -> None:
        """Call an action of the entity's domain and wait for its end. Raises ChargerError."""

    def subscribe(
        self, entities: Iterable[str], listener: Callable[[], None]
    ) -> Callable[[], None]:
        """Call a listener after every change of the entities; the result ends that."""

    def info(self, entity: str) -> ChargerInfo:
        """Return what is known of the device that an entity belongs to."""
