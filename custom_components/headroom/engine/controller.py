"""The controller: one decision for the whole site, step by step."""

from datetime import datetime, timedelta

from .acting.explain import explain
from .acting.load_table import LoadGroup, PhaseLoad, load_table
from .acting.lowering import lower
from .acting.raising import raise_
from .decision import Decision
from .known.phases import PhaseUse
from .lookout import Lookout
from .memory.state import ConnectorState, ControllerState
from .sharing.narrowing import consider_phases
from .sharing.targets import fair_shares
from .site.degraded import OfflinePolicy
from .site.model import Site
from .snapshot import Snapshot
from .tuning import Tuning


class SiteController:
    """Decides the setpoints of a site. Pure: time comes in with the snapshot.

    The invariant: for every zone and phase the sum of the worst currents that its connectors may
    draw stays within the budget. A connector's worst current is the highest of its new setpoint,
    an older one that it has not confirmed, its measured draw, and its fallback while contact is
    lost. So currents are lowered at once, and raised only into room that nobody holds any more.
    When a budget shrinks, the sum is above it for as long as cars need to come down.
    """

    def __init__(
        self, site: Site, state: ControllerState | None = None, tuning: Tuning | None = None
    ) -> None:
        self._tuning = tuning or Tuning()
        self._state = state or ControllerState()
        self._awake = False
        self._site = Site()
        self._lookout = Lookout(self._site, self._state, self._tuning)
        self.reconfigure(site)

    @property
    def site(self) -> Site:
        """Return the site as it is now."""
        return self._site

    @property
    def state(self) -> ControllerState:
        """Return what must survive a restart."""
        return self._state

    def reconfigure(self, site: Site) -> None:
        """Go on with a changed site; what stays of it keeps its memory."""
        known = self._state.connectors
        self._state.departures.note(self._site, site, known)
        for key, connector in site.connector_by_id.items():
            before = self._site.connector_by_id.get(key)
            if before is not None and before.wiring is not connector.wiring:
                known[key].phase_use = PhaseUse()
        self._state.connectors = {
            key: known.get(key) or self._newcomer(key) for key in site.connector_by_id
        }
        self._site = site
        self._state.forget_zones(site.zone_by_id)
        self._lookout.turn_to(site)

    def _newcomer(self, key: str) -> ConnectorState:
        """Return the memory of a connector that is new, or was taken out a moment ago."""
        now, tuning = self._state.stepped_at, self._tuning
        latest = None if now is None else now + tuning.longest_lease + tuning.lease_grace
        return self._state.departures.hand_over(key, ConnectorState(), latest)

    def stand_down(self, now: datetime) -> dict[str, float]:
        """Lower every connector to its fallback, for nobody will watch; return the setpoints.

        One that is to keep its setpoint without contact keeps it (A11.6, mode 1).
        """
        for key, state in self._state.connectors.items():
            if self._site.connector_by_id[key].offline is not OfflinePolicy.KEEP:
                state.command(min(state.commanded, self._site.fallback_of[key]), now)
        return {key: state.commanded for key, state in self._state.connectors.items()}

    def step(self, snapshot: Snapshot) -> Decision:
        """Decide what every connector gets now."""
        elapsed = self._keep_time(snapshot)
        view = self._lookout.look(snapshot, elapsed)
        targets = fair_shares(view)
        consider_phases(view, targets, elapsed)
        lower(view, targets)
        held_back = raise_(view, targets)
        return explain(view, targets, held_back)

    def load_table(self, decision: Decision, zone: str) -> dict[tuple[LoadGroup, int], PhaseLoad]:
        """Return how the connectors of a zone stand against its budget (A6.2, A6.3)."""
        members = [
            member
            for key, member in decision.members.items()
            if zone in self._site.path(self._site.zone_of[key])
        ]
        return load_table(members, decision.zones[zone].budget)

    def _keep_time(self, snapshot: Snapshot) -> timedelta:
        """Let what ends by time end; return the time since the last step."""
        tuning, before = self._tuning, self._state.stepped_at
        if not self._awake:
            self._awake = True
            maxima = {c.id: c.max_current for c in self._site.connectors}
            self._state.awaken(maxima, snapshot.now, tuning)
            before = None
        self._state.follow_clock(snapshot.now)
        self._state.departures.expire(
            snapshot, tuning.longest_lease + tuning.lease_grace, tuning.settle
        )
        return timedelta() if before is None else max(timedelta(), snapshot.now - before)
