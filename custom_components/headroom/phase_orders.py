"""Carrying out what the engine decides about phases."""

import logging
from collections.abc import Mapping

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from .chargers.base import ChargerError, ChargerLink
from .engine.currents import PHASES
from .engine.decision import Decision
from .engine.site.model import Site
from .equipment import Equipment
from .modbus.faults import FaultLog
from .parts import connector_id

_LOGGER = logging.getLogger(__name__)


class PhaseOrders:
    """Tells chargers to switch phases and keeps who did not take it."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, equipment: Equipment) -> None:
        self._hass = hass
        self._entry = entry
        self._equipment = equipment
        self._failed: set[str] = set()
        self._faults: dict[str, FaultLog] = {}

    def possible(self, wishes: Mapping[str, int], site: Site) -> dict[str, int]:
        """Return the wishes for connectors on three phases whose chargers can switch them."""
        if not wishes:
            return {}
        outlets, connectors = self._outlets(), site.connector_by_id
        return {
            key: count
            for key, count in wishes.items()
            if key in outlets
            and outlets[key][0].capabilities.switches_phases
            and key in connectors
            and len(connectors[key].wiring.phases) == len(PHASES)
        }

    def take_failed(self) -> frozenset[str]:
        """Return the connectors whose last order has failed, once."""
        failed = frozenset(self._failed)
        self._failed.clear()
        return failed

    def carry_out(self, decision: Decision) -> None:
        """Tell chargers what has just been decided; their answers are not waited for."""
        for key, setpoint in decision.setpoints.items():
            if setpoint.switch_to is not None:
                self._entry.async_create_background_task(
                    self._hass,
                    self._switch(key, setpoint.switch_to),
                    f"switch phases of {key}",
                )

    async def _switch(self, key: str, count: int) -> None:
        charger, number = self._outlets()[key]
        faults = self._faults.setdefault(key, _fault_log(self._entry, key))
        try:
            await charger.set_phases(number, count)
        except ChargerError as fault:
            faults.begin(fault)
            self._failed.add(key)
        else:
            faults.end()

    def _outlets(self) -> dict[str, tuple[ChargerLink, int]]:
        """Return the charger and the number of each connector by its id."""
        return {
            connector_id(key, number): (charger, number)
            for key, charger in self._equipment.chargers.items()
            for number in charger.connectors
        }


def _fault_log(entry: ConfigEntry, key: str) -> FaultLog:
    charger, _, number = key.rpartition(":")
    return FaultLog(
        _LOGGER,
        f"Connector {number} of {entry.subentries[charger].title}",
        fails="does not switch phases",
        recovers="switches phases again",
    )
