"""Prices of integrations that tell them by an action instead of an attribute."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.entity_registry import RegistryEntry
from homeassistant.util import dt as dt_util

from ..forecasts.series import Series, Slot
from ..forecasts.shapes import series_of_rows
from .source import Source

ASKED_EVERY: Final = timedelta(minutes=30)
"""Nord Pool's action asks a server on the internet."""
_PER_MWH: Final = 1 / 1000
_DAY: Final = timedelta(days=1)

type Ask = Callable[[HomeAssistant, str | None, datetime], Awaitable[Series]]


class PriceActions:
    """Asks for prices, for each entry of an integration by itself."""

    def __init__(self, hass: HomeAssistant) -> None:
        self._hass = hass
        self._sources: dict[tuple[str, str | None], Source] = {}

    def retry_at(self, now: datetime) -> datetime | None:
        """Return when it is worth to ask again for what could not be had."""
        times = (source.retry_at for source in self._sources.values())
        return min((time for time in times if time is not None and time > now), default=None)

    async def ask(self, entity: RegistryEntry, now: datetime) -> Series:
        """Return the prices of today and tomorrow; an empty series if there are none."""
        ask = _ACTIONS.get(entity.platform)
        if ask is None:
            return Series()
        key = entity.platform, entity.config_entry_id
        name = f"The forecast of {entity.entity_id}"
        source = self._sources.setdefault(key, Source(name, ASKED_EVERY))
        if source.is_due(now):
            await source.ask(ask(self._hass, entity.config_entry_id, now), now)
        return source.known(now)


async def _nordpool(hass: HomeAssistant, config_entry: str | None, now: datetime) -> Series:
    """Return prices of the core integration, which tells them per MWh."""
    today = dt_util.as_local(now).date()
    slots: list[Slot] = []
    for day in (today, today + _DAY):
        data = {"config_entry": config_entry, "date": day.isoformat()}
        try:
            answer = await _answer(hass, "nordpool", "get_prices_for_date", data)
        except HomeAssistantError:
            if day == today:
                raise
            break  # those of tomorrow are published in the afternoon
        for rows in list(answer.values())[:1]:  # prices of several areas do not mix
            slots += series_of_rows(rows, dt_util.get_default_time_zone()).slots
    return Series.of(slots).scaled(_PER_MWH)


async def _tibber(hass: HomeAssistant, _: str | None, now: datetime) -> Series:
    start = dt_util.start_of_local_day(dt_util.as_local(now))
    data = {"start": start.isoformat(), "end": (start + 2 * _DAY).isoformat()}
    answer = await _answer(hass, "tibber", "get_prices", data)
    homes = answer.get("prices")
    rows = next(iter(homes.values()), None) if isinstance(homes, Mapping) else None
    return series_of_rows(rows, dt_util.get_default_time_zone())


async def _answer(
    hass: HomeAssistant, domain: str, action: str, data: Mapping[str, Any]
) -> Mapping[str, Any]:
    answer = await hass.services.async_call(
        domain, action, dict(data), blocking=True, return_response=True
    )
    return answer or {}


_ACTIONS: Final[Mapping[str, Ask]] = {"nordpool": _nordpool, "tibber": _tibber}
"""By the integration of the sensor."""
