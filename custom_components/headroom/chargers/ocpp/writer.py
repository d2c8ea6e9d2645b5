"""Sends the limits of a station's connectors, one at a time, the most urgent first."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

from ..base import ChargerError, ChargerOffline, ChargerRefused
from .commands import ClearCommand, LimitCommand
from .limits import ConnectorLimits

_LOGGER = logging.getLogger(__name__)


class LimitWriter:
    """Keeps one connection's charger at the newest limits; never two commands at once."""

    def __init__(
        self,
        name: str,
        limits: Callable[[], Mapping[int, ConnectorLimits]],
        install: Callable[[LimitCommand], Awaitable[None]],
        clear: Callable[[ClearCommand], Awaitable[None]],
        *,
        now: Callable[[], datetime],
        changed: Callable[[], None],
    ) -> None:
        self._name = name
        self._limits = limits
        self._install = install
        self._clear = clear
        self._now = now
        self._changed = changed
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()

    async def run(self) -> None:
        """Send whatever is due, for ever."""
        while True:
            command = self._next()
            if command is None:
                self._idle.set()
                self._wake.clear()
                await self._wake.wait()
            elif isinstance(command, ClearCommand):
                await self._remove(command)
            else:
                await self._carry_out(command)

    def wake(self) -> None:
        """Look for something to send."""
        if self._next() is not None:
            self._idle.clear()
            self._wake.set()

    async def settled(self) -> None:
        """Wait until nothing is left to send for now."""
        await self._idle.wait()

    def end(self) -> None:
        """Let go whoever waits: what is left will not be sent on this connection."""
        self._idle.set()

    def _next(self) -> LimitCommand | ClearCommand | None:
        now = self._now()
        commands = [limits.next_command(now) for limits in self._limits().values()]
        return min(
            (command for command in commands if command is not None),
            key=lambda command: (command.urgency, command.connector),
            default=None,
        )

    async def _carry_out(self, command: LimitCommand) -> None:
        limits = self._limits()[command.connector]
        was_failing = limits.failing
        limits.sending(command, self._now())
        self._changed()
        fault: ChargerError | None = None
        try:
            await self._install(command)
        except ChargerRefused as refusal:
            fault = refusal
            limits.refused(command, self._now())
        except ChargerError as silence:
            fault = silence
            lost = isinstance(silence, ChargerOffline)
            limits.unanswered(command, self._now(), lost=lost)
        else:
            limits.accepted(command, self._now())
        self._changed()
        self._report(command.connector, fault, was_failing=was_failing, is_failing=limits.failing)

    async def _remove(self, command: ClearCommand) -> None:
        """Empty a place that another strategy had used, now that its limit is replaced."""
        limits = self._limits()[command.connector]
        try:
            await self._clear(command)
        except ChargerError as error:
            _LOGGER.debug("Station %s keeps an old limit: %r", self._name, error)
            limits.not_cleared(self._now())
        else:
            limits.cleared(command, self._now())
        self._changed()

    def _report(
        self, connector: int, fault: ChargerError | None, *, was_failing: bool, is_failing: bool
    ) -> None:
        if is_failing and not was_failing:
            _LOGGER.warning(
                "Connector %s of station %s does not take its limit and will be asked again: %r",
                connector,
                self._name,
                fault,
            )
        elif was_failing and not is_failing:
            _LOGGER.info("Connector %s of station %s takes its limit again", connector, self._name)
