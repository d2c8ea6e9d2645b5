"""Short stretches of time with a known sun."""

from collections.abc import Sequence
from datetime import date

import numpy as np

from benchmarks.solar.grid import TICK, ticks
from benchmarks.solar.households import CarPlan, Household, Stay, Trip
from benchmarks.solar.year import Week
from simulator.plant.ev import CarModel
from simulator.plant.sun import Panels

NEVER = Trip(likely=0, leaves=(0, 0), returns=(0, 0), energy=(0, 0))


def car(*, switchable: bool = True, **model: float) -> CarPlan:
    """Return a car that stays at home."""
    kind = CarModel(**{"battery": 1e9, "stored": 0.0, **model})  # type: ignore[arg-type] # numbers
    return CarPlan(model=kind, weekday=NEVER, weekend=NEVER, switchable=switchable)


def stretch(
    *pieces: tuple[float, float],
    cars: Sequence[CarPlan] | None = None,
    stays: Sequence[Sequence[Stay]] | None = None,
    house: float = 0.0,
) -> Week:
    """Return a stretch of pieces of hours and W of sun; the house takes some A on each phase."""
    plans = [car()] if cars is None else cars
    sun = np.concatenate([np.full(ticks(hours), watts) for hours, watts in pieces])
    always = [[Stay(0, len(sun), 0.0)] for _ in plans]
    return Week(
        household=Household(cars=tuple(plans), panels=Panels(peak_kw=10), yearly_kwh=0),
        begin=date(2025, 6, 2),
        sun=sun.astype(float),
        house=np.full((3, len(sun)), house),
        stays=tuple(tuple(of_car) for of_car in (always if stays is None else stays)),
        seed=1,
    )


def hours(course: Sequence[float]) -> float:
    """Return how long a course on the grid of time lasts."""
    return len(course) * TICK / 3600
