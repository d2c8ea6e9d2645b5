"""What a charger made of entities needs of whoever holds them."""

from typing import Protocol

from ...entity_state import EntityStates
from ..base import ChargerInfo


class EntityAccess(EntityStates, Protocol):
    """Entities by the key that the configuration names them with."""

    async def call(self, entity: str, action: str, **data: object) -> None:
        """Call an action of the entity's domain and wait for its end. Raises ChargerError."""

    def info(self, entity: str) -> ChargerInfo:
        """Return what is known of the device that an entity belongs to."""
