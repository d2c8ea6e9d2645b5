"""What a car can draw on the phases that its charger may give it."""

from dataclasses import dataclass

import numpy as np

from .grid import Floats
from .households import CarPlan
from .rule import floor_power, most_power


@dataclass(frozen=True, slots=True)
class Range:
    """What a car can draw on some phases, in W."""

    least: float
    most: float

    def usable(self, power: Floats) -> Floats:
        """Return what of a power it takes."""
        usable: Floats = np.where(power >= self.least, np.minimum(power, self.most), 0.0)
        return usable


def ranges(plan: CarPlan) -> list[Range]:
    """Return what a car can draw, on one phase first."""
    phases = plan.model.phases
    counts = sorted({1, phases}) if plan.switchable else [phases]
    return [Range(floor_power(count), most_power(count)) for count in counts]


def unhindered(plan: CarPlan, power: Floats) -> Floats:
    """Return the draw in W that uses all that is enough for a car, as if nothing wore out."""
    best: Floats = np.max([option.usable(power) for option in ranges(plan)], axis=0)
    return best


def topped_up(plan: CarPlan, power: Floats) -> Floats:
    """Return the draw of sun in W when the grid adds what it lacks, as in the hybrid modes."""
    return np.minimum(power, ranges(plan)[-1].most)
