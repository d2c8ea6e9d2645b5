"""What the chargers below a meter draw together, and for how long that has stayed the same."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from ...engine.currents import PerPhase
from ...engine.site.model import Connector
from ...engine.snapshot import ConnectorReading, ConnectorStatus
from .thresholds import Thresholds

_IDLE: Final = frozenset(
    {
        ConnectorStatus.AVAILABLE,
        ConnectorStatus.PREPARING,
        ConnectorStatus.FINISHING,
        ConnectorStatus.RESERVED,
        ConnectorStatus.SUSPENDED_EVSE,
    }
)
"""States in which a charger has its contactor open; it may send no samples then."""


class Sample(NamedTuple):
    """What a connector drew at a moment, in A on the grid's phases."""

    at: datetime
    drawn: PerPhase


class Quiet(NamedTuple):
    """A time in which no charger changed its draw, and the sum of it in A per phase."""

    since: datetime
    until: datetime
    drawn: PerPhase


def sample_of(
    connector: Connector, reading: ConnectorReading | None, now: datetime, stale: timedelta
) -> Sample | None:
    """Return what a connector draws; None if nobody knows on which phases, or how much."""
    if reading is None or not reading.online:
        return None
    if reading.status in _IDLE:
        return Sample(now, PerPhase())
    at, drawn = reading.drawn_at, reading.drawn
    if at is None or drawn is None or not timedelta() <= now - at <= stale:
        return None
    if len(connector.wiring.phases) > 1 and not reading.per_phase and drawn.largest() > 0:
        return None
    return Sample(at, connector.wiring.to_grid(drawn))


@dataclass(slots=True)
class _Run:
    """Samples of one connector that are alike."""

    first: Sample
    last: Sample

    def take(self, sample: Sample, steady: float) -> None:
        change = sample.drawn - self.first.drawn
        if sample.at < self.last.at or max(map(abs, change)) >= steady:
            self.first = sample
        self.last = sample


class Draws:
    """Follows the samples of the connectors below one meter."""

    def __init__(self, thresholds: Thresholds) -> None:
        self._thresholds = thresholds
        self._runs: dict[str, _Run] = {}

    def look(self, samples: Mapping[str, Sample | None]) -> Quiet | None:
        """Take over the newest samples; return since and until when all draw what they draw now.

        None if one is not known, or none is there, or they never drew so at the same time.
        """
        for gone in self._runs.keys() - {key for key, sample in samples.items() if sample}:
            del self._runs[gone]
        for key, sample in samples.items():
            if sample is not None:
                run = self._runs.setdefault(key, _Run(sample, sample))
                run.take(sample, self._thresholds.steady)
        if not samples or len(self._runs) < len(samples):
            return None
        since = max(run.first.at for run in self._runs.values())
        until = min(run.last.at for run in self._runs.values())
        if since >= until:
            return None
        drawn = PerPhase()
        for run in self._runs.values():
            drawn += run.last.drawn
        return Quiet(since, until, drawn)
