"""What each connector draws now, may draw now, and may have drawn when a meter looked.

Commands take effect with a delay, and meters and chargers measure at different moments. So a
draw is known as an interval: what the car was offered within the settling time, and what was
measured. The high end is used for cuts, so that a cut on its way is not made twice; the low end
for raises, so that current on its way is not given away twice.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple

from ..currents import PerPhase
from ..memory.state import ConnectorState
from ..site.degraded import OfflinePolicy
from ..site.model import Connector
from ..snapshot import ConnectorReading, ConnectorStatus, Snapshot
from ..tuning import Tuning

_NOTHING: Final = PerPhase()
_SILENT: Final = ConnectorReading()
_MEMORY: Final = 3
"""Setpoints are remembered for so many times the age at which a measured draw is stale."""


class Draw(NamedTuple):
    """Bounds in A per grid phase of what may have been drawn when the meters looked."""

    low: PerPhase
    high: PerPhase


@dataclass(slots=True, kw_only=True)
class Observation:
    """One connector as the step sees it; currents in A per grid phase."""

    connector: Connector
    reading: ConnectorReading
    phases: tuple[int, ...]
    """Grid phases that its car may use."""
    drawn: PerPhase
    """Last measured draw; 0 where nothing is known."""
    low: PerPhase
    """Least that it may have drawn when the meters looked."""
    high: PerPhase
    """Most that it may have drawn when the meters looked."""
    nominal: Draw
    """The same if what its car leaves of any setpoint counts as drawn."""
    worst: float
    """Most that it may draw on each of these phases from now on."""
    excess: float
    """What it steadily draws above its setpoint."""
    measured: bool
    """There is a fresh measurement of the draw."""
    steady_at: datetime | None
    """When the draw was measured, if the setpoint had been the same for the settling time."""
    held: bool
    """Commands do not reach it or are not followed: `worst` cannot be lowered now."""


def observe(
    connector: Connector,
    fallback: float,
    state: ConnectorState,
    snapshot: Snapshot,
    *,
    looked_at: datetime,
    tuning: Tuning,
) -> Observation:
    """Look at one connector and bring its state's worst case up to date.

    `fallback` is what the connector takes when contact with it is lost, in A; `looked_at` is
    when the oldest meter reading in use was taken.
    """
    reading = snapshot.connectors.get(connector.id, _SILENT)
    state.note_status(reading.status, snapshot.now)
    if state.offers:
        state.forget_offers_before(snapshot.now - _MEMORY * tuning.stale_draw)
    phases = _phases(connector, reading, state)
    look = _Look(connector, fallback, reading, state, snapshot, looked_at, tuning, phases)
    held = look.update_worst()
    draw = look.draw_bounds()
    leaves = state.appetite.leaves
    steady_at = look.steady_at()
    return Observation(
        connector=connector,
        reading=reading,
        phases=phases,
        drawn=look.drawn,
        low=draw.low,
        high=draw.high,
        nominal=look.draw_bounds(leaves) if leaves else draw,
        worst=state.worst,
        excess=0.0 if held or steady_at is None else look.excess(),
        measured=not look.stale,
        steady_at=steady_at,
        held=held,
    )


def _phases(
    connector: Connector, reading: ConnectorReading, state: ConnectorState
) -> tuple[int, ...]:
    """Return the phases to count: all of them while nobody knows.

    That is without contact, and while the charger is told to switch phases.
    """
    if reading.online and not state.phase_switch.is_switching:
        state.phase_use.learn(reading, connector.wiring)
    else:
        state.phase_use.forget()
    return state.phase_use.phases(connector.wiring)


@dataclass(slots=True, eq=False)
class _Look:
    connector: Connector
    fallback: float
    reading: ConnectorReading
    state: ConnectorState
    snapshot: Snapshot
    looked_at: datetime
    tuning: Tuning
    phases: tuple[int, ...]
    stale: bool = field(init=False)
    """The last measured draw says nothing about now."""
    drawn: PerPhase = field(init=False)
    """The measured draw on the grid's phases, 0 if it is not known."""
    _last_drawn: PerPhase = field(init=False)
    """What was measured last, however old it is."""
    _measured_at: datetime | None = field(init=False)
    """When the draw was measured; what lies in the future was before a leap back."""

    def __post_init__(self) -> None:
        """Look at the measured draw."""
        reading, now, at = self.reading, self.snapshot.now, self.reading.drawn_at
        self._measured_at = None if at is None or at > now else at
        self.stale = at is None or at > now or now - at > self.tuning.stale_draw
        self._last_drawn = (
            _NOTHING if reading.drawn is None else self.connector.wiring.to_grid(reading.drawn)
        )
        self.drawn = _NOTHING if self.stale else self._last_drawn

    def update_worst(self) -> bool:
        """Set the worst case; return whether it is beyond control."""
        state, tuning = self.state, self.tuning
        if not self.reading.online:
            state.worst = self._worst_offline()
            return True
        state.expected_until = None
        if not self.reading.fallback_refused:
            state.fallback = self.fallback
        if self.reading.confirmed is not None:
            state.held_until = None
        promised = self._promised()
        draw = self.drawn.largest() if self._measured_since(state.commanded_at) else 0.0
        if promised >= state.worst or self._followed(promised, draw):
            state.worst = promised
        state.worst = max(state.worst, draw)
        return state.note_excess(
            self._above_since(), self.snapshot.now, tuning.tolerance, tuning.settle
        )

    def _above_since(self) -> datetime:
        """Return since when the worst case counts as too high, if it is.

        A draw above a setpoint that had settled is given less time to come down by itself.
        """
        early = self.tuning.settle - self.tuning.overdraw_after
        is_settled = self.steady_at() is not None and not self.stale
        return self.snapshot.now - early if is_settled else self.snapshot.now

    def _measured_since(self, moment: datetime | None) -> bool:
        measured_at = self._measured_at
        return moment is None or (measured_at is not None and measured_at >= moment)

    def steady_at(self) -> datetime | None:
        """Return when the draw was measured, if the last command had had its effect by then."""
        measured_at = self._measured_at
        if measured_at is None or self.state.changed_since(measured_at - self.tuning.settle):
            return None
        return measured_at

    def excess(self) -> float:
        """Return what is drawn above the setpoint."""
        return max(0.0, self.drawn.largest() - self.state.commanded)

    def _worst_offline(self) -> float:
        """Return what a lost charger may draw: its lease while it runs, then its fallback.

        Where no test has shown the fallback, room for the maximum is made before the lease ends.
        Soon after a start contact is missing for Headroom's sake, and what is stored still holds;
        unless the power may have been lost too, and the charger is known to start without a limit.

        A fallback that was changed since does not reach it, so the higher one counts. One that
        keeps its setpoint without contact may draw it until it is back (A11.5).
        """
        reading, expected_until = self.reading, self.state.expected_until
        if expected_until is not None and reading.starts_free:
            return self.connector.max_current
        if self.connector.offline is OfflinePolicy.KEEP:
            return self.connector.max_current if self.state.defiant else self.state.worst
        known = max(self.fallback, self.state.fallback or 0.0)
        if expected_until is not None and self.snapshot.now < expected_until:
            return max(self.state.worst, known)
        free = reading.fallback_refused or self.state.defiant
        unproven = reading.starts_free or self.connector.id in self.snapshot.unproven
        lease_until = reading.lease_until or (None if unproven else self.state.held_until)
        if lease_until is not None and not free:
            left = lease_until - self.snapshot.now
            if left > (self.tuning.settle if unproven else -self.tuning.lease_grace):
                return max(self.state.worst, known)
        return self.connector.max_current if free or unproven else known

    def _promised(self) -> float:
        """Return the highest current that the charger may offer by what it was told."""
        state = self.state
        if self.reading.confirmed is not None:
            state.unknown_since = None
            return max(self.reading.confirmed, state.commanded)
        if state.unknown_since is None:
            state.unknown_since = self.snapshot.now
        if self.snapshot.now - state.unknown_since < self.tuning.settle:
            return max(state.worst, state.commanded, self.fallback)
        return self.connector.max_current

    def _followed(self, promised: float, draw: float) -> bool:
        """Return whether a lower promise has reached the car, by measurement or by time.

        Who did not follow when it was measured is not believed before it is measured again.
        """
        confirmed_at, drawn_at = self.reading.confirmed_at, self._measured_at
        if confirmed_at is None:
            return False
        if confirmed_at > self.snapshot.now:  # the clock was set back
            return draw <= promised + self.tuning.tolerance
        if drawn_at is not None and drawn_at > confirmed_at:
            return draw <= promised + self.tuning.tolerance
        if self.state.defiant and not self.stale:
            return False
        return self.snapshot.now - confirmed_at >= self.tuning.settle

    def draw_bounds(self, leaves: float = 0.0) -> Draw:
        """Return the least and the most that may have been drawn when the meters looked.

        `leaves` is what counts as drawn besides, in A, on the phases that are in use.
        """
        phases, reading, state = self.phases, self.reading, self.state
        if not reading.online:
            return Draw(_NOTHING, self._last_drawn.lowest(PerPhase.on(phases, state.worst)))
        measured_at = self._measured_at
        if reading.drawn is None or measured_at is None or self.stale:
            most = self._highest_recent_offer() if reading.status in _MAY_DRAW else 0.0
            return Draw(_NOTHING, PerPhase.on(phases, most))
        drawn = self._last_drawn
        if leaves:
            drawn += PerPhase.on(tuple(p for p in phases if drawn[p] > leaves), leaves)
        settled_by = min(self.looked_at, measured_at) - self.tuning.settle
        if not state.changed_since(settled_by):
            return Draw(drawn, drawn)
        low = drawn.lowest(PerPhase.on(phases, min(state.offers_since(settled_by))))
        high = PerPhase.on(phases, self._highest_recent_offer())
        if self._measured_since(state.commanded_at):
            high = high.highest(drawn)
        return Draw(low, high)

    def _highest_recent_offer(self) -> float:
        return max(self.state.offers_since(self.looked_at - self.tuning.settle))


_MAY_DRAW = frozenset({ConnectorStatus.CHARGING, ConnectorStatus.UNKNOWN})
