"""Cars that fall asleep while they are offered nothing."""

from enum import StrEnum


class Waking(StrEnum):
    """What wakes a car that has fallen asleep."""

    OFFER = "offer"
    """Any offer."""
    OFFERED_AGAIN = "offered_again"
    """An offer after one that it has slept through, or an interruption of the pilot signal."""
    PILOT = "pilot"
    """Only an interruption of the pilot signal."""
    NEVER = "never"


class Sleep:
    """Whether a car sleeps through what it is offered."""

    def __init__(self, *, falls_asleep: float, wakes: Waking) -> None:
        """Begin; after `falls_asleep` seconds without a usable offer the car sleeps."""
        self.asleep = falls_asleep == 0
        self._falls_asleep = falls_asleep
        self._wakes = wakes
        self._idle_since: float | None = None
        self._slept_through = 0

    def notice(self, *, offered: bool, time: float) -> None:
        """Take note of whether the car is offered what it can use, at a time in s."""
        if not offered:
            self._idle_since = time if self._idle_since is None else self._idle_since
            self.asleep = self.asleep or time - self._idle_since >= self._falls_asleep
        elif self._idle_since is not None:
            self._idle_since = None
            self._hear_offer()

    def fall_asleep(self) -> None:
        """Sleep from now on, and take the offer that there is for none."""
        self.asleep, self._slept_through = True, 0
        self._idle_since = None

    def interrupt_pilot(self) -> None:
        """Let the charger interrupt the pilot signal."""
        if self._wakes is not Waking.NEVER:
            self._awaken()

    def _hear_offer(self) -> None:
        again = self._wakes is Waking.OFFERED_AGAIN and self._slept_through > 0
        if self._wakes is Waking.OFFER or again:
            self._awaken()
        elif self.asleep:
            self._slept_through += 1

    def _awaken(self) -> None:
        self.asleep, self._slept_through = False, 0
