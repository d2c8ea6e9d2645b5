"""What the EVs of each zone may draw: the installed limit less everything else."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import inf
from typing import Final, Self

from ..currents import PHASES, PerPhase
from ..decision import Reason, ReasonCode
from ..site.breaker import ProtectiveDevice
from ..site.model import Meter, Zone
from ..snapshot import MeterReading, Snapshot
from ..tuning import Tuning
from .fleet import Fleet
from .observation import Draw, Observation
from .other_loads import OtherLoads
from .terms import Supply, Term, fixed_supply, supply_of

_NOTHING: Final = PerPhase()


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What the EVs of a zone may draw, in A per phase."""

    limit: PerPhase
    cap: PerPhase
    """What is for EVs alone; infinite where nothing caps them."""
    measured: PerPhase | None
    now: PerPhase
    """By what meter and chargers show at this moment, for people to see."""
    keep: PerPhase
    """What they may go on drawing; above it setpoints are lowered at once."""
    aim: PerPhase
    """What they are lowered to: a little less, so that the meter's noise lowers nobody again."""
    grow: PerPhase
    """What raising may fill: room that has been there for the whole raise window."""
    degraded: bool
    reasons: tuple[tuple[Reason, ...], ...]
    """Per phase; the first is the primary one."""
    short: PerPhase = _NOTHING
    """By how much other loads alone exceed the limit; 0 where they do not."""
    lost: frozenset[int] = frozenset()
    """Phases that the meter of a dynamic zone does not show while it shows others."""

    def bearable(self, overdraft: PerPhase) -> PerPhase:
        """Return what is left for EVs of an overload that the zone's device bears.

        A limit that is for EVs alone has nothing to do with the device and may not be exceeded.
        """
        extra = (overdraft - self.short).highest(_NOTHING)
        return extra.lowest((self.cap - self.keep).highest(_NOTHING))

    def without(self, lost: frozenset[int], degraded: Budget) -> Self:
        """Return the budget with that of a silent meter on phases that are lost."""

        def mixed(mine: PerPhase, other: PerPhase) -> PerPhase:
            return PerPhase(*(other[p] if p in lost else mine[p] for p in PHASES))

        return replace(
            self,
            now=mixed(self.now, degraded.now),
            keep=mixed(self.keep, degraded.keep),
            aim=mixed(self.aim, degraded.aim),
            grow=mixed(self.grow, degraded.grow),
            short=mixed(self.short, degraded.short),
            reasons=tuple((degraded if p in lost else self).reasons[p] for p in PHASES),
            degraded=True,
            lost=lost,
        )


def budget_of(
    zone: Zone,
    meter: Meter | None,
    snapshot: Snapshot,
    members: Iterable[Observation],
    *,
    departed: PerPhase = _NOTHING,
    idle: Container[str] = (),
    history: OtherLoads,
    tuning: Tuning,
) -> Budget:
    """Return the budget of one zone.

    `meter` is the one that supplies it, `members` are the connectors anywhere below it in the order
    of admission, `departed` is what such that are gone may still draw, in A, and `idle` are those
    that nothing lets charge now.
    """
    reading = None if meter is None else heard(meter, snapshot)
    evs = tuple(members)
    voltages = None if reading is None else reading.voltages
    fleet = Fleet(zone.phases, evs, departed, idle)
    supplies = _Supplies.of(zone, snapshot, voltages, fleet)
    if not zone.is_dynamic:
        return _even(zone, supplies.blind, None if reading is None else reading.currents)
    if reading is None:
        settled = history.silent_for(snapshot.now) >= tuning.raise_window
        return _degraded(zone, supplies.blind, settled=settled)
    lost = reading.lost.intersection(zone.phases)
    lost_for = history.lost_for(lost, snapshot.now)
    loads = _noted(zone, reading, evs, snapshot.now, history=history, tuning=tuning)
    metered = _metered(
        zone, supplies, loads, history.peak(snapshot.now, tuning.raise_window), tuning
    )
    if not lost:
        return metered
    settled = lost_for >= tuning.raise_window
    degraded = _degraded(zone, supplies.blind, settled=settled, code=ReasonCode.PHASE_LOST)
    return metered.without(lost, degraded)


