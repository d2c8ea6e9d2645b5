"""A charger that speaks Modbus."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, override

from ...engine.snapshot import ConnectorReading
from ...listeners import Listeners
from ...modbus.address import UnitAddress
from ...modbus.endpoint import EndpointPool
from ...modbus.errors import ModbusError, ModbusImplausible, ModbusRefused, ModbusUnreachable
from ...modbus.polling import poll_for_ever
from ..base import (
    Capabilities,
    ChargerInfo,
    ChargerLink,
    ChargerOffline,
    ChargerRefused,
    ConnectorData,
    ConnectorProfile,
    Contact,
)
from ..car_session import CarSession
from .connector import ModbusConnector
from .dialect import Dialect, Order
from .unit import Unit

_LOGGER = logging.getLogger(__name__)

_PERIOD: Final = timedelta(seconds=1)


class ModbusCharger(ChargerLink):
    """One charger, polled about once a second once opened; a closed one is not opened again.

    Each request waits for the one before; a new setpoint goes before the rest of a poll.
    """

    def __init__(
        self,
        pool: EndpointPool,
        address: UnitAddress,
        dialect: Dialect,
        connectors: Mapping[int, ConnectorProfile],
        *,
        now: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        resume: Callable[[int], CarSession] = lambda _: CarSession(),
    ) -> None:
        """Hold the endpoint until closed. Raises ValueError for a connector it cannot have."""
        self._pool = pool
        self._address = address
        self._dialect = dialect
        self._now = now
        self._sleep = sleep
        self._resume = resume
        self._connectors: dict[int, ModbusConnector] = {}
        self._listeners = Listeners()
        self._info = ChargerInfo(vendor=dialect.vendors[0])
        self._introduced = False
        self._allowed = Contact.FULL
        self._contact = asyncio.Lock()
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._tasks: tuple[asyncio.Task[None], ...] = ()
        self._closed = False
        _require_known(dialect, connectors)
        self._endpoint = pool.acquire(address.server, pause=dialect.pause)
        self.update(connectors)

    @property
    @override
    def online(self) -> bool:
        return any(connector.online for connector in self._connectors.values())

    @property
    @override
    def contacts(self) -> int:
        return max(connector.contacts for connector in self._connectors.values())

    @property
    @override
    def info(self) -> ChargerInfo:
        return self._info

    @property
    @override
    def capabilities(self) -> Capabilities:
        shown = {connector.switches_phases for connector in self._connectors.values()} - {None}
        return replace(self._dialect.capabilities, switches_phases=shown == {True})

    @property
    @override
    def connectors(self) -> Mapping[int, ConnectorData]:
        return {number: connector.data for number, connector in self._connectors.items()}

    @override
    def reading(self, connector: int) -> ConnectorReading:
        return self._connectors[connector].reading(starts_free=self.starts_free)

    @override
    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        return self._listeners.subscribe(listener)

    @override
    def update(self, connectors: Mapping[int, ConnectorProfile]) -> None:
        """Apply new limits. Raises ValueError for a connector that the charger cannot have."""
        _require_known(self._dialect, connectors)
        for number in self._connectors.keys() - connectors.keys():
            del self._connectors[number]
        for number, profile in connectors.items():
            if (known := self._connectors.get(number)) is not None:
                known.limits.profile = profile
            else:
                self._connectors[number] = self._make_connector(number, profile)
        self._wake.set()

    @override
    def set_current(self, connector: int, current: float) -> None:
        self._connectors[connector].limits.aim(current)
        if self._tasks:
            self._idle.clear()
            self._wake.set()

    @override
    def restrict(self, contact: Contact) -> None:
        if contact is self._allowed:
            return
        self._allowed = contact
        for connector in self._connectors.values():
            connector.part(lost=contact is Contact.NONE)
        self._changed()

    @override
    def maintain(self) -> None:
        """Do nothing: the charger's own polls renew everything and notice silence."""

    @override
    async def settled(self) -> None:
        await self._idle.wait()

    @override
    async def start(self, connector: int, badge: str) -> None:
        await self._command(connector, "start")

    @override
    async def stop(self, connector: int) -> None:
        await self._command(connector, "stop")

    @override
    async def set_phases(self, connector: int, count: int) -> None:
        phases = self._dialect.phases
        if phases is None:
            raise ChargerRefused(f"a {self._dialect.name} cannot switch phases")
        await self._carry_out(connector, phases.orders[count])

    @override
    async def reset(self, *, hard: bool) -> None:
        await self._command(min(self._connectors), "reset")

    def open(self) -> None:
        """Begin to poll and to write setpoints."""
        if self._tasks or self._closed:
            return
        polling = poll_for_ever(self.poll, _PERIOD, now=self._now, sleep=self._sleep)
        self._tasks = (
            asyncio.create_task(polling, name=f"poll charger {self._address}"),
            asyncio.create_task(self._write_for_ever(), name=f"write charger {self._address}"),
        )
        for task in self._tasks:
            task.add_done_callback(self._report_end)

    async def poll(self) -> None:
        """Renew what is due and read everything once. Faults are kept and logged, not raised."""
        if self._allowed is Contact.NONE:
            return
        for connector in tuple(self._connectors.values()):
            try:
                await self._visit(connector)
            except ModbusError as fault:
                connector.failed(fault)
            else:
                self._note_good(connector)
            self._changed()

    @override
    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        self._tasks = ()
        self._idle.set()
        await self._pool.release(self._endpoint)

    def _note_good(self, connector: ModbusConnector) -> None:
        """Note a good poll, unless contact was forbidden meanwhile."""
        if self._allowed is not Contact.NONE:
            connector.good()

    async def _visit(self, connector: ModbusConnector) -> None:
        async with self._contact:
            await connector.make_ready(commands=self._allowed is Contact.FULL)
            if not self._introduced:
                self._info = await _introduce(
                    self._dialect, self._unit(next(iter(self._connectors)))
                )
                self._introduced = True
        await connector.sample(self._contact)

    async def _write_for_ever(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            async with self._contact:
                for connector in tuple(self._connectors.values()):
                    if self._allowed is Contact.FULL:
                        await connector.write_setpoint()
            if not self._wake.is_set():
                self._idle.set()
            self._changed()

    async def _command(self, connector: int, name: str) -> None:
        order = self._dialect.commands.get(name)
        if order is None:
            raise ChargerRefused(f"a {self._dialect.name} cannot be told to {name}")
        await self._carry_out(connector, order)

    async def _carry_out(self, connector: int, order: Order) -> None:
        """Write what has an effect at once. Raises ChargerError."""
        target = self._connectors[connector]
        if not target.online:
            raise ChargerOffline(str(self._address))
        async with self._contact:
            try:
                await target.command(order)
            except ModbusUnreachable as error:
                raise ChargerOffline(str(error)) from error
            except ModbusError as error:
                raise ChargerRefused(str(error)) from error

    def _make_connector(self, number: int, profile: ConnectorProfile) -> ModbusConnector:
        return ModbusConnector(
            f"Connector {number} of charger {self._address}",
            self._unit(number),
            self._dialect,
            profile,
            now=self._now,
            session=self._resume(number),
        )

    def _unit(self, number: int) -> Unit:
        unit = unit_of(self._dialect, self._address, number)
        return Unit(self._endpoint, unit, self._dialect)

    def _report_end(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            _LOGGER.error("Contact with charger %s broke off", self._address, exc_info=error)

    def _changed(self) -> None:
        self._listeners.notify()


def _require_known(dialect: Dialect, connectors: Mapping[int, ConnectorProfile]) -> None:
    if unknown := connectors.keys() - dialect.connectors.keys():
        raise ValueError(f"a {dialect.name} has no connector {min(unknown)}")


def unit_of(dialect: Dialect, address: UnitAddress, number: int) -> int:
    """Return the unit of a connector, where the first has the unit of the address."""
    return address.unit + dialect.connectors[number] - dialect.unit


async def _introduce(dialect: Dialect, unit: Unit) -> ChargerInfo:
    """Return what a charger says of itself. Raises ModbusUnreachable."""
    texts: dict[str, str] = {}
    for name, register in dialect.info.items():
        with suppress(ModbusRefused, ModbusImplausible):
            texts[name] = str(await unit.value(register))
    return ChargerInfo(
        vendor=dialect.vendors[0],
        model=texts.get("model") or dialect.name,
        serial=texts.get("serial") or None,
        firmware=texts.get("firmware") or None,
    )


async def probe(pool: EndpointPool, address: UnitAddress, dialect: Dialect) -> ChargerInfo:
    """Find out whether such a charger answers, and write nothing. Raises ModbusError."""
    async with pool.lend(address.server, pause=dialect.pause) as endpoint:
        unit = Unit(endpoint, address.unit, dialect)
        await unit.identify()
        return await _introduce(dialect, unit)
