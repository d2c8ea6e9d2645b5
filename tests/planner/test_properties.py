"""What is true of every plan."""

from itertools import product

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from benchmarks.planning_instances import instance
from custom_components.headroom.planner.model import Car, ChargingPlan, Task
from custom_components.headroom.planner.solve import solve

from .tasks import car, quarters, task

ROUNDING = 1e-3


def check(night: Task, plan: ChargingPlan) -> None:
    """Every limit holds in every quarter, and every car is off or at its floor at least."""
    for limit in night.limits:
        for index, most in enumerate(limit.power):
            through = (plan.cars[c.id].power[index] * c.shares.get(limit.id, 0) for c in night.cars)
            assert sum(through) <= max(most, 0) + ROUNDING
    for vehicle in night.cars:
        for index, watts in enumerate(plan.cars[vehicle.id].power):
            assert watts == 0 or vehicle.floor - ROUNDING <= watts <= vehicle.most + ROUNDING
            late = night.quarters[index].end > vehicle.milestones[-1].by
            assert watts == 0 or not (late or index in vehicle.barred)


@given(size=st.integers(1, 12), seed=st.integers(0, 10**6))
@settings(max_examples=25)
def test_limits_and_floors_hold_in_every_quarter(size: int, seed: int) -> None:
    night = instance(size, seed)
    check(night, solve(night, tries=30))


LEVELS = (0, 1400, 2000, 4000)
"""Powers that the small cars of a search through all plans may have, in W."""


def best_of_all(night: Task) -> float | None:
    """Return the cost of the cheapest of all plans on `LEVELS`; None: none makes all ready."""
    slots, count = night.quarters, len(night.quarters)
    costs = []
    for powers in product(product(LEVELS, repeat=count), repeat=len(night.cars)):
        if all(map(_is_ready, night.cars, powers, strict=True)) and _fits(night, powers):
            sums = [sum(column) for column in zip(*powers, strict=True)]
            costs.append(
                sum(slot.price * watts / 4000 for slot, watts in zip(slots, sums, strict=True))
            )
    return min(costs, default=None)


def _is_ready(vehicle: Car, powers: tuple[int, ...]) -> bool:
    return sum(powers) / 4 >= vehicle.milestones[-1].energy


def _fits(night: Task, powers: tuple[tuple[int, ...], ...]) -> bool:
    most = night.limits[0].power
    return all(sum(c) <= limit for c, limit in zip(zip(*powers, strict=True), most, strict=True))


@given(
    prices=st.lists(st.integers(1, 40), min_size=3, max_size=3),
    power=st.lists(st.integers(0, 8000), min_size=3, max_size=3),
    energy=st.lists(st.integers(1, 3000), min_size=2, max_size=2),
)
@settings(max_examples=60)
def test_small_nights_are_planned_as_well_as_by_trying_everything(
    prices: list[int], power: list[int], energy: list[int]
) -> None:
    cars = [car(name, wh, 3) for name, wh in zip("ab", energy, strict=True)]
    night = task(quarters(*(price / 100 for price in prices)), power, *cars)
    best = best_of_all(night)
    assume(best is not None)
    plan = solve(night, tries=200)
    check(night, plan)
    assert plan.unmet < 1
    assert best is not None
    assert plan.cost <= 1.01 * best
