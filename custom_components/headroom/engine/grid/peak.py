"""The guard of a capacity tariff: the average import of a quarter or an hour of the clock.

Grids that charge for the highest average of a month leave everything below it free. The guard
lets a zone import as much as keeps the average of the running period at its target if it goes on
like that until the end; who has been thrifty may draw more later.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from math import inf, nextafter
from typing import Final, Self

from ..decision import ReasonCode
from ..inputs import Ask, LimitUnit, Reach, ZoneLimit
from ..memory.stored import read_number, read_span, read_text, read_time, write_time
from .standing import PeakView

QUARTER: Final = timedelta(minutes=15)
HOUR: Final = timedelta(hours=1)

RESERVE: Final = 0.005
"""Part of a period's energy that is kept back for what cars take to follow."""
KETTLE: Final = 2750.0 * 60
"""Ws of a load that may still come: 2.75 kW for a minute.

In a month of a house (tests/engine/grid/) less of it let quarters exceed their target in hindsight,
more of it left more unused.
"""
RELEASE: Final = timedelta(seconds=210)
"""In so long before the end what is kept back for that load is given free, as cars can follow."""
LANDING: Final = timedelta(seconds=20)
"""So long before the end cars come down to what the next period can bear.

They take as long to follow, and what they draw meanwhile comes off it.
"""
LAST: Final = timedelta(seconds=5)
"""So short before the end of a period nothing changes: no car would follow in time."""
WORTH: Final = 1.01
"""A limit rises when it can rise by such a part, so that it does not change all the time."""
LONGEST_GAP: Final = timedelta(seconds=15)
"""What happened between two looks further apart than this was not measured."""

_MOST: Final = nextafter(1e11, 0)
"""Stored numbers beyond this, in W or Ws, are not ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PeakPolicy:
    """How the average of a zone's import is charged for."""

    target: float = 2500.0
    """W; less is charged for as much in Flanders."""
    period: timedelta = QUARTER
    follow: bool = True
    """What a month has seen already is paid for, so that it may be drawn again."""
    netting: bool = True
    """Export on a phase counts against import on another one, as most meters add them up."""


