"""What a building draws beside its cars."""

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from random import Random
from typing import TYPE_CHECKING, Final

from custom_components.headroom.engine.currents import PHASES, PerPhase

from .ev import VOLTAGE
from .profile import DayProfile, at

if TYPE_CHECKING:
    import pandas as pd

KETTLE_SECONDS: Final = 180.0
USUAL_SHARES: Final = PerPhase(0.4, 0.35, 0.25)
"""How the load profile lies on the phases; no building is balanced."""

_INRUSH_SECONDS: Final = 0.3


class ApplianceKind(StrEnum):
    """Appliances that switch by themselves."""

    KETTLE = "kettle"
    OVEN = "oven"
    HEAT_PUMP = "heat_pump"


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """How an appliance is used: ranges of current in A and of times in s, drawn by chance."""

    current: tuple[float, float]
    off: tuple[float, float]
    on: tuple[float, float]
    phases: int = 1
    inrush: float = 1.0
    """Factor on the current for the first 0.3 s."""


HABITS: Final = {
    ApplianceKind.KETTLE: Habit(current=(9, 10), off=(900, 2700), on=(120, 240)),
    ApplianceKind.OVEN: Habit(current=(10, 13), off=(40, 80), on=(40, 80)),
    ApplianceKind.HEAT_PUMP: Habit(
        current=(4, 7), off=(600, 1800), on=(600, 1200), phases=3, inrush=2.5
    ),
}


@dataclass(frozen=True, slots=True)
class Load:
    """A load that is on for a while; times in s of the plant."""

    current: float
    phases: tuple[int, ...]
    begin: float
    end: float
    inrush: float = 1.0

    def at(self, time: float) -> PerPhase:
        """Return what it draws at a time, in A."""
        if not self.begin <= time < self.end:
            return PerPhase()
        factor = self.inrush if time < self.begin + _INRUSH_SECONDS else 1.0
        return PerPhase.on(self.phases, self.current * factor)


class Appliance:
    """An appliance that goes on and off by chance."""

    def __init__(self, habit: Habit, random: Random) -> None:
        self._habit = habit
        self._random = random
        self._phases = PHASES if habit.phases == len(PHASES) else (random.choice(PHASES),)
        self._load = self._next(0.0)

    def at(self, time: float) -> PerPhase:
        """Return what it draws, in A; time never goes back."""
        while time >= self._load.end:
            self._load = self._next(self._load.end)
        return self._load.at(time)

    def _next(self, now: float) -> Load:
        begin = now + self._random.uniform(*self._habit.off)
        end = begin + self._random.uniform(*self._habit.on)
        current = self._random.uniform(*self._habit.current)
        return Load(current, self._phases, begin, end, self._habit.inrush)


class House:
    """A building's load: the day's profile, appliances, and what is switched on by hand.

    The profile follows the clock of the day. Appliances follow real seconds.
    """

    def __init__(
        self,
        *,
        random: Random,
        profile: DayProfile = (0.0,),
        shares: PerPhase = USUAL_SHARES,
        appliances: Sequence[ApplianceKind] = (),
    ) -> None:
        if not math.isclose(sum(shares), 1.0, abs_tol=1e-6):
            raise ValueError("the shares of the phases must sum to 1")
        self._random = random
        self._profile = profile
        self._shares = shares
        self._appliances = [
            Appliance(HABITS[kind], Random(random.getrandbits(64))) for kind in appliances
        ]
        self._by_hand: list[Load] = []
        self._now = 0.0

    def kettle(
        self, phase: int, *, amps: float | None = None, seconds: float = KETTLE_SECONDS
    ) -> float:
        """Switch a kettle on now and return its current in A."""
        current = self._random.uniform(9, 10) if amps is None else amps
        self.step(current, phase, seconds)
        return current

    def step(self, amps: float, phase: int, seconds: float) -> None:
        """Switch a load on now, for some seconds; a negative one feeds in."""
        self._by_hand.append(Load(amps, (phase,), self._now, self._now + seconds))

    def advance(self, time: float, seconds_of_day: float) -> PerPhase:
        """Return the currents in A at a time, in s since the start; time never goes back."""
        self._now = time
        self._by_hand = [load for load in self._by_hand if time < load.end]
        base = at(self._profile, seconds_of_day) / VOLTAGE
        total = PerPhase(*(base * share for share in self._shares))
        loads: list[Appliance | Load] = [*self._appliances, *self._by_hand]
        for load in loads:
            total += load.at(time)
        return total


def household_profile(day: date, yearly_kwh: float) -> DayProfile:
    """Return the standard load profile H0 of a day in W, scaled to a yearly consumption.

    Reads tables from disk at first: call it off the event loop.
    """
    quarters = _household_year(day.year).loc[day.isoformat()].tolist()
    return tuple(4 * energy * yearly_kwh for energy in quarters)


@cache
def _household_year(year: int) -> pd.Series[float]:
    """Return the Wh of each quarter of an hour of a household that takes 1 kWh a year."""
    with warnings.catch_warnings():  # demandlib turns every warning into an error
        from demandlib.bdew import ElecSlp  # noqa: PLC0415 - heavy, only a served site needs it

        return ElecSlp(year).get_scaled_profiles({"h0_dyn": 1000.0})["h0_dyn"]
