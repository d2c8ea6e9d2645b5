"""How the cars of a zone stand against the current that there is for them (A6.2, A6.3).

The table is for people: it follows the commercial controllers' own, phase by phase, and each phase
is looked at by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Final

from ..currents import PHASES, PerPhase

_EPSILON: Final = 1e-6


class LoadState(IntEnum):
    """How the floors of a group's cars fit into the current of a phase; exactly one holds."""

    AVAILABLE = 1
    """All floors fit, also of those that are paused now; so it is in a group without cars."""
    DECREASING = 2
    """Not all floors fit, but one more beside those that charge: the paused start one by one."""
    LIMITED = 3
    """The floors of those that charge fit and no further one: the others wait."""
    EXCEEDED = 4
    """Not even the floors of those that charge fit: one or more must be paused now."""
    UNAVAILABLE = 5
    """Nobody charges and no floor fits: all wait."""


class LoadGroup(StrEnum):
    """Which connectors a figure is about."""

    PRIORITY = "priority"
    NORMAL = "normal"
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """An occupied connector of the zone or of a zone below it; currents in A per phase."""

    connector: str
    phases: tuple[int, ...]
    priority: bool = False
    """It goes first at this moment."""
    charging: bool
    floor: float
    cap: float
    rank: tuple[object, ...]
    """Order within its group, the lowest charges first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseLoad:
    """One group on one phase; currents in A."""

    state: LoadState
    allowed: int
    """How many floors fit, taken in the order of rank."""
    charging: int
    paused: int
    occupied: int
    available: float
    shared: float
    """What each of the allowed would get of the available current alike (A3.8)."""
    next_to_resume: str | None
    """Connector id of the first that is paused."""
    next_to_pause: str | None
    """Connector id of the last that charges."""


def load_table(
    members: Sequence[Member], available: PerPhase
) -> dict[tuple[LoadGroup, int], PhaseLoad]:
    """Return how each group stands on each phase when a zone has so much for its EVs.

    The priority group goes first and may take up to its caps; the normal group has the rest.
    """
    queue = sorted(members, key=lambda member: (not member.priority, member.rank, member.connector))
    table = {}
    for phase in PHASES:
        everyone = [member for member in queue if phase in member.phases]
        priority = [member for member in everyone if member.priority]
        normal = [member for member in everyone if not member.priority]
        current = max(0.0, available[phase])
        rest = current - min(current, sum(member.cap for member in _allowed(priority, current)))
        table[LoadGroup.PRIORITY, phase] = _load(priority, current)
        table[LoadGroup.NORMAL, phase] = _load(normal, rest)
        table[LoadGroup.ALL, phase] = _load(everyone, current)
    return table


def _load(queue: Sequence[Member], available: float) -> PhaseLoad:
    allowed = len(_allowed(queue, available))
    charging = [member for member in queue if member.charging]
    paused = [member for member in queue if not member.charging]
    return PhaseLoad(
        state=_state(charging, paused, allowed, available),
        allowed=allowed,
        charging=len(charging),
        paused=len(paused),
        occupied=len(queue),
        available=available,
        shared=available / allowed if allowed else 0.0,
        next_to_resume=paused[0].connector if paused else None,
        next_to_pause=charging[-1].connector if charging else None,
    )


def _allowed(queue: Sequence[Member], available: float) -> list[Member]:
    """Return those whose floors fit beside the floors of the allowed before them."""
    allowed = []
    left = available + _EPSILON
    for member in queue:
        if member.floor <= left:
            allowed.append(member)
            left -= member.floor
    return allowed


def _state(
    charging: Sequence[Member], paused: Sequence[Member], allowed: int, available: float
) -> LoadState:
    left = available - sum(member.floor for member in charging) + _EPSILON
    if allowed == len(charging) + len(paused):
        return LoadState.AVAILABLE
    if left < 0:
        return LoadState.EXCEEDED
    if any(member.floor <= left for member in paused):
        return LoadState.DECREASING
    return LoadState.LIMITED if charging else LoadState.UNAVAILABLE
