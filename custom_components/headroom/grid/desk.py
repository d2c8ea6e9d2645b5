"""What is asked of a site from outside: by contacts, an energy manager and the grid operator."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from ..engine.grid.excursion import SchemeMemory
from ..engine.grid.manager import EnergyManagers, ManagedSetpoint, ManagerPolicy, Verdict
from ..engine.grid.memory import GuardMemory
from ..engine.grid.messenger import BY_ACTION, BY_SOURCE, OperatorState, Order
from ..engine.grid.operator import GridOperator, Limitation, OperatorPolicy
from ..engine.grid.standing import SchemeState
from ..engine.inputs import Inputs, ZoneLimit
from ..engine.site.model import Site
from ..entity_access import HomeAssistantEntities
from ..inputs.sources import InputSilent
from ..memory import SiteMemory
from ..modbus.faults import FaultLog
from ..repairs import report_lockouts
from .settings import manager_of, operator_of, schemes_of, source_of

if TYPE_CHECKING:
    from ..coordinator import HeadroomConfigEntry

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Lockout:
    """An import scheme in state 3."""

    memory: SchemeMemory
    may_reset: bool
    """Users may end it without an installer."""


class GridDesk:
    """Joins what is asked for, and says in the log when it begins and ends."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: HeadroomConfigEntry,
        memory: SiteMemory,
    ) -> None:
        self._hass = hass
        self._access = HomeAssistantEntities(hass)
        self._entry = entry
        self._memory = memory
        self._fault = FaultLog(
            _LOGGER,
            "Grid operator's entity",
            fails="shows nothing",
            recovers="can be followed again",
        )
        self._remote: dict[str, str] = {}
        """Controllers whose setpoints are in force, by zone, as the log has it."""
        self._state = self.operator.state
        self._schemes: dict[str, SchemeState] = {}
        """States of import schemes, by zone, as the log has them."""
        self._locked = frozenset[str]()
        self._learned: tuple[object, ...] = ()
        for zone in sorted(self.guards.unreadable):
            _LOGGER.warning(
                "What was stored of the import of %s is not usable and starts anew",
                self._name(zone),
            )

    @property
    def managers(self) -> EnergyManagers:
        """Return the setpoints of energy managers."""
        return self._memory.managers

    @property
    def operator(self) -> GridOperator:
        """Return the limitation of the grid operator."""
        return self._memory.operator

    @property
    def guards(self) -> GuardMemory:
        """Return what the guards of import remember."""
        return self._memory.controller.guards

    @property
    def manager_policy(self) -> ManagerPolicy:
        """Return what becomes of setpoints that are not renewed."""
        return manager_of(self._options)

    def operator_policy(self, site: Site) -> OperatorPolicy:
        """Return how the limitation goes."""
        return operator_of(self._options, site)

    @property
    def _options(self) -> Mapping[str, Any]:
        return self._entry.options

    def joined(self, inputs: Inputs, site: Site) -> Inputs:
        """Return what is asked for now, with what contacts and sensors ask for."""
        now = dt_util.utcnow()
        own = (*self._from_managers(site, now), *self._from_operator(site, now))
        self._keep_guards()
        return replace(inputs, limits=(*inputs.limits, *own)) if own else inputs

    def write(self, zone: str, setpoint: ManagedSetpoint) -> Verdict:
        """Take a setpoint of an energy manager."""
        return self.managers.write(zone, setpoint, self.manager_policy)

    def release(self, zone: str, controller: str) -> Verdict:
        """Take a setpoint of an energy manager away."""
        return self.managers.release(zone, controller, dt_util.utcnow(), self.manager_policy)

    def limit(self, power: float, lasts: timedelta | None, zone: str | None) -> None:
        """Take a limit in W of the grid operator for a zone; None: for the site."""
        now = dt_util.utcnow()
        until = None if lasts is None else now + lasts
        self.operator.hear(BY_ACTION, Order(power, until, zone), now)

    def end_limit(self, zone: str | None) -> None:
        """Take the end of what actions have limited in a zone; None: everywhere."""
        self.operator.release(BY_ACTION, zone, dt_util.utcnow())

    def held(self, zone: str) -> ManagedSetpoint | None:
        """Return the setpoint that is in force in a zone."""
        held, now = self.managers.setpoints.get(zone), dt_util.utcnow()
        if held is None or held.is_over(now) or held.is_lapsed(now, self.manager_policy):
            return None
        return held

    def counted(self, zone: str) -> tuple[int, int]:
        """Return the excursions and lockouts of a zone's import scheme that count."""
        memory = self.guards.schemes.get(zone, SchemeMemory())
        return len(memory.excursions), len(memory.lockouts)

    def lockout(self) -> Lockout | None:
        """Return the lockout of an import scheme, if there is one."""
        schemes = schemes_of(self._options)
        for zone, memory in self.guards.schemes.items():
            if memory.state is SchemeState.LOCKOUT and zone in schemes:
                return Lockout(memory, memory.may_reset(schemes[zone], dt_util.utcnow()))
        return None

    def limited_zones(self, policy: OperatorPolicy) -> dict[str, float]:
        """Return the limits of the grid operator for single zones, in W by their names."""
        limits = self.operator.zones(policy)
        return {self._name(zone): power for zone, power in limits.items()}

    def _from_managers(self, site: Site, now: datetime) -> tuple[ZoneLimit, ...]:
        self.managers.forget_all_but(site.zone_by_id)
        limits = self.managers.look(now, self.manager_policy)
        held = {zone: self.held(zone) for zone in self.managers.setpoints}
        remote = {zone: one.controller for zone, one in held.items() if one is not None}
        for zone in remote.keys() - self._remote.keys():
            _LOGGER.info("%s is controlled by %s", self._name(zone), remote[zone])
        for zone in self._remote.keys() - remote.keys():
            why = "is silent" if zone in self.managers.setpoints else "has ended its control"
            _LOGGER.info("%s of %s %s", self._remote[zone], self._name(zone), why)
        self._remote = remote
        return limits

    def _from_operator(self, site: Site, now: datetime) -> tuple[ZoneLimit, ...]:
        policy = self.operator_policy(site)
        self.operator.forget_all_but(self._entry.subentries)
        self._ask_source(site, now, policy)
        known = self.operator.record
        self.operator.look(now, policy)
        if self.operator.record != known:
            self._memory.save_later()
        begun = [one for one in self.operator.record if one.ended is None and one not in known]
        self._note_operator(begun, policy)
        return self.operator.limits(site, policy)

    def _note_operator(self, begun: Sequence[Limitation], policy: OperatorPolicy) -> None:
        """Say in the log what limits now, or that the state is another one."""
        for one in begun:
            self._log_operator(one.state, one.power, one.zone)
        before, self._state = self._state, self.operator.state
        if self._state is not before and all(one.state is not self._state for one in begun):
            self._log_operator(self._state, self.operator.power(policy))

    def _log_operator(
        self, state: OperatorState, power: float | None, zone: str | None = None
    ) -> None:
        level = logging.WARNING if state is OperatorState.FAILSAFE else logging.INFO
        limit = "no limit" if power is None else f"{power:.0f} W"
        place = "" if zone is None else f" of {self._name(zone)}"
        _LOGGER.log(level, "Grid operator: %s, %s for cars%s", state.value, limit, place)

    def _keep_guards(self) -> None:
        """Store what guards have learned when a period ends or a scheme changes."""
        guards = self.guards
        for zone, scheme in guards.schemes.items():
            self._note_scheme(zone, scheme.state)
        self._report_lockouts()
        learned = (
            *((zone, peak.begun) for zone, peak in guards.peaks.items()),
            *((zone, one.state, one.excursions) for zone, one in guards.schemes.items()),
        )
        if learned != self._learned:
            self._learned = learned
            self._memory.save_later()

    def _note_scheme(self, zone: str, state: SchemeState) -> None:
        """Say in the log how an agreed import is kept."""
        before, self._schemes[zone] = self._schemes.get(zone, state), state
        if state is not before:
            level = logging.INFO if state is SchemeState.NORMAL else logging.WARNING
            _LOGGER.log(level, "Agreed import of %s: %s", self._name(zone), state.value)

    def _report_lockouts(self) -> None:
        """Tell people when somebody has to end a lockout."""
        guarded = self.guards.schemes.keys() & schemes_of(self._options).keys()
        locked = frozenset(
            zone for zone in guarded if self.guards.schemes[zone].state is SchemeState.LOCKOUT
        )
        if locked != self._locked:
            self._locked = locked
            report_lockouts(self._hass, self._entry, locked)

    def _ask_source(self, site: Site, now: datetime, policy: OperatorPolicy) -> None:
        """Hear the entity that speaks for the grid operator, unless it is silent."""
        source = source_of(self._options, site)
        if source is None:
            self.operator.dismiss(BY_SOURCE)
            return
        state = self._access.state(source.entity)
        try:
            power = source.wanted(state)
        except InputSilent as fault:
            self._fault.begin(fault)
            return
        self._fault.end()
        heard_at = state.reported_at if source.repeats and state is not None else now
        if policy.heartbeat is None or timedelta() <= now - heard_at <= policy.heartbeat:
            self.operator.hear(BY_SOURCE, None if power is None else Order(power), heard_at)

    def _name(self, zone: str) -> str:
        item = self._entry.subentries.get(zone)
        return zone if item is None else item.title
