"""Meters of houses in which much goes on are believed: noise, sun, a battery, appliances."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random
from typing import Final, override

import pytest

from custom_components.headroom.engine.currents import PHASES, PerPhase
from custom_components.headroom.engine.site.wiring import Wiring
from custom_components.headroom.meters.base import MeterData
from custom_components.headroom.meters.quality.gate import QualityGate
from custom_components.headroom.meters.quality.incident import Cause
from simulator.trial.controller import Controller, View
from simulator.trial.headroom import HeadroomController, _reading, _site, _time
from simulator.trial.scenarios import SCENARIOS, Scenario
from simulator.trial.world import World, draw_fate

from .house import VOLTAGE, House, ShownMeter

_SECONDS: Final = 3600

type Turn = Callable[[PerPhase], PerPhase]


class Watched(Controller):
    """Headroom's own controller, and a gate that sees the meter through some fault."""

    def __init__(self, scenario: Scenario, turn: Turn) -> None:
        installation = scenario.installation
        self._outlets = installation.outlets
        self._ids = [f"c{number}" for number in range(len(self._outlets))]
        self._site = _site(installation, self._ids, 0.0)
        self._controller = HeadroomController(installation)
        self._turn = turn
        self._meter = ShownMeter()
        self._gate = QualityGate()
        self.causes: set[Cause] = set()

    @override
    def decide(self, view: View) -> Sequence[float]:
        if view.sample is None or not view.fresh:
            return self._controller.decide(view)
        shown = self._turn(PerPhase(*view.sample.currents))
        powers = PerPhase(*(current * VOLTAGE for current in shown))
        self._meter.show(MeterData(at=_time(view.sample.at), currents=shown, powers=powers))
        connectors = {
            key: replace(_reading(report, outlet), per_phase=True)
            for key, report, outlet in zip(self._ids, view.reports, self._outlets, strict=True)
        }
        self._gate.look({"m": self._meter}, connectors, self._site, _time(view.now))
        self.causes |= {incident.cause for incident in self._gate.incidents("m")}
        sample = replace(view.sample, currents=(shown.l1, shown.l2, shown.l3))
        return self._controller.decide(replace(view, sample=sample))


def lived(name: str, seed: int, turn: Turn = lambda currents: currents) -> set[Cause]:
    """Return what was held against a meter within an hour of a scenario."""
    scenario = SCENARIOS[name]
    watched = Watched(scenario, turn)
    World(scenario, draw_fate(scenario, seed, _SECONDS), watched).run()
    return watched.causes


@pytest.mark.parametrize("name", SCENARIOS)
def test_houses_that_headroom_drives(name: str) -> None:
    assert lived(name, seed=7) == set()


@pytest.mark.parametrize("name", ["A", "D"])
def test_the_same_houses_with_a_meter_that_is_turned(name: str) -> None:
    assert lived(name, 1, lambda c: PerPhase(-c.l1, -c.l2, -c.l3)) == {Cause.SIGN}


class Battery:
    """A house battery that draws or gives back what brings the total to zero, some seconds late."""

    def __init__(self, most: float, lag: int, phases: tuple[int, ...]) -> None:
        self._most = most
        self._phases = phases
        self._totals = [0.0] * lag
        self._given = 0.0

    def follow(self, others: PerPhase) -> PerPhase:
        """Return what it draws a second later, A per phase; below 0 it gives back."""
        self._totals.append(sum(others) - self._given)
        wanted = self._given + self._totals.pop(0) * 0.8
        most = self._most * len(self._phases)
        self._given = min(most, max(-most, wanted))
        return PerPhase.on(self._phases, -self._given / len(self._phases))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("lag", [0, 1, 3])
@pytest.mark.parametrize("most", [5.0, 16.0])
@pytest.mark.parametrize("phases", [PHASES, (0,)])
def test_a_house_battery(seed: int, lag: int, most: float, phases: tuple[int, ...]) -> None:
    random = Random(seed)
    house = House(Wiring.TRI123, Wiring.MONO1)
    battery = Battery(most, lag, phases)
    given = PerPhase()

    def shown(true: PerPhase) -> PerPhase:
        nonlocal given
        total = true + given
        given = battery.follow(true)
        return total

    house.shown = shown
    for _ in range(12):
        house.loads = PerPhase(*(random.uniform(0.5, 6) for _ in PHASES))
        car = random.choice(["c0", "c1"])
        house.charge(random.uniform(6, 16), random.uniform(6, 16), connector=car)
    assert house.causes == {}


@pytest.mark.parametrize("seed", range(4))
def test_sun_and_appliances_that_come_and_go(seed: int) -> None:
    random = Random(seed)
    house = House(Wiring.TRI312, Wiring.MONO2)
    sun = 0.0
    for minute in range(120):
        sun = min(16.0, max(0.0, sun + random.gauss(0, 2)))
        if minute % 5 == 0:
            house.draw(random.choice([0.0, 6.0, 10.0, 16.0]), random.choice(["c0", "c1"]))
        for _ in range(3):
            kettle = random.choice([0.0, 0.0, 0.0, 9.0])
            house.loads = PerPhase(3.0 - sun, 2.0 - sun + kettle, 4.0 - sun)
            house.go_on(20)
    assert house.causes == {}


def test_a_cut_that_makes_up_for_a_kettle_says_nothing() -> None:
    house = House(Wiring.MONO1)
    house.draw(20.0)
    house.go_on(60)
    for _ in range(10):
        for kettle, car in ((13.0, 7.0), (0.0, 7.0), (0.0, 20.0)):
            house.loads = PerPhase(5.0 + kettle, 5.0, 6.0)
            house.draw(car)
            house.go_on(50)
    assert house.causes == {}


def test_a_cooker_that_takes_twice_what_a_car_gives_away_is_no_wrong_sign() -> None:
    house = House(Wiring.MONO1)
    for _ in range(10):
        for cooker, car in ((0.0, 16.0), (32.0, 0.0), (0.0, 0.0)):
            house.loads = PerPhase(5.0 + cooker, 5.0, 6.0)
            house.draw(car)
            house.go_on(50)
    assert house.causes == {}


def test_a_meter_of_whole_amperes_in_a_quiet_night() -> None:
    house = House()
    house.noise = 0.0
    house.dress = lambda data: replace(data, powers=None)
    house.loads = PerPhase(3.0, 2.0, 4.0)
    house.go_on(3600)
    assert house.causes == {}
