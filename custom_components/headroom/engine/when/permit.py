"""What clock, plan and sun let a car draw together."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ..decision import ReasonCode


class SunMode(StrEnum):
    """How a car follows the sun (A10.1 to A10.3)."""

    OFF = "off"
    """It does not: current from the grid is as good as any."""
    SUN_ONLY = "sun_only"
    """It charges with surplus alone."""
    SUN_HYBRID = "sun_hybrid"
    """The grid adds what surplus lacks of the floor."""
    MAX_HYBRID = "max_hybrid"
    """It charges with all that there is."""


@dataclass(frozen=True, slots=True)
class Bound:
    """The most that a rule lets a car draw, in A per phase, and why."""

    current: float
    code: ReasonCode
    until: datetime | None = None
    """When the rule lets it draw more, where that is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Permits:
    """What each rule lets a car draw; None: the rule has nothing against any current."""

    clock: Bound | None = None
    """From the grid, by the hours of the day (A8.6)."""
    plan: Bound | None = None
    """From the grid, by a plan; more than 0 is needed to reach the goal, whatever the mode."""
    sun: Bound | None = None
    """From surplus: the part of it that is the car's. None: the car does not follow the sun."""
    start: float = 0.0
    """In A per phase: what the grid tops sun up to before the car charges, if above its floor."""

    @property
    def grid(self) -> Bound | None:
        """Return what may come from the grid."""
        bounds = [bound for bound in (self.clock, self.plan) if bound is not None]
        return min(bounds, key=lambda bound: bound.current, default=None)


def granted(mode: SunMode, permits: Permits) -> float:
    """Return what a car that follows the sun may take from the grid whatever the sun does, in A."""
    if permits.grid is None or (mode is SunMode.SUN_ONLY and permits.plan is None):
        return 0.0
    return permits.grid.current


def permitted(mode: SunMode, permits: Permits, floor: float) -> Bound | None:
    """Return the bound on a car whose charger begins at `floor`, in A; None: nothing binds it."""
    grid, sun = permits.grid, permits.sun
    if sun is None or mode is SunMode.OFF:
        return grid
    if mode is SunMode.MAX_HYBRID:
        return None if grid is None else _higher(sun, grid)
    if mode is SunMode.SUN_HYBRID:
        topped_up = Bound(max(floor, permits.start), sun.code, sun.until)
        return _higher(sun, topped_up if grid is None else grid)
    if permits.plan is None or grid is None:
        return sun
    return _higher(sun, grid)


def _higher(one: Bound, other: Bound) -> Bound:
    """Return the higher bound; of two that let nothing through, the one whose end is known."""
    if one.current == other.current == 0:
        return other if one.until is None and other.until is not None else one
    return other if other.current > one.current else one


def tightest(ones: Mapping[str, Bound], others: Mapping[str, Bound]) -> dict[str, Bound]:
    """Return the lower of two bounds on each car, by connector id."""
    tight = dict(ones)
    for key, other in others.items():
        if key not in tight or other.current < tight[key].current:
            tight[key] = other
    return tight
