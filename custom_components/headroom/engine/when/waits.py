"""What one connector remembers of the waits that the clock asks for."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from ..memory.stored import read_object, read_time, write_time
from .delay import Delay
from .off_peak import OpenHours


@dataclass(slots=True, kw_only=True)
class Force:
    """Somebody wants a car to charge at once, for one session (A8.11)."""

    is_used: bool = False
    """By the car that is plugged in."""
    is_spent: bool = False
    """The session that it was used for has ended; it is to be taken back."""

    def follow(self, *, wished: bool, present: bool) -> bool:
        """Return whether a car that is plugged in, or the next one, charges at once."""
        if not wished:
            self.is_used = self.is_spent = False
            return False
        if not self.is_spent:
            self.is_used |= present
        return not self.is_spent

    def end(self) -> None:
        """Note that a session has ended."""
        self.is_spent |= self.is_used
        self.is_used = False


@dataclass(slots=True, kw_only=True)
class PowerLoss:
    """What a start of the charger leaves behind (A8.13)."""

    booted_at: datetime | None = None
    """When it last started, as far as is known."""
    holds: bool = False
    """Its car waits until a person lets it go on."""

    def note(self, booted_at: datetime | None, arrived_at: datetime | None) -> bool:
        """Return whether the charger has started anew since its car was plugged in."""
        if booted_at is None or booted_at == self.booted_at:
            return False
        self.booted_at = booted_at
        return arrived_at is not None and booted_at > arrived_at


@dataclass(slots=True, kw_only=True)
class Waits:
    """All that is remembered of one connector's waits."""

    hours: OpenHours = field(default_factory=OpenHours)
    delay: Delay = field(default_factory=Delay)
    power_loss: PowerLoss = field(default_factory=PowerLoss)
    force: Force = field(default_factory=Force)

    def arrive(self) -> None:
        """Note that another car was plugged in."""
        self.power_loss.holds = False

    def begin(self) -> None:
        """Begin with another car, or another session."""
        self.force.end()
        self.hours.forget()
        self.delay.renew()

    def start(self, *, flows: bool) -> None:
        """Note that the session has begun, before which no energy could flow.

        If it `flows` already the delay was the one before it: some chargers open a session then.
        """
        if not (flows and self.delay.is_over):
            self.delay.begin_again()

    def let_go(self) -> None:
        """Charge at once, and begin no wait after it unless the hours do."""
        self.hours.forget()
        self.delay.skip()
        self.power_loss.holds = False

    def to_json(self) -> dict[str, object]:
        """Return a JSON object that `from_json` reads."""
        return {
            "hours": self.hours.to_json(),
            "delay": self.delay.to_json(),
            "booted_at": write_time(self.power_loss.booted_at),
            "holds": self.power_loss.holds,
            "force_used": self.force.is_used,
            "force_spent": self.force.is_spent,
        }

    @classmethod
    def from_json(cls, value: object) -> Self:
        """Return the stored memory; older releases have none. Raises ValueError if it is none."""
        data = read_object(value)
        return cls(
            hours=OpenHours.from_json(data.get("hours", {})),
            delay=Delay.from_json(data.get("delay", {})),
            power_loss=PowerLoss(
                booted_at=read_time(data.get("booted_at")), holds=data.get("holds") is True
            ),
            force=Force(
                is_used=data.get("force_used") is True, is_spent=data.get("force_spent") is True
            ),
        )
