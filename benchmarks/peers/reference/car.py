"""What is known of one charger and its car."""

from math import inf
from typing import Final

from benchmarks.peers.common import FLOOR
from simulator.trial.charger import Report
from simulator.trial.outlet import Outlet

from .in_flight import Sent

GUARANTEED: Final = 8.0
"""s until any car follows a setpoint."""
_LEAVES: Final = 1.6
"""A below the offer at which a car seems to want no more."""
_SPARE: Final = 1.0
"""A above its draw that such a car is offered."""
_JUDGED_AFTER: Final = 20.0
_BETWEEN_RAISES: Final = 10.0
_SHORTEST_REST: Final = 60.0
_LONGEST_REST: Final = 600.0
_FAILED_WITHIN: Final = 300.0
"""s of charging after which a resumption has not failed."""


class KnownCar:
    """Judges how much a car wants and when it may be raised or resumed."""

    def __init__(self, outlet: Outlet) -> None:
        self.outlet = outlet
        self.sent = Sent()
        self.wish = FLOOR
        """The highest current that is of use to it, in A."""
        self.rest = 0.0
        """s for which there must have been room before it is resumed."""
        self.resumed_at = -inf
        self._paused_at = -inf
        self._raised_at = -inf
        self._wants_less_since: float | None = None
        self._judged = 0.0

    def judge(self, report: Report) -> None:
        """Learn from a new report whether the car uses what it is offered."""
        if report.drawn_at <= self._judged:
            return
        self._judged = report.drawn_at
        low, high = self.sent.hull(report.drawn_at - GUARANTEED, report.drawn_at)
        if report.drawn > high - _SPARE:
            self.wish = self.outlet.most if high else FLOOR
        if report.drawn >= low - _LEAVES:
            self._wants_less_since = None
        elif self._wants_less_since is None:
            self._wants_less_since = report.drawn_at
        elif report.drawn_at - self._wants_less_since >= _JUDGED_AFTER:
            self.wish = max(FLOOR, report.drawn + _SPARE)

    def may_rise(self, now: float) -> bool:
        """Return whether the last raise is long enough ago."""
        return now - self._raised_at >= _BETWEEN_RAISES

    def has_rested(self, now: float) -> bool:
        """Return whether the last pause has been long enough."""
        return now - self._paused_at >= _SHORTEST_REST

    def note(self, now: float, before: float, setpoint: float) -> None:
        """Remember what is sent now."""
        self.sent.note(now, setpoint)
        if setpoint > before:
            self._raised_at = now
        if setpoint and not before:
            self.resumed_at = now
        if before and not setpoint:
            self._note_pause(now)

    def _note_pause(self, now: float) -> None:
        failed = now - self.resumed_at < _FAILED_WITHIN
        self.rest = min(_LONGEST_REST, 2 * self.rest) if failed and self.rest else _SHORTEST_REST
        self._paused_at = now
        self.wish = FLOOR
