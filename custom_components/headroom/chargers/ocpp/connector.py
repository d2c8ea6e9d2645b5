"""One connector of a station: what it says of itself and what it is told."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from ...engine.currents import PerPhase
from ...engine.snapshot import ConnectorReading, ConnectorStatus
from ..base import ConnectorData, ConnectorProfile, Session
from ..counted import GRACE, Counted
from ..steady import SteadyRegister
from .config import CentralSystemConfig
from .effect import Effect, EffectWatch, Limited
from .fields import PLAUSIBLE_SINCE
from .ladder import Ladder
from .limits import ConnectorLimits
from .meter_values import Sample
from .transactions import Transaction, first_count

_TRIGGER_PAUSE: Final = timedelta(seconds=30)
_FUTILE_TRIGGERS: Final = 5
"""So many samples asked for in vain are enough; some chargers accept and send nothing."""
_SOME_CURRENT: Final = 1.0
"""A; less may be the charger's own."""
_MOST_ENDED: Final = 8
"""So many sessions that have ended are kept; a charger may tell of some at once."""
_SOME_VOLTAGE: Final = 180.0
"""V; less is no voltage to reckon with."""


class StationConnector:
    """State of one connector, kept through lost contact and reconnection."""

    def __init__(
        self,
        number: int,
        profile: ConnectorProfile,
        config: CentralSystemConfig,
        random: Callable[[], float],
        ladder: Ladder,
    ) -> None:
        self.number = number
        self.limits = ConnectorLimits(number, profile, config.lease, random, ladder)
        self._meter_silence = 3 * config.meter_interval
        self._data = ConnectorData()
        self._status_at: datetime | None = None
        self._transaction: Transaction | None = None
        self._per_phase = False
        self._sampled_at: datetime | None = None
        self._triggered_at: datetime | None = None
        self._futile_triggers = 0
        self._effect = EffectWatch()
        self._register = SteadyRegister()
        self._counted: Counted | None = None
        """Energy of the running session; None until the register has shown any."""
        self._counted_from: float | None = None
        """What the register of the charger's life has shown at the start of the session, in Wh."""

    @property
    def data(self) -> ConnectorData:
        """Return what is known, for people; the same object as long as nothing changes."""
        known, limits = self._data, self.limits
        if (known.confirmed, known.refusing) != (limits.confirmed, limits.failing):
            self._data = replace(known, confirmed=limits.confirmed, refusing=limits.failing)
        return self._data

    @property
    def transaction(self) -> Transaction | None:
        """Return the running transaction."""
        return self._transaction

    def reading(self, *, online: bool, starts_free: bool = False) -> ConnectorReading:
        """Return what is known, for the engine."""
        data, session = self._data, self._data.session
        return ConnectorReading(
            online=online,
            status=data.status,
            drawn=data.drawn,
            drawn_at=data.measured_at,
            per_phase=self._per_phase,
            confirmed=self.limits.confirmed,
            confirmed_at=self.limits.confirmed_at,
            offered=data.offered,
            lease_until=self.limits.lease_until,
            fallback_refused=self.limits.fallback_unproven,
            starts_free=starts_free,
            session=None if session is None else session.id,
            badge=None if session is None else session.badge,
            energy=None if session is None else session.energy,
        )

    def forget_contact(self, now: datetime, *, restarted: bool = False) -> None:
        """Start afresh with a charger that connects anew."""
        self.limits.forget_contact(now, restarted=restarted)
        self.restart_clock()
        self._triggered_at = None
        self._futile_triggers = 0

    def restart_clock(self) -> None:
        """Believe the next status whatever its timestamp: the charger may have set its clock."""
        self._status_at = None

    def report_status(
        self, status: ConnectorStatus, error: str | None, at: datetime | None, now: datetime
    ) -> None:
        """Take over a status unless a newer one is known; statuses are replayed after an outage."""
        if at is not None and at >= PLAUSIBLE_SINCE:
            if self._status_at is not None and at < self._status_at:
                return
            self._status_at = min(at, now)
        self._data = replace(self._data, status=status, error=error)
        if (status is not ConnectorStatus.UNAVAILABLE) is self._data.scheduled:
            self.schedule(available=None)
        self.limits.charging = status is ConnectorStatus.CHARGING
        if status is ConnectorStatus.AVAILABLE:
            # Without a car there are no more samples, and the last one would stay for ever.
            self._per_phase = False
            self.limits.forget_car(now)
            self._data = replace(
                self._data, drawn=PerPhase(), power=0.0, offered=None, measured_at=now
            )

    def schedule(self, *, available: bool | None) -> None:
        """Note whether the connector will be available after its session; None for no change."""
        self._data = replace(self._data, scheduled=available)

    def report_sample(self, sample: Sample, now: datetime) -> Effect:
        """Take over what a sample has, what it lacks stays; return what it shows of the limit."""
        terminals = self.limits.profile.phases
        drawn = sample.drawn(terminals)
        if drawn is not None:
            self._per_phase = sample.is_per_phase(terminals)
        old = self._data
        self._data = replace(
            old,
            drawn=old.drawn if drawn is None else drawn,
            measured_at=old.measured_at if drawn is None else now,
            voltages=sample.voltages(terminals) or old.voltages,
            power=old.power if sample.power is None else sample.power,
            energy=old.energy if sample.energy is None else self._register.see(sample.energy, now),
            offered=old.offered if sample.offered is None else sample.offered,
        )
        self.limits.measure(self._used_phases(), _lowest(self._data.voltages, terminals), now)
        self._sampled_at = now
        self._futile_triggers = 0
        self._count_energy(sample.energy, now)
        limits = self.limits
        return self._effect.look(
            Limited(
                current=limits.confirmed,
                since=limits.confirmed_at,
                maximum=limits.profile.max_current,
            ),
            None if drawn is None else drawn.largest(),
            sample.offered,
            now,
        )

    def open_session(self, transaction: Transaction, now: datetime) -> None:
        """Begin the session of a transaction, or go on with it."""
        if transaction == self._transaction:
            return
        self._transaction = transaction
        self.limits.begin_transaction(transaction.id, now)
        before = self._data.session
        if before is None or before.id != str(transaction.id):
            self._note_end()
            before = None
        session = Session(
            id=str(transaction.id),
            badge=transaction.badge,
            started_at=transaction.started_at,
            energy=None if before is None else before.energy,
        )
        self._data = replace(self._data, session=session)

    def close_session(self, now: datetime, register: float | None = None) -> None:
        """End the session, with the energy register at its end in Wh if that is known."""
        self._count_energy(register, now)
        self._note_end()
        self._transaction = None
        self.limits.begin_transaction(None, now)
        self._data = replace(self._data, session=None)

    def needs_trigger(self, now: datetime, opened_at: datetime) -> bool:
        """Return whether to ask for a sample, and count on that being done."""
        silent_since = max(self._sampled_at or opened_at, opened_at)
        if (
            self._data.status is not ConnectorStatus.CHARGING
            or now - silent_since <= self._meter_silence
            or self._futile_triggers >= _FUTILE_TRIGGERS
        ):
            return False
        if self._triggered_at is not None and now - self._triggered_at < _TRIGGER_PAUSE:
            return False
        self._triggered_at = now
        self._futile_triggers += 1
        return True

    def _used_phases(self) -> int | None:
        """Return at how many terminals a car draws current, as far as they are told apart."""
        if not self._per_phase or self._data.drawn is None:
            return None
        return sum(current >= _SOME_CURRENT for current in self._data.drawn) or None

    def _count_energy(self, register: float | None, now: datetime) -> None:
        """Update the session's energy, which never falls."""
        transaction, session = self._transaction, self._data.session
        if session is None or transaction is None or register is None:
            return
        if (shown := self._since_start(transaction, register, now)) is None:
            return
        counted = self._counted or Counted(count=0.0, at=transaction.started_at)
        self._counted = counted.after(shown, now)
        self._data = replace(self._data, session=replace(session, energy=self._counted.energy))

    def _since_start(
        self, transaction: Transaction, register: float, now: datetime
    ) -> float | None:
        """Return what a register says of the session, in Wh; None if that is nothing.

        Some chargers tell what they have delivered in their life at the start and end only, and
        what they have in this session meanwhile: that is below the start, by more than rounding.
        """
        start = transaction.meter_start
        if start is None:
            return None
        if register < start:
            return register if 0 < register < start - GRACE else None
        if self._counted_from is None:
            self._counted_from = first_count(transaction, register, now)
        return register - self._counted_from

    def _note_end(self) -> None:
        """Keep what was charged in the session that is over, if one was running."""
        self._counted = self._counted_from = None
        if (session := self._data.session) is not None:
            ended = (*self._data.ended, session)[-_MOST_ENDED:]
            self._data = replace(self._data, ended=ended)


def _lowest(voltages: PerPhase | None, terminals: int) -> float | None:
    if voltages is None:
        return None
    plausible = [volts for volts in tuple(voltages)[:terminals] if volts >= _SOME_VOLTAGE]
    return min(plausible, default=None)
