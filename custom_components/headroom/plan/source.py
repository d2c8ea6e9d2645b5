"""What another integration is asked for: not too often, not for too long, and remembered."""

import asyncio
import logging
from collections.abc import Awaitable
from datetime import datetime, timedelta
from typing import Final

from ..forecasts.series import Series
from ..modbus.faults import FaultLog

_LOGGER = logging.getLogger(__name__)

PATIENCE: Final = 30.0
"""Seconds that an answer may take."""
KEPT: Final = timedelta(days=1)
"""An older answer counts for no longer while there is no newer one."""
RETRY: Final = timedelta(minutes=1)
"""After the first failure; each further one doubles it."""


class Source:
    """One series of another integration."""

    def __init__(self, name: str, every: timedelta) -> None:
        """Begin without an answer; one is wanted at most so often."""
        self._every = every
        self._asked_at: datetime | None = None
        self._answered_at: datetime | None = None
        self._wait = every
        self._failed = 0
        self._answer = Series()
        self._fault = FaultLog(
            _LOGGER, name, fails="cannot be asked for", recovers="can be asked for again"
        )

    @property
    def retry_at(self) -> datetime | None:
        """Return when it is worth to ask again, if the last time has brought nothing."""
        if not self._failed or self._asked_at is None:
            return None
        return self._asked_at + self._wait

    def is_due(self, now: datetime) -> bool:
        """Return whether it is time to ask; a clock that was set back makes it so."""
        return self._asked_at is None or not timedelta() <= now - self._asked_at < self._wait

    def known(self, now: datetime) -> Series:
        """Return the last answer, unless it is too old."""
        if self._answered_at is None or now - self._answered_at > KEPT:
            return Series()
        return self._answer

    async def ask(self, question: Awaitable[Series], now: datetime) -> None:
        """Ask, and remember the answer; whatever goes wrong, an older one is kept."""
        self._asked_at = now
        try:
            async with asyncio.timeout(PATIENCE):
                answer = await question
        except Exception as error:  # noqa: BLE001 - code of other integrations runs here
            self._fault.begin(error)
            answer = Series()
        else:
            self._fault.end()
        if answer.slots:
            self._answer, self._answered_at = answer, now
            self._failed, self._wait = 0, self._every
        else:
            self._wait = min(self._every, RETRY * 2**self._failed)
            self._failed += 1
