"""Meters that speak Modbus."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final, override

from ..engine.snapshot import MeterReading
from ..listeners import Listeners
from ..modbus.address import UnitAddress
from ..modbus.endpoint import EndpointPool
from ..modbus.faults import FaultLog
from ..modbus.polling import poll_for_ever
from .base import MeterData, MeterError, MeterLink
from .measured import Mounting, Values, meter_data
from .models import Kind, MeterModel
from .reader import UnitReader

_LOGGER = logging.getLogger(__name__)

FAST: Final = frozenset({Kind.CURRENTS, Kind.POWERS, Kind.POWER})
"""What the engine lives on: read on every poll."""

SLOW: Final = frozenset(Kind) - FAST
"""What people look at: read every SLOW_PERIOD."""

SLOW_PERIOD: Final = timedelta(seconds=10)


class ModbusMeter(MeterLink):
    """One unit of a Modbus endpoint, polled with a steady period.

    A poll is good when the fast quantities are; slow ones that fail are unknown until they can
    be read again. A stopped meter is not started again.
    """

    def __init__(
        self,
        pool: EndpointPool,
        address: UnitAddress,
        model: MeterModel,
        *,
        mounting: Mounting | None = None,
        period: timedelta,
        now: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Hold the endpoint until stopped. Raises ValueError for a period that is not positive."""
        if period <= timedelta():
            raise ValueError(f"{period} is not a period")
        self._pool = pool
        self._endpoint = pool.acquire(address.server, pause=model.pause)
        self._reader = UnitReader(self._endpoint, address.unit, model)
        self._model = model
        self._mounting = mounting
        self._period = period
        self._now = now
        self._sleep = sleep
        self._address = address
        self._faults = FaultLog(_LOGGER, f"Meter {address}")
        self._slow_faults = FaultLog(_LOGGER, f"Voltage and energy of meter {address}")
        self._data: MeterData | None = None
        self._fault: MeterError | None = None
        self._missed = 0
        self._slow: Values = {}
        self._slow_at: datetime | None = None
        self._listeners = Listeners()
        self._task: asyncio.Task[None] | None = None
        self._stopped = False

    @property
    @override
    def data(self) -> MeterData | None:
        return self._data

    @property
    @override
    def missed(self) -> int:
        return self._missed

    @property
    @override
    def fault(self) -> MeterError | None:
        return self._fault

    @override
    def reading(self) -> MeterReading | None:
        return None if self._data is None else self._data.reading(self._missed)

    @override
    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        return self._listeners.subscribe(listener)

    @override
    def start(self) -> None:
        if self._task is None and not self._stopped:
            polling = poll_for_ever(self.poll, self._period, now=self._now, sleep=self._sleep)
            self._task = asyncio.create_task(polling, name=f"poll meter {self._address}")
            self._task.add_done_callback(self._report_end)

    @override
    async def poll(self) -> None:
        try:
            self._data = await self._read()
        except MeterError as fault:
            self._fault = fault
            self._missed += 1
            self._faults.begin(fault)
        else:
            self._fault = None
            self._missed = 0
            self._faults.end()
        self._listeners.notify()

    @override
    async def stop(self) -> None:
        if self._stopped:
            return
        self._stopped = True
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
        await self._pool.release(self._endpoint)

    def _report_end(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            _LOGGER.error("Polling of meter %s broke off", self._address, exc_info=error)

    async def _read(self) -> MeterData:
        fast = await self._reader.read(FAST)
        at = self._now()
        if self._slow_at is None or not timedelta() <= at - self._slow_at < SLOW_PERIOD:
            self._slow_at = at
            self._slow = await self._read_slow()
        values = {**fast, **self._slow}
        return meter_data(values, at, self._model.current_sign, self._mounting)

    async def _read_slow(self) -> Values:
        try:
            values = await self._reader.read(SLOW)
        except MeterError as fault:
            self._slow_faults.begin(fault)
            return {}
        self._slow_faults.end()
        return values
