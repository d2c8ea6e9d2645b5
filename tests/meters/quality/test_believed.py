"""Meters of houses in which much goes on are believed: noise, sun, a battery, appliances."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
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
    """A house battery that keeps a total within limits, some seconds late; A over all phases."""

    def __init__(self, most: float, lag: int, phases: tuple[int, ...], peak: float) -> None:
        """Give at most so much; without a `peak` of 0 it leaves a total below that alone."""
        self._most = most
        self._phases = phases
        self._peak = peak
        self._totals = [0.0] * lag

    def with_it(self, others: PerPhase) -> PerPhase:
        """Return what flows with what it draws or gives."""
        self._totals.append(sum(others))
        wanted = self._totals.pop(0) - self._peak
        given = min(self._most, max(-self._most if self._peak == 0 else 0.0, wanted))
        return others - PerPhase.on(self._phases, given / len(self._phases))


@pytest.mark.parametrize("every", [1, 10])
@pytest.mark.parametrize(("peak", "lag"), [(0.0, 0), (0.0, 2), (0.0, 5), (9.0, 2), (9.0, 5)])
@pytest.mark.parametrize("most", [12.0, 60.0])
@pytest.mark.parametrize("phases", [PHASES, (0,)])
def test_a_house_battery(
    every: int, peak: float, lag: int, most: float, phases: tuple[int, ...]
) -> None:
    random = Random(f"{peak} {lag} {most} {phases}")
    house = House(Wiring.TRI123, Wiring.MONO1, max_age=timedelta(seconds=30))
    house.shown = Battery(most, lag, phases, peak).with_it
    house.loads = PerPhase(3.0, 3.0, 3.0)
    for _ in range(8):
        car = random.choice(["c0", "c1"])
        house.charge(random.uniform(6, 9), random.uniform(12, 16), connector=car, every=every)
    assert house.causes == {}


@pytest.mark.parametrize("seed", range(2))
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


@pytest.mark.parametrize("cooker", [16.0, 32.0])
def test_a_cut_that_other_loads_make_necessary_says_nothing(cooker: float) -> None:
    house = House(Wiring.MONO1)
    house.go_on(60)
    for _ in range(6):
        for current in (4.0, 8.0, 12.0, 16.0):
            house.draw(current)
            house.go_on(30)
        house.loads = PerPhase(5.0 + cooker, 5.0, 6.0)
        house.draw(0.0)
        house.go_on(60)
        house.loads = PerPhase(5.0, 5.0, 6.0)
        house.go_on(60)
    assert house.causes == {}


def test_a_meter_of_whole_amperes_in_a_quiet_night() -> None:
    house = House()
    house.noise = 0.0
    house.dress = lambda data: replace(data, powers=None)
    house.loads = PerPhase(3.0, 2.0, 4.0)
    house.go_on(3600)
    assert house.causes == {}
