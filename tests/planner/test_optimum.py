"""How near plans come to stored optima: `python -m benchmarks.planning --store` makes them."""

import json
from pathlib import Path
from statistics import mean

from benchmarks.planning_instances import instance
from custom_components.headroom.planner.solve import solve

OPTIMA = json.loads((Path(__file__).parent / "optima.json").read_text("utf-8"))
WORST = {5: 0.01, 10: 0.02, 20: 0.01}
"""What a single night may cost above the optimum, by the number of cars."""


def test_plans_are_within_a_percent_of_the_optimum() -> None:
    gaps = []
    for stored in OPTIMA:
        night = instance(stored["size"], stored["seed"])
        plan = solve(night)
        unmet = sum(sum(plan.cars[car.id].lacking) / car.efficiency / 1000 for car in night.cars)
        assert unmet <= stored["unmet"] + 0.1
        gap = (plan.cost - stored["cost"]) / abs(stored["cost"])
        assert gap <= WORST[stored["size"]]
        gaps.append(gap)
    assert len(gaps) >= 12
    assert mean(gaps) <= 0.01
