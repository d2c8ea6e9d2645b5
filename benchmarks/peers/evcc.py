"""A loop that visits one charger per interval and knows one current per circuit."""

from collections.abc import Sequence
from typing import override

from simulator.trial.controller import Controller, Installation, View

from .common import headroom, usable


class Evcc(Controller):
    """Each visited charger may take what the fullest phase leaves; `interval` in s."""

    def __init__(self, installation: Installation, interval: float) -> None:
        self._installation = installation
        self._interval = interval
        self._next_visit = interval
        self._visited = -1

    @override
    def decide(self, view: View) -> Sequence[float]:
        setpoints = list(view.setpoints)
        if view.now >= self._next_visit:
            self._next_visit += self._interval
            self._visited = (self._visited + 1) % len(setpoints)
            setpoints[self._visited] = self._permitted(self._visited, view)
        return setpoints

    def _permitted(self, number: int, view: View) -> float:
        wish = self._installation.outlets[number].most
        drawn = view.reports[number].drawn if view.setpoints[number] else 0.0
        potential = headroom(self._installation, view)
        permitted = wish if wish - drawn <= potential else max(0.0, drawn + potential)
        return usable(permitted, wish)
