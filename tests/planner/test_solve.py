"""Plans that can be checked by hand."""

from dataclasses import replace
from datetime import timedelta

import pytest

from custom_components.headroom.planner.model import QUARTER, ChargingPlan, Limit, Milestone, Task
from custom_components.headroom.planner.solve import solve

from .tasks import ALL, START, car, power_of, quarters, task


def test_the_cheapest_quarters_are_used() -> None:
    plan = solve(task(quarters(0.3, 0.1, 0.2, 0.4), 10_000, car("a", 1500, 4)))
    assert power_of(plan) == [0, 4000, 2000, 0]
    assert plan.cost == pytest.approx(1.0 * 0.1 + 0.5 * 0.2)
    assert plan.cars["a"].ready_at == START + 3 * QUARTER


def test_late_quarters_are_used_where_all_cost_the_same() -> None:
    plan = solve(task(quarters(0.3, 0.3, 0.3, 0.3), 10_000, car("a", 2000, 4)))
    assert power_of(plan) == [0, 0, 4000, 4000]


def test_a_car_is_ready_before_its_deadline_however_cheap_it_is_later() -> None:
    plan = solve(task(quarters(0.3, 0.3, 0.0, 0.0), 10_000, car("a", 1000, 2)))
    assert power_of(plan) == [0, 4000, 0, 0]


def test_two_cars_with_the_same_cheap_quarter_behind_one_fuse_are_both_ready() -> None:
    cars = (car("a", 1000, 3), car("b", 1000, 3))
    plan = solve(task(quarters(0.3, 0.1, 0.2), 4000, *cars))
    assert plan.unmet == 0
    assert [sum(pair) for pair in zip(power_of(plan), power_of(plan, "b"), strict=True)] == [
        0,
        4000,
        4000,
    ]


def test_what_cannot_be_met_is_as_near_as_can_be_and_says_what_lacks() -> None:
    plan = solve(task(quarters(0.3, 0.3), 10_000, car("a", 3000, 2)))
    assert power_of(plan) == [4000, 4000]
    assert plan.cars["a"].unmet == pytest.approx(1000)
    assert plan.cars["a"].ready_at is None


def test_no_quarter_is_used_below_the_floor() -> None:
    plan = solve(task(quarters(0.1, 0.2, 0.3), [1000, 4000, 4000], car("a", 1200, 3)))
    watts = power_of(plan)
    assert watts[0] == 0
    assert all(power == 0 or power >= 1400 for power in watts)
    assert plan.unmet == 0


def test_less_than_a_floor_for_a_quarter_still_begins_one() -> None:
    plan = solve(task(quarters(0.2, 0.1), 10_000, car("a", 100, 2)))
    assert power_of(plan) == [0, 1400]
    assert plan.cars["a"].ready_at == START + QUARTER + QUARTER * (100 / 350)


def test_another_quarter_is_begun_if_the_first_give_way_to_its_floor() -> None:
    plan = solve(task(quarters(0.1, 0.1), 10_000, car("a", 1100, 2)))
    assert sorted(power_of(plan)) == [1400, 3000]


def test_more_is_taken_where_charging_less_is_impossible() -> None:
    stiff = car("a", 1100, 2, floor=4000, most=4000)
    plan = solve(task(quarters(0.1, 0.1), 10_000, stiff))
    assert power_of(plan) == [4000, 4000]
    assert plan.unmet == 0


def test_own_sun_is_worth_what_export_would_bring() -> None:
    sunny = quarters(0.3, 0.3, surplus=2000, export=0.1)
    plan = solve(task(sunny, 10_000, car("a", 1000, 2)))
    assert power_of(plan) == [2000, 2000]
    assert plan.cost == pytest.approx(1.0 * 0.1)


def test_surplus_is_no_dearer_than_import() -> None:
    plan = solve(task(quarters(-0.1, surplus=2000, export=0.1), 10_000, car("a", 1000, 1)))
    assert plan.cost == pytest.approx(-0.1)


