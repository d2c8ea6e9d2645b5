"""The sun that Home Assistant's energy dashboard expects."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers.importlib import async_import_module

from ..forecasts.series import Series, Slot
from .source import Source

ASKED_EVERY: Final = timedelta(minutes=5)
_LONGEST: Final = timedelta(hours=1)
"""A time that is followed by a gap, as by the night, stands for an hour."""

type Ask = Callable[[HomeAssistant, str], Awaitable[Mapping[str, Mapping[str, float]] | None]]


class SolarForecasts:
    """All forecasts that the energy dashboard uses."""

    def __init__(self, hass: HomeAssistant) -> None:
        self._hass = hass
        self._sources: dict[str, Source] = {}

    async def read(self, now: datetime) -> tuple[Series, ...]:
        """Return the W that each of them expects."""
        if "energy" not in self._hass.config.components:
            return ()
        # Not imported above: the recorder comes with the dashboard, and not every home has them.
        energy = await async_import_module(
            self._hass, "homeassistant.components.energy.websocket_api"
        )
        entries = _entries((await energy.async_get_manager(self._hass)).data or {})
        platforms = await energy.async_get_energy_platforms(self._hass)
        await asyncio.gather(*(self._ask(entry, platforms, now) for entry in entries))
        return tuple(self._sources[entry].known(now) for entry in entries if entry in self._sources)

    async def _ask(self, entry_id: str, platforms: Mapping[str, Ask], now: datetime) -> None:
        """Ask an integration, unless it is not loaded: what it said before counts meanwhile."""
        entry = self._hass.config_entries.async_get_entry(entry_id)
        if entry is None or entry.state is not ConfigEntryState.LOADED:
            return
        name = f"The solar forecast {entry.title}"
        source = self._sources.setdefault(entry_id, Source(name, ASKED_EVERY))
        if entry.domain in platforms and source.is_due(now):
            await source.ask(_answer(platforms[entry.domain], self._hass, entry_id), now)


async def _answer(ask: Ask, hass: HomeAssistant, entry_id: str) -> Series:
    forecast = await ask(hass, entry_id)
    return Series() if forecast is None else Series.of(_slots(forecast["wh_hours"]))


def _entries(stored: Mapping[str, Any]) -> list[str]:
    sources: list[Mapping[str, Any]] = stored.get("energy_sources", [])
    return sorted(
        {key for source in sources for key in source.get("config_entry_solar_forecast") or ()}
    )


def _slots(energies: Mapping[str, float]) -> Iterator[Slot]:
    times = sorted((datetime.fromisoformat(text), energy) for text, energy in energies.items())
    gaps = {before[0]: after[0] - before[0] for before, after in pairwise(times)}
    for start, energy in times:
        length = min(gaps.get(start, _LONGEST), _LONGEST)
        yield Slot(start, start + length, energy / (length / timedelta(hours=1)))
