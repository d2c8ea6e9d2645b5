"""A station's clock, which runs like the plant's and is set by the central system."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from .faults import Faults


class StationClock:
    """Tells the time that the station believes in."""

    def __init__(self, source: Callable[[], datetime], faults: Faults) -> None:
        """Start in agreement with the source."""
        self._source = source
        self._faults = faults
        self._ahead = timedelta()

    def __call__(self) -> datetime:
        """Return the time."""
        return self._source() + self._ahead + timedelta(seconds=self._faults.wrong_clock or 0)

    def set_to(self, told: str) -> None:
        """Take over a time that the central system has told, if it can be read."""
        try:
            time = datetime.fromisoformat(told)
        except ValueError:
            return
        self._ahead = time.replace(tzinfo=time.tzinfo or UTC) - self._source()
