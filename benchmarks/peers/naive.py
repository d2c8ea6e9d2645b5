"""Automations that add to the setpoint whatever the fuse still has."""

from collections.abc import Sequence
from math import floor
from typing import override

from simulator.trial.controller import Controller, Installation, View

from .common import headroom, usable


class Naive(Controller):
    """One automation per charger, run at each reading of the meter; none knows of the others."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation

    @override
    def decide(self, view: View) -> Sequence[float]:
        if not view.fresh:
            return view.setpoints
        change = floor(headroom(self._installation, view) / self._sharers())
        return [
            usable(setpoint + change, outlet.most)
            for setpoint, outlet in zip(view.setpoints, self._installation.outlets, strict=True)
        ]

    def _sharers(self) -> int:
        return 1


class NaiveShared(Naive):
    """One automation that splits the difference among all chargers."""

    @override
    def _sharers(self) -> int:
        return len(self._installation.outlets)
