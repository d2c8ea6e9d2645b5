"""A week of one household under one rule."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
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
_DIM: Final = 500.0
"""W of sun that are too little to follow for any car."""
_AT_ONCE: Final = 10
"""Ticks that pass at once while there is no more, or no car that takes any."""
_SETTLED: Final = 150
"""Ticks after the last of the sun in which all is watched closely."""
_AROUND: Final = 2 * _AT_ONCE
"""Ticks before and after a stay in which the rule watches."""


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
            self.wear.plug(tick)
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
        soon = recent_most(week.sun[::-1], _AT_ONCE)[::-1]
        self._calm: list[bool] = (recent_most(soon, _SETTLED) < _DIM).tolist()
        self._watched = _watched(week)
        self._reading = (PerPhase(), 0)
        self._sample = self._reading

    def run(self) -> None:
        """Live through all of it."""
        tick, end = 0, len(self._sun)
        while tick < end:
            calm = self._calm[tick] or not any(place.charger.takes for place in self.places)
            stride = min(_AT_ONCE if calm else 1, end - tick)
            if self._watched[tick]:
                self._live(tick, stride)
            tick += stride
        for place in self.places:
            if place.charger.car is not None:
                place.leave(0.0)

    def _live(self, tick: int, stride: int) -> None:
        for place in self.places:
            place.live(tick)
            place.charger.advance(tick, stride)
            place.wear.note(place.charger, tick)
        self._count(tick, stride)
        self._measure(tick, stride)
        self._obey(tick)

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


def _watched(week: Week) -> list[bool]:
    """Return of each tick whether a car is there, or just about to come or gone."""
    watched = np.zeros(len(week.sun), dtype=bool)
    for stay in chain.from_iterable(week.stays):
        watched[max(0, stay.begin - _AROUND) : stay.end + _AROUND] = True
    return watched.tolist()


def recent_most(values: Floats, reach: int) -> Floats:
    """Return the highest of each value and so many before it."""
    padded = np.concatenate([np.full(reach, values[0]), values])
    windows = np.lib.stride_tricks.sliding_window_view(padded, reach + 1)
    most: Floats = windows.max(axis=1)
    return most
