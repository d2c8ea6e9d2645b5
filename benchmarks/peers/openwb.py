"""A loop over all chargers that gives minimum currents first and splits the rest by rank."""

from collections.abc import Sequence
from math import floor
from typing import Final, override

from simulator.trial.controller import Controller, Installation, View

from .common import FLOOR, drawn_per_phase, headrooms, lowest

_INTERVAL: Final = 10.0


class OpenWb(Controller):
    """Per phase: the limit less the meter plus what the cars last drew is there to be given."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._next_run = _INTERVAL

    @override
    def decide(self, view: View) -> Sequence[float]:
        if view.now < self._next_run:
            return view.setpoints
        self._next_run += _INTERVAL
        left = [
            max(0.0, room + drawn)
            for room, drawn in zip(
                headrooms(self._installation, view),
                drawn_per_phase(self._installation, view),
                strict=True,
            )
        ]
        return self._extra(left, self._minimum(left))

    def _minimum(self, left: list[float]) -> list[float]:
        given = []
        for outlet in self._installation.outlets:
            fits = lowest(left, outlet.phases) >= FLOOR
            given.append(FLOOR if fits else 0.0)
            if fits:
                _take(left, outlet.phases, FLOOR)
        return given

    def _extra(self, left: list[float], given: list[float]) -> list[float]:
        waiting = sum(1 for current in given if current)
        for number, outlet in enumerate(self._installation.outlets):
            if not given[number]:
                continue
            part = lowest(left, outlet.phases) / waiting
            waiting -= 1
            more = min(outlet.most - given[number], floor(part * 10) / 10)
            _take(left, outlet.phases, more)
            given[number] += more
        return given


def _take(left: list[float], phases: Sequence[int], current: float) -> None:
    for phase in phases:
        left[phase] -= current
