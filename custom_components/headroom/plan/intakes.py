"""Watches what the cars of a site take."""

from collections.abc import Collection
from math import inf
from typing import TYPE_CHECKING

from ..engine.site.model import Connector
from ..engine.snapshot import ConnectorReading, ConnectorStatus
from ..memory import SiteMemory
from .intake import Intake

if TYPE_CHECKING:
    from ..coordinator import SiteCoordinator

_UNKNOWN = Intake()


class Intakes:
    """What cars take by what was measured, in this visit or in the last one."""

    def __init__(self, site: SiteCoordinator, memory: SiteMemory) -> None:
        self._site = site
        self._memory = memory

    def sample(self) -> None:
        """Note what cars draw now."""
        connectors = self._site.data.site.connector_by_id
        for key, reading in self._site.equipment.connector_readings().items():
            if key in connectors and reading.online and reading.status is ConnectorStatus.CHARGING:
                self._watch(connectors[key], reading)

    def most(self, connector: str) -> float:
        """Return the A per phase that its car takes at most, as far as that is known."""
        most = self._memory.plan.intakes.get(connector, _UNKNOWN).most
        return inf if most is None else most

    def phases(self, connector: Connector) -> Collection[int]:
        """Return the grid phases that its car is going to charge on."""
        wired = connector.wiring.phases
        setpoint = self._site.data.decision.setpoints.get(connector.id)
        if setpoint is not None and 0 < len(setpoint.phases) < len(wired):
            return setpoint.phases
        used = self._memory.plan.intakes.get(connector.id, _UNKNOWN).phases
        return [phase for phase in wired if phase in used] or wired

    def _watch(self, connector: Connector, reading: ConnectorReading) -> None:
        state = self._memory.controller.connectors.get(connector.id)
        if state is None or reading.drawn is None:
            return
        intake = self._memory.plan.intakes.setdefault(connector.id, Intake())
        drawn = reading.drawn.largest()
        if drawn >= connector.floor:
            intake.watch(drawn, leaves_some=state.appetite.needs is not None)
        if state.phase_use.used and reading.phase_count is None:
            intake.phases = state.phase_use.used
