"""One charger, phase by phase with a reserve: down at once, up after 5 s."""

from collections.abc import Sequence
from typing import Final, override

from simulator.trial.controller import Controller, Installation, View

from .common import FLOOR, drawn_per_phase, headrooms, usable

_RESERVE: Final = 2.0
_UP_AFTER: Final = 5.0
_PAUSE_AFTER: Final = 15.0
_RESUME_AFTER: Final = 30.0
_RESUME_ABOVE: Final = 2.0


class EvLoadBalancer(Controller):
    """Takes what the charger last reported off what the meter shows, as if of one moment."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._more_since: float | None = None
        self._short_since: float | None = None
        self._room_since: float | None = None

    @override
    def decide(self, view: View) -> Sequence[float]:
        if view.sample is None:
            return view.setpoints
        target = self._target(view)
        setpoint = view.setpoints[0]
        if setpoint == 0:
            return [self._resumed(target, view.now)]
        if target < FLOOR:
            return [self._shortened(view.now)]
        self._short_since = None
        return [self._moved(setpoint, target, view.now)]

    def _target(self, view: View) -> float:
        outlet = self._installation.outlets[0]
        rooms = headrooms(self._installation, view)
        drawn = drawn_per_phase(self._installation, view)
        free = min(rooms[phase] + drawn[phase] for phase in outlet.phases) - _RESERVE
        return min(free, outlet.most)

    def _resumed(self, target: float, now: float) -> float:
        if target < FLOOR + _RESUME_ABOVE:
            self._room_since = None
            return 0.0
        self._room_since = now if self._room_since is None else self._room_since
        if now - self._room_since < _RESUME_AFTER:
            return 0.0
        self._room_since = None
        return usable(target, self._installation.outlets[0].most)

    def _shortened(self, now: float) -> float:
        self._more_since = None
        self._short_since = now if self._short_since is None else self._short_since
        if now - self._short_since < _PAUSE_AFTER:
            return FLOOR
        self._short_since = None
        return 0.0

    def _moved(self, setpoint: float, target: float, now: float) -> float:
        new = usable(target, self._installation.outlets[0].most)
        if new <= setpoint:
            self._more_since = None
            return new
        self._more_since = now if self._more_since is None else self._more_since
        if now - self._more_since < _UP_AFTER:
            return setpoint
        self._more_since = None
        return new
