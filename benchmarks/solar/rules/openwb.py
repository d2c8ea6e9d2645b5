"""A loop of 10 s over all cars: on at 1500 W per phase, off at an import, and a band between."""

from collections.abc import Sequence
from math import inf
from typing import Final, override

from custom_components.headroom.engine.when.permit import SunMode
from simulator.plant.ev import VOLTAGE

from ..households import CarPlan, Household
from ..rule import FLOOR, MOST, CarView, Order, Rule, View, floor_power
from .delay import Delay

_INTERVAL: Final = 10.0
_ON_ABOVE: Final = 1500.0
"""W of export for each phase."""
_ON_AFTER: Final = 30.0
_OFF_AFTER: Final = 60.0
_BAND: Final = (0.0, 230.0)
"""W of export within which nothing is changed; otherwise its middle is the goal."""
_STEP: Final = 5.0
"""A; the largest change at once."""
_BETWEEN_SWITCHES: Final = 420.0


class OpenWb(Rule):
    """What one car takes or is about to take is not there for the next."""

    def __init__(self, household: Household, mode: SunMode) -> None:
        self._points = [_ChargePoint(plan, mode) for plan in household.cars]
        self._orders: list[Order] = [Order(0.0, point.phases) for point in self._points]
        self._next_run = 0.0

    @override
    def decide(self, view: View) -> Sequence[Order]:
        if view.now >= self._next_run:
            self._next_run = view.now + _INTERVAL
            exported = -view.grid
            for number, (point, car) in enumerate(zip(self._points, view.cars, strict=True)):
                order = point.order(car, exported, view.now)
                self._orders[number] = order
                exported -= point.takes(order, car)
        return self._orders


class _ChargePoint:
    """One charger."""

    def __init__(self, plan: CarPlan, mode: SunMode) -> None:
        self.phases = 1 if plan.switchable else plan.model.phases
        self._most_phases = plan.model.phases
        self._mode = mode
        self._switchable = plan.switchable
        self._on = Delay(_ON_AFTER)
        self._off = Delay(_OFF_AFTER)
        self._more = Delay(_ON_AFTER)
        self._switched_at = -inf

    def order(self, car: CarView, exported: float, now: float) -> Order:
        """Return what the charger is told until the next loop; `exported` is in W."""
        if not car.asks:
            return Order(0.0, car.phases)
        if self._mode is SunMode.MAX_HYBRID:
            return Order(MOST, self._most_phases)
        if car.setpoint == 0:
            return Order(self._begun(exported, now), self.phases)
        return self._regulated(car, exported, now)

    def takes(self, order: Order, car: CarView) -> float:
        """Return how much more than now the car is to draw, in W; while it waits, its floor."""
        if car.asks and order.current == 0 and self._on.runs:
            return floor_power(car.drawn_on)
        return (order.current - car.setpoint) * car.drawn_on * VOLTAGE

    def _begun(self, exported: float, now: float) -> float:
        enough = exported >= _ON_ABOVE * min(self.phases, self._most_phases)
        if self._mode is SunMode.SUN_HYBRID or self._on.passes(now, holds=enough):
            self._on.begin_anew()
            return FLOOR
        return 0.0

    def _regulated(self, car: CarView, exported: float, now: float) -> Order:
        current = _within_band(car, exported)
        short = car.setpoint <= FLOOR and exported < _BAND[0]
        if self._off.passes(now, holds=short) and car.phases == self.phases:
            self._off.begin_anew()
            current = self._lowered(now)
        available = exported + car.power
        plenty = self.phases == 1 and car.setpoint >= MOST and available >= floor_power(3)
        if self._more.passes(now, holds=plenty) and self._may_switch(now):
            self._switch(3, now)
            current = FLOOR
        return Order(current, self.phases)

    def _lowered(self, now: float) -> float:
        """Return the current with fewer phases, or none."""
        if self.phases == 3 and self._may_switch(now):
            self._switch(1, now)
            return MOST
        return FLOOR if self._mode is SunMode.SUN_HYBRID else 0.0

    def _may_switch(self, now: float) -> bool:
        return self._switchable and now - self._switched_at >= _BETWEEN_SWITCHES

    def _switch(self, phases: int, now: float) -> None:
        self.phases, self._switched_at = phases, now
        self._more.begin_anew()


def _within_band(car: CarView, exported: float) -> float:
    """Return the current that brings the export to the middle of the band."""
    if _BAND[0] <= exported <= _BAND[1]:
        return car.setpoint
    change = (exported - sum(_BAND) / 2) / (VOLTAGE * car.drawn_on)
    change = min(max(change, -_STEP), _STEP)
    return min(max(car.setpoint + change, FLOOR), MOST)
