"""What the engine is told before a step: everything that is known of a site at this moment."""

import random
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from .clock.settings import waits_by_default
from .const import CONF_UNTESTED
from .engine.inputs import Inputs
from .engine.site.model import Site
from .engine.snapshot import Snapshot
from .equipment import Equipment
from .fallback_tests import FallbackTests, Untested
from .grid.desk import GridDesk
from .inputs.load_shedding import LoadShedding, lowest
from .inputs.settings import shed_to, stored_inputs
from .inputs.sources import SiteInputs
from .phase_orders import PhaseOrders
from .plan.planning import SitePlanner
from .quality_report import QualityReport
from .sun.house_battery import battery_charge
from .sun.settings import end_forces, modes_of
from .tariffs.settings import switched_off
from .wishes import Wishes

if TYPE_CHECKING:
    from .coordinator import HeadroomConfigEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotSource:
    """The parts of a running site that know something, put together."""

    hass: HomeAssistant
    entry: HeadroomConfigEntry
    equipment: Equipment
    wishes: Wishes
    inputs: SiteInputs
    load_shedding: LoadShedding
    grid: GridDesk
    quality: QualityReport
    fallback_tests: FallbackTests
    phase_orders: PhaseOrders
    planner: SitePlanner

    def take(self, site: Site) -> Snapshot:
        """Return what is known now."""
        now, connectors = dt_util.utcnow(), self.equipment.connector_readings()
        believed = self.quality.readings(self.equipment.meters, connectors, site, now)
        wishes = self.wishes
        return Snapshot(
            now=now,
            lots={key: random.random() for key in site.connector_by_id},  # noqa: S311 - no secret
            meters={**self.equipment.former_readings, **believed},
            connectors=connectors,
            zone_limits=wishes.zone_limits,
            connector_limits=wishes.connector_limits,
            inputs=self.grid.joined(self.asked(now), site),
            tariffs_off=switched_off(wishes.tariffs_off, self.entry.entry_id, site),
            paused=frozenset(wishes.paused),
            forced=frozenset(wishes.forced),
            off_peak=self._off_peak(site),
            plans=self.planner.plans(now),
            unproven=self._unproven(),
            phase_counts=self.phase_orders.possible(wishes.phase_counts, site),
            automatic_phases=frozenset(
                self.phase_orders.possible(dict.fromkeys(wishes.automatic_phases, 1), site)
            ),
            sun_modes=modes_of(wishes, site.connector_by_id, self.entry.entry_id),
            battery_charge=battery_charge(self.hass, self.entry),
            failed_switches=self.phase_orders.take_failed(),
        )

    def asked(self, now: datetime) -> Inputs:
        """Return what contacts and sensors ask for, together with load shedding that is ordered."""
        asked, usual = self.inputs.look(), shed_to(stored_inputs(self.entry.options))
        orders = self.load_shedding.asks(usual, now)
        return replace(asked, shedding=lowest((asked.shedding, *orders)))

    def end_forces(self, spent: frozenset[str]) -> bool:
        """Drop what people wished for sessions that have ended; return whether there was any."""
        return end_forces(self.wishes, spent, self.entry)

    def _off_peak(self, site: Site) -> frozenset[str]:
        """Return the connectors whose cars wait for cheap hours."""
        default, chosen = waits_by_default(self.entry.options), self.wishes.off_peak
        return frozenset(key for key in site.connector_by_id if chosen.get(key, default))

    def _unproven(self) -> frozenset[str]:
        """Return the connectors that count with their maximum once they are lost."""
        policy = self.entry.options.get(CONF_UNTESTED, Untested.MAXIMUM)
        return self.fallback_tests.unproven(trusting=policy == Untested.FALLBACK)
