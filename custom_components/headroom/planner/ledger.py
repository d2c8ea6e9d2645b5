"""What is taken of each quarter so far, and what taking more costs."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Self

from .model import Car, Task

_WH_PER_KWH: Final = 1000
NOTHING: Final = 1e-6
"""W or Wh; less comes from rounding."""


@dataclass(frozen=True, slots=True)
class Member:
    """A car in the terms of the ledger: numbers instead of names and times."""

    id: str
    floor: float
    most: float
    links: Sequence[tuple[int, float]]
    """Limits on its way, and its share of each."""
    stages: Sequence[tuple[Sequence[int], float]]
    """Quarters up to each milestone, and the Wh that the meter shows by then."""
    charging: bool
    leaves: float = 0.0
    """W that it leaves to others at each limit on its way, as long as its floor remains."""

    @property
    def floor_on_links(self) -> float:
        """Return what its floor takes of the limit that it uses most."""
        return self.floor * max((share for _, share in self.links), default=0.0)

    @classmethod
    def of(cls, car: Car, task: Task) -> Self:
        """Return a car of a task."""
        numbers = {limit.id: number for number, limit in enumerate(task.limits)}
        return cls(
            id=car.id,
            floor=car.floor,
            most=car.most,
            links=[(numbers[key], share) for key, share in car.shares.items() if share > 0],
            stages=[
                (_window(car, task, milestone.by), milestone.energy / car.efficiency)
                for milestone in car.milestones
            ],
            charging=car.charging,
        )

    def without(self, quarters: Collection[int]) -> Self:
        """Return the car as if it were barred from some quarters."""
        stages = [
            ([index for index in window if index not in quarters], energy)
            for window, energy in self.stages
        ]
        return replace(self, stages=stages)


def _window(car: Car, task: Task, by: datetime) -> Sequence[int]:
    return [
        index
        for index, quarter in enumerate(task.quarters)
        if quarter.end <= by and index not in car.barred
    ]


class Ledger:
    """The power that is given away, by quarter and by limit."""

    def __init__(self, task: Task) -> None:
        self.hours = [quarter.hours for quarter in task.quarters]
        self._tiers = [quarter.tiers for quarter in task.quarters]
        self._flat = [tiers[0][1] if len(tiers) == 1 else None for tiers in self._tiers]
        self._total = [0.0] * len(task.quarters)
        self._free = [list(limit.power) for limit in task.limits]

    def room(self, member: Member, index: int) -> float:
        """Return the most that a car may take in a quarter; 0 below its floor."""
        most, floor, leaves = member.most, member.floor, member.leaves
        for link, share in member.links:
            free = self._free[link][index]
            if free < floor * share - NOTHING:
                return 0.0
            if free - leaves < most * share:
                most = max(floor, (free - leaves) / share)
        return most

    def book(self, member: Member, power: Mapping[int, float], sign: int = 1) -> None:
        """Give power to a car, by quarter; a sign of -1 takes it back."""
        for index, watts in power.items():
            self._total[index] += sign * watts
            for link, share in member.links:
                self._free[link][index] -= sign * watts * share

    def parts(self, index: int, start: float, end: float) -> list[tuple[float, float]]:
        """Return price and W of what a car takes between two powers of its own."""
        flat = self._flat[index]
        if flat is not None:
            return [(flat, end - start)] if end > start else []
        low, high = self._total[index] + start, self._total[index] + end
        found = []
        for bound, price in self._tiers[index]:
            reach = min(bound, high)
            if reach > low:
                found.append((price, reach - low))
                low = reach
        return found

    def price(self, index: int, watts: float) -> float:
        """Return what a car pays per kWh for its first W in a quarter."""
        flat = self._flat[index]
        if flat is not None:
            return flat
        parts = self.parts(index, 0.0, watts)
        mean = sum(price * part for price, part in parts) / watts
        return min(mean, parts[-1][0])  # what rounding adds would put the floor behind the rest

    def cost(self, power: Mapping[int, float]) -> float:
        """Return what more power costs, by quarter, on top of what is given away."""
        return sum(
            self.price(index, watts) * watts * self.hours[index] / _WH_PER_KWH
            for index, watts in power.items()
        )
