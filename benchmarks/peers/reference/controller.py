"""Bounds on what the house draws; down at once on the lower one, up slowly on the higher one."""

from collections.abc import Sequence
from math import floor
from typing import Final, override

from benchmarks.peers.common import FLOOR
from simulator.trial.controller import Controller, Installation, View

from .car import GUARANTEED, KnownCar
from .overload import Budget
from .patience import Patience, Peaks
from .sharing import share

_EXPECTED: Final = 6.0
"""s until a car usually follows a setpoint."""
_AGE: Final = 1.0
_MEAN_AGE: Final = 0.5
"""s by which the oldest and the mean of what makes up an RMS value are older than its sample."""
_TOLERANCE: Final = 0.3
_MARGIN: Final = 0.3
_WORTHWHILE: Final = 1.0
_LARGEST_RAISE: Final = 6.0
"""A"""
_SHORTEST_WINDOW: Final = 30.0
_KEPT: Final = 600.0
"""s"""
_PERIODS: Final = 5


class Reference(Controller):
    """Cuts by the least that the house may be drawing, and raises by the most."""

    def __init__(self, installation: Installation, reserve: float = 0.0) -> None:
        self._limit = installation.limit - reserve
        self._outlets = installation.outlets
        self._cars = [KnownCar(outlet) for outlet in installation.outlets]
        self._expected = _EXPECTED + _MEAN_AGE + installation.mean_meter_latency
        self._guaranteed = GUARANTEED + _AGE + installation.meter_latency
        self._patience = Patience(max(_SHORTEST_WINDOW, _PERIODS * installation.meter_period))
        self._house_low = [0.0, 0.0, 0.0]
        self._house_high = [Peaks(_KEPT) for _ in range(3)]
        self._budgets = [Budget(installation.limit) for _ in range(3)]
        self._seen_since: float | None = None
        self._looked_at = 0.0

    @override
    def decide(self, view: View) -> Sequence[float]:
        if view.sample is None:
            return view.setpoints
        if view.fresh:
            self._observe(view.sample.currents, view.now)
        for car, report in zip(self._cars, view.reports, strict=True):
            car.judge(report)
        setpoints = self._cut(view.setpoints)
        self._pause(setpoints, view.now)
        if setpoints != list(view.setpoints):
            self._patience.note_cut(view.now)
        else:
            self._patience.relax(view.now)
            self._raise(setpoints, view.now)
        for car, before, setpoint in zip(self._cars, view.setpoints, setpoints, strict=True):
            car.note(view.now, before, setpoint)
        return setpoints

    def _observe(self, currents: Sequence[float], now: float) -> None:
        self._seen_since = now if self._seen_since is None else self._seen_since
        likely = [car.sent.hull(now - self._expected)[1] for car in self._cars]
        certain = [car.sent.hull(now - self._guaranteed)[0] for car in self._cars]
        for phase, (current, high, low) in enumerate(
            zip(currents, self._per_phase(likely), self._per_phase(certain), strict=True)
        ):
            self._house_low[phase] = current - high
            self._house_high[phase].note(now, current - low)

    def _per_phase(self, setpoints: Sequence[float]) -> list[float]:
        sums = [0.0, 0.0, 0.0]
        for outlet, setpoint in zip(self._outlets, setpoints, strict=True):
            for phase in outlet.phases:
                sums[phase] += setpoint
        return sums

    def _over(self, setpoints: Sequence[float]) -> list[bool]:
        return [
            cars > 0 and house + cars > self._limit + _TOLERANCE
            for house, cars in zip(self._house_low, self._per_phase(setpoints), strict=True)
        ]

    def _cut(self, setpoints: Sequence[float]) -> list[float]:
        if not any(self._over(setpoints)):
            return list(setpoints)
        rooms = [self._limit - house for house in self._house_low]
        floors = [min(FLOOR, setpoint) for setpoint in setpoints]
        return [_rounded(part) for part in share(rooms, self._outlets, floors, setpoints)]

    def _pause(self, setpoints: list[float], now: float) -> None:
        elapsed, self._looked_at = now - self._looked_at, now
        floors = [min(FLOOR, setpoint) for setpoint in setpoints]
        loads = self._per_phase(floors)
        for phase, over in enumerate(self._over(floors)):
            budget = self._budgets[phase]
            if not over:
                budget.recover(elapsed)
                continue
            budget.spend(self._house_low[phase] + loads[phase], elapsed)
            if budget.spent:
                budget.renew()
                self._make_room(setpoints, phase)

    def _make_room(self, setpoints: list[float], phase: int) -> None:
        """Pause those that have been charging for longest until one phase is no longer over."""
        by_age = sorted(range(len(setpoints)), key=lambda number: self._cars[number].resumed_at)
        for number in by_age:
            if not self._over(setpoints)[phase]:
                return
            if phase in self._outlets[number].phases:
                setpoints[number] = 0.0

    def _raise(self, setpoints: list[float], now: float) -> None:
        window = self._patience.window
        if self._seen_since is None or now - self._seen_since < window:
            return
        rooms = self._rooms(now - window)
        floors, caps = self._bounds(setpoints, now)
        used = self._per_phase(setpoints)
        most = [max(pair) for pair in zip(rooms, used, strict=True)]
        targets = share(most, self._outlets, floors, caps)
        self._free(setpoints, targets, caps)
        for number in sorted(range(len(setpoints)), key=setpoints.__getitem__):
            if self._cars[number].may_rise(now):
                self._raise_one(number, setpoints, targets[number], rooms, now)

    def _rooms(self, since: float) -> list[float]:
        return [self._limit - peaks.highest(since) - _MARGIN for peaks in self._house_high]

    def _bounds(self, setpoints: Sequence[float], now: float) -> tuple[list[float], list[float]]:
        """Return floors and caps, with those of the cars that may be resumed."""
        floors = [min(FLOOR, setpoint) for setpoint in setpoints]
        caps = [
            car.wish if setpoint else 0.0
            for car, setpoint in zip(self._cars, setpoints, strict=True)
        ]
        for number, car in enumerate(self._cars):
            if setpoints[number] or not car.has_rested(now):
                continue
            rooms = self._rooms(now - max(car.rest, self._patience.window))
            loads = self._per_phase(floors)
            if all(rooms[phase] - loads[phase] >= FLOOR for phase in car.outlet.phases):
                floors[number] = caps[number] = FLOOR
        return floors, caps

    def _free(
        self, setpoints: list[float], targets: Sequence[float], caps: Sequence[float]
    ) -> None:
        """Lower who has more than it wants, or more than its share while others could rise."""
        wanted = any(
            target > setpoint + _WORTHWHILE
            for target, setpoint in zip(targets, setpoints, strict=True)
        )
        for number, setpoint in enumerate(setpoints):
            if setpoint > caps[number] or (wanted and setpoint > targets[number] + _WORTHWHILE):
                setpoints[number] = _rounded(targets[number])

    def _raise_one(
        self, number: int, setpoints: list[float], target: float, rooms: Sequence[float], now: float
    ) -> None:
        before = setpoints[number]
        others = [
            0.0 if other == number else max(car.sent.hull(now - self._guaranteed)[1], setpoint)
            for other, (car, setpoint) in enumerate(zip(self._cars, setpoints, strict=True))
        ]
        loads = self._per_phase(others)
        room = min(rooms[phase] - loads[phase] for phase in self._outlets[number].phases)
        new = _rounded(min(target, before + _LARGEST_RAISE, room))
        reaches_all = new > before and new == self._outlets[number].most
        if new >= FLOOR and (new >= before + _WORTHWHILE or reaches_all):
            setpoints[number] = new
            self._patience.note_raise(now)


def _rounded(current: float) -> float:
    """Return a current in whole tenths of an A, not more than the given one."""
    return floor(current * 10 + 1e-6) / 10
