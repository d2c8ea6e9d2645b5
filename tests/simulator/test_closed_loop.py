"""The world of a scenario with a plant: chargers, cars and loads that follow the setpoints."""

from dataclasses import replace
from typing import Any, override

import pytest

from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.engine.decision import Decision
from custom_components.headroom.engine.snapshot import ConnectorReading, ConnectorStatus, Snapshot

from .playing import SITE, Recorder, played, scenario

PLANT: dict[str, Any] = {
    "loads": [{"zone": "house", "currents": [1, 2, 3]}],
    "cars": [
        {
            "connector": "A-1",
            "arrives": 1,
            "stays": 30,
            "start_delay": 1,
            "reaction": 0,
            "ramp_up": 1,
        }
    ],
}


def test_a_plant_follows_the_setpoints() -> None:
    recorder, steps = played(scenario(duration=40, plant=PLANT))
    readings = [snapshot.connectors["A-1"] for snapshot in recorder.snapshots]
    assert [r.status for r in (readings[0], readings[1], readings[10], readings[35])] == [
        ConnectorStatus.AVAILABLE,
        ConnectorStatus.SUSPENDED_EV,
        ConnectorStatus.CHARGING,
        ConnectorStatus.AVAILABLE,
    ]
    assert readings[10].drawn == PerPhase(10, 0, 0)
    assert (readings[10].offered, readings[10].confirmed, readings[10].session) == (10, 10, "A-1-1")
    assert readings[35].session is None
    assert steps[10].currents["house"] == PerPhase(1, 12, 3)
    assert recorder.snapshots[10].meters["main"].currents == PerPhase(1, 12, 3)


def test_a_setpoint_takes_its_latency() -> None:
    given = scenario(plant={**PLANT, "latency": 3})
    recorder, _ = played(given, Recorder(lambda step: 0.0 if step < 4 else 12.0))
    confirmed = [snapshot.connectors["A-1"].confirmed for snapshot in recorder.snapshots]
    assert confirmed == [6, 6, 6, 0, 0, 0, 0, 12, 12, 12, 12]


def test_a_pause_shows_as_suspended_by_the_charger() -> None:
    recorder, _ = played(scenario(plant=PLANT), Recorder(lambda _step: 0.0))
    assert recorder.snapshots[9].connectors["A-1"].status is ConnectorStatus.SUSPENDED_EVSE


def test_a_lost_charger_falls_back_when_its_lease_ends() -> None:
    events = [
        {"at": 10, "connector": "A-1", "online": False},
        {"at": 30, "connector": "A-1", "online": True},
    ]
    given = scenario(duration=40, plant={**PLANT, "lease": 8}, events=events)
    recorder, _ = played(given)
    readings = [snapshot.connectors["A-1"] for snapshot in recorder.snapshots]
    assert [readings[i].online for i in (9, 10, 29, 30)] == [True, False, False, True]
    assert [readings[i].confirmed for i in (16, 17, 30, 31)] == [10, 6, 6, 10]
    assert readings[20].drawn_at == recorder.snapshots[9].now


def test_loads_and_silent_meters_with_a_plant() -> None:
    events = [
        {"at": 2, "zone": "house", "load": {"current": 9.5, "phase": "L3", "seconds": 3}},
        {"at": 3, "zone": "garage", "limit": 12},
        {"at": 6, "meter": "main", "silent": True},
        {"at": 7, "connector": "A-1", "paused": True},
    ]
    recorder, steps = played(scenario(plant={"loads": PLANT["loads"]}, events=events))
    assert [step.currents["house"].l3 for step in steps][1:6] == [3, 3, 12.5, 12.5, 3]
    assert recorder.snapshots[8].meters["main"].missed == 3
    assert recorder.snapshots[8].paused == {"A-1"}


def test_appliances_follow_the_seed() -> None:
    loads = [{"zone": "house", "appliances": ["oven"]}]

    def course(seed: int) -> list[PerPhase]:
        given = scenario(duration=300, plant={"seed": seed, "loads": loads})
        return [step.currents["house"] for step in played(given)[1]]

    assert course(1) == course(1)
    assert course(1) != course(2)


