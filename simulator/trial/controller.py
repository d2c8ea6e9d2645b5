"""What a controller under trial gets to know, and what it answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from .charger import Report
from .meter import Sample
from .outlet import Outlet


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """What does not change: the limit in A per phase, the chargers, the meter's delays in s."""

    limit: float
    outlets: tuple[Outlet, ...]
    meter_period: float
    meter_latency: float
    """The worst."""
    mean_meter_latency: float


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What is known at a moment; times in s since the start."""

    now: float
    sample: Sample | None
    fresh: bool
    """The sample has arrived just now."""
    reports: Sequence[Report]
    setpoints: Sequence[float]
    """What was commanded last, in A."""


class Controller(Protocol):
    """Is asked at each new sample, at each message of a charger and every second."""

    def decide(self, view: View) -> Sequence[float]:
        """Return a setpoint in A for every charger."""
        ...
