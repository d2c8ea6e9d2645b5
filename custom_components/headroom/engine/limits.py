"""What the EVs of each zone may draw: the installed limit less everything else."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from .currents import PHASES, PerPhase
from .decision import Reason, ReasonCode
from .model import Meter, Zone
from .observation import Observation
from .snapshot import MeterReading, Snapshot
from .tuning import Tuning


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What the EVs of a zone may draw, in A per phase."""

    limit: PerPhase
    measured: PerPhase | None
    now: PerPhase
    """By what meter and chargers show at this moment, for people to see."""
    keep: PerPhase
    """What they may go on drawing; above it setpoints are lowered at once."""
    grow: PerPhase
    """What raising may fill: room that has been there for the whole raise window."""
    degraded: bool
    reasons: tuple[tuple[Reason, ...], ...]
    """Per phase; the first is the primary one."""


class OtherLoads:
    """Highest current that a zone's other loads may have had within the raise window."""

    def __init__(self) -> None:
        self._peaks: tuple[deque[tuple[datetime, float]], ...] = (deque(), deque(), deque())
        self._since: datetime | None = None
        self._silent_since: datetime | None = None

    def silent_for(self, now: datetime) -> timedelta:
        """Start anew with the next reading; return how long there has been none."""
        self.forget()
        if self._silent_since is None or self._silent_since > now:
            self._silent_since = now
        return now - self._silent_since

    def forget(self) -> None:
        """Start anew after a gap or a leap of the clock."""
        self._since = None
        for peaks in self._peaks:
            peaks.clear()

    def add(self, loads: PerPhase, now: datetime, window: timedelta) -> None:
        """Note the loads of now, in A per phase."""
        self._silent_since = None
        newest = self._peaks[0][-1][0] if self._peaks[0] else now
        if self._since is None or abs(now - newest) > window or newest > now:
            self.forget()
            self._since = now
        for peaks, load in zip(self._peaks, loads, strict=True):
            while peaks and peaks[-1][1] <= load:
                peaks.pop()
            peaks.append((now, load))
            while now - peaks[0][0] > window:
                peaks.popleft()

    def peak(self, now: datetime, window: timedelta) -> PerPhase | None:
        """Return the highest loads, or None while the window is not yet full."""
        if self._since is None or now - self._since < window:
            return None
        return PerPhase(*(peaks[0][1] for peaks in self._peaks))


def budget_of(
    zone: Zone,
    meter: Meter | None,
    snapshot: Snapshot,
    members: Iterable[Observation],
    *,
    history: OtherLoads,
    tuning: Tuning,
) -> Budget:
    """Return the budget of one zone.

    `meter` is the one that supplies it, `members` are the connectors anywhere below it.
    """
    limit, reasons = _limit(zone, snapshot)
    measured = _measured(meter, snapshot)
    if not zone.is_dynamic:
        return _even(limit, measured, reasons)
    if measured is None:
        silent_for = history.silent_for(snapshot.now)
        return _degraded(zone, limit, settled=silent_for >= tuning.raise_window)
    loads = _Loads.of(measured, members)
    history.add(loads.most, snapshot.now, tuning.raise_window)
    peak = history.peak(snapshot.now, tuning.raise_window)
    keep = _room(limit, loads.least)
    return Budget(
        limit=limit,
        measured=measured,
        now=_room(limit, loads.seen),
        keep=keep,
        grow=PerPhase() if peak is None else _room(limit, peak, tuning.raise_margin),
        degraded=False,
        reasons=_with_other_loads(zone, limit, keep, reasons),
    )


@dataclass(frozen=True, slots=True)
class _Loads:
    """What a zone's loads other than EVs may have been when its meter looked, in A."""

    seen: PerPhase
    least: PerPhase
    most: PerPhase

    @classmethod
    def of(cls, measured: PerPhase, members: Iterable[Observation]) -> Self:
        """Take what the zone's EVs may have drawn off what was measured."""
        seen, least, most = measured, measured, measured
        for member in members:
            seen -= member.drawn
            least -= member.high
            most -= member.low
        return cls(seen, least, most)


def _even(
    limit: PerPhase, measured: PerPhase | None, reasons: tuple[tuple[Reason, ...], ...]
) -> Budget:
    """Return the budget of a static zone: all of its limit."""
    return Budget(
        limit=limit,
        measured=measured,
        now=limit,
        keep=limit,
        grow=limit,
        degraded=False,
        reasons=reasons,
    )


def _room(limit: PerPhase, loads: PerPhase, margin: float = 0.0) -> PerPhase:
    """Return what loads leave of a limit: never below 0, nor above the limit when they export."""
    return limit.pairwise(loads, lambda most, load: min(most, max(0.0, most - load - margin)))


def _limit(zone: Zone, snapshot: Snapshot) -> tuple[PerPhase, tuple[tuple[Reason, ...], ...]]:
    wish = snapshot.zone_limits.get(zone.id)
    reasons: list[tuple[Reason, ...]] = []
    for phase in PHASES:
        nominal = Reason(
            code=ReasonCode.NOMINAL, current=zone.limit[phase], zone=zone.id, phase=phase
        )
        if wish is not None and wish < zone.limit[phase]:
            person = Reason(code=ReasonCode.PERSON_LIMIT, current=wish, zone=zone.id, phase=phase)
            reasons.append((person, nominal))
        else:
            reasons.append((nominal,))
    limit = zone.limit if wish is None else zone.limit.lowest(PerPhase.same(max(0.0, wish)))
    return limit, tuple(reasons)


def _measured(meter: Meter | None, snapshot: Snapshot) -> PerPhase | None:
    """Return what a zone's meter shows, or None if it has none or it is silent (A11.4)."""
    reading = None if meter is None else snapshot.meters.get(meter.id)
    if meter is None or reading is None or not speaks(meter, reading, snapshot.now):
        return None
    return reading.currents


def speaks(meter: Meter, reading: MeterReading, now: datetime) -> bool:
    """Return whether a meter's last reading still counts."""
    return reading.missed < meter.max_missed and abs(now - reading.at) <= meter.max_age


def _degraded(zone: Zone, limit: PerPhase, *, settled: bool) -> Budget:
    budget = limit.lowest(PerPhase.same(zone.degraded))
    reasons = tuple(
        (Reason(code=ReasonCode.METER_SILENT, current=budget[phase], zone=zone.id, phase=phase),)
        for phase in PHASES
    )
    return Budget(
        limit=limit,
        measured=None,
        now=budget,
        keep=budget,
        grow=budget if settled else PerPhase(),
        degraded=True,
        reasons=reasons,
    )


def _with_other_loads(
    zone: Zone, limit: PerPhase, keep: PerPhase, reasons: tuple[tuple[Reason, ...], ...]
) -> tuple[tuple[Reason, ...], ...]:
    return tuple(
        (
            Reason(code=ReasonCode.OTHER_LOADS, current=keep[phase], zone=zone.id, phase=phase),
            *reasons[phase],
        )
        if keep[phase] < limit[phase]
        else reasons[phase]
        for phase in PHASES
    )