@dataclass(slots=True, kw_only=True)
class PeakMemory:
    """What is known of the running period and its month."""

    begun: datetime | None = None
    """When the period began."""
    looked_at: datetime | None = None
    measured: float = 0.0
    """Energy of the period in Ws."""
    assumed: float = 0.0
    """The same for times in which nothing was measured."""
    power: float | None = None
    """W at the last look; None: nothing was measured."""
    highest: float = 0.0
    """Highest power of the period in W."""
    highest_before: float = 0.0
    """The same of the period before."""
    month: str = ""
    """Of `month_peak`, such as 2026-06."""
    month_peak: float = 0.0
    """Highest average of a period in W, as far as it was measured."""
    period: timedelta | None = None
    """What averages were taken over; None: nothing is remembered, or by an older release."""
    netting: bool = True
    """Whether phases were added up."""
    held: float | None = None
    """The limit in W that was last given."""

    def look(
        self, power: float | None, now: datetime, policy: PeakPolicy, zone: tzinfo
    ) -> PeakView:
        """Count what was imported since the last look; return how the period goes."""
        self._count_by(policy)
        begun = period_start(now, policy.period, zone)
        since, self.looked_at = self.looked_at, now
        if since is None or not begun - policy.period <= since <= now:
            since = self._begin_unknown(begun)
        elif self.begun != begun:
            self._count(begun - since, now - since, policy)
            self._close(policy, zone)
            self._begin(begun)
            since = begun
        self._count(now - since, now - since, policy)
        self.power = power
        self.highest = max(self.highest, power or 0.0)
        return self._view(now, policy, zone)

    def limit(self, view: PeakView, now: datetime, policy: PeakPolicy, cars: float = 0.0) -> float:
        """Return what may be imported from now on, in W; `cars` is what they draw of it now."""
        left = (view.until - now).total_seconds()
        if self.held is not None and left <= LAST.total_seconds():
            return self.held
        energy = _energy(view.allowed, policy.period)
        reserve = KETTLE * min(1.0, left / RELEASE.total_seconds())
        most = max(0.0, energy - reserve - self.measured - self.assumed) / left
        if left <= LANDING.total_seconds():
            most = min(most, self._bearable(view.allowed_next, policy.period, cars))
        if self.held is None or most < self.held or most > self.held * WORTH:
            self.held = most
        return self.held

    def _bearable(self, allowed: float, period: timedelta, cars: float) -> float:
        """Return what cars may still draw in W when a period with an average in W begins.

        That is what it begins with, and more if other loads leave enough to make up for it.
        """
        energy = _energy(allowed, period)
        others = inf if self.power is None else max(0.0, self.power - cars)
        spare = max(0.0, energy - others * period.total_seconds())
        begins = max(0.0, energy - KETTLE) / period.total_seconds()
        return begins + spare / LANDING.total_seconds()

    def _count_by(self, policy: PeakPolicy) -> None:
        """Keep of what was counted in another way no more than is sure.

        Some quarter of an hour has at least its average, and adding up phases makes none higher.
        """
        wanted = (policy.period, policy.netting)
        if self.period is not None and (self.period, self.netting) != wanted:
            if policy.period > self.period or (policy.netting and not self.netting):
                self.month_peak = 0.0
            self.looked_at = None
        self.period, self.netting = wanted

    def _begin_unknown(self, begun: datetime) -> datetime:
        """Begin in the middle of a period of which nothing is known, or after a long time."""
        self.power = None
        self._begin(begun)
        return begun

    def _begin(self, begun: datetime) -> None:
        self.begun, self.held = begun, None
        self.measured = self.assumed = 0.0
        self.highest_before, self.highest = self.highest, 0.0

    def _count(self, span: timedelta, gap: timedelta, policy: PeakPolicy) -> None:
        """Count a span within a gap between two looks."""
        seconds = span.total_seconds()
        if self.power is not None and gap <= LONGEST_GAP:
            self.measured += self.power * seconds
        else:
            self.assumed += max(policy.target, self.highest, self.highest_before) * seconds

    def _close(self, policy: PeakPolicy, zone: tzinfo) -> None:
        """Remember the average of a period that has ended; what was assumed is none."""
        month = _month(self.begun, zone)
        average = self.measured / policy.period.total_seconds()
        self.month_peak = max(average, self.month_peak if month == self.month else 0.0)
        self.month = month

    def _view(self, now: datetime, policy: PeakPolicy, zone: tzinfo) -> PeakView:
        begun = self.begun or now
        until, energy = begun + policy.period, self.measured + self.assumed
        power = max(policy.target, self.highest) if self.power is None else self.power
        rest = power * (until - now).total_seconds()
        return PeakView(
            average=energy / max(1.0, (now - begun).total_seconds()),
            projected=(energy + rest) / policy.period.total_seconds(),
            allowed=self._allowed(begun, policy, zone),
            allowed_next=self._allowed(until, policy, zone),
            month_peak=self._peak(begun, zone),
            until=until,
        )

    def _allowed(self, begun: datetime, policy: PeakPolicy, zone: tzinfo) -> float:
        """Return the average in W that a period may have by what has been seen so far."""
        return max(policy.target, self._peak(begun, zone)) if policy.follow else policy.target

    def _peak(self, moment: datetime, zone: tzinfo) -> float:
        """Return the highest average in W of the month that a moment lies in."""
        return self.month_peak if self.month == _month(moment, zone) else 0.0

    def to_json(self) -> dict[str, object]:
        """Return what outlives a restart."""
        return {
            "begun": write_time(self.begun),
            "looked_at": write_time(self.looked_at),
            "measured": self.measured,
            "assumed": self.assumed,
            "highest": self.highest,
            "highest_before": self.highest_before,
            "month": self.month,
            "month_peak": self.month_peak,
            "period": None if self.period is None else self.period.total_seconds(),
            "netting": self.netting,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, object]) -> Self:
        """Return the stored memory; older ones have no period. Raises KeyError and ValueError."""
        period = stored.get("period")
        return cls(
            begun=read_time(stored["begun"]),
            looked_at=read_time(stored["looked_at"]),
            month=read_text(stored["month"]) or "",
            period=None if period is None else read_span(period),
            netting=stored.get("netting") is not False,
            **{
                name: read_number(stored[name], 0, _MOST)
                for name in ("measured", "assumed", "highest", "highest_before", "month_peak")
            },
        )


def guard(zone: str, most: float, until: datetime) -> ZoneLimit:
    """Return the limit of a guard on everything in its zone, in W."""
    return ZoneLimit(
        zone=zone,
        ask=Ask(most, until=until),
        code=ReasonCode.PEAK_GUARD,
        unit=LimitUnit.WATTS,
        reach=Reach.SUM,
    )


def _energy(allowed: float, period: timedelta) -> float:
    """Return the energy in Ws that a period may have with an average in W."""
    return allowed * (1 - RESERVE) * period.total_seconds()


def period_start(now: datetime, period: timedelta, zone: tzinfo) -> datetime:
    """Return when the period of the local clock began that a moment lies in."""
    local = now.astimezone(zone)
    hour = local.replace(minute=0, second=0, microsecond=0, tzinfo=None)
    into = (local.replace(tzinfo=None) - hour) % period
    return (now - into).astimezone(UTC)


def _month(moment: datetime | None, zone: tzinfo) -> str:
    return "" if moment is None else f"{moment.astimezone(zone):%Y-%m}"
