"""One total for all chargers: a quarter of the way up, all of the way down, then split evenly."""

from collections.abc import Sequence
from typing import Final, override

from simulator.trial.controller import Controller, Installation, View

from .common import FLOOR, headroom

_SHORTAGES: Final = 3
_STOP: Final = 60.0
"""s"""


class SmartEvse(Controller):
    """Moves its total at every sample and stops everybody for a minute after three shortages."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._total = 0.0
        self._shortages = 0
        self._stopped_until = 0.0

    @override
    def decide(self, view: View) -> Sequence[float]:
        if not view.fresh:
            return view.setpoints
        if view.now < self._stopped_until:
            return [0.0] * len(view.setpoints)
        least = FLOOR * len(view.setpoints)
        most = sum(outlet.most for outlet in self._installation.outlets)
        room = headroom(self._installation, view)
        if not any(view.setpoints):
            self._total = least if room >= least else 0.0
            return self._split(self._total)
        self._total = min(most, self._total + (room / 4 if room > 0 else room))
        if self._total >= least:
            self._shortages = 0
            return self._split(self._total)
        return self._run_short(view, least)

    def _run_short(self, view: View, least: float) -> Sequence[float]:
        self._total = least
        self._shortages += 1
        if self._shortages < _SHORTAGES:
            return self._split(least)
        self._shortages = 0
        self._stopped_until = view.now + _STOP
        return [0.0] * len(view.setpoints)

    def _split(self, total: float) -> list[float]:
        """Return equal shares; what one cannot use goes to the others."""
        shares = [0.0] * len(self._installation.outlets)
        order = sorted(range(len(shares)), key=lambda n: self._installation.outlets[n].most)
        for position, number in enumerate(order):
            part = total / (len(order) - position)
            shares[number] = round(min(self._installation.outlets[number].most, part), 1)
            total -= shares[number]
        return [share if share >= FLOOR else 0.0 for share in shares]
