"""Knows what the house truly drew when the meter looked, and commands it at once.

The bound on reaction time with these delays. Not a bound on ampere-seconds over hours: it also
follows every dip upwards.
"""

from collections.abc import Sequence
from math import floor
from typing import override

from simulator.trial.clock import ticks
from simulator.trial.controller import Controller, Installation, View
from simulator.trial.filling import DECIAMPS, fill
from simulator.trial.house import Course


class Oracle(Controller):
    """Shares what the house leaves evenly among the chargers in whole A, the floors first."""

    def __init__(self, installation: Installation, house: Course) -> None:
        self._installation = installation
        self._house = house

    @override
    def decide(self, view: View) -> Sequence[float]:
        if not view.fresh or view.sample is None:
            return view.setpoints
        tick = ticks(view.sample.at)
        rooms = [
            floor((self._installation.limit - phase[tick]) * DECIAMPS) for phase in self._house
        ]
        outlets = self._installation.outlets
        caps = [round(outlet.most * DECIAMPS) for outlet in outlets]
        return [given / DECIAMPS for given in fill(rooms, outlets, caps, (DECIAMPS,))]
