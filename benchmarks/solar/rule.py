"""What a rule that follows the sun gets to know, and what it answers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Protocol

from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.engine.when.permit import SunMode
from simulator.plant.ev import VOLTAGE

from .households import Household

FLOOR: Final = 6.0
"""A; a car that is offered less does not draw."""
MOST: Final = 16.0
"""A of every charger of this benchmark."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a charger is told: A per phase, and the number of phases, 1 or 3."""

    current: float
    phases: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CarView:
    """What is known of a charger and its car; A and s."""

    session: int | None
    """Counts the plug-ins; None: no car."""
    asks: bool
    """The car takes what it is offered, or would."""
    drawn: float
    drawn_at: float
    phases: int
    """That the charger has switched on."""
    drawn_on: int
    """Phases that the car draws on."""
    confirmed: float
    """Highest setpoint that it may follow: the accepted one or a higher one on its way."""
    confirmed_at: float
    offered: float
    setpoint: float
    """Newest command."""
    energy: float
    """Wh of the session."""

    @property
    def power(self) -> float:
        """Return what the car draws, in W."""
        return self.drawn * self.drawn_on * VOLTAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What is known at a moment; times in s since the week began."""

    now: float
    currents: PerPhase
    """What the meter has shown last; negative: the site exports."""
    currents_at: float
    cars: Sequence[CarView]

    @property
    def grid(self) -> float:
        """Return what the site imports, in W."""
        return sum(self.currents) * VOLTAGE


class Rule(Protocol):
    """Is asked every few seconds while a car is plugged in."""

    def decide(self, view: View) -> Sequence[Order]:
        """Return an order for every charger."""
        ...


type Maker = Callable[[Household, SunMode, date], Rule]
"""Builds a rule for a week that begins on a day."""


def floor_power(phases: int) -> float:
    """Return the least that a car draws on so many phases, in W."""
    return FLOOR * phases * VOLTAGE


def most_power(phases: int) -> float:
    """Return the most that a car draws on so many phases, in W."""
    return MOST * phases * VOLTAGE
