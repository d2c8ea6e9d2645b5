"""What bounds a zone from outside: what is installed, and what people and inputs ask for."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from math import inf
from typing import Final

from ..currents import PHASES, PerPhase
from ..decision import Reason, ReasonCode
from ..inputs import Ask, LimitUnit, Reach, ZoneLimit
from ..site.model import Zone
from ..site.tariff import part_of
from ..snapshot import Snapshot
from .fleet import Split, evenly
from .power import voltage_or_nominal

_BOUNDLESS: Final = PerPhase.same(inf)
_NOMINAL: Final = LimitUnit.NOMINAL_WATTS


@dataclass(frozen=True, slots=True)
class Term:
    """One thing that bounds a zone, in A per phase."""

    code: ReasonCode
    current: PerPhase
    until: datetime | None = None
    """When it stops to bind, where that is known."""

    def reason(self, zone: str, phase: int) -> Reason:
        """Return it as the reason for the budget of a zone on a phase."""
        return Reason(
            code=self.code,
            current=self.current[phase],
            zone=zone,
            phase=phase,
            until=self.until,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """A power in W over all phases together that other loads have a part in."""

    blind: Term
    """What counts while nobody knows the other loads."""
    power: float
    takes_loads: bool
    """Other loads use it up; otherwise the surplus that they leave comes on top."""
    voltages: PerPhase
    split: Split

    def left(self, loads: PerPhase, margin: float = 0.0) -> Term:
        """Return what EVs may draw beside other loads, in A; of what varies less a margin in A."""
        used = sum(loads[phase] * self.voltages[phase] for phase in PHASES)
        sure, varies = (0.0, self.power - used) if self.takes_loads else (self.power, -used)
        shares = self.split(sure + max(0.0, varies), self.voltages)
        spared = sum(margin * self.voltages[phase] for phase in PHASES if shares[phase])
        left = self.split(sure + max(0.0, varies - spared), self.voltages)
        return replace(self.blind, current=left.lowest(shares))


@dataclass(frozen=True, slots=True)
class Supply:
    """What bounds a zone whatever flows in it, and why."""

    terms: tuple[Term, ...]
    """For EVs and other loads together; the first is what is installed."""
    caps: tuple[Term, ...]
    """For EVs alone, however much other loads leave."""
    asked: tuple[Term, ...]
    """Those among both that inputs ask for."""
    totals: tuple[Total, ...] = ()

    def left(self, loads: PerPhase, margin: float = 0.0) -> PerPhase:
        """Return what totals leave to EVs beside other loads; infinite where there are none."""
        return _lowest(tuple(total.left(loads, margin) for total in self.totals))

    @property
    def blind(self) -> Supply:
        """Return the same where nobody knows the other loads."""
        terms = tuple(total.blind for total in self.totals if total.takes_loads)
        caps = tuple(total.blind for total in self.totals if not total.takes_loads)
        return Supply(
            terms=tuple(dict.fromkeys((*self.terms, *terms))),
            caps=(*self.caps, *caps),
            asked=(*self.asked, *terms, *caps),
        )

    @property
    def limit(self) -> PerPhase:
        """Return what is in force of the zone's limit."""
        return _lowest(self.terms)

    @property
    def cap(self) -> PerPhase:
        """Return what EVs may draw together at most; infinite where nothing caps them."""
        return _lowest(self.caps)

    @property
    def everything(self) -> tuple[Term, ...]:
        """Return all terms, what is installed first."""
        return (*self.terms, *self.caps)


def supply_of(zone: Zone, snapshot: Snapshot, voltages: PerPhase | None, split: Split) -> Supply:
    """Return what bounds a zone.

    `voltages` are those that its meter measures, `split` is for powers that are for EVs.
    """
    limits = [limit for limit in snapshot.inputs.limits if limit.zone == zone.id]
    equal = evenly(zone.phases)
    external = _external(limits, Reach.EVERYTHING, voltages, equal)
    for_evs = _external(limits, Reach.EVS, voltages, split)
    contacts = _contacts(zone, snapshot)
    return Supply(
        terms=(*_installed(zone, voltages), *_wished(zone, snapshot), *external),
        caps=(*_cluster(zone), *for_evs, *contacts),
        asked=(*external, *for_evs, *contacts),
        totals=tuple(_total(limit, voltages, split, equal) for limit in limits if limit.adds_up),
    )


