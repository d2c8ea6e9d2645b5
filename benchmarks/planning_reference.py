"""The exact plan, as a mixed-integer programme solved by HiGHS."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import count

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from custom_components.headroom.planner.model import Car, Task

UNMET_PRICE = 1000.0
"""Per kWh that lacks: far above any price of energy."""
_W_PER_KW = 1000


@dataclass(frozen=True, slots=True)
class Optimum:
    """What HiGHS has found; `exact` tells that it had the time to prove it."""

    cost: float
    unmet: float
    """kWh at the meters."""
    exact: bool


@dataclass(slots=True)
class _Rows:
    """The constraints so far."""

    rows: list[int] = field(default_factory=list)
    columns: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)

    def add(self, terms: Iterable[tuple[int, float]], low: float, high: float) -> None:
        """Keep a sum of columns between two values."""
        for column, value in terms:
            self.rows.append(len(self.low))
            self.columns.append(column)
            self.values.append(value)
        self.low.append(low)
        self.high.append(high)


def solve(task: Task, seconds: float) -> Optimum | None:
    """Return the best plan that is found in a time, or None if there is none."""
    return _Programme(task).solve(seconds)


class _Programme:
    """Columns: power of each car in each quarter, whether it is on, tiers, and what lacks."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._quarters = len(task.quarters)
        self._cells = self._quarters * len(task.cars)
        self._tiers = sum(len(quarter.tiers) for quarter in task.quarters)
        self._lacking = 2 * self._cells + self._tiers
        size = self._lacking + sum(len(car.milestones) for car in task.cars)
        self._cost = np.zeros(size)
        self._most = np.full(size, np.inf)
        self._whole = np.zeros(size)
        self._rows = _Rows()
        self._add_cars()
        self._add_limits()
        self._add_tiers()

    def solve(self, seconds: float) -> Optimum | None:
        rows = self._rows
        shape = (len(rows.low), len(self._cost))
        matrix = coo_array((rows.values, (rows.rows, rows.columns)), shape=shape).tocsr()
        result = milp(
            self._cost,
            constraints=LinearConstraint(matrix, rows.low, rows.high),
            bounds=Bounds(np.zeros(shape[1]), self._most),
            integrality=self._whole,
            options={"time_limit": seconds, "mip_rel_gap": 1e-4},
        )
        if result.x is None:
            return None
        unmet = float(result.x[self._lacking :].sum())
        return Optimum(float(result.fun) - UNMET_PRICE * unmet, unmet, result.status == 0)

    def _cell(self, car: int, quarter: int) -> int:
        return car * self._quarters + quarter

    def _add_cars(self) -> None:
        lacking = count(self._lacking)
        for number, car in enumerate(self._task.cars):
            self._add_switches(number, car)
            for milestone in car.milestones:
                energy = milestone.energy / car.efficiency / _W_PER_KW
                column = next(lacking)
                self._cost[column] = UNMET_PRICE
                taken = [
                    (self._cell(number, index), quarter.hours / _W_PER_KW)
                    for index, quarter in enumerate(self._task.quarters)
                    if quarter.end <= milestone.by
                ]
                self._rows.add([*taken, (column, 1)], energy, np.inf)
                if milestone is car.milestones[-1]:
                    self._rows.add(taken, -np.inf, energy)

    def _add_switches(self, number: int, car: Car) -> None:
        for index, quarter in enumerate(self._task.quarters):
            power = self._cell(number, index)
            switch = power + self._cells
            allowed = quarter.end <= car.milestones[-1].by and index not in car.barred
            self._whole[switch] = 1
            self._most[switch], self._most[power] = allowed, allowed * car.most
            self._rows.add([(power, 1), (switch, -car.most)], -np.inf, 0)
            self._rows.add([(power, 1), (switch, -car.floor)], 0, np.inf)

    def _add_limits(self) -> None:
        for limit in self._task.limits:
            through = [
                (number, car.shares[limit.id])
                for number, car in enumerate(self._task.cars)
                if limit.id in car.shares
            ]
            for index, most in enumerate(limit.power if through else ()):
                terms = [(self._cell(number, index), share) for number, share in through]
                self._rows.add(terms, -np.inf, most)

    def _add_tiers(self) -> None:
        column = 2 * self._cells
        for index, quarter in enumerate(self._task.quarters):
            terms = [(self._cell(car, index), 1.0) for car in range(len(self._task.cars))]
            below = 0.0
            for bound, price in quarter.tiers:
                self._most[column] = bound - below
                self._cost[column] = price * quarter.hours / _W_PER_KW
                terms.append((column, -1.0))
                below, column = bound, column + 1
            self._rows.add(terms, 0, 0)
