"""Nobody is told more than is stored: after a crash Headroom knows what chargers may draw.

A charger holds its setpoint for minutes although Home Assistant is gone. If the stored state knew
less of it, all chargers that are not back yet would have to be counted with their maximum, and the
others would stop for them.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from .memory import SiteMemory, StoreFault
from .repairs import report_storing

STORE_EVERY: Final = timedelta(seconds=5)
"""Least time between two writings for the sake of raises: flash memory wears."""
PATIENCE: Final = timedelta(minutes=1)
"""A file that cannot be written for longer is a repair issue."""


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
        self._told: StoreFault | None = None
        entry.async_on_unload(partial(report_storing, hass, entry, None))

    def cut(self, setpoints: Mapping[str, float]) -> dict[str, float]:
        """Return what connectors may be told now, in A; the rest is stored as soon as it may be."""
        self._tell_of_fault()
        known = self._memory.stored_setpoints
        allowed = {key: min(current, known.get(key, 0.0)) for key, current in setpoints.items()}
        if allowed != setpoints and not self._busy and self._is_due():
            self._busy = True
            self._entry.async_create_task(self._hass, self._store(), "Headroom stores setpoints")
        return allowed

    def stop(self) -> None:
        """Store nothing more."""
        self._busy = True

    def _is_due(self) -> bool:
        """Return whether the last writing was long ago; a clock that was set back knows nothing."""
        saved_at, now = self._memory.saved_at, dt_util.utcnow()
        return saved_at is None or not saved_at <= now < saved_at + STORE_EVERY

    def _tell_of_fault(self) -> None:
        """Keep a repair issue of a fault that lasts."""
        fault = self._memory.fault
        if fault is not None and dt_util.utcnow() - fault.since < PATIENCE:
            fault = None
        if fault != self._told:
            self._told = fault
            report_storing(self._hass, self._entry, fault)

    async def _store(self) -> None:
        await self._memory.save()
        self._busy = False
        self._stored()
