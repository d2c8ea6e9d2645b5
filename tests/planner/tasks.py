"""Short nights to plan."""

from collections.abc import Iterable
from datetime import UTC, datetime

from custom_components.headroom.planner.model import (
    QUARTER,
    Car,
    ChargingPlan,
    Limit,
    Milestone,
    Quarter,
    Task,
)

START = datetime(2026, 3, 1, 20, tzinfo=UTC)
ALL = "all"


def quarters(*prices: float, surplus: float = 0.0, export: float = 0.0) -> tuple[Quarter, ...]:
    """Return quarters from `START` with these prices."""
    return tuple(
        Quarter(
            start=START + number * QUARTER,
            end=START + (number + 1) * QUARTER,
            price=price,
            surplus=surplus,
            export_value=export,
        )
        for number, price in enumerate(prices)
    )


def car(name: str, energy: float, by: int, *, floor: float = 1400, most: float = 4000) -> Car:
    """Return a car that needs Wh by the end of the quarter before `by`."""
    goal = Milestone(by=START + by * QUARTER, energy=energy)
    return Car(id=name, milestones=(goal,), floor=floor, most=most, shares={ALL: 1.0})


def task(slots: tuple[Quarter, ...], power: float | Iterable[float], *cars: Car) -> Task:
    """Return a task with one limit, in W."""
    most = (power,) * len(slots) if isinstance(power, float | int) else tuple(power)
    return Task(quarters=slots, limits=(Limit(id=ALL, power=most),), cars=cars)


def power_of(plan: ChargingPlan, name: str = "a") -> list[float]:
    """Return what a car gets, in whole W."""
    return [round(watts) for watts in plan.cars[name].power]
