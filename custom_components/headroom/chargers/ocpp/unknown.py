"""Stations that try to connect but are not registered."""

import logging
from collections.abc import Callable
from datetime import datetime

from .config import CentralSystemConfig

_LOGGER = logging.getLogger(__name__)


class UnknownStations:
    """Tells of each unknown station once in a while, and of not too many."""

    def __init__(
        self,
        config: CentralSystemConfig,
        now: Callable[[], datetime],
        on_unknown: Callable[[str, str | None], None] | None,
    ) -> None:
        self._config = config
        self._now = now
        self._on_unknown = on_unknown
        self._told_at: dict[str, datetime] = {}

    def tell(self, station_id: str, remote: str | None) -> None:
        """Tell that a station came from an address, unless that was told of lately."""
        now = self._now()
        horizon = now - self._config.unknown_repeat
        self._told_at = {name: at for name, at in self._told_at.items() if at > horizon}
        if station_id in self._told_at or len(self._told_at) >= self._config.unknown_limit:
            return
        self._told_at[station_id] = now
        _LOGGER.info("Station %s at %s is not registered", station_id, remote)
        if self._on_unknown is not None:
            self._on_unknown(station_id, remote)

    def forget(self, station_id: str) -> None:
        """Tell of a station at once should it ever be unknown again."""
        self._told_at.pop(station_id, None)
