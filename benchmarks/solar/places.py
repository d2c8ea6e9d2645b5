"""Outlets with their cars, and how a rule moves them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Self

from custom_components.headroom.engine.currents import PerPhase
from simulator.plant.ev import Car

from .charger import Charger
from .grid import TICK
from .households import CarPlan, Stay
from .rule import Rule, View
from .tally import Wear


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

    @classmethod
    def of(cls, plan: CarPlan, stays: Iterable[Stay], random: Random) -> Self:
        """Return an outlet whose car has yet to come."""
        coming = iter(stays)
        return cls(plan, Charger(plan, random), Car(plan.model), coming, next(coming, None))

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


def with_cars(currents: Sequence[float], places: Iterable[Place]) -> PerPhase:
    """Return what flows with what cars draw, in A."""
    total = list(currents)
    for place in places:
        if place.charger.car is not None:
            for phase in range(place.charger.drawn_on):
                total[phase] += place.car.drawn
    return PerPhase(*total)


def obey(rule: Rule, places: Sequence[Place], reading: tuple[PerPhase, int], tick: int) -> None:
    """Let chargers follow what a rule decides by a reading of the meter and its tick."""
    currents, at = reading
    cars = [place.charger.view() for place in places]
    view = View(now=tick * TICK, currents=currents, currents_at=at * TICK, cars=cars)
    for place, order in zip(places, rule.decide(view), strict=True):
        place.charger.follow(order, tick)
