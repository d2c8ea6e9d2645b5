"""A small site, scenarios of it, and a controller that does what a test says."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from custom_components.headroom.engine.acting.load_table import Member, load_table
from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.engine.decision import (
    Decision,
    Reason,
    ReasonCode,
    Setpoint,
    ZoneState,
)
from custom_components.headroom.engine.snapshot import Snapshot
from simulator.run import LoadTable, Step, play
from simulator.scenario import Scenario, parse_scenario

HOUSE = {"id": "house", "limit": [25, 24, 23], "supply": "dynamic"}
SITE: dict[str, Any] = {
    "zones": [
        HOUSE,
        {"id": "garage", "limit": 20, "parent": "house"},
    ],
    "meters": [{"id": "main", "zone": "house", "max_age": 8}],
    "chargers": [
        {
            "id": "A",
            "zone": "garage",
            "connectors": [{"id": "A-1", "wiring": "mono2", "fallback": 6}],
        }
    ],
}


def scenario(**more: Any) -> Scenario:
    return parse_scenario({"schema": 1, "name": "Test", "site": SITE, "duration": 10, **more})


class Recorder:
    """A controller that commands what the test says and keeps what it was shown."""

    def __init__(
        self,
        current: Callable[[int], float] = lambda _step: 10.0,
        *,
        ends: float | None = None,
        spent_forces: frozenset[str] = frozenset(),
    ) -> None:
        self.snapshots: list[Snapshot] = []
        self._current = current
        self._ends = ends
        self._spent_forces = spent_forces

    def step(self, snapshot: Snapshot) -> Decision:
        current = self._current(len(self.snapshots))
        self.snapshots.append(snapshot)
        start = self.snapshots[0].now
        reason = Reason(
            code=ReasonCode.ZONE_LIMIT,
            current=current,
            zone="garage",
            phase=1,
            until=None if self._ends is None else start + timedelta(seconds=self._ends),
        )
        state = ZoneState(
            limit=PerPhase.same(20),
            measured=None,
            budget=PerPhase(20, 19, 18),
            drawn=PerPhase(),
            committed=PerPhase(),
            headroom=PerPhase(),
            degraded=False,
            reasons=((), (reason,), ()),
        )
        return Decision(
            setpoints={"A-1": Setpoint(current=current, reasons=(reason,))},
            zones={"house": state, "garage": state},
            spent_forces=self._spent_forces,
        )

    def load_table(self, decision: Decision, zone: str) -> LoadTable:
        member = Member(
            connector="A-1", phases=(1,), charging=zone == "garage", floor=6, cap=32, rank=(0,)
        )
        return load_table([member], decision.zones[zone].budget)


def played(given: Scenario, controller: Recorder | None = None) -> tuple[Recorder, list[Step]]:
    recorder = controller or Recorder()
    return recorder, list(play(given, recorder))
