"""How the guards of a site stand, for people to see."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class SchemeState(StrEnum):
    """How a scheme stands."""

    NORMAL = "normal"
    EXCURSION = "excursion"
    UNMEASURED = "unmeasured"
    LOCKOUT = "lockout"


@dataclass(frozen=True, slots=True, kw_only=True)
class PeakView:
    """How a period goes, in W."""

    average: float
    """Since the period began."""
    projected: float
    """At its end, if everything goes on as now."""
    allowed: float
    allowed_next: float
    """In the period after it: a new month begins without a peak."""
    month_peak: float
    until: datetime
    """When the period ends."""


@dataclass(frozen=True, slots=True)
class GuardView:
    """How the guards of a site stand, by zone id."""

    peaks: Mapping[str, PeakView] = field(default_factory=dict)
    schemes: Mapping[str, SchemeState] = field(default_factory=dict)
