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
        self._on: str | None = None
        """The switch that has followed."""
        self._attempts = Attempts(LONGEST_PAUSE_S)
        self._attempted: str | None = None
        """What was wanted at the last attempt."""
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
        wanted = self._wanted
        done = wanted == self._on and self._memory.held_switches <= {wanted}
        if done or self._busy.locked() or self._hass.state is not CoreState.running:
            return
        if wanted != self._attempted or self._attempts.may_try(dt_util.utcnow()):
            self._attempted = wanted
            self._coordinator.config_entry.async_create_background_task(
                self._hass, self._switch(wanted), "hold house battery"
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
        """Let go what is not wanted and hold what is; none keeps another one back."""
        async with self._busy:
            others = sorted(self._memory.held_switches - {wanted})
            results = [await self._let_go(entity) for entity in others]
            if wanted is not None and wanted != self._on:
                results.append(await self._hold(wanted))
            fault = next((fault for fault in results if fault is not None), None)
            if fault is None:
                self._attempts.succeed()
            else:
                self._attempts.fail(dt_util.utcnow())
            self._tell(fault)

    def _tell(self, fault: ChargerError | None) -> None:
        if fault is None:
            self._faults.end()
        else:
            self._faults.begin(fault)
        error = None if fault is None else str(fault)
        report_battery(self._hass, self._coordinator.config_entry, error)

    async def _hold(self, entity: str) -> ChargerError | None:
        """Hold the battery; return what went wrong.

        It is stored before, so that nothing is held for ever after a crash.
        """
        await self._remember(self._memory.held_switches | {entity})
        fault = await self._call(entity, SERVICE_TURN_ON)
        self._on = entity if fault is None else None
        return fault

    async def _let_go(self, entity: str) -> ChargerError | None:
        """Let the battery go, and forget a switch that was removed; return what went wrong."""
        self._on = None if self._on == entity else self._on
        if self._is_gone(entity):
            _LOGGER.warning("%s, which held the house battery, does not exist any more", entity)
        elif (fault := await self._call(entity, SERVICE_TURN_OFF)) is not None:
            return fault
        await self._remember(self._memory.held_switches - {entity})
        return None

    def _is_gone(self, entity: str) -> bool:
        """Return whether a switch was removed; while Home Assistant starts it may still come."""
        is_complete = self._hass.state is CoreState.running
        return is_complete and not HomeAssistantEntities(self._hass).exists(entity)

    async def _remember(self, held: frozenset[str]) -> None:
        self._memory.held_switches = held
        await self._memory.save()

    async def _call(self, entity: str, action: str) -> ChargerError | None:
        """Call an action; return what went wrong, also for an entity that would not hear of it."""
        access = HomeAssistantEntities(self._hass)
        if access.state(entity) is None:
            return ChargerOffline(entity)
        try:
            await access.call(entity, action)
        except ChargerError as fault:
            return fault
        return None