def fixed_budget(zone: Zone) -> Budget:
    """Return the budget of a static zone without a meter for which nobody wants less."""
    supply = fixed_supply(zone)
    return _even(zone, _Supplies(supply, supply), measured=None)


@dataclass(frozen=True, slots=True)
class _Supplies:
    """What bounds a zone once its EVs have come down or up, and while they still do."""

    settled: Supply
    rising: Supply

    @classmethod
    def of(cls, zone: Zone, snapshot: Snapshot, voltages: PerPhase | None, fleet: Fleet) -> Self:
        """Return both; they are one where nobody splits a power among EVs."""
        settled = supply_of(zone, snapshot, voltages, fleet.settled)
        if not snapshot.inputs.concern(zone.id):
            return cls(settled, settled)
        return cls(settled, supply_of(zone, snapshot, voltages, fleet.rising))

    @property
    def blind(self) -> Self:
        """Return the same where nobody knows the other loads."""
        return replace(self, settled=self.settled.blind, rising=self.rising.blind)


def _noted(
    zone: Zone,
    reading: MeterReading,
    evs: tuple[Observation, ...],
    now: datetime,
    *,
    history: OtherLoads,
    tuning: Tuning,
) -> _Loads:
    """Return what other loads are by a reading, and remember it."""
    strict = zone.protection is ProtectiveDevice.HARD
    loads = _Loads.of(reading.currents, evs, strict=strict)
    history.add(loads.least, loads.most, now, looked_at=reading.at, window=tuning.raise_window)
    return loads


def _metered(
    zone: Zone,
    supplies: _Supplies,
    loads: _Loads,
    peak: PerPhase | None,
    tuning: Tuning,
) -> Budget:
    """Return what other loads leave; without a full window, nothing to raise into."""
    supply = supplies.settled
    limit, cap = supply.limit, supply.cap
    grow = _NOTHING if peak is None else _growth(supplies.rising, peak, tuning.raise_margin)
    kept = cap.lowest(supply.left(loads.least))
    seen = _room(limit, loads.seen)
    keep = _room(limit, loads.least).lowest(kept)
    return Budget(
        limit=limit,
        cap=kept,
        measured=loads.measured,
        now=seen.lowest(cap).lowest(supply.left(loads.seen)),
        keep=keep,
        aim=_room(limit, loads.least, tuning.cut_margin)
        .lowest(cap)
        .lowest(supply.left(loads.least, tuning.cut_margin)),
        grow=grow.lowest(keep),
        degraded=False,
        reasons=_reasons(zone, supply, other_loads=seen),
        short=(loads.least - limit).highest(_NOTHING),
    )


def _growth(supply: Supply, peak: PerPhase, margin: float) -> PerPhase:
    """Return what raising may fill beside the most that other loads were of late."""
    room = _room(supply.limit, peak, margin)
    return room.lowest(supply.cap).lowest(supply.left(peak, margin))


@dataclass(frozen=True, slots=True)
class _Loads:
    """What a zone's loads other than EVs may have been when its meter looked, in A."""

    measured: PerPhase
    """With what the EVs drew."""
    seen: PerPhase
    least: PerPhase
    most: PerPhase

    @classmethod
    def of(cls, measured: PerPhase, members: Iterable[Observation], *, strict: bool) -> Self:
        """Take what the zone's EVs may have drawn off what was measured.

        Most cars draw some tenths of an A less than they are offered. Unless the limit is `strict`,
        setpoints are shared so that what is drawn reaches the limit, not what is offered; a car
        that takes all of its offer at last is seen at the next look and is within what a fuse or
        breaker bears.
        """
        evs = list(members)
        draws = [Draw(ev.low, ev.high) if strict else ev.nominal for ev in evs]
        return cls(
            measured,
            seen=measured.less([ev.drawn for ev in evs]),
            least=measured.less([draw.high for draw in draws]),
            most=measured.less([draw.low for draw in draws]),
        )


