"""Signs of trouble that only several samples of a connector show together."""

from datetime import datetime

from ..chargers.base import ConnectorData
from ..chargers.following import Following
from ..engine.snapshot import ConnectorStatus
from .incident import Tolerance


class OfferWatch:
    """Counts how often a charger left a limit that had not changed since it offered just that."""

    def __init__(self, following: Following) -> None:
        self._following = following
        self._agreed: float | None = None
        self.departures = 0

    def look(self, offered: float | None, limits: set[float]) -> None:
        """Compare an offer with the limits that it may follow, all in A."""
        if offered is None or len(limits) != 1:
            self._agreed = None
            return
        (limit,) = limits
        if not self._following.is_above(offered, limit):
            agrees = not self._following.is_above(limit, offered)
            self._agreed = limit if agrees else None
        elif self._agreed == limit:
            self._agreed = None
            self.departures += 1

    def forget(self) -> None:
        """Compare with nothing from before."""
        self._agreed = None


class Stillness:
    """Notices samples that stay the same though they cannot while a car charges."""

    def __init__(self, tolerance: Tolerance) -> None:
        self._tolerance = tolerance
        self._sample: tuple[object, ...] = ()
        self._since: datetime | None = None

    def look(self, data: ConnectorData, at: datetime) -> bool:
        """Return whether a sample that was taken at a moment is one too many of the same.

        A current alone may well stay the same where it is rounded; power and energy do not.
        """
        sample = (data.drawn, data.power, data.energy, data.voltages)
        if sample != self._sample or self._since is None or self._since > at:
            self._sample, self._since = sample, at
        charges = (
            data.status is ConnectorStatus.CHARGING
            and data.drawn is not None
            and data.drawn.largest() >= self._tolerance.charges
            and not (data.power is None and data.energy is None)
        )
        return charges and at - self._since >= self._tolerance.frozen

    def forget(self) -> None:
        """Compare with nothing from before."""
        self._since = None
