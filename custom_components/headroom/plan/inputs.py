"""What Home Assistant's integrations expect of the next hours, for the plan."""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from homeassistant.const import ATTR_UNIT_OF_MEASUREMENT
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util

from ..const import (
    CONF_CARBON_ENTITY,
    CONF_EXPORT_PRICE_ENTITY,
    CONF_PLAN_BY,
    CONF_PLAN_ENTITIES,
    CONF_PLAN_SUN,
    CONF_PRICE_ENTITY,
)
from ..entity_state import as_float
from ..forecasts.series import Series, Slot
from ..forecasts.shapes import series_of
from ..modbus.faults import FaultLog
from ..origin.rates import intensity_factor, price_factor
from .outlook import Forecasts
from .price_actions import PriceActions
from .solar_forecast import SolarForecasts
from .task import LONGEST

_LOGGER = logging.getLogger(__name__)

BY_PRICE: Final = "price"
BY_CARBON: Final = "carbon"
PLANNED_BY: Final = (BY_PRICE, BY_CARBON)


class PlanInputs:
    """Reads prices, or carbon intensity, and the expected sun of a site."""

    def __init__(self, hass: HomeAssistant) -> None:
        self._hass = hass
        self._actions = PriceActions(hass)
        self._sun = SolarForecasts(hass)
        self._known: dict[str, Series] = {}
        """What entities have shown last, by id: prices that were published do not change."""
        self._faults = {
            name: FaultLog(
                _LOGGER,
                f"The forecast of {name}",
                fails="shows nothing, and cars with a goal charge without waiting",
                recovers="can be read again",
            )
            for name in PLANNED_BY
        }

    async def read(self, options: Mapping[str, Any], now: datetime) -> Forecasts:
        """Return what is expected from now on; empty series where nothing is."""
        price = Series()
        for entity in filter(None, map(self._entity_id, self.chosen(options))):
            price = Series.of((*price.slots, *(await self._series(entity, now)).slots))
        if price.end is not None and price.end <= now:
            price = Series()
        self._tell(options, price)
        export = Series()
        if options.get(CONF_PLAN_BY, BY_PRICE) == BY_PRICE:
            export = await self._export(options.get(CONF_EXPORT_PRICE_ENTITY), now)
        sun = await self._sun.read(now) if options.get(CONF_PLAN_SUN, True) else ()
        return Forecasts(price=price, export=export, sun=sun)

    def retry_at(self, now: datetime) -> datetime | None:
        """Return when it is worth to read again, for something could not be had."""
        return self._actions.retry_at(now)

    def chosen(self, options: Mapping[str, Any]) -> list[str]:
        """Return the entities that the plan goes by."""
        if entities := options.get(CONF_PLAN_ENTITIES):
            return list(entities)
        by_price = options.get(CONF_PLAN_BY, BY_PRICE) == BY_PRICE
        entity = options.get(CONF_PRICE_ENTITY if by_price else CONF_CARBON_ENTITY)
        return [] if entity is None else [entity]

    def _tell(self, options: Mapping[str, Any], price: Series) -> None:
        """Log once when what was chosen shows nothing, and once when it does again."""
        fault = self._faults[options.get(CONF_PLAN_BY, BY_PRICE)]
        if price.slots or not self.chosen(options):
            fault.end()
        else:
            fault.begin(LookupError(", ".join(self.chosen(options))))

    def _entity_id(self, entity: str) -> str | None:
        return er.async_resolve_entity_id(er.async_get(self._hass), entity)

    async def _series(self, entity_id: str, now: datetime) -> Series:
        """Return what an entity, or the action of its integration, says of the future."""
        if (state := self._hass.states.get(entity_id)) is not None:
            # Reading two days of rows takes longer than the loop should be kept waiting
            series = await self._hass.async_add_executor_job(
                series_of, state.attributes, dt_util.get_default_time_zone()
            )
            if series.slots:
                self._known[entity_id] = series.scaled(_factor(state))
        known = self._known.get(entity_id, Series())
        if known.end is not None and known.end > now:
            return known
        entry = er.async_get(self._hass).async_get(entity_id)
        return Series() if entry is None else await self._actions.ask(entry, now)

    async def _export(self, entity: str | None, now: datetime) -> Series:
        """Return what export brings: as it is expected, else as it is now."""
        entity_id = None if entity is None else self._entity_id(entity)
        state = None if entity_id is None else self._hass.states.get(entity_id)
        if entity_id is None or state is None:
            return Series()
        series = await self._series(entity_id, now)
        if series.slots or (value := as_float(state.state)) is None:
            return series
        return Series((Slot(now, now + LONGEST, value * _factor(state)),))


def _factor(state: State) -> float:
    """Return the factor to the currency, or grams, per kWh; units that are not known stay."""
    unit = str(state.attributes.get(ATTR_UNIT_OF_MEASUREMENT, ""))
    return price_factor(unit) or intensity_factor(unit) or 1.0
