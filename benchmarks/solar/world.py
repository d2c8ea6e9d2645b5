"""A week of one household under one rule."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final

import numpy as np

from custom_components.headroom.engine.currents import PHASES, PerPhase
from simulator.plant.ev import VOLTAGE, Car

from .charger import Charger
from .grid import TICK, Floats
from .households import CarPlan, Stay
from .rule import Rule, View
from .tally import Energies, Wear
from .year import Week

_NOISE: Final = 0.04
"""A; standard deviation of what the meter shows."""
_LAG: Final = 10
"""Ticks that meter, command and car may need together to follow the sun down."""
_IN_THE_DARK: Final = 10
"""Ticks that pass at once while there is no sun to follow."""
_BEFORE: Final = 20
"""Ticks before a car comes from which on the rule watches."""


@dataclass(slots=True)
class Place:
    """An outlet with the car that belongs to it."""

    plan: CarPlan
    charger: Charger
    car: Car
    stays: Iterator[Stay]
    stay: Stay | None
    wear: Wear = field(default_factory=Wear)
    unmet: float = 0.0
    """Wh"""

    def live(self, tick: int) -> None:
        """Let the car come or go."""
        if self.stay is None:
            return
        if self.charger.car is None and tick >= self.stay.begin:
            self.charger.plug(self.car)
            self.wear.plug()
        elif self.charger.car is not None and tick >= self.stay.end:
            self.leave(self.stay.leaves_for)
            self.stay = next(self.stays, None)

    def leave(self, energy: float) -> None:
        """Drive away and use so many Wh; what is missing comes from elsewhere."""
        self.charger.unplug()
        self.wear.unplug()
        self.unmet += max(0.0, energy - self.car.stored)
        self.car.stored = max(0.0, self.car.stored - energy)


class World:
    """The plant of one week."""

    def __init__(self, week: Week, rule: Rule) -> None:
        random = Random(week.seed)
        self.energies = Energies()
        self.places = [
            _place(plan, stays, Random(random.getrandbits(64)))
            for plan, stays in zip(week.household.cars, week.stays, strict=True)
        ]
        self._random = random
        self._week = week
        self._rule = rule
        self._sun: list[float] = week.sun.tolist()
        self._house: list[list[float]] = week.house.tolist()
        self._recent: list[float] = recent_most(week.surplus, _LAG).tolist()
        self._reading = (PerPhase(), 0)
        self._sample = self._reading

    def run(self) -> None:
        """Live through all of it."""
        for tick, stride in ticks_with_cars(self._week):
            for place in self.places:
                place.live(tick)
                place.charger.advance(tick, stride)
                place.wear.note(place.charger, tick)
            self._count(tick, stride)
            self._measure(tick, stride)
            self._obey(tick)
        for place in self.places:
            if place.charger.car is not None:
                place.leave(0.0)

    def _count(self, tick: int, stride: int) -> None:
        power = sum(place.charger.power for place in self.places)
        if power:
            house = VOLTAGE * sum(course[tick] for course in self._house)
            self.energies.add(power, self._sun[tick] - house, self._recent[tick], stride)

    def _measure(self, tick: int, stride: int) -> None:
        """Look at the grid now and then; what was seen arrives one tick later."""
        self._reading = self._sample
        if stride == 1 and tick % self._week.household.metered_every:
            return
        given = self._sun[tick] / VOLTAGE / len(PHASES)
        currents = [
            course[tick] - given + self._random.gauss(0.0, _NOISE) for course in self._house
        ]
        for place in self.places:
            if place.charger.car is not None:
                for phase in range(place.charger.drawn_on):
                    currents[phase] += place.car.drawn
        self._sample = PerPhase(*currents), tick
        if stride > 1:
            self._reading = self._sample

    def _obey(self, tick: int) -> None:
        currents, at = self._reading
        view = View(
            now=tick * TICK,
            currents=currents,
            currents_at=at * TICK,
            cars=[place.charger.view() for place in self.places],
        )
        for place, order in zip(self.places, self._rule.decide(view), strict=True):
            place.charger.follow(order, tick)


def _place(plan: CarPlan, stays: Sequence[Stay], random: Random) -> Place:
    coming = iter(stays)
    return Place(plan, Charger(plan, random), Car(plan.model), coming, next(coming, None))


def ticks_with_cars(week: Week) -> Iterator[tuple[int, int]]:
    """Iterate over the ticks around all stays, with the number of ticks until the next one."""
    watched = np.zeros(len(week.sun) + _IN_THE_DARK, dtype=bool)
    for stay in (stay for stays in week.stays for stay in stays):
        watched[max(0, stay.begin - _BEFORE) : stay.end + 2 * _IN_THE_DARK] = True
    dark = np.append(week.sun == 0, [True] * _IN_THE_DARK)
    tick = 0
    while tick < len(week.sun):
        ahead = slice(tick, tick + _IN_THE_DARK)
        calm = bool(dark[ahead].all()) or not watched[ahead].any()
        stride = min(_IN_THE_DARK if calm else 1, len(week.sun) - tick)
        if watched[ahead].any():
            yield tick, stride
        tick += stride


def recent_most(values: Floats, reach: int) -> Floats:
    """Return the highest of each value and so many before it."""
    padded = np.concatenate([np.full(reach, values[0]), values])
    windows = np.lib.stride_tricks.sliding_window_view(padded, reach + 1)
    most: Floats = windows.max(axis=1)
    return most
