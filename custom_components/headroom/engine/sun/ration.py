"""What each car gets of the surplus, by the rules that share the current of a zone."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from ..currents import PHASES, PerPhase
from ..sharing.admission import Claim
from ..sharing.allocation import allocate
from ..sharing.plan import Plan, round_down, round_up, to_amperes
from ..site.model import Connector
from .phases import PhaseChoice
from .rules import Metering

_ALL_ON: Final = PHASES[:1]
"""The phase that stands for all of them where they count together."""
_DIGITS: Final = 3
"""What is a floor times its phases makes a floor again, whatever binary fractions are."""


class Stage(IntEnum):
    """How far a car has come, in the order in which they are served."""

    RUNS = 0
    """It charges, and would have to stop."""
    TOPPED_UP = 1
    """It charges in any case."""
    BEGINS = 2
    """It may charge as soon as others have made room."""
    WAITS = 3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Want:
    """What a car that follows the sun can use; currents in A per phase."""

    connector: Connector
    choice: PhaseChoice
    automatic: bool
    """Its number of phases goes by the sun."""
    fed: bool = False
    """The house battery may feed it."""
    idle: bool = False
    """It has been offered current and does not take it, so that nothing is kept for it."""
    stands_back: bool = False
    """It could have had much more sun of late than others, who therefore go first."""
    granted: float = 0.0
    """What the grid may give it, whatever the sun does."""
    cap: float
    priority: int
    stage: Stage = Stage.WAITS
    last_start: bool = False
    """It would begin for the last time that the day has left, and waits longest."""
    rank: tuple[object, ...]
    """Who owes least comes before others."""
    arrival: tuple[object, ...]

    @property
    def key(self) -> str:
        """Return the id of its connector."""
        return self.connector.id

    @property
    def phases(self) -> tuple[int, ...]:
        """Return the grid phases that it uses, or is to use."""
        return self.choice.now

    @property
    def floor(self) -> float:
        """Return the least that it can use."""
        return self.connector.entry

    @property
    def order(self) -> tuple[object, ...]:
        """Return its place within its class.

        Who charges goes on before others begin. Of those who wait, none that has to wait longer
        keeps the sun from one that can use it sooner.
        """
        waits_longest = self.last_start and self.stage is not Stage.RUNS
        return (self.stage, waits_longest, self.stands_back, *self.rank)

    @property
    def from_grid(self) -> bool:
        """Return whether it may charge without any sun."""
        return self.granted >= self.floor

    @property
    def wider(self) -> tuple[int, ...] | None:
        """Return more phases, if it may take more from the grid than those of now can carry."""
        more, now = self.choice.more, self.choice.now
        if more is None or not self.from_grid:
            return None
        return more if self.granted * len(more) > self.cap * len(now) else None


class Ration:
    """Shares surplus below one connection to the grid.

    Over all phases together it is one number, and a car takes from it what its phases take in all;
    so cars get equal powers of it, not equal currents. Else each phase has its own.
    """

    def __init__(self, plan: Plan, metering: Metering) -> None:
        self._plan = plan
        self._together = metering is Metering.TOGETHER

    def fold(self, currents: PerPhase) -> PerPhase:
        """Return currents in A per phase as they count: all on L1, or each by itself."""
        return PerPhase(sum(currents)) if self._together else currents

    def taken(self, phases: tuple[int, ...], current: float) -> PerPhase:
        """Return what a car takes of the surplus at a current in A on some phases."""
        return self.fold(PerPhase.on(phases, current))

    def reach(self, room: PerPhase, phases: tuple[int, ...]) -> float:
        """Return the highest current in A that room allows on some phases."""
        if self._together:
            return room.l1 / len(phases)
        return min(room[phase] for phase in phases)

    def divide(self, room: PerPhase, floors: Mapping[Want, float]) -> dict[str, float]:
        """Share room among cars, each with its floor or more; return currents in A per phase."""
        claims = [self._claim(want, floor) for want, floor in floors.items()]
        ticks = [max(0, round_down(current)) for current in room]
        grants = allocate(self._plan, ticks, claims)
        return {
            want.key: round(to_amperes(grants[want.key].current) / self._times(want), _DIGITS)
            for want in floors
        }

    def _claim(self, want: Want, floor: float) -> Claim:
        times = self._times(want)
        return Claim(
            connector=want.key,
            phases=_ALL_ON if self._together else want.phases,
            floor=round_up(floor) * times,
            cap=round_down(want.cap) * times,
            step=round_up(want.connector.step) * times,
            priority=want.priority,
            rank=want.order,
            stands_back=want.stands_back,
            arrival=want.arrival,
        )

    def _times(self, want: Want) -> int:
        return len(want.phases) if self._together else 1
