"""Entities of other integrations, for the chargers that are made of them."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Final

import probatio
from homeassistant.const import (
    ATTR_ENTITY_ID,
    ATTR_UNIT_OF_MEASUREMENT,
    STATE_UNAVAILABLE,
    STATE_UNKNOWN,
)
from homeassistant.core import (
    CALLBACK_TYPE,
    Event,
    EventStateChangedData,
    HomeAssistant,
    callback,
    split_entity_id,
)
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.event import (
    async_track_entity_registry_updated_event,
    async_track_state_change_event,
)

from .chargers.base import ChargerInfo, ChargerOffline, ChargerRefused, ChargerTimeout
from .entity_state import EntityState

ACTION_TIMEOUT: Final = 20
"""Seconds that another integration gets to carry out an action."""


class HomeAssistantEntities:
    """Entities by their registry id, so that renames are followed, or else by their entity id."""

    def __init__(self, hass: HomeAssistant) -> None:
        self._hass = hass

    def state(self, entity: str) -> EntityState | None:
        """Return what an entity shows; None if it is missing or unavailable."""
        entity_id = self._resolve(entity)
        state = None if entity_id is None else self._hass.states.get(entity_id)
        if state is None or state.state == STATE_UNAVAILABLE:
            return None
        attributes = state.attributes
        return EntityState(
            domain=state.domain,
            value=None if state.state == STATE_UNKNOWN else state.state,
            reported_at=state.last_reported,
            unit=attributes.get(ATTR_UNIT_OF_MEASUREMENT),
            options=tuple(attributes.get("options") or ()),
            minimum=attributes.get("min"),
            maximum=attributes.get("max"),
            step=attributes.get("step"),
        )

    def exists(self, entity: str) -> bool:
        """Return whether an entity is known to Home Assistant, even if it shows nothing now."""
        entity_id = self._resolve(entity)
        if entity_id is None:
            return False
        is_registered = er.async_get(self._hass).async_is_registered(entity_id)
        return is_registered or self._hass.states.get(entity_id) is not None

    async def call(self, entity: str, action: str, **data: object) -> None:
        """Call an action of the entity's domain and wait for its end. Raises ChargerError."""
        entity_id = self._resolve(entity)
        if entity_id is None:
            raise ChargerOffline(entity)
        try:
            async with asyncio.timeout(ACTION_TIMEOUT):
                await self._hass.services.async_call(
                    split_entity_id(entity_id)[0],
                    action,
                    {ATTR_ENTITY_ID: entity_id, **data},
                    blocking=True,
                )
        except (ServiceValidationError, probatio.Invalid) as error:
            raise ChargerRefused(str(error)) from error
        # Code of other integrations runs here: whatever it raises, the charger may have acted.
        except Exception as error:
            raise ChargerTimeout(f"{type(error).__name__}: {error}") from error

    def subscribe(
        self, entities: Iterable[str], listener: Callable[[], None]
    ) -> Callable[[], None]:
        """Call a listener after every change of the entities; the result ends that."""
        watch = _Watch(self._hass, tuple(entities), self._resolve, listener)
        watch.begin()
        return watch.end

    def info(self, entity: str) -> ChargerInfo:
        """Return what is known of the device that an entity belongs to."""
        entity_id = self._resolve(entity)
        entry = None if entity_id is None else er.async_get(self._hass).async_get(entity_id)
        device_id = None if entry is None else entry.device_id
        device = None if device_id is None else dr.async_get(self._hass).async_get(device_id)
        if not isinstance(device, dr.DeviceEntry):
            return ChargerInfo()
        return ChargerInfo(
            vendor=device.manufacturer,
            model=device.model,
            serial=device.serial_number,
            firmware=device.sw_version,
        )

    def _resolve(self, entity: str) -> str | None:
        return er.async_resolve_entity_id(er.async_get(self._hass), entity)


class _Watch:
    """Listens to entities under the names that they have at the time."""

    def __init__(
        self,
        hass: HomeAssistant,
        entities: tuple[str, ...],
        resolve: Callable[[str], str | None],
        listener: Callable[[], None],
    ) -> None:
        self._hass = hass
        self._entities = entities
        self._resolve = resolve
        self._listener = listener
        self._ends: list[CALLBACK_TYPE] = []

    def begin(self) -> None:
        """Begin to listen."""
        resolved = (self._resolve(entity) for entity in self._entities)
        entity_ids = [entity_id for entity_id in resolved if entity_id is not None]
        self._ends = [
            async_track_state_change_event(self._hass, entity_ids, self._state_changed),
            async_track_entity_registry_updated_event(
                self._hass, entity_ids, self._registry_changed
            ),
        ]

    def end(self) -> None:
        """Stop listening."""
        while self._ends:
            self._ends.pop()()

    @callback
    def _state_changed(self, _: Event[EventStateChangedData]) -> None:
        self._listener()

    @callback
    def _registry_changed(self, _: Event[er.EventEntityRegistryUpdatedData]) -> None:
        self.end()
        self.begin()
        self._listener()
