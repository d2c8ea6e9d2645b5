"""Nobody is told more than is stored: after a crash Headroom knows what chargers may draw.

A charger holds its setpoint for minutes although Home Assistant is gone. If the stored state knew
less of it, all chargers that are not back yet would have to be counted with their maximum, and the
others would stop for them.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.util import dt as dt_util

from .memory import SiteMemory

STORE_EVERY: Final = timedelta(seconds=5)
"""Least time between two writings for the sake of raises: flash memory wears."""


class StoredFirst:
    """Holds back what is above the stored setpoints until it is stored as well."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        memory: SiteMemory,
        stored: Callable[[], None],
    ) -> None:
        """Call `stored` whenever setpoints were stored that somebody waits for."""
        self._hass = hass
        self._entry = entry
        self._memory = memory
        self._stored = stored
        self._busy = False
        self._cancel: CALLBACK_TYPE | None = None

    def cut(self, setpoints: Mapping[str, float]) -> dict[str, float]:
        """Return what connectors may be told now, in A; store the rest soon."""
        stored = self._memory.stored_setpoints
        allowed = {key: min(current, stored.get(key, 0.0)) for key, current in setpoints.items()}
        if allowed != setpoints:
            self._store_soon()
        return allowed

    @callback
    def stop(self) -> None:
        """Store nothing more."""
        self._busy = True
        if self._cancel is not None:
            self._cancel()

    def _store_soon(self) -> None:
        if self._busy:
            return
        self._busy = True
        wait = self._left()
        if wait > timedelta():
            self._cancel = async_call_later(self._hass, wait, self._begin)
        else:
            self._begin(dt_util.utcnow())

    def _left(self) -> timedelta:
        """Return how long to wait; a clock that was set back does not make that longer."""
        saved_at = self._memory.saved_at
        if saved_at is None:
            return timedelta()
        return min(saved_at + STORE_EVERY - dt_util.utcnow(), STORE_EVERY)

    @callback
    def _begin(self, _: datetime) -> None:
        self._cancel = None
        self._entry.async_create_task(self._hass, self._store(), "Headroom stores setpoints")

    async def _store(self) -> None:
        await self._memory.save()
        self._busy = False
        self._stored()
