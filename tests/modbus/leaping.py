"""An event loop that does not wait, and a gateway in its time."""

import asyncio
import selectors
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, override

from pymodbus.pdu import ModbusPDU
from pymodbus.pdu.register_message import (
    ReadHoldingRegistersResponse,
    WriteMultipleRegistersResponse,
)


class _Leaper(selectors.SelectSelector):
    """Takes no time: its clock leaps to the end of every wait."""

    leapt = 0.0

    @override
    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready:
            self.leapt += timeout or 0.0
        return ready


class LeapingLoop(asyncio.SelectorEventLoop):
    """Leaps from timer to timer."""

    def __init__(self) -> None:
        self._leaper = _Leaper()
        super().__init__(self._leaper)

    @override
    def time(self) -> float:
        return self._leaper.leapt

    def now(self) -> datetime:
        return datetime(2026, 3, 1, 12, tzinfo=UTC) + timedelta(seconds=self.time())


@dataclass(slots=True, kw_only=True)
class Line:
    """A gateway with units, each of which takes its time; it stands in for a client."""

    answers_after: Mapping[int, float]
    """Seconds by unit; those beyond the timeout do not answer."""
    timeout: float = 1.0
    connected: bool = False
    asked: dict[int, list[float]] = field(default_factory=lambda: defaultdict(list))
    """When each unit was asked, by the loop's clock."""

    async def connect(self) -> bool:
        self.connected = True
        return True

    async def disconnect(self) -> None:
        self.connected = False

    async def read_holding_registers(self, _: int, *, count: int, device_id: int) -> ModbusPDU:
        await self._exchange(device_id)
        return ReadHoldingRegistersResponse(registers=[0] * count)

    async def write_registers(self, address: int, _: Any, *, device_id: int) -> ModbusPDU:
        await self._exchange(device_id)
        return WriteMultipleRegistersResponse(address=address, count=1)

    async def _exchange(self, unit: int) -> None:
        self.asked[unit].append(asyncio.get_running_loop().time())
        takes = self.answers_after[unit]
        await asyncio.sleep(min(takes, self.timeout))
        if takes > self.timeout:
            raise TimeoutError
