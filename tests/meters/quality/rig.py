"""Real meters, over Modbus and of entities, that can be broken in many ways."""

import struct
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, override

from pymodbus.constants import ExcCodes

from custom_components.headroom.engine.currents import PHASES, PerPhase
from custom_components.headroom.entity_state import EntityState
from custom_components.headroom.meters.base import MeterLink
from custom_components.headroom.meters.entity_meter import EntityMeter, EntityMeterConfig
from custom_components.headroom.meters.modbus_meter import ModbusMeter
from custom_components.headroom.meters.model_files import load_models
from custom_components.headroom.meters.models import Kind
from custom_components.headroom.modbus.address import TcpServer, UnitAddress
from custom_components.headroom.modbus.endpoint import EndpointPool
from tests.chargers.entities.entities import World
from tests.meters.fakes import IEM3155
from tests.modbus.fakes import Clock, FakeServer

_CURRENTS: Final = 3000 - 1
_POWERS: Final = 3054 - 1
_PATIENT: Final = timedelta(seconds=10)
_IMPATIENT: Final = timedelta(milliseconds=500)
"""For answers that never come."""
_NAN: Final = float("nan")


class Fault(StrEnum):
    """What goes wrong, as the documentation calls it."""

    UNAVAILABLE = "one phase is not available"
    UNKNOWN = "all values are unknown"
    FROZEN = "frozen"
    SPIKE = "a spike of 2000 A in one reading"
    KILOWATTS = "kW for W"
    SIGN = "sign flipped"
    SWAPPED = "L1 and L2 exchanged"
    SLOW = "slow"
    EXCEPTION = "exception"
    HALF = "half answer"
    UNIT = "wrong unit"
    REFUSED = "connection refused"


_UNWRITABLE: Final = frozenset({Fault.SLOW, Fault.EXCEPTION, Fault.REFUSED})
"""The server would not take new numbers either."""
_UNANSWERED: Final = frozenset({Fault.SLOW, Fault.HALF, Fault.UNIT})


@dataclass(frozen=True, slots=True)
class Shown:
    """What a meter measures: currents in A and powers in W."""

    currents: PerPhase
    powers: PerPhase


class Rig(ABC):
    """One kind of meter on a clock."""

    period: timedelta
    """Between two readings."""
    max_age: timedelta
    """As its form sets it."""
    name: str
    """How the log calls it."""

    def __init__(self) -> None:
        self.fault: Fault | None = None
        self._stuck: Shown | None = None

    def anonymous(self, line: str) -> str:
        """Return a line of the log without what differs from run to run."""
        return line

    @property
    @abstractmethod
    def link(self) -> MeterLink:
        """Return the meter."""

    @property
    @abstractmethod
    def now(self) -> datetime:
        """Return the time."""

    @abstractmethod
    def advance(self) -> None:
        """Let a period pass."""

    @abstractmethod
    async def show(self, shown: Shown) -> None:
        """Let the meter measure this and be read once."""

    async def break_it(self, fault: Fault) -> None:
        """Begin to fail."""
        self.fault = fault

    def _spoilt(self, shown: Shown) -> Shown:
        """Return what is shown with the faults that any meter can have."""
        match self.fault:
            case Fault.FROZEN:
                shown = self._stuck = self._stuck or shown
            case Fault.SPIKE:
                shown = replace(shown, currents=_with(shown.currents, 2000.0))
                self.fault = None
            case Fault.KILOWATTS:
                shown = replace(shown, powers=PerPhase(*(p / 1000 for p in shown.powers)))
            case Fault.SIGN:
                shown = replace(shown, powers=PerPhase(*(-p for p in shown.powers)))
            case Fault.SWAPPED:
                shown = Shown(_exchanged(shown.currents), _exchanged(shown.powers))
        return shown


