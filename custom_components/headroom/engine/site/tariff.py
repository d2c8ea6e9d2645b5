"""Tariff periods: hours of the week in which only a part of a limit is for cars (A8.1)."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from ..currents import PerPhase
from ..when.weekly import WeeklySlot
from .errors import SiteError

MOST_PERIODS: Final = 5
MOST_SLOTS: Final = 20
"""Of all periods together."""

_PERCENT: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class TariffPeriod:
    """Weekly hours, and what cars may have of the limits of zones while they last."""

    id: str
    slots: tuple[WeeklySlot, ...]
    percent: float
    """What remains of a limit, not what is taken off it (A8.2)."""
    zones: frozenset[str] | None = None
    """Ids of the zones that it is for; None: all of them."""

    def is_for(self, zone: str) -> bool:
        """Return whether it lowers what a zone has for cars."""
        return self.zones is None or zone in self.zones


def part_of(limit: PerPhase, percent: float) -> PerPhase:
    """Return a part of a limit."""
    return PerPhase(*(current * percent / _PERCENT for current in limit))


def check_tariffs(periods: Collection[TariffPeriod]) -> None:
    """Raise SiteError if a period is not finished, or if there are too many."""
    for period in periods:
        if not period.slots or not 0 <= period.percent <= _PERCENT:
            raise SiteError("tariff_unfinished", period=period.id)
    if len(periods) > MOST_PERIODS:
        raise SiteError("tariff_periods", most=str(MOST_PERIODS))
    if sum(len(period.slots) for period in periods) > MOST_SLOTS:
        raise SiteError("tariff_slots", most=str(MOST_SLOTS))
