"""Shows what a charger does after a restart: it is restarted, and told nothing before it has shown.

Some chargers know no limit between the return of power and their first contact. Power that fails
in a whole building takes Home Assistant along, so nobody may tell them for minutes.
"""

import asyncio
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from ..engine.snapshot import ConnectorStatus
from .base import ChargerError, ChargerLink, ChargerRefused
from .outcome import SPEAKS_WITHIN, TOLERANCE, Outcome

_LOGGER = logging.getLogger(__name__)

STARTS_WITHIN: Final = timedelta(minutes=5)
SETTLES_WITHIN: Final = timedelta(seconds=30)
"""A car takes so long to draw again what it is offered."""
_FLOWS: Final = 1.0
"""A that show that a session goes on."""


class RestartTest:
    """One restart of a charger that may only report. `advance()` is called about once a second."""

    def __init__(self, link: ChargerLink, fallbacks: Mapping[int, float], now: datetime) -> None:
        """Restart it. `fallbacks`, in A, are of the connectors that are looked at."""
        self._link = link
        self._fallbacks = fallbacks
        self._began_at = now
        self._contacts = link.contacts
        self._returned_at: datetime | None = None
        self._refused = False
        self._resetting = asyncio.create_task(self._reset(), name="restart a charger")

    def advance(self, now: datetime) -> Outcome | None:
        """Go on with the test; return its outcome once there is one."""
        if self._refused:
            return Outcome.UNCLEAR
        if not self._link.online or self._link.contacts == self._contacts:
            return Outcome.UNCLEAR if now >= self._began_at + STARTS_WITHIN else None
        returned_at = self._returned_at = self._returned_at or now
        seen = [self._judge(number, returned_at, now) for number in self._fallbacks]
        if Outcome.FAILED in seen:
            return Outcome.FAILED
        if None in seen:
            return Outcome.UNCLEAR if now >= returned_at + SPEAKS_WITHIN else None
        return Outcome.PASSED

    def end(self) -> None:
        """Give up what is not over yet."""
        self._resetting.cancel()

    async def _reset(self) -> None:
        """Note if it refuses; one that does not answer may have restarted at once."""
        try:
            await self._link.reset(hard=True)
        except ChargerRefused:
            self._refused = True
        except ChargerError as error:
            _LOGGER.debug("A charger does not answer to a restart: %r", error)

    def _judge(self, number: int, returned_at: datetime, now: datetime) -> Outcome | None:
        """Return what a connector shows; None while it shows nothing.

        A car that draws nothing may have lost its session, unless the charger says that it waits.
        """
        data = self._link.connectors.get(number)
        if data is None or data.drawn is None or data.measured_at is None:
            return None
        drawn, settled_at = data.drawn.largest(), returned_at + SETTLES_WITHIN
        if data.measured_at < self._began_at:
            return None
        if drawn > self._fallbacks[number] + TOLERANCE:
            return Outcome.FAILED
        if data.status is ConnectorStatus.SUSPENDED_EVSE:
            return Outcome.PASSED if now >= settled_at else None
        return Outcome.PASSED if drawn >= _FLOWS and data.measured_at >= settled_at else None
