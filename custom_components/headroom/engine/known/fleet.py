"""How a power that a zone's EVs may draw together is split into currents on its phases.

Phases are shared out one by one, and so each needs a part of its own of what counts over all of
them. A part that one phase exceeds, for a car does not obey or has not come down yet, is missing on
the others.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from ..currents import PHASES, PerPhase
from ..snapshot import ConnectorStatus
from .observation import Observation
from .power import hundredths

type Split = Callable[[float, PerPhase], PerPhase]
"""From a power in W and the voltages of the phases in V to currents in A."""

_NOTHING: Final = PerPhase()
_WANTS_CURRENT: Final = frozenset(
    {ConnectorStatus.PREPARING, ConnectorStatus.CHARGING, ConnectorStatus.SUSPENDED_EVSE}
)


def evenly(phases: tuple[int, ...]) -> Split:
    """Return how to split a power so that no phase needs another one to stay low."""
    return _by_parts(_equal(phases))


@dataclass(frozen=True)  # no slots, for what is worked out once is kept
class Fleet:
    """The EVs of a zone."""

    zone_phases: tuple[int, ...]
    evs: tuple[Observation, ...]
    departed: PerPhase = _NOTHING
    """What connectors that are gone may still draw, in A."""

    def settled(self, power: float, voltages: PerPhase) -> PerPhase:
        """Return what EVs come to: those beyond control what they draw, others share the rest."""
        rest = max(0.0, power - _watts(self._held, voltages))
        return self._held + _by_parts(self._usage)(rest, voltages)

    def rising(self, power: float, voltages: PerPhase) -> PerPhase:
        """Return what may be filled by raising while nobody has come down yet.

        A phase on which more may be drawn than its part takes that off the parts of the others.
        """
        rest, open_phases = power, frozenset(PHASES)
        while True:
            parts = _normal(self._usage.without(frozenset(PHASES) - open_phases))
            currents = _by_parts(parts)(max(0.0, rest), voltages)
            above = {p for p in open_phases if self._worst[p] > currents[p]}
            if not above:
                return currents
            rest -= sum(self._worst[p] * voltages[p] for p in above)
            open_phases -= above

    @cached_property
    def _held(self) -> PerPhase:
        return _draw(ev for ev in self.evs if ev.held) + self.departed

    @cached_property
    def _worst(self) -> PerPhase:
        return _draw(self.evs) + self.departed

    @cached_property
    def _usage(self) -> PerPhase:
        """The part of each phase in what cars that obey draw; equal parts without any."""
        cars = [ev for ev in self.evs if not ev.held and _may_draw(ev)]
        counts = PerPhase(*(float(sum(p in ev.phases for ev in cars)) for p in PHASES))
        return _normal(counts) if cars else _equal(self.zone_phases)


def _may_draw(ev: Observation) -> bool:
    return ev.worst > 0 or ev.reading.status in _WANTS_CURRENT


def _draw(evs: Iterable[Observation]) -> PerPhase:
    """Return the most that EVs may draw, in A."""
    total = _NOTHING
    for ev in evs:
        total += PerPhase.on(ev.phases, ev.worst)
    return total


def _equal(phases: tuple[int, ...]) -> PerPhase:
    return PerPhase.on(phases, 1 / max(1, len(phases)))


def _normal(parts: PerPhase) -> PerPhase:
    """Return parts that add up to 1, or to nothing where there are none."""
    total = sum(parts)
    return PerPhase(*(part / total for part in parts)) if total else parts


def _by_parts(parts: PerPhase) -> Split:
    def split(power: float, voltages: PerPhase) -> PerPhase:
        return parts.pairwise(voltages, lambda part, volts: hundredths(power * part / volts))

    return split


def _watts(currents: PerPhase, voltages: PerPhase) -> float:
    return sum(currents.pairwise(voltages, lambda current, volts: current * volts))
