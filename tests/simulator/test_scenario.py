import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.engine.decision import (
    Decision,
    Reason,
    ReasonCode,
    Setpoint,
    ZoneState,
)
from custom_components.headroom.engine.snapshot import ConnectorStatus, Snapshot
from simulator.run import Step, check, play, run
from simulator.scenario import SCHEMA, Scenario, parse_scenario
from simulator.validation import FileError

SHIPPED = sorted(Path("simulator/scenarios").glob("*.json"))

SITE = {
    "zones": [
        {"id": "house", "limit": [25, 24, 23], "supply": "dynamic"},
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

    def __init__(self, current: Callable[[int], float] = lambda _step: 10.0) -> None:
        self.snapshots: list[Snapshot] = []
        self._current = current

    def step(self, snapshot: Snapshot) -> Decision:
        current = self._current(len(self.snapshots))
        self.snapshots.append(snapshot)
        reason = Reason(code=ReasonCode.ZONE_LIMIT, current=current, zone="garage", phase=1)
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
        )


def played(given: Scenario, controller: Recorder | None = None) -> tuple[Recorder, list[Step]]:
    recorder = controller or Recorder()
    return recorder, list(play(given, recorder))


def complaints(*expect: dict[str, Any], controller: Recorder | None = None) -> list[str]:
    given = scenario(expect=list(expect), events=[{"at": 0, "connector": "A-1", "online": True}])
    return list(check(given, played(given, controller)[1]))


def test_schema_is_itself_valid() -> None:
    Draft202012Validator.check_schema(json.loads(SCHEMA.read_text(encoding="utf-8")))


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_shipped_scenarios_go_as_expected(file: Path) -> None:
    out, err = io.StringIO(), io.StringIO()
    assert run(file, out=out, err=err), err.getvalue()
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert len(lines) == json.loads(file.read_text(encoding="utf-8"))["duration"] + 1
    assert {"at", "decision", "currents"} == set(lines[0])
    assert "reasons" in next(iter(lines[-1]["decision"]["setpoints"].values()))


def test_there_are_shipped_scenarios() -> None:
    assert len(SHIPPED) == 4


def test_site_is_read_as_written() -> None:
    site = scenario().site
    assert site.zone_by_id["house"].limit == PerPhase(25, 24, 23)
    assert site.meters[0].max_age.total_seconds() == 8
    assert site.connector_by_id["A-1"].fallback == 6


def test_decisions_come_once_per_step_with_the_time_of_the_step() -> None:
    recorder, steps = played(scenario(step=2.5, start="2026-01-01T00:00:00+01:00"))
    assert [step.at for step in steps] == [0, 2.5, 5, 7.5, 10]
    assert recorder.snapshots[4].now.isoformat() == "2026-01-01T00:00:10+01:00"


def test_meter_events_last_and_silence_is_counted() -> None:
    events = [
        {"at": 2, "meter": "main", "currents": [1, 2, -3]},
        {"at": 4, "meter": "main", "silent": True},
        {"at": 7, "meter": "main", "silent": False},
    ]
    recorder, _ = played(scenario(events=events))
    readings = [snapshot.meters.get("main") for snapshot in recorder.snapshots]
    assert readings[:2] == [None, None]
    assert [r.missed for r in readings[2:] if r] == [0, 0, 1, 2, 3, 0, 0, 0, 0]
    assert readings[6] is not None
    assert readings[6].currents == PerPhase(1, 2, -3)
    assert readings[6].at == recorder.snapshots[3].now


def test_people_set_limits_and_pauses() -> None:
    events = [
        {"at": 1, "zone": "garage", "limit": 12},
        {"at": 1, "connector": "A-1", "limit": 8, "paused": True},
        {"at": 3, "zone": "garage", "limit": None},
        {"at": 3, "connector": "A-1", "limit": None, "paused": False},
    ]
    recorder, _ = played(scenario(events=events))
    shown = [(s.zone_limits, s.connector_limits, s.paused) for s in recorder.snapshots]
    assert shown[1] == shown[2] == ({"garage": 12.0}, {"A-1": 8.0}, frozenset({"A-1"}))
    assert shown[0] == shown[3] == ({}, {}, frozenset())


def test_connector_events_fill_the_reading() -> None:
    events = [
        {
            "at": 1,
            "connector": "A-1",
            "status": "charging",
            "drawn": [9, 0, 0],
            "offered": 10,
            "lease_until": 60,
            "fallback_refused": True,
            "session": "S1",
        },
        {"at": 3, "connector": "A-1", "online": False, "confirmed": None},
    ]
    recorder, _ = played(scenario(events=events))
    now = [snapshot.now for snapshot in recorder.snapshots]
    assert recorder.snapshots[0].connectors == {}
    first, second, lost = (recorder.snapshots[i].connectors["A-1"] for i in (1, 2, 4))
    assert (first.online, first.status, first.session) == (True, ConnectorStatus.CHARGING, "S1")
    assert (first.drawn, first.offered, first.fallback_refused) == (PerPhase(9, 0, 0), 10, True)
    assert first.lease_until is not None
    assert (first.lease_until - now[0]).total_seconds() == 60
    assert (first.confirmed, second.confirmed, lost.confirmed) == (0, 10, None)
    assert (second.confirmed_at, lost.confirmed_at) == (now[2], now[3])
    assert (lost.online, lost.drawn_at) == (False, now[2])


PLANT = {
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


@pytest.mark.parametrize(
    ("expected", "complaint"),
    [
        ({"equal": 10.04}, None),
        ({"equal": 11}, "setpoint is 10 A, expected 11 A"),
        ({"min": 12}, "at least 12 A"),
        ({"max": 8}, "at most 8 A"),
        ({"min": 10, "max": 10}, None),
        ({"reason": "zone_limit"}, None),
        ({"reason": "paused"}, "no reason paused, only zone_limit"),
    ],
)
def test_expectations_of_connectors(expected: dict[str, Any], complaint: str | None) -> None:
    found = complaints({"at": 5, "connector": "A-1", **expected})
    assert found == [] if complaint is None else complaint in found[0]


@pytest.mark.parametrize(
    ("expected", "complaint"),
    [
        ({"min": 18, "max": 20}, None),
        ({"equal": 19}, "budget L1 is 20 A"),
        ({"equal": 19, "phase": "L2"}, None),
        ({"reason": "zone_limit"}, None),
        ({"reason": "zone_limit", "phase": "L1"}, "only none"),
        ({"degraded": False}, None),
        ({"degraded": True}, "degraded is False"),
    ],
)
def test_expectations_of_zones(expected: dict[str, Any], complaint: str | None) -> None:
    found = complaints({"at": 5, "zone": "garage", **expected})
    assert found == [] if complaint is None else complaint in found[0]


def test_never_above_limit_looks_at_every_zone_and_phase() -> None:
    too_much = Recorder(lambda step: 26.0 if step in {3, 4, 5} else 10.0)
    found = complaints({"invariant": "never_above_limit"}, controller=too_much)
    assert found == [
        "second 3: zone house: 26.0 A on L2, above 24 A since second 3",
        "second 3: zone garage: 26.0 A on L2, above 20 A since second 3",
    ]


@pytest.mark.parametrize(("grace", "count"), [(2, 1), (3, 0)])
def test_never_above_limit_for_longer_than_the_grace(grace: float, count: int) -> None:
    too_much = Recorder(lambda step: 22.0 if step in {3, 4, 5} else 10.0)
    invariant = {"invariant": "never_above_limit", "zone": "garage", "grace": grace}
    assert len(complaints(invariant, controller=too_much)) == count


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"schema": 2}, r"\$.schema"),
        ({"duration": -1}, r"\$.duration"),
        ({"start": "2026-01-01T00:00:00"}, "offset|date-time"),
        (
            {
                "site": {
                    **SITE,
                    "chargers": [{"id": "A", "zone": "attic", "connectors": [{"id": "x"}]}],
                }
            },
            "unknown_zone",
        ),
        ({"plant": {"cars": [{"connector": "A-1", "stored": 99_999}]}}, "cannot hold"),
        ({"plant": {"cars": [{"connector": "B-1"}]}}, "unknown connector B-1"),
        ({"plant": {"loads": [{"zone": "attic"}]}}, "unknown zone attic"),
        ({"events": [{"at": 1, "meter": "side", "silent": True}]}, "unknown meter side"),
        ({"events": [{"at": 11, "meter": "main", "silent": True}]}, "after the end"),
        ({"events": [{"at": 1, "meter": "main"}]}, r"\$.events"),
        ({"expect": [{"at": 1, "zone": "attic", "min": 1}]}, "unknown zone attic"),
        ({"expect": [{"invariant": "never_above_limit", "zone": "attic"}]}, "unknown zone attic"),
        ({"expect": [{"invariant": "always_sunny"}]}, r"\$.expect"),
        (
            {"plant": {}, "events": [{"at": 1, "connector": "A-1", "status": "charging"}]},
            "status of connector A-1 with a plant",
        ),
        (
            {"plant": {}, "events": [{"at": 1, "meter": "main", "currents": [1, 2, 3]}]},
            "currents of meter main with a plant",
        ),
        (
            {
                "events": [
                    {"at": 1, "zone": "house", "load": {"current": 1, "phase": "L1", "seconds": 1}}
                ]
            },
            "load of zone house without a plant",
        ),
    ],
)
def test_wrong_scenarios_say_why(wrong: dict[str, Any], why: str) -> None:
    with pytest.raises(FileError, match=why):
        scenario(**wrong)


def test_an_invariant_and_an_expectation_are_told_apart() -> None:
    given = scenario(
        expect=[{"invariant": "never_above_limit"}, {"at": 1, "zone": "house", "min": 1}]
    )
    assert (len(given.invariants), len(given.expectations)) == (1, 1)
    assert replace(given.expectations[0], at=2).at == 2


def test_the_example_of_the_documentation_goes_as_expected(tmp_path: Path) -> None:
    page = SCHEMA.with_name("scenario.md").read_text(encoding="utf-8")
    example = tmp_path / "example.json"
    example.write_text(page.split("```json\n")[1].split("```")[0], encoding="utf-8")
    err = io.StringIO()
    assert run(example, out=io.StringIO(), err=err), err.getvalue()