def readings_of(recorder: Recorder) -> list[ConnectorReading]:
    return [snapshot.connectors["A-1"] for snapshot in recorder.snapshots]


def test_a_car_shows_its_badge_and_the_charger_counts_its_energy() -> None:
    cars = [{**PLANT["cars"][0], "badge": "CAFE"}]
    recorder, _ = played(scenario(duration=40, plant={"cars": cars}))
    readings = readings_of(recorder)
    assert [readings[i].badge for i in (0, 1, 35)] == [None, "CAFE", None]
    assert (readings[0].energy, readings[1].energy, readings[35].energy) == (None, 0, None)
    assert readings[30].energy == pytest.approx(10 * 230 * 27 / 3600, rel=0.1)


def test_the_next_car_is_another_session_from_0_wh() -> None:
    cars = [PLANT["cars"][0], {"connector": "A-1", "arrives": 36}]
    recorder, _ = played(scenario(duration=40, plant={"cars": cars}))
    last = readings_of(recorder)[-1]
    assert (last.session, last.energy) == ("A-1-2", 0)


def test_chargers_can_be_told_apart_by_what_they_can_do() -> None:
    events = [
        {"at": 2, "connector": "A-1", "per_phase": False},
        {"at": 4, "connector": "A-1", "can_toggle_pilot": True},
    ]
    recorder, _ = played(scenario(plant=PLANT, events=events))
    shown = [(reading.per_phase, reading.can_toggle_pilot) for reading in readings_of(recorder)]
    assert (shown[1], shown[3], shown[5]) == ((True, False), (False, False), (False, True))


class Toggler(Recorder):
    """Interrupts the pilot signal at one step."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self._at = at

    @override
    def step(self, snapshot: Snapshot) -> Decision:
        decision = super().step(snapshot)
        setpoint = decision.setpoints["A-1"]
        toggled = replace(setpoint, toggle_pilot=len(self.snapshots) == self._at)
        return replace(decision, setpoints={"A-1": toggled})


@pytest.mark.parametrize(("able", "drawn"), [(True, 10), (False, 0)])
def test_an_interrupted_pilot_wakes_a_car(able: bool, drawn: float) -> None:
    cars = [{**PLANT["cars"][0], "falls_asleep": 0, "wakes": "pilot"}]
    events = [{"at": 0, "connector": "A-1", "can_toggle_pilot": able}]
    given = scenario(duration=25, plant={"cars": cars}, events=events)
    readings = readings_of(played(given, Toggler(12))[0])
    assert readings[11].status is ConnectorStatus.SUSPENDED_EV
    assert readings[20].drawn == PerPhase(drawn, 0, 0)


def lost(policy: str, *cars: dict[str, Any], **connector: Any) -> list[float | None]:
    """Return what a charger accepts that is lost from second 10 on, with a lease of 5 s."""
    outlet = {"id": "A-1", "wiring": "mono2", "offline": policy, **connector}
    chargers = [{"id": "A", "zone": "garage", "connectors": [outlet]}]
    given = scenario(
        site={**SITE, "chargers": chargers},
        duration=30,
        plant={"lease": 5, "cars": [*cars]},
        events=[{"at": 10, "connector": "A-1", "online": False}],
    )
    return [reading.confirmed for reading in readings_of(played(given)[0])]


STAYS = {"connector": "A-1", "arrives": 0}
LEAVES = {"connector": "A-1", "arrives": 0, "stays": 18}
COMES = {"connector": "A-1", "arrives": 20}


@pytest.mark.parametrize(
    ("policy", "fallback", "served", "new"),
    [("fallback", 8, 8, 8), ("pause", 8, 0, 0), ("keep", 8, 10, 0), ("cap", 8, 8, 0)],
)
def test_what_a_charger_does_without_contact(
    policy: str, fallback: float, served: float, new: float
) -> None:
    with_car = lost(policy, STAYS, fallback=fallback)
    assert (with_car[13], with_car[30]) == (10, served)
    another = lost(policy, LEAVES, COMES, fallback=fallback)
    assert another[30] == new


def test_a_cap_raises_nobody() -> None:
    assert lost("cap", STAYS, fallback=15)[30] == 10
