"""What one connector is to be told, what the charger has taken, and what it may offer by that."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from ...modbus.backoff import Backoff
from ..base import ConnectorProfile
from .dialect import EXACT, Control

_FOLLOWS_WITHIN: Final = timedelta(seconds=30)
"""Some chargers take so long to show a new setpoint."""


class SetpointLimits:
    """The setpoint of one connector in A per phase."""

    def __init__(
        self, profile: ConnectorProfile, control: Control, now: Callable[[], datetime]
    ) -> None:
        self.profile = profile
        self.confirmed: float | None = None
        self.confirmed_at: datetime | None = None
        self.refusing = False
        """The last setpoint that was written was refused or not answered."""
        self.overwritten = 0
        """How many times the charger held more than it was told after it had held that."""
        self._control = control
        self._now = now
        self._aim: float | None = None
        self._taken: float | None = None
        self._taken_at = now()
        self._doubtful_since: datetime | None = None
        """Since when the charger holds more than it was told."""
        self._held = False
        """It has held what it was told last."""
        self._before: float | None = None
        self._attempts = Backoff(now)

    @property
    def target(self) -> float:
        """Return the current that the charger is to offer; the fallback until one is set."""
        aim = self.profile.fallback if self._aim is None else self._aim
        return self._control.usable(min(aim, self.profile.max_current))

    @property
    def is_due(self) -> bool:
        """Return whether the setpoint is to be written now."""
        if self._attempts.waiting:
            return False
        return self._taken != self.target or self._doubtful_since is not None or self._must_renew

    @property
    def is_ignored(self) -> bool:
        """Return whether the charger has held more than it was told for long."""
        since = self._doubtful_since
        return since is not None and self._now() - since >= _FOLLOWS_WITHIN

    @property
    def _must_renew(self) -> bool:
        renew = self._control.renew
        return renew is not None and not 0 <= (self._now() - self._taken_at) / renew < 1

    def aim(self, current: float) -> None:
        """Make `current` the target; a lower one is tried at once even after failures."""
        before = self.target
        self._aim = current
        if self.target < before:
            self.hurry()

    def hurry(self) -> None:
        """Try at once what has failed before."""
        self._attempts.reset()

    def forget(self) -> None:
        """Assume nothing of a charger that is contacted anew."""
        self._taken = self._doubtful_since = None
        self.refusing = self._held = False
        self.hurry()
        self._confirm(None)

    def sending(self, current: float) -> None:
        """Count with the worse of old and new until the charger has answered."""
        self._before = self.confirmed
        if self.confirmed is not None:
            self._confirm(max(self.confirmed, current))

    def taken(self, current: float) -> None:
        """Note that the charger acknowledged a setpoint; it still has to show it."""
        self._held = self._held and self._taken == current
        self._taken, self._taken_at = current, self._now()
        self.refusing = False

    def refused(self) -> None:
        """Note that the charger did not take a setpoint and keeps what it had."""
        self._confirm(self._before)
        self._fail()

    def unanswered(self) -> None:
        """Note that the charger may or may not have taken a setpoint."""
        self._fail()

    def show(self, held: float | None, *, may_charge: bool) -> bool:
        """Compare what the charger holds with what it was told; return whether they agree.

        Some show a lowest current while they pause: then it counts that nothing is charged.
        """
        if self._taken is None:
            return False
        paused = self._taken == 0 and not may_charge
        holds = held is not None and held <= self._taken + EXACT
        if holds or paused:
            self._confirm(self._taken)
            self._doubtful_since = None
            self._held = holds
            self.hurry()
            return True
        self._note_overwriting(held)
        if self.confirmed is not None and held is not None:
            self._confirm(max(self.confirmed, held))
        if self._doubtful_since is None:
            self._doubtful_since = self._now()
        if not self._attempts.waiting:
            self._attempts.fail()
        return False

    def _note_overwriting(self, held: float | None) -> None:
        if self._held and held is not None:
            self._held = False
            self.overwritten += 1

    def _fail(self) -> None:
        self._taken, self._held, self.refusing = None, False, True
        self._attempts.fail()

    def _confirm(self, current: float | None) -> None:
        if current != self.confirmed:
            self.confirmed = current
            self.confirmed_at = self._now()
