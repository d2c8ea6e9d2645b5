"""A week of one household under one rule."""

from itertools import chain
from random import Random
from typing import Final

import numpy as np

from custom_components.headroom.engine.currents import PHASES, PerPhase
from custom_components.headroom.engine.when.permit import SunMode
from simulator.plant.ev import VOLTAGE

from .grid import Floats
from .places import Place, obey, with_cars
from .rule import Rule
from .tally import Energies
from .year import Week

_NOISE: Final = 0.04
"""A; standard deviation of what the meter shows."""
_LAG: Final = 10
"""Ticks that meter, command and car may need together to follow the sun down."""
_DIM: Final = 500.0
"""W of sun that are too little to follow for any car."""
_TOO_LITTLE: Final = 1300.0
"""W of surplus that are too little to begin with, for any rule and car that needs the sun."""
_AT_ONCE: Final = 10
"""Ticks that pass at once while nothing depends on them."""
_AT_REST: Final = 150
"""Ticks that pass at once while besides nobody is offered anything, comes or goes."""
_SETTLED: Final = 150
"""Ticks after the last of the sun in which all is watched closely."""
_AROUND: Final = 2 * _AT_ONCE
"""Ticks before and after a stay in which the rule watches."""


class World:
    """The plant of one week."""

    def __init__(self, week: Week, rule: Rule, mode: SunMode = SunMode.SUN_ONLY) -> None:
        random = Random(week.seed)
        self.energies = Energies()
        self.places = [
            Place.of(plan, stays, Random(random.getrandbits(64)))
            for plan, stays in zip(week.household.cars, week.stays, strict=True)
        ]
        self._random = random
        self._week = week
        self._rule = rule
        self._sun: list[float] = week.sun.tolist()
        self._house: list[list[float]] = week.house.tolist()
        self._recent: list[float] = recent_most(week.surplus, _LAG).tolist()
        self._dark = _stays_below(_DIM, week.sun, _AT_ONCE)
        self._dim = _stays_below(_TOO_LITTLE, week.surplus, _AT_ONCE)
        self._rest = _stays_below(_TOO_LITTLE, week.surplus, _AT_REST)
        self._needs_sun = mode is SunMode.SUN_ONLY
        self._changes = _changes(week)
        self._watched = _watched(week)
        self._reading = (PerPhase(), 0)
        self._sample = self._reading

    def run(self) -> None:
        """Live through all of it."""
        tick, end = 0, len(self._sun)
        while tick < end:
            stride = min(self._stride(tick), end - tick)
            if self._watched[tick]:
                self._live(tick, stride)
            tick += stride
        for place in self.places:
            if place.charger.car is not None:
                place.leave(0.0)

    def _stride(self, tick: int) -> int:
        """Return how many ticks may pass at once, for no rule could make use of them."""
        chargers = [place.charger for place in self.places]
        none_takes = not any(charger.takes for charger in chargers)
        none_offers = not any(charger.offered for charger in chargers)
        if none_takes or (none_offers and self._needs_sun and self._rest[tick]):
            return _AT_ONCE if self._changes[tick] else _AT_REST
        calm = self._dark[tick] or (none_offers and self._dim[tick])
        return _AT_ONCE if calm else 1

    def _live(self, tick: int, stride: int) -> None:
        for place in self.places:
            place.live(tick)
            place.charger.advance(tick, stride)
            place.wear.note(place.charger, tick)
        self._count(tick, stride)
        self._measure(tick, stride)
        obey(self._rule, self.places, self._reading, tick)

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
        self._sample = with_cars(currents, self.places), tick
        if stride > 1:
            self._reading = self._sample


def _watched(week: Week) -> list[bool]:
    """Return of each tick whether a car is there, or just about to come or gone."""
    watched = np.zeros(len(week.sun), dtype=bool)
    for stay in chain.from_iterable(week.stays):
        watched[max(0, stay.begin - _AROUND) : stay.end + _AROUND] = True
    return watched.tolist()


def _changes(week: Week) -> list[bool]:
    """Return of each tick whether a car comes or goes soon, or has just done so."""
    edges = np.zeros(len(week.sun))
    for stay in chain.from_iterable(week.stays):
        for edge in (stay.begin, stay.end):
            edges[max(0, edge - _AT_REST) : edge + _AT_REST] = 1.0
    return edges.astype(bool).tolist()


def _stays_below(threshold: float, course: Floats, ahead: int) -> list[bool]:
    """Return of each tick whether a course has been below a threshold, and will be for a while."""
    soon = recent_most(course[::-1], ahead)[::-1]
    below: list[bool] = (recent_most(soon, _SETTLED) < threshold).tolist()
    return below


def recent_most(values: Floats, reach: int) -> Floats:
    """Return the highest of each value and so many before it."""
    padded = np.concatenate([np.full(reach, values[0]), values])
    windows = np.lib.stride_tricks.sliding_window_view(padded, reach + 1)
    most: Floats = windows.max(axis=1)
    return most
