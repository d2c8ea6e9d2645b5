"""The clock of a charger, as far as its timestamps show it."""

from datetime import datetime, timedelta

from .fields import PLAUSIBLE_SINCE
from .meter_values import Sample


class ChargerClock:
    """Tells samples that are taken now from old ones that a charger kept while offline."""

    def __init__(self, tolerance: timedelta) -> None:
        self._tolerance = tolerance
        self._slow_by = timedelta()

    def is_fresh(self, sample: Sample, received_at: datetime) -> bool:
        """Return whether a sample is young enough to control by.

        A clock that was never set says nothing of age. How slow it is at most is known from
        samples that were asked for, since these are taken at once, and from every later one.
        """
        if sample.at is None or sample.at < PLAUSIBLE_SINCE:
            return True
        lag = max(received_at - sample.at, timedelta())
        self._slow_by = lag if sample.triggered else min(lag, self._slow_by)
        return lag - self._slow_by <= self._tolerance
