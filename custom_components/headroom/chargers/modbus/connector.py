"""One connector of a charger: what it says of itself and what it is told."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from ...engine.currents import PerPhase
from ...engine.snapshot import ConnectorReading, ConnectorStatus
from ...modbus.errors import ModbusError, ModbusImplausible, ModbusRefused
from ...modbus.faults import FaultLog
from ..base import ConnectorData, ConnectorProfile
from ..car_session import CarSession
from ..steady import SteadyRegister
from .dialect import Dialect, Kind, Order, State
from .failsafe import FailsafeKeeper
from .limits import SetpointLimits
from .register import Register, Value, Values
from .unit import Unit

_LOGGER = logging.getLogger(__name__)

_PATIENCE: Final = 3
"""Failed polls in a row after which contact is lost."""

_FAST: Final = (Kind.CURRENTS, Kind.POWER)
"""What is read in every poll."""

_SLOW_PERIOD: Final = timedelta(seconds=10)
"""How often what only people look at is read."""

_PLAUSIBLE: Final = {
    Kind.CURRENTS: (-1.0, 200.0),
    Kind.VOLTAGES: (0.0, 500.0),
    Kind.POWER: (-1e6, 1e6),
    Kind.ENERGY: (0.0, 1e12),
    Kind.SESSION_ENERGY: (0.0, 1e9),
    Kind.OFFERED: (0.0, 1000.0),
    Kind.ERROR: (0.0, float(0xFFFFFFFF)),
}
"""Lowest and highest value in A, V, W and Wh that a charger can show."""

_STATUS: Final = {
    State.A: ConnectorStatus.AVAILABLE,
    State.C: ConnectorStatus.CHARGING,
    State.D: ConnectorStatus.CHARGING,
    State.E: ConnectorStatus.FAULTED,
    State.F: ConnectorStatus.FAULTED,
    State.UNAVAILABLE: ConnectorStatus.UNAVAILABLE,
}

_MAY_CHARGE: Final = frozenset(
    {
        ConnectorStatus.UNKNOWN,
        ConnectorStatus.CHARGING,
        ConnectorStatus.FAULTED,
        ConnectorStatus.UNAVAILABLE,
    }
)


class ModbusConnector:
    """State of one connector, kept through lost contact and reconnection."""

    def __init__(
        self,
        name: str,
        unit: Unit,
        dialect: Dialect,
        profile: ConnectorProfile,
        *,
        now: Callable[[], datetime],
        session: CarSession,
    ) -> None:
        self.limits = SetpointLimits(profile, dialect.control, now)
        self._unit = unit
        self._dialect = dialect
        self._now = now
        self._failsafe = FailsafeKeeper(dialect.failsafe, unit, now)
        self._faults = FaultLog(_LOGGER, name)
        self._limit_faults = FaultLog(
            _LOGGER, name, fails="does not take its setpoint", recovers="takes its setpoint again"
        )
        self._failsafe_faults = FaultLog(
            _LOGGER, name, fails="does not take its fallback", recovers="takes its fallback"
        )
        self._data = ConnectorData()
        self.contacts = 0
        """How many times contact has begun."""
        self.switches_phases: bool | None = None
        """Whether the charger has shown that it can switch them; None: nothing yet."""
        self._online = False
        self._missed = 0
        self._unprepared: tuple[Order, ...] = ()
        """What is to be written since contact began."""
        self._lease_until: datetime | None = None
        self._sampled_at: datetime | None = None
        """When it was read last since contact began."""
        self._slow_at: datetime | None = None
        self._has_charged = False
        self._factors: dict[Kind, float] = {}
        """Of the quantities that its firmware gives in another unit."""
        self._saw_arrival = False
        """The car was seen to come; one that was there first may go on with a session."""
        self._session = session
        self._register = SteadyRegister()
        self._counts_sessions: bool | None = None
        """Whether it has a count of its own for each session; not known before the first."""

    @property
    def online(self) -> bool:
        """Return whether there is contact."""
        return self._online

    @property
    def data(self) -> ConnectorData:
        """Return what is known, for people."""
        limits = self.limits
        return replace(
            self._data,
            confirmed=limits.confirmed,
            refusing=limits.refusing or limits.is_ignored,
            overwritten=limits.overwritten,
            session=self._session.running,
            ended=self._session.ended,
        )

    def reading(self, *, starts_free: bool = False) -> ConnectorReading:
        """Return what is known, for the engine."""
        data, session = self._data, self._session.running
        return ConnectorReading(
            online=self._online,
            status=data.status,
            drawn=data.drawn,
            drawn_at=data.measured_at,
            per_phase=data.drawn is not None,
            confirmed=self.limits.confirmed,
            confirmed_at=self.limits.confirmed_at,
            offered=data.offered,
            phase_count=data.phase_count,
            lease_until=self._lease_until,
            fallback_refused=self._failsafe.is_refused(self._usable_fallback),
            starts_free=starts_free,
            session=None if session is None or not self._saw_arrival else session.id,
            energy=None if session is None else session.energy,
        )

    @property
    def _usable_fallback(self) -> float:
        """Return the fallback; whoever charges and keeps its setpoint falls back to that."""
        profile = self.limits.profile
        if profile.keep and self._data.status is ConnectorStatus.CHARGING:
            return self.limits.target
        return self._dialect.control.usable(min(profile.fallback, profile.max_current))

    async def command(self, order: Order) -> None:
        """Have a command carried out. Raises ModbusError."""
        await self._unit.write(order)

    async def make_ready(self, *, commands: bool = True) -> None:
        """Do everything that is due but reading. Raises ModbusError if contact is lost.

        Without commands it is only made sure who answers.
        """
        if not self._unit.is_identified:
            await self._make_contact()
        if commands:
            await self._renew()

    async def _renew(self) -> None:
        for order in self._unprepared:
            await self._unit.write(order)
        self._unprepared = ()
        fault = await self._failsafe.keep(self._usable_fallback)
        if fault is not None:
            self._failsafe_faults.begin(fault)
        elif not self._failsafe.is_refused(self._usable_fallback):
            self._failsafe_faults.end()
        await self.write_setpoint()

    async def _make_contact(self) -> None:
        """Begin anew: whoever answers now may have been restarted or exchanged."""
        await self._unit.identify()
        self.contacts += 1
        self.limits.forget()
        self._failsafe.forget()
        self._session.lose_sight()
        self._sampled_at = self._slow_at = self._counts_sessions = None
        self._unprepared = self._dialect.prepare
        self._data = replace(self._data, phase_count=None)
        self._factors = await self._factors_of_firmware()

    async def _factors_of_firmware(self) -> dict[Kind, float]:
        old = self._dialect.old_firmware
        if old is None:
            return {}
        with suppress(ModbusRefused, ModbusImplausible):
            if await self._unit.number(old.version) < old.before:
                return dict.fromkeys(old.kinds, old.factor)
        return {}

    async def write_setpoint(self) -> None:
        """Write the newest setpoint if that is due; a failure is tried again later."""
        limits = self.limits
        if not self._unit.is_identified or not limits.is_due:
            return
        current = limits.target
        limits.sending(current)
        try:
            for order in self._dialect.control.orders(current):
                await self._unit.write(order)
        except ModbusRefused as fault:
            limits.refused()
            self._limit_faults.begin(fault)
        except ModbusError as fault:
            limits.unanswered()
            self._limit_faults.begin(fault)
        else:
            limits.taken(current)
            await self._check_setpoint()

    async def _check_setpoint(self) -> None:
        held = None
        with suppress(ModbusError):  # what is not known is not confirmed, and written again
            held = await self._unit.number(self._dialect.control.check)
        self._show(held)

    def _show(self, held: float | None) -> None:
        may_charge = self._sampled_at is None or self._data.status in _MAY_CHARGE
        if self.limits.show(held, may_charge=may_charge):
            self._limit_faults.end()
        elif self.limits.is_ignored:
            shown = "nothing" if held is None else f"{held:g} A"
            self._limit_faults.begin(ModbusImplausible(f"it shows {shown}"))

    async def sample(self, contact: asyncio.Lock) -> None:
        """Read everything, holding contact for one request at a time. Raises ModbusError."""
        slowly = self._slow_at is None or not (
            timedelta() <= self._now() - self._slow_at < _SLOW_PERIOD
        )
        kinds = self._dialect.quantities.keys() if slowly else _FAST
        wanted = [*self._dialect.state_signals.values()]
        for kind in kinds:
            wanted += self._dialect.quantities.get(kind, ())
        if self._dialect.phases is not None:
            wanted += self._dialect.phases.registers
        values: dict[Register, Value] = {}
        for batch in tuple(self._unit.batches(dict.fromkeys(wanted))):
            async with contact:
                values |= await self._unit.read(batch)
        self._take(values, slowly=slowly)
        async with contact:
            await self._check_setpoint()

    def _take(self, values: Values, *, slowly: bool) -> None:
        state = self._dialect.state(values)
        if state is None:
            raise ModbusImplausible("the state is unknown")
        self._sampled_at = now = self._now()
        currents = self._numbers(Kind.CURRENTS, values)
        if currents is None:
            raise ModbusImplausible("the currents cannot be")
        phase_count = self._phase_count(values)
        self.switches_phases = phase_count is not None
        self._data = replace(
            self._data,
            drawn=PerPhase(*currents),
            power=self._single(Kind.POWER, values),
            measured_at=now,
            phase_count=phase_count,
        )
        self._take_state(state, now)
        if slowly:
            self._slow_at = now
            self._take_slow(values, now)
            self._count(values, now)

    def _phase_count(self, values: Values) -> int | None:
        phases = self._dialect.phases
        return None if phases is None else phases.count(values)

    def _take_slow(self, values: Values, now: datetime) -> None:
        register = self._single(Kind.ENERGY, values)
        voltages = self._numbers(Kind.VOLTAGES, values)
        error = self._single(Kind.ERROR, values)
        self._data = replace(
            self._data,
            voltages=None if voltages is None else PerPhase(*voltages),
            energy=None if register is None else self._register.see(register, now),
            offered=self._single(Kind.OFFERED, values),
            error=f"{error:g}" if error else None,
        )

    def _count(self, values: Values, now: datetime) -> None:
        """Count the energy of the session, by one and the same counter as long as contact lasts."""
        of_session = self._single(Kind.SESSION_ENERGY, values)
        if self._counts_sessions is None:
            self._counts_sessions = of_session is not None
        shown = of_session if self._counts_sessions else self._single(Kind.ENERGY, values)
        self._session.count(shown, now, of_session=self._counts_sessions)

    def _single(self, kind: Kind, values: Values) -> float | None:
        numbers = self._numbers(kind, values)
        return None if numbers is None else numbers[0]

    def _numbers(self, kind: Kind, values: Values) -> list[float] | None:
        """Return the numbers of a quantity; None where one is missing or cannot be."""
        low, high = _PLAUSIBLE[kind]
        found = [values.get(register) for register in self._dialect.quantities.get(kind, ())]
        factor = self._factors.get(kind, 1.0)
        scaled = [value * factor for value in found if isinstance(value, float)]
        numbers = [value for value in scaled if low <= value <= high]
        return numbers if len(numbers) == kind.numbers else None

    def _take_state(self, state: State, now: datetime) -> None:
        before = self._data.status
        if state is State.A:
            self._has_charged = False
        self._has_charged |= state in {State.C, State.D}
        status = self._suspended() if state is State.B else _STATUS[state]
        if self._session.look(status, now):
            self._saw_arrival = before is not ConnectorStatus.UNKNOWN
        self._data = replace(self._data, status=status)
        if status.has_car and not before.has_car:
            self.limits.hurry()

    def _suspended(self) -> ConnectorStatus:
        """Return why a connected car does not charge."""
        if self.limits.target == 0:
            return ConnectorStatus.SUSPENDED_EVSE
        if self._has_charged:
            return ConnectorStatus.SUSPENDED_EV
        return ConnectorStatus.PREPARING

    def good(self) -> None:
        """Note a good poll."""
        self._online = True
        self._missed = 0
        self._lease_until = self._failsafe.lease_until(self._now())
        self._faults.end()

    def failed(self, fault: ModbusError) -> None:
        """Note a failed poll; after some in a row contact is lost."""
        self._missed += 1
        self._faults.begin(fault)
        if self._missed < _PATIENCE:
            return
        self.part(lost=True)

    def part(self, *, lost: bool) -> None:
        """Make contact anew before anything else; until then it is lost, or it stays."""
        self._unit.forget()
        if lost and self._online:
            self._online = False
            self._lease_until = self._failsafe.lease_until(self._now())
