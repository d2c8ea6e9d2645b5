"""What one connector is to be told, what it has accepted, and what it may offer by that."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from ..attempts import Attempts, Pause
from ..base import ConnectorProfile
from .profiles import Profile, base_profile, lease_profile, usable_current


class Urgency(IntEnum):
    """Order in which the connectors of a station get their limits."""

    LOWER = 0
    INSTALL = 1
    RAISE = 2
    RENEW = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitCommand:
    """One charging profile to send: the base limit, or a lease that may have no end."""

    urgency: Urgency
    connector: int
    current: float
    life: timedelta
    until: datetime | None = None
    is_base: bool = False

    @property
    def profile(self) -> Profile:
        """Return the charging profile in the words of OCPP."""
        if self.is_base:
            return base_profile(self.connector, self.current)
        return lease_profile(self.connector, self.current, self.until, self.life)


class ConnectorLimits:
    """The base limit and the leased limit of one connector, in A per phase."""

    def __init__(
        self,
        connector: int,
        profile: ConnectorProfile,
        life: timedelta,
        random: Callable[[], float],
    ) -> None:
        self._connector = connector
        self._life = life
        self._random = random
        self.profile = profile
        self.confirmed: float | None = None
        self.confirmed_at: datetime | None = None
        self.lease_until: datetime | None = None
        self.fallback_refused = False
        self.charging = False
        """Whether a car charges now."""
        self._aim: float | None = None
        self._base: float | None = None
        self._kept: float | None = None
        self._contacted = False
        self._leased: float | None = None
        self._assured_until: datetime | None = None
        self._endless = False
        self._before: tuple[float | None, datetime | None, bool] = (None, None, False)
        self._base_attempts = Attempts()
        self._lease_attempts = Attempts()
        self._renewal: Pause | None = None

    @property
    def target(self) -> float:
        """Return the current that the charger is to offer; the fallback until one is set."""
        aim = self.profile.fallback if self._aim is None else self._aim
        return usable_current(min(aim, self.profile.max_current))

    @property
    def fallback_unproven(self) -> bool:
        """Return whether a charger that was in contact may not go back to its base limit.

        It never took the present one, or has a lease that does not end.
        """
        kept = self._kept == usable_current(self.profile.fallback)
        return self._contacted and (self._endless or not kept)

    @property
    def keeps(self) -> bool:
        """Return whether the lease is to have no end, for the car goes on without contact."""
        return self.profile.keep and self.charging

    @property
    def failing(self) -> bool:
        """Return whether the last attempt at a limit has failed."""
        return bool(self._base_attempts.failures or self._lease_attempts.failures)

    def aim(self, current: float) -> None:
        """Make `current` the target; a lower one is tried at once even after failures."""
        before = self.target
        self._aim = current
        if self.target < before:
            self._lease_attempts.hurry()

    def hurry(self) -> None:
        """Try at once what has failed before."""
        self._base_attempts.hurry()
        self._lease_attempts.hurry()

    def forget_contact(self, now: datetime) -> None:
        """Assume nothing of a charger that connects anew."""
        self._contacted = True
        self._base = self._leased = None
        self._renewal = self._assured_until = None
        self.hurry()
        self._set_confirmed(None, now)

    def next_command(self, now: datetime) -> LimitCommand | None:
        """Return what is to be sent now: the base limit first, unless the other is lowered."""
        urgency = self._lease_urgency(now)
        if not self._lease_attempts.may_try(now):
            urgency = None
        fallback = usable_current(self.profile.fallback)
        if (
            urgency is not Urgency.LOWER
            and self._base != fallback
            and self._base_attempts.may_try(now)
        ):
            return self._command(Urgency.INSTALL, fallback, is_base=True)
        if urgency is None:
            return None
        until = None if self.keeps else (now + self._life).replace(microsecond=0)
        return self._command(urgency, self.target, until)

    def sending(self, command: LimitCommand, now: datetime) -> None:
        """Count with the worse of old and new until the charger has answered."""
        if command.is_base:
            return
        self._before = (self.confirmed, self.lease_until, self._endless)
        if command.until is None or self._endless:
            self._endless, self.lease_until = True, None
        else:
            self.lease_until = max(self.lease_until or command.until, command.until)
        if self.confirmed is not None and command.current > self.confirmed:
            self._set_confirmed(command.current, now)

    def accepted(self, command: LimitCommand, now: datetime) -> None:
        """Note that the charger took a limit."""
        if command.is_base:
            self._base = self._kept = command.current
            self.fallback_refused = False
            self._base_attempts.succeed()
        else:
            self._leased = command.current
            self._endless = command.until is None
            self.lease_until = self._assured_until = command.until
            self._lease_attempts.succeed()
            share = 0.5 - 0.1 * self._random()
            self._renewal = Pause(now, now + self._life * share)
        self._confirm(now)

    def refused(self, command: LimitCommand, now: datetime) -> None:
        """Note that the charger did not take a limit and keeps what it had."""
        if command.is_base:
            self.fallback_refused = True
            self._base_attempts.fail(now)
            self._confirm(now)
        else:
            confirmed, self.lease_until, self._endless = self._before
            self._set_confirmed(confirmed, now)
            self._lease_attempts.fail(now)
            self.expire(now)

    def unanswered(self, command: LimitCommand, now: datetime) -> None:
        """Note that the charger may or may not have taken a limit."""
        if command.is_base:
            self._base = None
            self._base_attempts.fail(now)
        else:
            self._leased = None
            self._lease_attempts.fail(now)

    def expire(self, now: datetime) -> bool:
        """Count with the base limit once the lease has run out; return whether that is new."""
        if self.confirmed is None or self._assured_until is None or now < self._assured_until:
            return False
        before = self.confirmed
        self._leased = None
        self._set_confirmed(None if self._base is None else max(before, self._base), now)
        return self.confirmed != before

    def _command(
        self,
        urgency: Urgency,
        current: float,
        until: datetime | None = None,
        *,
        is_base: bool = False,
    ) -> LimitCommand:
        return LimitCommand(
            urgency=urgency,
            connector=self._connector,
            current=current,
            life=self._life,
            until=until,
            is_base=is_base,
        )

    def _lease_urgency(self, now: datetime) -> Urgency | None:
        if self._leased is None:
            return Urgency.INSTALL
        if self.target != self._leased:
            return Urgency.LOWER if self.target < self._leased else Urgency.RAISE
        due = self._renewal is None or self._renewal.is_over(now) or self.keeps != self._endless
        return Urgency.RENEW if due else None

    def _confirm(self, now: datetime) -> None:
        """Believe in the lease once the base limit under it is settled, one way or the other."""
        if self._leased is not None and (self._base is not None or self.fallback_refused):
            self._set_confirmed(self._leased, now)

    def _set_confirmed(self, current: float | None, now: datetime) -> None:
        if current != self.confirmed:
            self.confirmed = current
            self.confirmed_at = now
