"""Which tariff period counts, by the clock on the wall (A8)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Final

from ..site.tariff import TariffPeriod
from .weekly import WeeklyTimes


@dataclass(frozen=True, slots=True)
class Hours:
    """Whether the hours of a period run, and when that changes; None: it does not."""

    run: bool
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Tariff:
    """The period that counts, if one does, and what it leaves of a limit."""

    period: str | None = None
    """Its id."""
    percent: float = 100.0
    until: datetime | None = None
    """When another one or none will count; None: never."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TariffState:
    """What the tariff periods of a site are like at one moment."""

    site: Tariff = field(default_factory=Tariff)
    """Of all periods, whatever zones they are for and whatever inputs override them."""
    zones: Mapping[str, Tariff] = field(default_factory=dict)
    """By the ids of the zones that take part."""
    hours: Mapping[str, Hours] = field(default_factory=dict)
    """By the ids of the periods that are not switched off."""


_NONE: Final = TariffState()


class TariffClock:
    """Knows the tariff periods of one site."""

    def __init__(
        self, periods: Iterable[TariffPeriod], zones: Iterable[str], time_zone: tzinfo
    ) -> None:
        # Where periods overlap, the lowest part counts
        self._ranked = sorted(periods, key=lambda period: period.percent)
        self._zones = tuple(zones)
        self._dials = {p.id: _Dial(WeeklyTimes(p.slots, time_zone)) for p in self._ranked}

    def look(self, now: datetime, off: frozenset[str]) -> TariffState:
        """Return what counts now; `off` are the ids of periods and zones that take no part."""
        periods = [period for period in self._ranked if period.id not in off]
        if not periods:
            return _NONE
        hours = {period.id: self._dials[period.id].look(now) for period in periods}
        return TariffState(
            site=_tariff(periods, hours),
            zones={
                zone: _tariff([period for period in periods if period.is_for(zone)], hours)
                for zone in self._zones
                if zone not in off
            },
            hours=hours,
        )


def _tariff(ranked: Iterable[TariffPeriod], hours: Mapping[str, Hours]) -> Tariff:
    """Return the first period that runs; only those before it can take its place meanwhile."""
    changes: list[datetime] = []
    for period in ranked:
        if (until := hours[period.id].until) is not None:
            changes.append(until)
        if hours[period.id].run:
            return Tariff(period.id, period.percent, min(changes, default=None))
    return Tariff(until=min(changes, default=None))


class _Dial:
    """The hours of one period, worked out anew only when they change or the clock is set back."""

    def __init__(self, times: WeeklyTimes) -> None:
        self._times = times
        self._since: datetime | None = None
        self._hours = Hours(run=False, until=None)

    def look(self, now: datetime) -> Hours:
        until = self._hours.until
        if self._since is None or now < self._since or (until is not None and now >= until):
            self._since = now
            self._hours = Hours(self._times.contains(now), self._times.next_change(now))
        return self._hours
