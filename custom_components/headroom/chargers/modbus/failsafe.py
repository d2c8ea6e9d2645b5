"""Keeps a charger ready for the loss of contact."""

from collections.abc import Callable
from datetime import datetime, timedelta

from ...modbus.backoff import Backoff
from ...modbus.errors import ModbusImplausible, ModbusRefused
from ..base import Failsafe
from .dialect import EXACT, FailsafeRegisters, Order
from .unit import Unit


class FailsafeKeeper:
    """Writes the fallback and its timeout, proves them, and gives the sign of life."""

    def __init__(
        self, registers: FailsafeRegisters, unit: Unit, now: Callable[[], datetime]
    ) -> None:
        self._registers = registers
        self._unit = unit
        self._now = now
        self._proven: float | None = None
        """The fallback that the charger was last seen to have."""
        self._written: float | None = None
        """The fallback that was written since contact began."""
        self._attempts = Backoff(now)
        self._beat_at: datetime | None = None
        self._validity = registers.timeout

    def is_refused(self, fallback: float) -> bool:
        """Return whether the charger may draw more than `fallback` in A without contact."""
        return self._proven is None or self._proven > fallback + EXACT

    def lease_until(self, now: datetime) -> datetime | None:
        """Return when the setpoint ends if contact was lost now; None if it never does."""
        return None if self._registers.kind is Failsafe.NONE else now + self._validity

    def forget(self) -> None:
        """Arm a charger that is contacted anew."""
        self._written = None
        self._beat_at = None
        self._attempts.reset()

    async def keep(self, fallback: float) -> ModbusRefused | ModbusImplausible | None:
        """Do what is due for a fallback in A; return why the charger is not armed.

        Raises ModbusError if contact is lost.
        """
        fault = None
        if self._registers.kind is Failsafe.NONE:
            return None
        if self._is_arming_due(fallback):
            fault = await self._arm(fallback)
        if self._registers.beat is not None and self._is_beat_due():
            await self._unit.write(self._registers.beat)
            self._beat_at = self._now()
        await self._look_at_validity()
        return fault

    def _is_arming_due(self, fallback: float) -> bool:
        if self._attempts.waiting:
            return False
        return self._written != fallback or self.is_refused(fallback)

    def _is_beat_due(self) -> bool:
        if self._beat_at is None:
            return True
        return not timedelta() <= self._now() - self._beat_at < self._registers.every

    async def _arm(self, fallback: float) -> ModbusRefused | ModbusImplausible | None:
        self._proven = None
        try:
            await self._write(fallback)
            self._proven = await self._read_back()
        except (ModbusRefused, ModbusImplausible) as fault:
            self._attempts.fail()
            return fault
        self._written = fallback
        if self.is_refused(fallback):
            self._attempts.fail()
            return ModbusImplausible(f"it falls back to {self._proven:g} A")
        self._attempts.reset()
        return None

    async def _write(self, fallback: float) -> None:
        registers = self._registers
        for register in registers.currents:
            await self._unit.write(Order(register=register, value=fallback))
        if registers.seconds is not None:
            seconds = registers.timeout.total_seconds()
            await self._unit.write(Order(register=registers.seconds, value=seconds))

    async def _read_back(self) -> float:
        """Return the highest fallback that the charger shows. Raises ModbusError."""
        registers = self._registers
        if registers.seconds_check is not None:
            seconds = await self._unit.number(registers.seconds_check)
            if not 0 < seconds <= registers.timeout.total_seconds():
                raise ModbusImplausible(f"its timeout is {seconds:g} s")
        return max([await self._unit.number(check) for check in registers.currents_check])

    async def _look_at_validity(self) -> None:
        """Learn how long a setpoint holds at most from how long it still does."""
        register = self._registers.remaining
        if register is None:
            return
        for value in (await self._unit.read((register,))).values():
            if isinstance(value, float):
                self._validity = max(self._validity, timedelta(seconds=value))
