"""One charger per 30 s; starts after 60 s of surplus, stops after 180 s without."""

from collections.abc import Sequence
from math import inf
from typing import Final, override

from custom_components.headroom.engine.when.permit import SunMode
from simulator.plant.ev import VOLTAGE

from ..households import CarPlan, Household
from ..rule import FLOOR, MOST, CarView, Order, Rule, View, floor_power, most_power
from .delay import Delay

_INTERVAL: Final = 30.0
_ENABLE_AFTER: Final = 60.0
_DISABLE_AFTER: Final = 180.0
_LEFT_ALONE: Final = 60.0
"""s after a start or a switch of phases."""


class Evcc(Rule):
    """Visits the chargers in turn."""

    def __init__(self, household: Household, mode: SunMode) -> None:
        self._loadpoints = [_Loadpoint(plan, mode) for plan in household.cars]
        self._orders = [loadpoint.full_stop for loadpoint in self._loadpoints]
        self._next_visit = 0.0
        self._visited = -1

    @override
    def decide(self, view: View) -> Sequence[Order]:
        if view.now >= self._next_visit:
            self._next_visit = view.now + _INTERVAL
            self._visited = (self._visited + 1) % len(self._loadpoints)
            car = view.cars[self._visited]
            loadpoint = self._loadpoints[self._visited]
            self._orders[self._visited] = loadpoint.order(car, car.power - view.grid, view.now)
        return self._orders


class _Loadpoint:
    """One charger; `available` is what its car draws and the site exports, in W."""

    def __init__(self, plan: CarPlan, mode: SunMode) -> None:
        self._most_phases = plan.model.phases
        self._switchable = plan.switchable
        self._mode = mode
        self._enable = Delay(_ENABLE_AFTER)
        self._disable = Delay(_DISABLE_AFTER)
        self._fewer = Delay(_DISABLE_AFTER)
        self._more = Delay(_ENABLE_AFTER)
        self._changed_at = -inf

    @property
    def full_stop(self) -> Order:
        """Return an order for no current."""
        return Order(0.0, self._most_phases)

    def order(self, car: CarView, available: float, now: float) -> Order:
        """Return what the charger is told until the next visit."""
        if not car.asks:
            return Order(0.0, car.phases)
        if self._mode is SunMode.MAX_HYBRID:
            return Order(MOST, self._most_phases)
        if now - self._changed_at < _LEFT_ALONE:
            return Order(car.setpoint, car.phases)
        phases = self._scaled(car, available, now)
        if phases != car.phases:
            self._changed_at = now
            return Order(car.setpoint, phases)
        return Order(self._current(car, available, now), phases)

    def _scaled(self, car: CarView, available: float, now: float) -> int:
        if not self._switchable:
            return car.phases
        at_once = car.setpoint == 0
        short = available < floor_power(3)
        if self._fewer.passes(now, holds=car.phases == 3 and short) or (at_once and short):
            return 1
        plenty = available > most_power(1) and not short
        if self._more.passes(now, holds=car.phases == 1 and plenty) or (at_once and plenty):
            return 3
        return car.phases

    def _current(self, car: CarView, available: float, now: float) -> float:
        target = available / (VOLTAGE * car.drawn_on)
        fits = target >= FLOOR
        if self._mode is SunMode.SUN_HYBRID:
            return min(max(target, FLOOR), MOST)
        if car.setpoint == 0:
            if not self._enable.passes(now, holds=fits):
                return 0.0
            self._changed_at = now
            return FLOOR
        self._enable.begin_anew()
        if self._disable.passes(now, holds=not fits):
            self._disable.begin_anew()
            return 0.0
        return min(max(target, FLOOR), MOST)