def _even(zone: Zone, supplies: _Supplies, measured: PerPhase | None) -> Budget:
    """Return the budget of a static zone: all of its limit."""
    supply, rising = supplies.settled, supplies.rising
    budget = supply.limit.lowest(supply.cap)
    return Budget(
        limit=supply.limit,
        cap=supply.cap,
        measured=measured,
        now=budget,
        keep=budget,
        aim=budget,
        grow=rising.limit.lowest(rising.cap),
        degraded=False,
        reasons=_reasons(zone, supply),
    )


def _degraded(
    zone: Zone,
    supplies: _Supplies,
    *,
    settled: bool,
    code: ReasonCode = ReasonCode.METER_SILENT,
) -> Budget:
    """Return the budget of a dynamic zone whose meter is silent (A11.4, A11.7, A11.10).

    There is nothing to raise into until it has `settled`, being silent for the whole raise window.
    """
    supply = supplies.settled
    budget = _assumed(zone, supply)
    return Budget(
        limit=supply.limit,
        cap=supply.cap,
        measured=None,
        now=budget,
        keep=budget,
        aim=budget,
        grow=_assumed(zone, supplies.rising) if settled else _NOTHING,
        degraded=True,
        reasons=tuple(_why_degraded(zone, supply, Term(code, budget), phase) for phase in PHASES),
    )


def _assumed(zone: Zone, supply: Supply) -> PerPhase:
    """Return what is left to EVs when nobody sees the other loads."""
    if zone.assumed_loads is None:
        left = supply.limit.lowest(PerPhase.same(zone.degraded))
    else:
        left = _room(supply.limit, zone.assumed_loads)
    return left.lowest(supply.cap)


def _why_degraded(zone: Zone, supply: Supply, own: Term, phase: int) -> tuple[Reason, ...]:
    """Return what an input asks for if that is as little, and what is wrong with the meter."""
    asked = [term for term in supply.asked if term.current[phase] <= own.current[phase]]
    return tuple(term.reason(zone.id, phase) for term in (*asked, own))


def _room(limit: PerPhase, loads: PerPhase, margin: float = 0.0) -> PerPhase:
    """Return what loads leave of a limit: never below 0, nor above the limit when they export."""
    return limit.pairwise(loads, lambda most, load: min(most, max(0.0, most - load - margin)))


def _reasons(
    zone: Zone, supply: Supply, other_loads: PerPhase | None = None
) -> tuple[tuple[Reason, ...], ...]:
    """Return per phase what bounds the budget, the tightest first."""
    terms = [*supply.everything]
    if other_loads is not None:
        here = supply.limit.pairwise(other_loads, lambda most, left: left if left < most else inf)
        terms.append(Term(ReasonCode.OTHER_LOADS, here))
        terms.extend(total.left(other_loads) for total in supply.totals)
    return tuple(_binding(zone, phase, terms) for phase in PHASES)


def _binding(zone: Zone, phase: int, terms: Sequence[Term]) -> tuple[Reason, ...]:
    nominal = zone.limit[phase]
    lower = [term for term in terms if term.current[phase] < nominal]
    lower.sort(key=lambda term: term.current[phase])
    return tuple(term.reason(zone.id, phase) for term in (*lower, terms[0]))


def heard(meter: Meter, snapshot: Snapshot) -> MeterReading | None:
    """Return a meter's reading, or None if it is silent."""
    reading = snapshot.meters.get(meter.id)
    return reading if reading is not None and speaks(meter, reading, snapshot.now) else None


def speaks(meter: Meter, reading: MeterReading, now: datetime) -> bool:
    """Return whether a meter's last reading still counts."""
    return reading.missed < meter.max_missed and abs(now - reading.at) <= meter.max_age
