"""Connectors that were taken out of a charger: they are paused before they are forgotten."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

from .connector import StationConnector
from .limits import ConnectorLimits

_LOGGER = logging.getLogger(__name__)


class LeavingConnectors:
    """Those of one station that have not accepted 0 A yet.

    Somebody else may get their current, so they must not go on with their last limit. `patience`
    is how long a station is asked within one contact: as long as a lease may last.
    """

    def __init__(self, station: str, patience: timedelta) -> None:
        self._station = station
        self._patience = patience
        self._connectors: dict[int, StationConnector] = {}
        self._until: dict[int, datetime] = {}

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._connectors)

    @property
    def limits(self) -> Mapping[int, ConnectorLimits]:
        """Return what is still to be sent for them."""
        return {number: connector.limits for number, connector in self._connectors.items()}

    def pause(self, connector: StationConnector, now: datetime) -> None:
        """Pause a connector that is not wanted any more."""
        connector.limits.aim(0.0)
        self._connectors[connector.number] = connector
        self._until[connector.number] = now + self._patience

    def take_back(self, number: int) -> StationConnector | None:
        """Return a connector that is wanted again, with all that is known of its limits."""
        return self._connectors.pop(number, None)

    def forget_contact(self, now: datetime, *, restarted: bool = False) -> None:
        """Ask a charger anew that has connected, or started, anew."""
        for number, connector in self._connectors.items():
            connector.forget_contact(now, restarted=restarted)
            self._until[number] = now + self._patience

    def let_go(self, now: datetime) -> None:
        """Forget those that are paused, and those that could not be paused for too long."""
        for number, connector in tuple(self._connectors.items()):
            is_paused = connector.limits.confirmed == 0.0
            if not is_paused and now < self._until[number]:
                continue
            del self._connectors[number]
            if not is_paused:
                _LOGGER.warning(
                    "Connector %s of station %s was removed and does not accept to be paused",
                    number,
                    self._station,
                )