def test_the_peak_is_kept_as_long_as_that_is_cheaper() -> None:
    slots = tuple(
        replace(quarter, peak=2000.0, peak_penalty=0.2) for quarter in quarters(0.3, 0.4, 0.9)
    )
    plan = solve(task(slots, 10_000, car("a", 1200, 3)))
    assert power_of(plan) == [2800, 2000, 0]
    assert plan.cost == pytest.approx(0.5 * 0.3 + 0.5 * 0.4 + 0.2 * 0.5)


def test_barred_quarters_stay_empty() -> None:
    barred = replace(car("a", 1000, 3), barred=frozenset({1}))
    assert power_of(solve(task(quarters(0.3, 0.1, 0.2), 10_000, barred))) == [0, 0, 4000]


def test_an_early_milestone_comes_before_the_price() -> None:
    early = Milestone(by=START + 2 * QUARTER, energy=500)
    goal = Milestone(by=START + 4 * QUARTER, energy=1500)
    patient = replace(car("a", 0, 4), milestones=(early, goal))
    plan = solve(task(quarters(0.5, 0.4, 0.1, 0.2), 10_000, patient))
    assert power_of(plan) == [0, 2000, 4000, 0]
    assert plan.cars["a"].lacking == (0, 0)


def test_a_missed_milestone_is_told_apart_from_the_goal() -> None:
    early = Milestone(by=START + QUARTER, energy=2000)
    goal = Milestone(by=START + 4 * QUARTER, energy=2500)
    hurried = replace(car("a", 0, 4), milestones=(early, goal))
    plan = solve(task(quarters(1, 1, 1, 1), 10_000, hurried))
    assert plan.cars["a"].lacking == pytest.approx((1000, 0))


def test_what_is_lost_on_the_way_to_the_battery_is_charged_too() -> None:
    lossy = replace(car("a", 900, 1), efficiency=0.9)
    plan = solve(task(quarters(0.3), 10_000, lossy))
    assert power_of(plan) == [4000]
    assert plan.cars["a"].energy == pytest.approx(900)


def test_shares_of_a_limit_count() -> None:
    slots = quarters(0.1, 0.2)
    thirds = replace(car("a", 1500, 2, most=9000), shares={ALL: 1 / 3})
    plan = solve(Task(quarters=slots, limits=(Limit(id=ALL, power=(1000, 1500)),), cars=(thirds,)))
    assert power_of(plan) == [3000, 3000]


def test_a_block_is_left_out_if_that_costs_next_to_nothing() -> None:
    prices = (0.2, 0.2001, 0.2, 0.2001, 0.2)
    plan = solve(task(quarters(*prices), 10_000, car("a", 3000, 5)))
    assert power_of(plan) in ([4000, 4000, 4000, 0, 0], [0, 0, 4000, 4000, 4000])


def test_dear_quarters_are_not_used_to_spare_a_start() -> None:
    plan = solve(task(quarters(0.2, 0.4, 0.2), 10_000, car("a", 2000, 3)))
    assert power_of(plan) == [4000, 0, 4000]


def test_the_present_quarter_may_be_short() -> None:
    first, second = quarters(0.1, 0.2)
    short = replace(first, start=first.start + timedelta(minutes=10))
    plan = solve(task((short, second), 10_000, car("a", 1000, 2)))
    assert power_of(plan) == [4000, 2667]


def test_nobody_has_a_plan_without_cars() -> None:
    plan = solve(task(quarters(0.1), 1000))
    assert plan == ChargingPlan(quarters=plan.quarters)
    assert plan.cost == plan.unmet == 0


def test_the_same_task_has_the_same_plan() -> None:
    cars = [car(str(number), 700 + 100 * number, 6) for number in range(5)]
    night = task(quarters(0.3, 0.1, 0.2, 0.15, 0.3, 0.25), 7000, *cars)
    assert solve(night) == solve(night)
