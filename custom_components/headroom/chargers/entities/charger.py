"""A charger that another integration speaks with: Headroom reads and writes its entities."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final, override

from ...engine.snapshot import ConnectorReading, ConnectorStatus
from ...entity_state import EntityState
from ...listeners import Listeners
from ..base import (
    Capabilities,
    ChargerError,
    ChargerInfo,
    ChargerLink,
    ChargerOffline,
    ChargerRefused,
    ConnectorData,
    ConnectorProfile,
    Failsafe,
)
from ..car_session import CarSession
from ..steady import SteadyRegister
from .access import EntityAccess
from .config import EntityChargerConfig
from .control import ChargerControl, Command, LimitCommand
from .phase_entity import phase_action, phases_shown
from .senses import Senses

_LOGGER = logging.getLogger(__name__)

CONNECTOR: Final = 1
"""Such a charger has one connector."""
_TENTHS: Final = 10


class EntityCharger(ChargerLink):
    """One charger made of entities; it has no failsafe that Headroom could set."""

    def __init__(
        self,
        name: str,
        config: EntityChargerConfig,
        connectors: Mapping[int, ConnectorProfile],
        *,
        access: EntityAccess,
        now: Callable[[], datetime],
        session: CarSession | None = None,
    ) -> None:
        self._name = name
        self._config = config
        self._access = access
        self._now = now
        self._profile = connectors[CONNECTOR]
        self._control = ChargerControl(config, self._profile)
        self._senses = Senses(config, access)
        self._listeners = Listeners()
        self._writing: asyncio.Task[None] | None = None
        self._confirmed: float | None = None
        self._confirmed_at: datetime | None = None
        self._session = session or CarSession()
        self._register = SteadyRegister()
        self._energy: float | None = None
        self._was_failing = False
        self._was_online = False
        self._contacts = 0
        self._closed = False
        self._look()
        self._unsubscribe = access.subscribe(config.entities, self._entities_changed)

    @property
    @override
    def online(self) -> bool:
        return self._access.state(self._config.limit) is not None

    @property
    @override
    def contacts(self) -> int:
        return self._contacts

    @property
    @override
    def info(self) -> ChargerInfo:
        return self._access.info(self._config.limit)

    @property
    @override
    def capabilities(self) -> Capabilities:
        scale = self._control.scale
        step = 1.0 if scale.options is not None else scale.current(scale.step)
        return Capabilities(
            failsafe=Failsafe.NONE,
            step=max(1, round(step * _TENTHS)) / _TENTHS,
            starts_sessions=False,
            resets=False,
            switches_phases=self._config.phases is not None,
        )

    @property
    @override
    def refused_settings(self) -> frozenset[str]:
        refused = {
            "pause": self.online and not self._control.can_pause,
            "write": self._control.failing,
        }
        return frozenset(name for name, is_so in refused.items() if is_so)

    @property
    @override
    def connectors(self) -> Mapping[int, ConnectorData]:
        senses = self._senses
        drawn, measured_at = senses.drawn(self._control.profile.phases)
        return {
            CONNECTOR: ConnectorData(
                status=self._status(),
                drawn=drawn,
                power=senses.power,
                energy=self._energy,
                measured_at=measured_at,
                offered=0.0 if self._control.is_off else self._control.limit,
                confirmed=self._confirmed,
                phase_count=self._phase_count,
                refusing=self._control.failing,
                overwritten=self._control.overwritten,
                session=self._session.running,
                ended=self._session.ended,
            )
        }

    @override
    def reading(self, connector: int) -> ConnectorReading:
        """Return what the engine needs to know; it gets no id of a session to go by."""
        data = self.connectors[connector]
        return ConnectorReading(
            online=self.online,
            status=data.status,
            drawn=data.drawn,
            drawn_at=data.measured_at,
            per_phase=self._senses.is_per_phase,
            confirmed=data.confirmed,
            confirmed_at=self._confirmed_at,
            offered=data.offered,
            phase_count=data.phase_count,
            fallback_refused=True,
            starts_free=self.starts_free,
            energy=None if data.session is None else data.session.energy,
        )

    @override
    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        return self._listeners.subscribe(listener)

    @override
    def update(self, connectors: Mapping[int, ConnectorProfile]) -> None:
        self._profile = connectors[CONNECTOR]
        self._look()
        self._work()

    @override
    def set_current(self, connector: int, current: float) -> None:
        self._control.aim(current)
        self._work()

    @override
    def maintain(self) -> None:
        before = (self._confirmed, self._was_online)
        self._look()
        self._work()
        if before != (self._confirmed, self._was_online):
            self._changed()

    @override
    async def settled(self) -> None:
        if self._writing is not None:
            await asyncio.wait({self._writing})

    @override
    async def start(self, connector: int, badge: str) -> None:
        raise ChargerRefused(self._name)

    @override
    async def stop(self, connector: int) -> None:
        raise ChargerRefused(self._name)

    @override
    async def set_phases(self, connector: int, count: int) -> None:
        if self._config.phases is None:
            raise ChargerRefused(self._name)
        state = self._access.state(self._config.phases)
        if state is None:
            raise ChargerOffline(self._name)
        action = phase_action(state, count)
        await self._access.call(self._config.phases, action.name, **action.data)

    @override
    async def reset(self, *, hard: bool) -> None:
        raise ChargerRefused(self._name)

    @override
    async def close(self) -> None:
        self._closed = True
        self._unsubscribe()
        if self._writing is not None:
            self._writing.cancel()
            await asyncio.wait({self._writing})

    @property
    def _phase_count(self) -> int | None:
        """Return the number of phases that the charger shows, if it can switch them."""
        phases = self._config.phases
        state = None if phases is None else self._access.state(phases)
        return None if state is None else phases_shown(state)

    def _states(self) -> tuple[EntityState | None, EntityState | None]:
        switch = self._config.switch
        return (
            self._access.state(self._config.limit),
            None if switch is None else self._access.state(switch),
        )

    def _status(self) -> ConnectorStatus:
        """Return the state of the connector.

        A car that is offered nothing cannot show whether it is ready: it waits for the charger.
        """
        status = self._senses.status(is_off=self._control.is_off)
        if status is ConnectorStatus.PREPARING and self._control.in_force == 0:
            return ConnectorStatus.SUSPENDED_EVSE
        return status

    def _entities_changed(self) -> None:
        self._look()
        self._work()
        self._changed()

    def _look(self) -> None:
        """Take over what the entities show; while they are away the last word stays."""
        now, control = self._now(), self._control
        self._report_contact()
        wired = self._profile.phases
        control.profile = replace(self._profile, phases=min(self._phase_count or wired, wired))
        limit, switch = self._states()
        if limit is not None:
            has_car = self._status().has_car
            control.phase_use.observe(self._senses.currents, now, has_car=has_car)
            if control.observe(limit, switch, now):
                _LOGGER.info("Something else has changed the limit of charger %s", self._name)
            self._report_failure()
        if control.in_force != self._confirmed:
            self._confirmed, self._confirmed_at = control.in_force, now
        self._count(now)

    def _count(self, now: datetime) -> None:
        senses, of_session = self._senses, self._config.session_energy is not None
        register = senses.energy
        self._energy = None if register is None else self._register.see(register, now)
        self._session.look(self._status(), now)
        shown = senses.session_energy if of_session else register
        self._session.count(shown, now, of_session=of_session)

    def _report_contact(self) -> None:
        if self.online == self._was_online:
            return
        self._was_online = self.online
        self._contacts += self.online
        self._session.lose_sight()
        text = "are available" if self.online else "are not available"
        _LOGGER.info("The entities of charger %s %s", self._name, text)

    def _report_failure(self, fault: ChargerError | None = None) -> None:
        failing = self._control.failing
        if failing and not self._was_failing:
            _LOGGER.warning(
                "Charger %s does not take its limit and will be asked again: %r",
                self._name,
                fault,
            )
        elif self._was_failing and not failing:
            _LOGGER.info("Charger %s takes its limit again", self._name)
        self._was_failing = failing

    def _work(self) -> None:
        """Write what is due, unless a write is under way; that one looks again at its end."""
        idle = self._writing is None or self._writing.done()
        if idle and self._next() is not None:
            self._writing = asyncio.create_task(self._write(), name=f"Limit of {self._name}")

    def _next(self) -> Command | None:
        if self._closed or not self.online:
            return None
        return self._control.next_command(self._now())

    async def _write(self) -> None:
        while (command := self._next()) is not None:
            self._control.sending(command, self._now())
            self._look()
            fault: ChargerError | None = None
            try:
                await self._send(command)
            except ChargerRefused as refusal:
                fault = refusal
                self._control.refused(command, self._now())
            except ChargerError as silence:
                fault = silence
                self._control.unanswered(command, self._now())
            else:
                self._control.accepted(command)
            self._report_failure(fault)
            self._look()
            self._changed()

    async def _send(self, command: Command) -> None:
        if not isinstance(command, LimitCommand):
            is_on = command.value != self._config.switch_pauses
            action = "turn_on" if is_on else "turn_off"
            await self._access.call(self._config.switch or "", action)
        elif self._control.scale.options is None:
            await self._access.call(self._config.limit, "set_value", value=command.value)
        else:
            option = self._control.scale.option(command.value)
            await self._access.call(self._config.limit, "select_option", option=option)

    def _changed(self) -> None:
        self._listeners.notify()
