"""One trial: a plant in which all but the controller is decided by the seed."""

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from .charger import Charger
from .clock import TICK, TICKS_PER_SECOND
from .controller import Controller, View
from .ev import Car, CarTraits, appetites
from .house import Course, Use
from .meter import Meter, Sample
from .metrics import Tally
from .scenarios import Scenario

type Watch = Callable[[int, Sequence[float], Sequence[float]], None]
"""Is told a tick, and of each phase the total current and that of the cars, in A."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What chance decides of a trial, whatever the controller does."""

    house: Course
    traits: tuple[CarTraits, ...]
    appetites: tuple[array[float], ...]
    """A per outlet and second."""
    seed: int
    uses: tuple[Use, ...] = ()
    """What nobody can expect before it has begun; a part of what the house takes."""

    @property
    def ticks(self) -> int:
        """Return how long the trial is."""
        return len(self.house[0])


def draw_fate(scenario: Scenario, seed: int, seconds: float) -> Fate:
    """Return what a seed decides."""
    random = Random(seed)
    house, uses = scenario.house.course_and_uses(Random(random.getrandbits(64)), seconds)
    cars = [Random(random.getrandbits(64)) for _ in scenario.outlets]
    return Fate(
        house=house,
        traits=tuple(CarTraits.drawn_by_chance(car) for car in cars),
        appetites=tuple(
            appetites(outlet.most, car, seconds)
            for outlet, car in zip(scenario.outlets, cars, strict=True)
        ),
        seed=random.getrandbits(64),
        uses=uses,
    )


class World:
    """The plant of one trial."""

    def __init__(self, scenario: Scenario, fate: Fate, controller: Controller) -> None:
        random = Random(fate.seed)
        self.tally = Tally(scenario.limit)
        self.chargers = [
            Charger(Car(traits, appetite), outlet, Random(random.random()))
            for outlet, traits, appetite in zip(
                scenario.outlets, fate.traits, fate.appetites, strict=True
            )
        ]
        self._house = fate.house
        self._controller = controller
        self._meter = Meter(scenario.meter, Random(random.random()))
        self._sample: Sample | None = None
        self._asked = 0

    def run(self, watch: Watch | None = None) -> None:
        """Live through all of the trial; `watch` is told the currents of each tick."""
        for tick, house in enumerate(zip(*self._house, strict=True)):
            news = tick - self._asked >= TICKS_PER_SECOND
            cars = [0.0, 0.0, 0.0]
            for charger in self.chargers:
                news |= charger.advance(tick)
                for phase in charger.phases:
                    cars[phase] += charger.car.drawn
            totals = (house[0] + cars[0], house[1] + cars[1], house[2] + cars[2])
            self.tally.note(totals, cars)
            if watch is not None:
                watch(tick, totals, cars)
            sample = self._meter.see(totals, tick)
            if sample is not None:
                self._sample = sample
            if news or sample is not None:
                self._ask(tick, fresh=sample is not None)
        self.tally.finish()

    def _ask(self, tick: int, *, fresh: bool) -> None:
        self._asked = tick
        view = View(
            now=tick * TICK,
            sample=self._sample,
            fresh=fresh,
            reports=[charger.report() for charger in self.chargers],
            setpoints=[charger.setpoint for charger in self.chargers],
        )
        answers = self._controller.decide(view)
        for charger, setpoint in zip(self.chargers, answers, strict=True):
            charger.command(min(setpoint, charger.most), tick)
