"""What a station is without its network: connectors, profiles, settings and limits."""

import logging
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import floor
from typing import Any, Final

from ..plant.ev import VOLTAGE
from ..plant.outlet import Outlet
from .connector import NO_ERROR, StationConnector
from .profiles import Profile, ProfileError, ProfileStore, Purpose
from .samples import timestamp
from .v16.settings import CONNECTION_TIMEOUT, Settings

_LOGGER = logging.getLogger(__name__)

_TRIGGERS: Final = {"BootNotification", "Heartbeat", "StatusNotification", "MeterValues"}


@dataclass(slots=True)
class Faults:
    """Misbehaviour on demand."""

    refuse_profiles: bool = False
    ignore_limits: bool = False


class Cabinet:
    """Does what it is asked for, and limits its outlets at every step of the plant.

    What it has to say in consequence waits in `triggered` and `reset` for its station.
    """

    def __init__(
        self,
        name: str,
        outlets: Sequence[Outlet],
        clock: Callable[[], datetime],
        *,
        badges: Mapping[int, str],
    ) -> None:
        """Build a cabinet. A connector with a badge starts its cars by itself."""
        self.name = name
        self.faults = Faults()
        self.profiles = ProfileStore()
        self.settings = Settings(len(outlets))
        self.triggered: deque[tuple[str, int | None]] = deque()
        """Messages that were asked for, with a connector or for all."""
        self.reset: str | None = None
        """Hard or Soft while a restart is due."""
        self.connectors = {
            number: StationConnector(number, outlet, badge=badges.get(number))
            for number, outlet in enumerate(outlets, start=1)
        }
        self._clock = clock
        for connector in self.connectors.values():
            connector.outlet.limit = self._limiter(connector)

    def install(self, number: int, payload: Mapping[str, Any]) -> str:
        """Install a charging profile and return the status for the answer."""
        try:
            profile = Profile.parse(number, payload)
        except ProfileError as error:
            _LOGGER.warning("%s refuses a charging profile: %s", self.name, error)
            return "Rejected"
        if self.faults.refuse_profiles or not self._fits(profile):
            return "Rejected"
        self.profiles.install(profile)
        return "Accepted"

    def _fits(self, profile: Profile) -> bool:
        connector = self.connectors.get(profile.connector)
        if profile.connector and connector is None:
            return False
        if profile.purpose is not Purpose.TRANSACTION or connector is None:
            return True
        running = connector.transaction
        return running is not None and profile.transaction in {None, running.id}

    def composite(self, number: int, duration: int, *, unit: str = "A") -> dict[str, Any] | None:
        """Return what holds for the next `duration` seconds; None for an unknown connector."""
        connector = self.connectors.get(number)
        if connector is None:
            return None
        now = self._clock()
        times = self.profiles.changes(now, now + timedelta(seconds=duration), connector.usage)
        factor = VOLTAGE * len(connector.outlet.wiring.phases) if unit == "W" else 1.0
        periods: list[dict[str, Any]] = []
        for time in times:
            limit = floor(self._allowed(connector, time) * factor * 10 + 1e-6) / 10
            if not periods or periods[-1]["limit"] != limit:
                start = int((time - now).total_seconds())
                periods.append({"start_period": start, "limit": limit})
        return {
            "start_schedule": timestamp(now),
            "duration": duration,
            "charging_rate_unit": unit,
            "charging_schedule_period": periods,
        }

    def trigger(self, message: str, number: int | None) -> str:
        """Note a message to be sent and return the status for the answer."""
        if message not in _TRIGGERS:
            return "NotImplemented"
        if number is not None and number not in self.connectors:
            return "Rejected"
        self.triggered.append((message, number))
        return "Accepted"

    def start_remotely(
        self, badge: str, number: int | None, payload: Mapping[str, Any] | None
    ) -> bool:
        """Start at a connector, or at the first one that is free; return whether it will."""
        candidates = [c for c in self.selected(number) if c.can_start()]
        with_car = [c for c in candidates if c.outlet.car]
        connector = next(iter(with_car or candidates), None)
        if connector is None:
            return False
        if payload and not self._install_for_start(connector.number, payload):
            return False
        window = timedelta(seconds=self.settings.seconds(CONNECTION_TIMEOUT))
        connector.start_remotely(badge, self._clock() + window)
        return True

    def _install_for_start(self, number: int, payload: Mapping[str, Any]) -> bool:
        try:
            profile = Profile.parse(number, payload)
        except ProfileError:
            return False
        if self.faults.refuse_profiles or profile.purpose is not Purpose.TRANSACTION:
            return False
        self.profiles.install(profile)
        return True

    def stop_remotely(self, transaction: int) -> bool:
        """End a transaction by its id; return whether there is one."""
        for connector in self.connectors.values():
            if connector.transaction and connector.transaction.id == transaction:
                connector.end(self._clock(), "Remote")
                return True
        return False

    def unlock(self, number: int) -> str:
        """Unlock the cable and return the status for the answer."""
        connector = self.connectors.get(number)
        if connector is None:
            return "NotSupported"
        connector.end(self._clock(), "UnlockCommand")
        return "Unlocked"

    def change_availability(self, number: int, *, operative: bool) -> str:
        """Put connectors in or out of service and return the status for the answer."""
        selected = self.selected(number or None)
        if not selected:
            return "Rejected"
        for connector in selected:
            connector.operative = operative
        busy = not operative and any(connector.transaction for connector in selected)
        return "Scheduled" if busy else "Accepted"

    def selected(self, number: int | None) -> list[StationConnector]:
        """Return one connector by its number, or all of them without a number."""
        return [c for c in self.connectors.values() if number in {None, c.number}]

    def _limiter(self, connector: StationConnector) -> Callable[[datetime], float]:
        def limit(now: datetime) -> float:
            usable = connector.transaction and connector.error == NO_ERROR
            return self._allowed(connector, now) if usable else 0.0

        return limit

    def _allowed(self, connector: StationConnector, now: datetime) -> float:
        maximum = connector.outlet.max_current
        if self.faults.ignore_limits:
            return maximum
        own = self.profiles.limit(connector.number, now, connector.usage)
        shared = self.profiles.station_limit(now)
        users = sum(1 for c in self.connectors.values() if c.transaction) or 1
        limits = (maximum, own, None if shared is None else shared / users)
        return min(limit for limit in limits if limit is not None)
