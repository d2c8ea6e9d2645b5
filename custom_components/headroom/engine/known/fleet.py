"""How a power that a zone's EVs may draw together is split into currents on its phases.

Phases are shared out one by one, and so each needs a part of its own of what counts over all of
them. A part that one phase exceeds, for a car does not obey or has not come down yet, is missing on
the others.
"""

from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from ..currents import PHASES, PerPhase
from ..sharing.plan import round_up, to_amperes
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
    """The EVs of a zone, those first that come first when there is not enough for all."""

    zone_phases: tuple[int, ...]
    evs: tuple[Observation, ...]
    departed: PerPhase = _NOTHING
    """What connectors that are gone may still draw, in A."""
    idle: Container[str] = ()
    """Connectors that nothing lets charge now: they take no part of what they cannot use."""

    def settled(self, power: float, voltages: PerPhase) -> PerPhase:
        """Return what EVs come to: those beyond control what they draw, others share the rest."""
        rest = self._rest(power, voltages)
        return self._held + _by_parts(self._parts(rest, voltages))(rest, voltages)

    def rising(self, power: float, voltages: PerPhase) -> PerPhase:
        """Return what may be filled by raising while nobody has come down yet.

        A phase on which more may be drawn than its part takes that off the parts of the others.
        """
        rest, open_phases = self._rest(power, voltages), frozenset(PHASES)
        parts, obeying = self._parts(rest, voltages), self._worst - self._held
        while True:
            shares = _normal(parts.without(frozenset(PHASES) - open_phases))
            currents = _by_parts(shares)(max(0.0, rest), voltages)
            above = {p for p in open_phases if obeying[p] > currents[p]}
            if not above:
                return self._held + currents
            rest -= sum(obeying[p] * voltages[p] for p in above)
            open_phases -= above

    def _rest(self, power: float, voltages: PerPhase) -> float:
        return max(0.0, power - _watts(self._held, voltages))

    def _parts(self, power: float, voltages: PerPhase) -> PerPhase:
        """Return the part of each phase: first come the floors of as many cars as it lasts for.

        What is more goes to the phases that these cars use. Nobody else has a part, so that it is
        not halved between one who charges and one who cannot begin with the half.
        """
        fitting, left = list[Observation](), power
        for ev in self._willing:
            if (needs := _watts(_total([ev], _floor), voltages)) <= left:
                left -= needs
                fitting.append(ev)
        if not fitting:
            return self._usage
        more = _by_parts(_usage(fitting))(left, voltages)
        currents = _total(fitting, _floor) + more
        return _normal(currents.pairwise(voltages, lambda amperes, volts: amperes * volts))

    @cached_property
    def _held(self) -> PerPhase:
        return _total((ev for ev in self.evs if ev.held), _worst) + self.departed

    @cached_property
    def _worst(self) -> PerPhase:
        return _total(self.evs, _worst) + self.departed

    @cached_property
    def _willing(self) -> tuple[Observation, ...]:
        """The cars that obey, and draw or would."""
        return tuple(
            ev
            for ev in self.evs
            if not ev.held and (ev.worst > 0 or (_waits(ev) and ev.connector.id not in self.idle))
        )

    @cached_property
    def _usage(self) -> PerPhase:
        """The part of each phase if all draw alike; equal parts without any."""
        return _usage(self._willing) if self._willing else _equal(self.zone_phases)


def _waits(ev: Observation) -> bool:
    return ev.reading.status in _WANTS_CURRENT


def _floor(ev: Observation) -> float:
    """Return the least that keeps an EV charging: it is admitted in whole deciamps."""
    return to_amperes(round_up(ev.connector.entry + ev.excess))


def _worst(ev: Observation) -> float:
    return ev.worst


def _total(evs: Iterable[Observation], current: Callable[[Observation], float]) -> PerPhase:
    """Return the sum of what EVs draw if each draws a current in A on its phases."""
    total = _NOTHING
    for ev in evs:
        total += PerPhase.on(ev.phases, current(ev))
    return total


def _usage(evs: Iterable[Observation]) -> PerPhase:
    """Return the part of each phase in what EVs draw if they draw alike."""
    return _normal(_total(evs, lambda _: 1.0))


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
