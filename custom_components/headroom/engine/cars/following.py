"""What each car is seen to do: since when it is there, what it has had, whether it is awake."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ..known.observation import Observation
from ..known.phases import IDLE
from ..known.power import NOMINAL_VOLTAGE
from ..memory.state import ConnectorState
from ..site.model import Rules
from ..snapshot import ConnectorStatus, Snapshot
from .asleep import Alertness, Rung, Seen, Wakefulness, WakePolicy, WakeStep, WakeUp, wake, watch
from .day import morning_after
from .phase_switch import PhasesSeen

_WAKING: Final = {can_toggle: WakePolicy(can_toggle=can_toggle) for can_toggle in (False, True)}
_GIVEN_UP: Final = frozenset({Alertness.ASLEEP, Alertness.SPENT})


@dataclass(slots=True, kw_only=True)
class Car:
    """How the car at a connector answers to what it is offered."""

    wakefulness: Wakefulness
    wake_up: WakeUp

    @property
    def asleep(self) -> bool:
        """Return whether its share is given away (A7.2)."""
        return self.wakefulness.alertness in _GIVEN_UP

    @property
    def held_off(self) -> bool:
        """Return whether it is offered nothing for a moment so that it wakes."""
        return self.wake_up.hold_off

    @property
    def does_not_wake(self) -> bool:
        """Return whether everything has been tried."""
        return self.wake_up.rung is Rung.REPORTED

    @property
    def wants_pilot_toggled(self) -> bool:
        """Return whether its charger is to interrupt the pilot signal now."""
        return self.wake_up.step is WakeStep.TOGGLE_PILOT


def follow(
    observation: Observation,
    state: ConnectorState,
    rules: Rules,
    now: datetime,
    elapsed: timedelta,
) -> Car:
    """Bring what is remembered of a connector's car up to date.

    `elapsed` is the time since the last step.
    """
    state.note_car(observation.reading, now)
    _count_energy(observation, state, elapsed)
    _watch_appetite(observation, state)
    seen = _seen(observation, state)
    policy = _WAKING[observation.reading.can_toggle_pilot]
    return Car(
        wakefulness=watch(state.slumber, seen, rules.queue, now),
        wake_up=wake(state.slumber, seen, policy, now),
    )


def follow_phases(
    observation: Observation, state: ConnectorState, rules: Rules, snapshot: Snapshot
) -> None:
    """Go on with what is wanted of the number of phases that a connector uses."""
    key, reading = observation.connector.id, observation.reading
    now, zone = snapshot.now, rules.time_zone
    state.wear.forget_switches_of_yesterday(now, zone)
    automatic = key in snapshot.automatic_phases
    if not automatic or not state.present:
        state.narrowing.forget()
    seen = PhasesSeen(
        wanted=state.automatic_phases if automatic else snapshot.phase_counts.get(key),
        shown=reading.phase_count,
        several_in_use=state.phase_use.several,
        online=reading.online,
        at_rest=_is_at_rest(observation),
        failed=key in snapshot.failed_switches,
        tomorrow=morning_after(now, zone) if state.wear.switches else None,
    )
    state.phase_switch.follow(seen, state.wear, rules.wear, now)


def _is_at_rest(observation: Observation) -> bool:
    """Return whether the charger has taken a setpoint of 0 and its car draws nothing."""
    if not observation.measured and observation.reading.status is ConnectorStatus.CHARGING:
        return False
    return observation.worst <= IDLE and not observation.held


def _count_energy(observation: Observation, state: ConnectorState, elapsed: timedelta) -> None:
    """Count by the measured draw, unless the charger counts by itself.

    A charger that measures nothing is taken to draw what it may.
    """
    reading = observation.reading
    if observation.measured:
        current = sum([current for current in observation.drawn if current > 0])
    elif reading.online and reading.status is ConnectorStatus.CHARGING:
        current = state.commanded * len(observation.phases)
    else:
        current = 0.0
    if current:
        state.turn.count(current * NOMINAL_VOLTAGE, elapsed)
    if reading.energy is not None:
        state.turn.energy = max(0.0, reading.energy)


def _watch_appetite(observation: Observation, state: ConnectorState) -> None:
    reading = observation.reading
    charging = reading.online and reading.status is ConnectorStatus.CHARGING
    if not charging or state.commanded < observation.connector.entry:
        state.appetite.forget()
    elif observation.steady_at is not None:
        state.appetite.watch(
            observation.drawn.largest(),
            state.commanded,
            step=observation.connector.step,
            at=observation.steady_at,
        )


def _seen(observation: Observation, state: ConnectorState) -> Seen:
    reading = observation.reading
    known = reading.online and reading.status.tells_of_car
    confirmed = state.commanded if reading.confirmed is None else reading.confirmed
    return Seen(
        plugged=reading.status.has_car if known else None,
        status=reading.status,
        drawn=observation.drawn.largest() if observation.measured else None,
        offered=min(state.commanded, confirmed),
        floor=observation.connector.entry,
        session=reading.session,
    )
