"""The sun that Home Assistant's energy dashboard expects."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.importlib import async_import_module

from ..forecasts.series import Series, Slot

_LONGEST: Final = timedelta(hours=1)
"""A time that is followed by a gap, as by the night, stands for an hour."""


async def expected_sun(hass: HomeAssistant) -> Series:
    """Return the W of all forecasts that the energy dashboard uses; empty if it uses none."""
    slots: dict[tuple[datetime, datetime], float] = {}
    for energies in await _forecasts(hass):
        for slot in _slots(energies):
            span = slot.start, slot.end
            slots[span] = slots.get(span, 0.0) + slot.value
    return Series.of(Slot(start, end, watts) for (start, end), watts in slots.items())


async def _forecasts(hass: HomeAssistant) -> list[Mapping[str, float]]:
    """Return Wh by the time at which they begin, of each forecast."""
    if "energy" not in hass.config.components:
        return []
    # Not imported above: the recorder comes with the dashboard, and not every home has them.
    energy = await async_import_module(hass, "homeassistant.components.energy.websocket_api")
    manager = await energy.async_get_manager(hass)
    sources: list[Mapping[str, Any]] = (manager.data or {}).get("energy_sources", [])
    entries = {key for source in sources for key in source.get("config_entry_solar_forecast") or ()}
    platforms = await energy.async_get_energy_platforms(hass)
    found = []
    for entry_id in sorted(entries):
        entry = hass.config_entries.async_get_entry(entry_id)
        if entry is not None and entry.domain in platforms:
            forecast = await platforms[entry.domain](hass, entry_id)
            found.append({} if forecast is None else forecast["wh_hours"])
    return found


def _slots(energies: Mapping[str, float]) -> Iterator[Slot]:
    times = sorted((datetime.fromisoformat(text), energy) for text, energy in energies.items())
    gaps = {before[0]: after[0] - before[0] for before, after in pairwise(times)}
    for start, energy in times:
        length = min(gaps.get(start, _LONGEST), _LONGEST)
        yield Slot(start, start + length, energy / (length / timedelta(hours=1)))
