"""Time that passes second by second, and what a person sees meanwhile."""

import asyncio
from collections.abc import Callable

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.headroom.const import DOMAIN


class Life:
    """A site's seconds; chargers answer within each."""

    def __init__(
        self, hass: HomeAssistant, freezer: FrozenDateTimeFactory, entry: MockConfigEntry
    ) -> None:
        self._hass = hass
        self._freezer = freezer
        self._entry = entry

    @property
    def now(self) -> str:
        """Return the time as a charger writes it."""
        return dt_util.utcnow().isoformat()

    async def go_on(self, seconds: int = 1) -> None:
        """Let seconds pass one by one."""
        for _ in range(seconds):
            self.pass_by(1)
            await self.settle()

    def pass_by(self, seconds: int) -> None:
        """Let seconds pass at once."""
        self._freezer.tick(seconds)
        async_fire_time_changed(self._hass)

    async def settle(self) -> None:
        """Wait until the chargers have answered what they were told."""
        chargers = self._entry.runtime_data.equipment.chargers.values()
        await asyncio.gather(*(charger.settled() for charger in chargers))
        await self._hass.async_block_till_done()

    async def until(self, predicate: Callable[[], bool], within: int = 100) -> None:
        """Let seconds pass until something is so."""
        for _ in range(within):
            if predicate():
                return
            await self.go_on()
        raise AssertionError(f"not so within {within} seconds")

    def entity(self, platform: str, unique_id: str) -> str:
        """Return the id of an entity."""
        entity_id = er.async_get(self._hass).async_get_entity_id(platform, DOMAIN, unique_id)
        assert entity_id is not None, f"there is no {platform} {unique_id}"
        return entity_id

    def state(self, platform: str, unique_id: str) -> State:
        """Return the state of an entity."""
        state = self._hass.states.get(self.entity(platform, unique_id))
        assert state is not None, f"{platform} {unique_id} has no state"
        return state

    def value(self, platform: str, unique_id: str) -> str:
        """Return what an entity shows."""
        return self.state(platform, unique_id).state

    async def act(self, platform: str, action: str, unique_id: str, **data: object) -> None:
        """Do something with an entity as a person does."""
        target = {"entity_id": self.entity(platform, unique_id)}
        await self._hass.services.async_call(platform, action, target | data, blocking=True)
