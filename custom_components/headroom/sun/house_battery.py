"""The house battery: how full it is, and holding it while it must not feed cars."""

import asyncio
import logging
from typing import TYPE_CHECKING, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import EVENT_HOMEASSISTANT_STOP, SERVICE_TURN_OFF, SERVICE_TURN_ON
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.util import dt as dt_util

from ..attempts import Attempts
from ..chargers.base import ChargerError
from ..const import CONF_CHARGE_ENTITY, SUBENTRY_METER
from ..entity_access import HomeAssistantEntities
from ..entity_state import as_float
from ..modbus.faults import FaultLog
from ..repairs import report_battery
from .settings import hold_entity_of

if TYPE_CHECKING:
    from ..coordinator import HeadroomConfigEntry, SiteCoordinator

_LOGGER = logging.getLogger(__name__)

LONGEST_PAUSE_S: Final = 300


def battery_charge(hass: HomeAssistant, entry: ConfigEntry) -> float | None:
    """Return the mean state of charge in percent of the batteries that a sensor tells it of."""
    access = HomeAssistantEntities(hass)
    entities = [
        item.data[CONF_CHARGE_ENTITY]
        for item in entry.get_subentries_of_type(SUBENTRY_METER)
        if CONF_CHARGE_ENTITY in item.data
    ]
    states = [access.state(entity) for entity in entities]
    charges = [as_float(state.value) for state in states if state is not None]
    known = [charge for charge in charges if charge is not None]
    return sum(known) / len(known) if known and len(known) == len(entities) else None


@callback
def async_hold_battery(hass: HomeAssistant, entry: HeadroomConfigEntry) -> None:
    """Keep the switch that holds the battery as the site decides, until the site ends."""
    hold = BatteryHold(hass, entry.runtime_data)

    async def stop(_: Event) -> None:
        await hold.release()

    entry.async_on_unload(entry.runtime_data.async_add_listener(hold.follow))
    entry.async_on_unload(hold.release)
    entry.async_on_unload(hass.bus.async_listen_once(EVENT_HOMEASSISTANT_STOP, stop))
    hold.follow()


class BatteryHold:
    """Switches an entity of another integration on while the battery is to give nothing."""

    def __init__(self, hass: HomeAssistant, coordinator: SiteCoordinator) -> None:
        """Begin with a battery that is not held."""
        self._hass = hass
        self._coordinator = coordinator
        self._held: str | None = None
        """The entity that was switched on last, or may have been."""
        self._failed = False
        self._attempts = Attempts(LONGEST_PAUSE_S)
        self._busy = asyncio.Lock()
        self._faults = FaultLog(
            _LOGGER,
            f"The switch that holds the house battery of {coordinator.name}",
            fails="does not follow",
            recovers="follows again",
        )

    @callback
    def follow(self) -> None:
        """Switch if something else is wanted than what was done last."""
        if (self._wanted == self._held and not self._failed) or self._busy.locked():
            return
        if self._attempts.may_try(dt_util.utcnow()):
            self._coordinator.config_entry.async_create_background_task(
                self._hass, self._switch(self._wanted), "hold house battery"
            )

    async def release(self) -> None:
        """Let the battery go when the site ends."""
        await self._switch(None)
        report_battery(self._hass, self._coordinator.config_entry, None)

    @property
    def _wanted(self) -> str | None:
        """Return the entity that should be on."""
        entity = hold_entity_of(self._coordinator.config_entry.options)
        return entity if self._coordinator.data.decision.sun.holds_battery else None

    async def _switch(self, wanted: str | None) -> None:
        async with self._busy:
            access, entry = HomeAssistantEntities(self._hass), self._coordinator.config_entry
            try:
                if self._held is not None and self._held != wanted:
                    await access.call(self._held, SERVICE_TURN_OFF)
                    self._held = None
                if wanted is not None:
                    self._held = wanted
                    await access.call(wanted, SERVICE_TURN_ON)
            except ChargerError as fault:
                self._failed = True
                self._attempts.fail(dt_util.utcnow())
                self._faults.begin(fault)
                report_battery(self._hass, entry, str(fault))
            else:
                self._failed = False
                self._attempts.succeed()
                self._faults.end()
                report_battery(self._hass, entry, None)
