"""What a station lets its outlets draw."""

from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from ..plant.outlet import MINIMUM_OFFER
from .connector import NO_ERROR, StationConnector
from .faults import Faults
from .profiles import ProfileStore


class Limits:
    """Limits the outlets at every step of the plant; currents in A per phase."""

    def __init__(
        self,
        connectors: Mapping[int, StationConnector],
        profiles: ProfileStore,
        faults: Faults,
        clock: Callable[[], datetime],
    ) -> None:
        """Take the outlets over."""
        self.powered = True
        self.welcome = False
        """Whether a central system has accepted the station since it has power."""
        self.switches_phases = False
        """Whether it uses no more phases than its profiles name."""
        self._connectors = connectors
        self._profiles = profiles
        self._faults = faults
        self._clock = clock
        for connector in connectors.values():
            connector.outlet.limit = self._limiter(connector)

    def allowed(self, connector: StationConnector, at: datetime) -> float:
        """Return what a connector may offer at a time, if it has a transaction then."""
        maximum = connector.outlet.max_current
        if self._is_free():
            return maximum
        if self._faults.foreign_writer is not None:
            return min(self._faults.foreign_writer, maximum)
        own = self._profiles.limit(connector.number, at, connector.usage)
        shared = self._profiles.station_limit(at)
        users = sum(1 for c in self._connectors.values() if c.transaction) or 1
        limits = (maximum, own, None if shared is None else shared / users)
        return min(limit for limit in limits if limit is not None)

    def _is_free(self) -> bool:
        unwelcome = self._faults.free_after_blackout and not self.welcome
        return self._faults.ignores_profile or unwelcome

    def _switched(self, connector: StationConnector) -> tuple[int, ...] | None:
        """Return the terminals to switch on; None for all of them."""
        if not self.switches_phases or self._is_free():
            return None
        return self._profiles.terminals(connector.number, self._clock(), connector.usage)

    def _limiter(self, connector: StationConnector) -> Callable[[datetime], float]:
        lag = _Lag()

        def limit(now: datetime) -> float:
            usable = connector.transaction and connector.error == NO_ERROR and self.powered
            allowed = self.allowed(connector, self._clock()) if usable else None
            connector.outlet.switched = self._switched(connector)
            offered = lag.follow(allowed, now, self._faults.slow or 0.0)
            connector.meter.offered = offered if offered >= MINIMUM_OFFER else 0.0
            if self._faults.sleeping_car and connector.outlet.car:
                connector.outlet.car.fall_asleep()
            stuck = self._faults.stuck_contactor and self.powered
            return max(offered, MINIMUM_OFFER) if stuck else offered

        return limit


class _Lag:
    """A value that arrives late, but not the first one; None is 0 at once."""

    def __init__(self) -> None:
        self._coming: deque[tuple[datetime, float]] = deque()
        self._newest: float | None = None
        self._value = 0.0

    def follow(self, value: float | None, now: datetime, delay: float) -> float:
        """Take the newest value and return the one that has arrived."""
        if value is None or self._newest is None or not delay:
            self._coming.clear()
            self._value = value or 0.0
        elif value != self._newest:
            self._coming.append((now + timedelta(seconds=delay), value))
        self._newest = value
        while self._coming and self._coming[0][0] <= now:
            self._value = self._coming.popleft()[1]
        return self._value