class ModbusRig(Rig):
    """An iEM3155 on loopback."""

    period = timedelta(milliseconds=500)
    max_age = timedelta(seconds=5)
    name = "192.0.2.7:502/1"

    def __init__(self, server: FakeServer, pool: EndpointPool, clock: Clock) -> None:
        super().__init__()
        self._server = server
        self._clock = clock
        address = UnitAddress(TcpServer("127.0.0.1", server.port), 1)
        model = load_models()["schneider_iem3000"]
        self._meter = ModbusMeter(pool, address, model, period=self.period, now=clock.now)

    @property
    @override
    def link(self) -> MeterLink:
        return self._meter

    @property
    @override
    def now(self) -> datetime:
        return self._clock.time

    @override
    def anonymous(self, line: str) -> str:
        return line.replace("127.0.0.1", "192.0.2.7").replace(str(self._server.port), "502")

    @override
    def advance(self) -> None:
        self._clock.time += self.period

    @override
    async def show(self, shown: Shown) -> None:
        spoilt = self._spoilt(shown)
        currents, powers = spoilt.currents, [power / 1000 for power in spoilt.powers]
        if self.fault is Fault.UNAVAILABLE:
            currents = _with(currents, _NAN)
        if self.fault is Fault.UNKNOWN:
            currents, powers = PerPhase.same(_NAN), [_NAN] * len(PHASES)
        if self.fault not in _UNWRITABLE:
            await self._server.write(1, _CURRENTS, struct.pack(">3f", *currents))
            await self._server.write(1, _POWERS, struct.pack(">4f", *powers, sum(powers)))
        await self._meter.poll()

    @override
    async def break_it(self, fault: Fault) -> None:
        await super().break_it(fault)
        match fault:
            case Fault.SLOW:
                self._server.answering.clear()
            case Fault.EXCEPTION:
                self._server.refusals[_CURRENTS] = ExcCodes.DEVICE_FAILURE
            case Fault.HALF:
                self._server.cut = 4
            case Fault.UNIT:
                self._server.impostor = 9
            case Fault.REFUSED:
                await self._server.stop()


class EntityRig(Rig):
    """Three sensors of currents and three of powers, which report every second."""

    period = timedelta(seconds=1)
    max_age = timedelta(seconds=30)
    name = "House"

    def __init__(self) -> None:
        super().__init__()
        self._world = World()
        config = EntityMeterConfig(
            entities={Kind.CURRENTS: ("i1", "i2", "i3"), Kind.POWERS: ("p1", "p2", "p3")},
            max_age=self.max_age,
        )
        self._meter = EntityMeter(self.name, config, access=self._world, now=self._world.now)

    @property
    @override
    def link(self) -> MeterLink:
        return self._meter

    @property
    @override
    def now(self) -> datetime:
        return self._world.time

    @override
    def advance(self) -> None:
        self._world.time += self.period

    @override
    async def show(self, shown: Shown) -> None:
        if self.fault is Fault.SLOW:
            return
        spoilt = self._spoilt(shown)
        for phase in PHASES:
            self._report(f"p{phase + 1}", spoilt.powers[phase], "W")
            self._report(f"i{phase + 1}", spoilt.currents[phase], "A")
        await self._meter.poll()

    def _report(self, entity: str, number: float, unit: str) -> None:
        value: str | None = str(round(number, 2))
        match self.fault:
            case Fault.UNAVAILABLE if entity == "i2":
                value = None
            case Fault.HALF if entity != "i1":
                value = None
            case Fault.UNKNOWN:
                value = None
            case Fault.EXCEPTION:
                value = "error"
            case Fault.UNIT:
                unit = "W" if unit == "A" else "A"
        state = EntityState(domain="sensor", value=value, reported_at=self.now, unit=unit)
        self._world.put(entity, None if self.fault is Fault.REFUSED else state)


@asynccontextmanager
async def modbus_rig(fault: Fault) -> AsyncGenerator[Rig]:
    """Run a meter on loopback that will have a fault."""
    clock = Clock()
    server = FakeServer({1: IEM3155})
    await server.start()
    timeout = _IMPATIENT if fault in _UNANSWERED else _PATIENT
    pool = EndpointPool(clock.now, timeout=timeout)
    rig = ModbusRig(server, pool, clock)
    try:
        yield rig
    finally:
        await rig.link.stop()
        await pool.close()
        if rig.fault is not Fault.REFUSED:
            await server.stop()


@asynccontextmanager
async def entity_rig(_: Fault) -> AsyncGenerator[Rig]:
    """Make a meter of entities."""
    rig = EntityRig()
    yield rig
    await rig.link.stop()


def _with(currents: PerPhase, l2: float) -> PerPhase:
    return PerPhase(currents.l1, l2, currents.l3)


def _exchanged(numbers: PerPhase) -> PerPhase:
    return PerPhase(numbers.l2, numbers.l1, numbers.l3)
