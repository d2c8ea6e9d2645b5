"""The house battery: how full it is, and holding it while it must not feed cars."""

import asyncio
import logging
from typing import TYPE_CHECKING, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import EVENT_HOMEASSISTANT_STOP, SERVICE_TURN_OFF, SERVICE_TURN_ON
from homeassistant.core import CoreState, Event, HomeAssistant, callback
from homeassistant.util import dt as dt_util

from ..attempts import Attempts
from ..chargers.base import ChargerError, ChargerOffline
from ..const import CONF_CHARGE_ENTITY, SUBENTRY_METER
from ..entity_access import HomeAssistantEntities
from ..entity_state import as_float
from ..modbus.faults import FaultLog
from ..repairs import report_battery
from .settings import hold_entity_of

if TYPE_CHECKING:
    from ..coordinator import HeadroomConfigEntry, SiteCoordinator
    from ..memory import SiteMemory

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
def async_hold_battery(hass: HomeAssistant, entry: HeadroomConfigEntry, memory: SiteMemory) -> None:
    """Keep the switch that holds the battery as the site decides, until the site ends."""
    hold = BatteryHold(hass, entry.runtime_data, memory)

    async def stop(_: Event) -> None:
        await hold.release()

    entry.async_on_unload(entry.runtime_data.async_add_listener(hold.follow))
    entry.async_on_unload(hold.release)
    entry.async_on_unload(hass.bus.async_listen_once(EVENT_HOMEASSISTANT_STOP, stop))
    hold.follow()


class BatteryHold:
    """Switches an entity of another integration on while the battery is to give nothing."""

    def __init__(
        self, hass: HomeAssistant, coordinator: SiteCoordinator, memory: SiteMemory
    ) -> None:
        """Begin with what was held before a crash, however it is now."""
        self._hass = hass
        self._coordinator = coordinator
        self._memory = memory
        self._in_doubt = memory.held_battery is not None
        """It is not known whether the switch has followed."""
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
        """Switch if something else is wanted than what was done last.

        Other integrations bring their entities while Home Assistant starts.
        """
        done = self._wanted == self._memory.held_battery and not self._in_doubt
        if done or self._busy.locked() or self._hass.state is not CoreState.running:
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
            try:
                await self._carry_out(wanted)
            except ChargerError as fault:
                self._in_doubt = True
                self._attempts.fail(dt_util.utcnow())
                self._tell(fault)
            else:
                self._in_doubt = False
                self._attempts.succeed()
                self._tell(None)

    def _tell(self, fault: ChargerError | None) -> None:
        if fault is None:
            self._faults.end()
        else:
            self._faults.begin(fault)
        error = None if fault is None else str(fault)
        report_battery(self._hass, self._coordinator.config_entry, error)

    async def _carry_out(self, wanted: str | None) -> None:
        """Let go what is not wanted, then hold what is. Raises ChargerError.

        It is stored before, so that nothing is held for ever after a crash.
        """
        held = self._memory.held_battery
        if held is not None and held != wanted:
            await self._call(held, SERVICE_TURN_OFF)
            await self._remember(None)
        if wanted is not None:
            await self._remember(wanted)
            await self._call(wanted, SERVICE_TURN_ON)

    async def _remember(self, held: str | None) -> None:
        self._memory.held_battery = held
        await self._memory.save()

    async def _call(self, entity: str, action: str) -> None:
        """Call an action. Raises ChargerError, also for an entity that would not hear of it."""
        access = HomeAssistantEntities(self._hass)
        if access.state(entity) is None:
            raise ChargerOffline(entity)
        await access.call(entity, action)