def fixed_supply(zone: Zone) -> Supply:
    """Return what bounds a zone for which nobody asks less than what is installed."""
    return Supply(terms=_installed(zone, None), caps=_cluster(zone), asked=())


def _installed(zone: Zone, voltages: PerPhase | None) -> tuple[Term, ...]:
    terms = [Term(ReasonCode.NOMINAL, zone.limit)]
    if zone.margin:
        terms.append(Term(ReasonCode.MARGIN, zone.net))
    if zone.power is not None:
        terms.append(Term(ReasonCode.CONTRACTED_POWER, zone.contracted(voltages)))
    return tuple(terms)


def _cluster(zone: Zone) -> tuple[Term, ...]:
    """Return what all EVs together may draw (A1.6)."""
    if zone.cluster_max is None:
        return ()
    return (Term(ReasonCode.CLUSTER_MAX, PerPhase.same(zone.cluster_max)),)


def _wished(zone: Zone, snapshot: Snapshot) -> tuple[Term, ...]:
    wish = snapshot.zone_limits.get(zone.id)
    if wish is None:
        return ()
    return (Term(ReasonCode.PERSON_LIMIT, PerPhase.same(max(0.0, wish))),)


def _external(
    limits: Iterable[ZoneLimit], reach: Reach, voltages: PerPhase | None, split: Split
) -> tuple[Term, ...]:
    return tuple(
        _asked(limit.ask, limit.code, _current_of(limit, voltages, split))
        for limit in limits
        if limit.reach is reach
    )


def _total(limit: ZoneLimit, voltages: PerPhase | None, split: Split, equal: Split) -> Total:
    takes_loads = limit.reach is not Reach.EVS_FROM_GRID
    blind = _current_of(limit, voltages, equal if takes_loads else split)
    return Total(
        blind=_asked(limit.ask, limit.code, blind),
        power=limit.ask.most,
        takes_loads=takes_loads,
        voltages=_volts(limit, voltages),
        split=split,
    )


def _current_of(limit: ZoneLimit, voltages: PerPhase | None, split: Split) -> PerPhase:
    if limit.unit is LimitUnit.AMPERES:
        return PerPhase.same(limit.ask.most)
    return split(limit.ask.most, _volts(limit, voltages))


def _volts(limit: ZoneLimit, voltages: PerPhase | None) -> PerPhase:
    measured = PerPhase() if voltages is None or limit.unit is _NOMINAL else voltages
    return PerPhase(*(voltage_or_nominal(volts) for volts in measured))


def _contacts(zone: Zone, snapshot: Snapshot) -> tuple[Term, ...]:
    """Return what contacts and tariffs leave to EVs: a part of what is installed, or nothing.

    That is the lower of the part and what a meter leaves, whether it is a contact's or a tariff's
    (A8.3, A9.2, A9.4).
    """
    inputs, terms = snapshot.inputs, []
    if inputs.stop is not None:
        terms.append(_asked(inputs.stop, ReasonCode.EXTERNAL_ENABLE, PerPhase()))
    if inputs.percent is not None:
        part = part_of(zone.limit, inputs.percent.most)
        terms.append(_asked(inputs.percent, ReasonCode.DIGITAL_INPUT, part))
    if (tariff := inputs.tariffs.get(zone.id)) is not None:
        terms.append(_asked(tariff, ReasonCode.TARIFF_PERIOD, part_of(zone.limit, tariff.most)))
    return tuple(terms)


def _asked(ask: Ask, code: ReasonCode, current: PerPhase) -> Term:
    return Term(ask.code(code), current, ask.until)


def _lowest(terms: tuple[Term, ...]) -> PerPhase:
    lowest = _BOUNDLESS
    for term in terms:
        lowest = lowest.lowest(term.current)
    return lowest
