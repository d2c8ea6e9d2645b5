"""Prices of integrations that tell them by an action instead of an attribute."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import probatio
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util

from ..forecasts.series import Series, Slot
from ..forecasts.shapes import series_of_rows

ASKED_EVERY: Final = timedelta(minutes=30)
"""Nord Pool's action asks a server on the internet."""
_PER_MWH: Final = 1 / 1000
_DAY: Final = timedelta(days=1)

type Ask = Callable[[HomeAssistant, str | None, datetime], Awaitable[Series]]


class PriceActions:
    """Asks for prices, not too often."""

    def __init__(self, hass: HomeAssistant) -> None:
        self._hass = hass
        self._answers: dict[str, tuple[datetime, Series]] = {}

    async def ask(self, platform: str, config_entry: str | None, now: datetime) -> Series:
        """Return the prices of today and tomorrow; an empty series if there are none."""
        if platform not in _ACTIONS:
            return Series()
        asked_at, series = self._answers.get(platform, (None, Series()))
        if asked_at is None or not timedelta() <= now - asked_at < ASKED_EVERY:
            series = await _ACTIONS[platform](self._hass, config_entry, now)
            self._answers[platform] = now, series
        return series


async def _nordpool(hass: HomeAssistant, config_entry: str | None, now: datetime) -> Series:
    """Return prices of the core integration, which tells them per MWh."""
    today = dt_util.as_local(now).date()
    slots: list[Slot] = []
    for day in (today, today + _DAY):
        data = {"config_entry": config_entry, "date": day.isoformat()}
        answer = await _answer(hass, "nordpool", "get_prices_for_date", data)
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
    try:
        answer = await hass.services.async_call(
            domain, action, dict(data), blocking=True, return_response=True
        )
    except HomeAssistantError, TimeoutError, probatio.Invalid:
        return {}
    return answer or {}


_ACTIONS: Final[Mapping[str, Ask]] = {"nordpool": _nordpool, "tibber": _tibber}
"""By the integration of the sensor."""
