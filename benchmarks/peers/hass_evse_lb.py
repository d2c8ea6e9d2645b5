"""One charger: lowered when a risk has built up, raised a quarter of an hour after any change."""

from collections.abc import Sequence
from typing import Final, override

from simulator.trial.controller import Controller, Installation, View

from .common import headroom, usable

_PATIENCE: Final = ((1.13, 60.0), (1.4, 30.0), (2.0, 10.0))
"""Up to so many times the limit, so many s of it are tolerated."""
_BETWEEN_COMMANDS: Final = 20.0
_BEFORE_RAISE: Final = 900.0


class HassEvseLoadBalancer(Controller):
    """Integrates an overload over time before it acts."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._risk = 0.0
        self._looked_at = 0.0
        self._changed_at = -_BEFORE_RAISE

    @override
    def decide(self, view: View) -> Sequence[float]:
        elapsed, self._looked_at = view.now - self._looked_at, view.now
        room = headroom(self._installation, view)
        self._judge(room, elapsed)
        new = self._wanted(view.setpoints[0], room, view.now)
        if new != view.setpoints[0]:
            self._changed_at = view.now
            self._risk = 0.0
        return [new]

    def _judge(self, room: float, elapsed: float) -> None:
        if room >= 0:
            self._risk = max(0.0, self._risk - elapsed / _PATIENCE[0][1])
            return
        ratio = 1 - room / self._installation.limit
        patience = next((seconds for most, seconds in _PATIENCE if ratio <= most), 1.0)
        self._risk += elapsed / patience

    def _wanted(self, setpoint: float, room: float, now: float) -> float:
        most = self._installation.outlets[0].most
        since = now - self._changed_at
        if self._risk >= 1 and since >= _BETWEEN_COMMANDS:
            return usable(setpoint + room, most)
        if room >= 1 and since >= _BEFORE_RAISE:
            return usable(setpoint + room, most)
        return setpoint
