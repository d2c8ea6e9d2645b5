"""What one connector is to be told, what it has accepted, and what it may offer by that."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from ...attempts import Attempts, Pause
from ..base import PHASE_COUNTS, ConnectorProfile
from .commands import ClearCommand, LimitCommand, Urgency
from .conversion import Conversion
from .ladder import Ladder
from .leftovers import Leftovers
from .profiles import Limit, usable_current
from .strategy import Place, Purpose
from .traits import Unit
from .transactions import TransactionId

_SILENCES: Final = 2
"""So many time-outs in a row count as a refusal of a strategy that has not worked yet.

One is enough for the next one that is tried, or a mute station would be asked for half an hour.
"""


class ConnectorLimits:
    """The base limit and the setpoint of one connector, in A per phase."""

    def __init__(
        self,
        connector: int,
        profile: ConnectorProfile,
        life: timedelta,
        random: Callable[[], float],
        ladder: Ladder,
    ) -> None:
        self._connector = connector
        self._life = life
        self._random = random
        self._ladder = ladder
        self._strategy = ladder.strategy
        self.profile = profile
        self.confirmed: float | None = None
        self.confirmed_at: datetime | None = None
        self.lease_until: datetime | None = None
        self.charging = False
        """Whether a car charges now."""
        self._conversion = Conversion(wired=profile.phases)
        self._phases: int | None = None
        self._transaction: TransactionId | None = None
        self._aim: float | None = None
        self._base: float | None = None
        self._phases_of_base: int | None = None
        self._kept: float | None = None
        self._contacted = False
        self._leased: LimitCommand | None = None
        self._possible: float | None = None
        self._assured_until: datetime | None = None
        self._endless = False
        self._before: tuple[float | None, datetime | None, bool] = (None, None, False)
        self._leftovers = Leftovers()
        self._in_flight: LimitCommand | None = None
        self._silences = 0
        self._is_mute = False
        self._base_attempts = Attempts()
        self._lease_attempts = Attempts()
        self._clear_attempts = Attempts()
        self._renewal: Pause | None = None

    @property
    def target(self) -> float:
        """Return the current that the charger is to offer; the fallback until one is set."""
        aim = self.profile.fallback if self._aim is None else self._aim
        return usable_current(min(aim, self.profile.max_current))

    @property
    def fallback_unproven(self) -> bool:
        """Return whether a charger may not go back to its base limit when contact is lost.

        It never took the present one, has a setpoint that does not end, or can have no lease.
        """
        kept = self._kept == usable_current(self.profile.fallback)
        return not self._strategy.leases or (self._contacted and (self._endless or not kept))

    @property
    def keeps(self) -> bool:
        """Return whether the setpoint is to have no end."""
        return not self._strategy.leases or (self.profile.keep and self.charging)

    @property
    def phases(self) -> int | None:
        """Return how many phases every limit names; None if that is left to the charger."""
        return self._phases if self.profile.phases == max(PHASE_COUNTS) else None

    @property
    def phases_taken(self) -> bool:
        """Return whether the charger has taken every limit that can be sent with its phases."""
        has_base = self._strategy.base is not None
        if has_base and (self._base is None or self._phases_of_base != self.phases):
            return False
        if self._leased is None:
            return has_base and self._needs_transaction and self._transaction is None
        return self._leased.limit.phases == self.phases

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

    def use_phases(self, count: int | None, now: datetime) -> None:
        """Name a number of phases in every limit from now on, or leave it to the charger."""
        self._phases = count
        self.forget_car(now)

    def hurry(self) -> None:
        """Try at once what has failed before."""
        self._base_attempts.hurry()
        self._lease_attempts.hurry()
        self._clear_attempts.hurry()

    def forget_contact(self, now: datetime, *, restarted: bool = False) -> None:
        """Assume nothing of a charger that connects anew, nor of the base limit if it restarted."""
        self._contacted = True
        if (command := self._in_flight) is not None:
            self._in_flight = None
            self._doubt(command)
        self._base = None
        if restarted:
            self._kept = None
        self._forget_setpoint()
        self._note_answer()
        self.hurry()
        self._set_confirmed(None, now)

    def begin_transaction(self, transaction: TransactionId | None, now: datetime) -> None:
        """Note the running transaction; profiles of another one do not hold any more."""
        if transaction == self._transaction:
            return
        self._transaction = transaction
        self.forget_car(now)
        if self._needs_transaction:
            self._leave_in_flight()
            self._forget_setpoint()
            self.lease_until, self._possible, self._endless = None, None, False
            self._set_confirmed(None, now)
        self._leftovers.drop_transaction()
        self._confirm(now)

    def forget_car(self, now: datetime) -> None:
        """Count with a car that uses fewer phases than the last one."""
        self._recount(replace(self._conversion, wired=self._usable_phases, used=None), now)

    def measure(self, phases: int | None, volts: float | None, now: datetime) -> None:
        """Note how many phases the car uses, None if that is not seen, and the lowest voltage."""
        known = self._conversion
        used = known.used if phases is None else phases
        volts = known.volts if volts is None else volts
        self._recount(Conversion(wired=self._usable_phases, used=used, volts=volts), now)

    def next_command(self, now: datetime) -> LimitCommand | ClearCommand | None:
        """Return what is to be sent now: the base limit first, unless the setpoint is lowered."""
        self._follow_ladder(now)
        urgency = self._lease_urgency(now) if self._lease_attempts.may_try(now) else None
        fallback = usable_current(self.profile.fallback)
        if (
            self._strategy.base is not None
            and urgency is not Urgency.LOWER
            and (self._base, self._phases_of_base) != (fallback, self.phases)
            and self._base_attempts.may_try(now)
        ):
            return self._base_command(self._strategy.base, fallback)
        if urgency is not None:
            return self._setpoint_command(urgency, now)
        return self._clear_command(now)

    def sending(self, command: LimitCommand, now: datetime) -> None:
        """Count with the worse of old and new until the charger has answered."""
        self._in_flight = command
        if command.is_base:
            return
        self._before = (self.confirmed, self.lease_until, self._endless)
        if command.until is None or self._endless:
            self._endless, self.lease_until = True, None
        else:
            self.lease_until = max(self.lease_until or command.until, command.until)
        if self.confirmed is not None and command.counts > self.confirmed:
            self._set_confirmed(command.counts, now)

    def accepted(self, command: LimitCommand, now: datetime) -> None:
        """Note that the charger took a limit."""
        self._note_answer()
        if self._is_stray(command):
            return
        self._leftovers.drop(command.limit.place)
        if command.is_base:
            self._base = self._kept = command.current
            self._phases_of_base = command.limit.phases
            self._base_attempts.succeed()
        else:
            self._leased = command
            self._possible = command.counts
            self._endless = command.until is None
            self.lease_until = self._assured_until = command.until
            self._lease_attempts.succeed()
            share = 0.5 - 0.1 * self._random()
            self._renewal = Pause(now, now + self._life * share)
        if not self._strategy.leases:
            self._base_attempts.succeed()
        if self._leased is not None and (self._base is not None or not self._strategy.leases):
            self._ladder.accept()
        self._confirm(now)

    def refused(self, command: LimitCommand, now: datetime) -> None:
        """Note that the charger did not take a limit and keeps what it had.

        A number of phases is to blame before anything else (OCPP 2.0.1, K01.FR.43).
        """
        self._note_answer()
        if self._is_stray(command):
            return
        if not command.is_base:
            confirmed, self.lease_until, self._endless = self._before
            self._set_confirmed(confirmed, now)
        if command.limit.phases is None:
            self._fail(command, now)
        elif command.limit.phases == self.phases:
            self.use_phases(None, now)
        self.expire(now)

    def unanswered(self, command: LimitCommand, now: datetime, *, lost: bool = False) -> None:
        """Note that the charger may or may not have taken a limit; `lost` with the contact."""
        if self._is_stray(command):
            return
        self._doubt(command)
        if not lost:
            self._silences += 1
        if self._silences >= (1 if command.is_trial and self._is_mute else _SILENCES):
            self._silences, self._is_mute = 0, True
            self._fail(command, now)
        else:
            self._attempts(command).fail(now)

    def cleared(self, command: ClearCommand, now: datetime) -> None:
        """Note that a profile is gone."""
        self._leftovers.drop(command.place)
        self._clear_attempts.succeed()
        self._confirm(now)

    def not_cleared(self, now: datetime) -> None:
        """Note that a profile may still be there."""
        self._clear_attempts.fail(now)

    def expire(self, now: datetime) -> bool:
        """Count with the base limit once the lease has run out; return whether that is new."""
        before = self.confirmed
        if self._in_flight is None and self._leftovers.expire(now):
            self._confirm(now)
        if self.confirmed is None or self._assured_until is None or now < self._assured_until:
            return self.confirmed != before
        worst = self.confirmed
        self._leased = None
        self._set_confirmed(None if self._base is None else max(worst, self._base), now)
        return self.confirmed != before

    def _recount(self, conversion: Conversion, now: datetime) -> None:
        """Send a limit in W anew when other phases are used; count with the worse until then."""
        before, self._conversion = self._conversion.used, conversion
        if conversion.used == before or self._strategy.unit is Unit.AMPERE or not self._leased:
            return
        self._renewal = None
        counts = self._count(self._leased.limit)
        if self.confirmed is not None and counts > self.confirmed:
            self._set_confirmed(counts, now)

    @property
    def _usable_phases(self) -> int:
        return self.phases or self.profile.phases

    @property
    def _needs_transaction(self) -> bool:
        return self._strategy.setpoint.purpose is Purpose.TRANSACTION

    def _attempts(self, command: LimitCommand) -> Attempts:
        return self._base_attempts if command.is_base else self._lease_attempts

    def _fail(self, command: LimitCommand, now: datetime) -> None:
        """Try another strategy at once, unless this one works or all of them have failed."""
        self._attempts(command).fail(now)
        if self._ladder.proven or self._ladder.strategy != self._strategy:
            return
        if not self._ladder.refuse():
            return
        self._follow_ladder(now)
        if self._ladder.is_round:
            self._base_attempts.fail(now)
            self._lease_attempts.fail(now)
        else:
            self.hurry()

    def _follow_ladder(self, now: datetime) -> None:
        """Give up a strategy that the station has left; what it has installed may still hold."""
        old, new = self._strategy, self._ladder.strategy
        if old == new:
            return
        self._leave_in_flight()
        if self._possible is not None:
            until = None if self._endless else self.lease_until
            self._leftovers.add(old.setpoint, self._possible, until)
        if not old.shares_base(new):
            if old.base is not None and self._base is not None:
                self._leftovers.add(old.base, self._base, None)
            self._base = self._kept = None
        self._strategy = new
        self._forget_setpoint()
        self._possible, self.lease_until, self._endless = None, None, False
        self._set_confirmed(None, now)
        self._confirm(now)

    def _leave_in_flight(self) -> None:
        """Count with a command that was overtaken, whatever its answer will be."""
        if (command := self._in_flight) is not None:
            self._in_flight = None
            self._leftovers.add(command.limit.place, command.counts, command.until)

    def _doubt(self, command: LimitCommand) -> None:
        """Count with a command that the charger may or may not have taken."""
        if command.is_base:
            self._base = None
            self._leftovers.add(command.limit.place, command.counts, None)
        else:
            self._leased = None
            self._possible = max(self._possible or 0.0, command.counts)

    def _is_stray(self, command: LimitCommand) -> bool:
        """Return whether what was sent has been overtaken; in any case it is answered now."""
        stray = self._in_flight is not command
        if not stray:
            self._in_flight = None
        return stray

    def _note_answer(self) -> None:
        self._silences, self._is_mute = 0, False

    def _forget_setpoint(self) -> None:
        self._leased = self._assured_until = self._renewal = None

    def _base_command(self, place: Place, fallback: float) -> LimitCommand:
        amount = self._conversion.base(fallback, self._strategy.unit)
        return self._command(Urgency.INSTALL, fallback, self._limit(place, amount), is_base=True)

    def _setpoint_command(self, urgency: Urgency, now: datetime) -> LimitCommand:
        until = None if self.keeps else (now + self._life).replace(microsecond=0)
        amount = self._conversion.setpoint(self.target, self._strategy.unit)
        limit = self._limit(self._strategy.setpoint, amount, until)
        return self._command(urgency, self.target, limit)

    def _clear_command(self, now: datetime) -> ClearCommand | None:
        if self._leased is None or not self._clear_attempts.may_try(now):
            return None
        place = self._leftovers.to_clear(self._strategy)
        return None if place is None else ClearCommand(connector=self._connector, place=place)

    def _limit(self, place: Place, amount: float, until: datetime | None = None) -> Limit:
        return Limit(
            place=place,
            kind=self._strategy.kind,
            unit=self._strategy.unit,
            amount=amount,
            transaction=self._transaction,
            until=until,
            phases=self.phases,
        )

    def _command(
        self, urgency: Urgency, current: float, limit: Limit, *, is_base: bool = False
    ) -> LimitCommand:
        return LimitCommand(
            urgency=urgency,
            connector=self._connector,
            current=current,
            counts=self._count(limit),
            limit=limit,
            strategy=self._strategy,
            life=self._life,
            is_base=is_base,
            is_trial=self._ladder.is_trial,
        )

    def _count(self, limit: Limit) -> float:
        return self._conversion.most_current(limit.amount, limit.unit, self.profile.max_current)

    def _lease_urgency(self, now: datetime) -> Urgency | None:
        if self._needs_transaction and self._transaction is None:
            return None
        if self._leased is None:
            return Urgency.INSTALL
        if self.target != self._leased.current:
            return Urgency.LOWER if self.target < self._leased.current else Urgency.RAISE
        if self._renewal is None:
            return Urgency.LOWER
        return self._renewal_urgency(self._leased, self._renewal, now)

    def _renewal_urgency(
        self, leased: LimitCommand, renewal: Pause, now: datetime
    ) -> Urgency | None:
        if leased.limit.phases != self.phases:
            return Urgency.INSTALL
        if self._endless and not self._strategy.leases:
            return None  # it does not end, and a charger's flash memory bears few writes
        due = renewal.is_over(now) or self.keeps != self._endless
        return Urgency.RENEW if due else None

    def _confirm(self, now: datetime) -> None:
        """Believe in the setpoint once the base limit under it is settled."""
        if self._base is None and self._strategy.leases:
            return
        place, counts = self._strategy.setpoint, self._base
        if self._leased is not None:
            counts = self._count(self._leased.limit)
        elif not self._needs_transaction or self._possible is not None:
            return
        elif self._strategy.base is not None:
            place = self._strategy.base
        if counts is not None:
            self._set_confirmed(max(counts, self._leftovers.above(place)), now)

    def _set_confirmed(self, current: float | None, now: datetime) -> None:
        if current != self.confirmed:
            self.confirmed = current
            self.confirmed_at = now
