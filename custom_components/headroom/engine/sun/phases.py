"""Automatic choice between one phase and three, by the surplus.

Three phases are worth it where one is at its maximum and the floors of three fit. Going up waits
for surplus that lasts, and is left alone when no switch would be left to come down again.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ..cars.wear import WearPolicy
from ..currents import PHASES
from ..known.observation import Observation
from ..memory.state import ConnectorState

_UP_AND_DOWN: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseChoice:
    """Grid phases that a connector uses, and those that it may use instead."""

    now: tuple[int, ...]
    fewer: tuple[int, ...] | None = None
    """The one that it may be switched to now."""
    more: tuple[int, ...] | None = None
    """All of them, if it may be switched to them now."""
    unsettled: bool = False
    """It is about to be switched."""

    def before_start(self) -> PhaseChoice:
        """Return the choice of a car that does not charge: it begins with as few as it can."""
        if self.fewer is None:
            return self
        return PhaseChoice(now=self.fewer, more=self.now)


def phase_choice(
    observation: Observation,
    state: ConnectorState,
    policy: WearPolicy,
    now: datetime,
    *,
    automatic: bool,
) -> PhaseChoice:
    """Return what a connector's car uses, and what switching would make of it.

    A car that uses one phase of three that it has gains nothing by it. One that is not switched is
    expected to use what the one before it did, if it can be seen to use more: else one on one phase
    of three, which nobody knows before it charges, would wait for the floor of three.
    """
    wiring, used = observation.connector.wiring, observation.phases
    every = wiring.phases
    one, switch, wanted = every[:1], state.phase_switch, state.automatic_phases
    if not automatic or len(every) < len(PHASES):
        return PhaseChoice(now=state.phase_use.expected(wiring) if observation.measured else used)
    if switch.holds and wanted is not None:
        return PhaseChoice(now=one if wanted == 1 else every)
    may = switch.may_begin(state.wear, policy, now)
    count = observation.reading.phase_count or switch.told or len(every)
    unsettled = may and wanted not in {None, count}
    if count == 1:
        comes_back = state.wear.switches_left(policy) >= _UP_AND_DOWN
        widens = may and comes_back and not state.narrowing.narrow
        return PhaseChoice(now=one, more=every if widens else None, unsettled=unsettled)
    fewer = one if may and len(used) > 1 else None
    return PhaseChoice(now=used, fewer=fewer, unsettled=unsettled)
