"""From a task to a plan."""

from collections.abc import Mapping
from datetime import datetime

from .ledger import NOTHING, Ledger, Member
from .model import Car, CarPlan, ChargingPlan, Milestone, Quarter, Task
from .search import TRIES, TRIES_PER_CAR, Search
from .tidy import tidy

type Powers = Mapping[str, tuple[float, ...]]


def solve(task: Task, tries: int | None = None) -> ChargingPlan:
    """Return a plan by which cars lack as little as possible, and that costs little.

    The same task always has the same plan. This may take some seconds of computing.
    """
    if tries is None:
        tries = max(TRIES, TRIES_PER_CAR * len(task.cars))
    members = [Member.of(car, task) for car in task.cars]
    search = Search(Ledger(task), members)
    search.improve(tries)
    tidy(search, members)
    powers = {
        key: tuple(filling.power.get(index, 0.0) for index in range(len(task.quarters)))
        for key, filling in search.fillings.items()
    }
    costs = _costs(task, powers)
    return ChargingPlan(
        quarters=task.quarters,
        cars={car.id: _car_plan(car, task.quarters, powers[car.id], costs) for car in task.cars},
    )


def _costs(task: Task, powers: Powers) -> list[float]:
    """Return what one W of any car costs, by quarter."""
    ledger, costs = Ledger(task), []
    for index in range(len(task.quarters)):
        total = sum(power[index] for power in powers.values())
        costs.append(ledger.cost({index: total}) / total if total > 0 else 0.0)
    return costs


def _car_plan(
    car: Car, quarters: tuple[Quarter, ...], power: tuple[float, ...], costs: list[float]
) -> CarPlan:
    gains = [
        watts * quarter.hours * car.efficiency
        for quarter, watts in zip(quarters, power, strict=True)
    ]
    lacking = tuple(_lacking(milestone, quarters, gains) for milestone in car.milestones)
    return CarPlan(
        power=power,
        energy=sum(gains),
        costs=tuple(watts * cost for watts, cost in zip(power, costs, strict=True)),
        lacking=lacking,
        ready_at=_ready_at(car, quarters, gains),
    )


def _lacking(milestone: Milestone, quarters: tuple[Quarter, ...], gains: list[float]) -> float:
    in_time = (
        gain for quarter, gain in zip(quarters, gains, strict=True) if quarter.end <= milestone.by
    )
    lacks = milestone.energy - sum(in_time)
    return lacks if lacks > NOTHING else 0.0


def _ready_at(car: Car, quarters: tuple[Quarter, ...], gains: list[float]) -> datetime | None:
    missing = car.milestones[-1].energy
    for quarter, gain in zip(quarters, gains, strict=True):
        if gain > 0 and gain >= missing - NOTHING:
            return quarter.start + (quarter.end - quarter.start) * min(1.0, missing / gain)
        missing -= gain
    return None
