"""What clock, plan and sun let each car of a site draw now."""

from collections.abc import Mapping

from ..decision import ReasonCode, Sunlight
from ..known.observation import Observation
from ..memory.state import ConnectorState
from ..site.model import Site
from ..snapshot import Snapshot
from ..sun.sunshine import Scene, Sunshine
from .off_peak import OffPeakHours
from .permit import Bound, Permits, SunMode, permitted


class Timing:
    """Asks every rule of time and sun about the connectors of one site."""

    def __init__(self, site: Site, states: Mapping[str, ConnectorState]) -> None:
        self._states = states
        self._clock = site.rules.clock
        self._sunshine = Sunshine(site, states)
        self._hours = OffPeakHours(site.rules.clock, site.rules.time_zone)

    def bounds(self, scene: Scene) -> tuple[dict[str, Bound], Sunlight]:
        """Return the bounds by connector id; who was told to charge at once has none."""
        snapshot, observations = scene.snapshot, scene.observations
        bounds: dict[str, Bound] = {}
        permits: dict[str, Permits] = {}
        for key, seen in observations.items():
            holds = self._holds(seen, snapshot)
            if self._is_forced(seen, snapshot):
                continue
            if holds:
                bounds[key] = Bound(0.0, ReasonCode.POWER_LOSS_WAIT)
            else:
                permits[key] = self._permits(seen, snapshot)
        sunlight, sunlit = self._sunshine.shine(scene, permits)
        for key, permit in sunlit.items():
            bound = self._bound(observations[key], permit, snapshot)
            if bound is not None:
                bounds[key] = bound
        return bounds, sunlight

    def _is_forced(self, seen: Observation, snapshot: Snapshot) -> bool:
        """Return whether a car charges at once; its waits are over then."""
        state = self._states[seen.connector.id]
        wished = seen.connector.id in snapshot.forced
        if not state.waits.force.follow(wished=wished, present=state.present):
            return False
        state.waits.let_go()
        return True

    def _bound(self, seen: Observation, permits: Permits, snapshot: Snapshot) -> Bound | None:
        entry = seen.connector.entry
        mode = snapshot.sun_modes.get(seen.connector.id, SunMode.OFF)
        bound = permitted(mode, permits, entry)
        if bound is not None and bound.current < entry:
            return bound
        return self._delay(seen, snapshot) or bound

    def _permits(self, seen: Observation, snapshot: Snapshot) -> Permits:
        plan = snapshot.plans.get(seen.connector.id)
        return Permits(
            clock=self._off_peak(seen, snapshot),
            plan=None if plan is None else plan.bound(snapshot.now),
        )

    def _holds(self, seen: Observation, snapshot: Snapshot) -> bool:
        """Return whether a car waits for a person since its charger has lost power."""
        state, key = self._states[seen.connector.id], seen.connector.id
        waits = state.waits
        lost = waits.power_loss.note(seen.reading.booted_at, state.arrived_at)
        if lost and state.present:
            waits.delay.renew()
            waits.power_loss.holds = True
        if self._clock.resumes or key in snapshot.paused:
            waits.power_loss.holds = False
        return waits.power_loss.holds

    def _off_peak(self, seen: Observation, snapshot: Snapshot) -> Bound | None:
        """Return how the hours bind a car (A8.6 to A8.8, A8.10)."""
        state, key = self._states[seen.connector.id], seen.connector.id
        waits, now = state.waits, snapshot.now
        if key not in snapshot.off_peak:
            waits.hours.forget()
            return None
        if not seen.reading.online or not state.present:
            return None
        hours, lot = self._hours.look(now), _lot(snapshot, key)
        changed = waits.hours.follow(self._clock, hours, now, lot)
        if changed and (waits.delay.is_over or not waits.hours.are_open):
            waits.delay.is_spent = True
        goes_on = (
            state.commanded > 0 and snapshot.sun_modes.get(key, SunMode.OFF) is not SunMode.OFF
        )
        waits.delay.follow(charging=goes_on)
        if waits.hours.are_open:
            waits.hours.charged |= state.commanded > 0
            return None
        if (start := hours.changes_at) is None:
            return Bound(0.0, ReasonCode.OFF_PEAK_WAIT)
        until = waits.delay.expect(start, now, self._clock.longest_delay, lot)
        return Bound(0.0, ReasonCode.OFF_PEAK_WAIT, until)

    def _delay(self, seen: Observation, snapshot: Snapshot) -> Bound | None:
        """Return how the randomised delay binds a car that nothing else keeps from charging."""
        state, key = self._states[seen.connector.id], seen.connector.id
        delay = state.waits.delay
        if key in snapshot.paused or snapshot.inputs.standstill is not None:
            delay.put_off()
            return None
        if not seen.reading.online or not state.present:
            return None
        until = delay.wait(snapshot.now, self._clock.longest_delay, _lot(snapshot, key))
        return None if until is None else Bound(0.0, ReasonCode.RANDOM_DELAY, until)


def _lot(snapshot: Snapshot, key: str) -> float:
    """Return a connector's lot; without one the delay is as long as it may be."""
    return snapshot.lots.get(key, 1.0)
