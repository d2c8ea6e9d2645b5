import io
import json
from dataclasses import fields, replace
from datetime import time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from jsonschema import Draft202012Validator

from custom_components.headroom.engine.cars.asleep import QueuePolicy
from custom_components.headroom.engine.cars.wear import WearPolicy
from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.engine.inputs import Ask, Inputs, LimitUnit, ZoneLimit
from custom_components.headroom.engine.site.breaker import ProtectiveDevice
from custom_components.headroom.engine.site.degraded import OfflinePolicy
from custom_components.headroom.engine.site.model import (
    Connector,
    Meter,
    MeterRole,
    Rules,
    SharingMode,
    Zone,
)
from custom_components.headroom.engine.site.tariff import TariffPeriod
from custom_components.headroom.engine.snapshot import ConnectorReading, ConnectorStatus
from custom_components.headroom.engine.sun.rules import (
    BatteryPolicy,
    BatteryRules,
    Eater,
    Metering,
    SunRules,
)
from custom_components.headroom.engine.turns.rotation import SheddingPriority
from custom_components.headroom.engine.when.off_peak import ClockRules, WeekendRule
from custom_components.headroom.engine.when.permit import SunMode
from custom_components.headroom.engine.when.weekly import WeeklySlot
from simulator.plant.ev import CarModel
from simulator.run import check, run
from simulator.scenario import SCHEMA
from simulator.scenario_site import read_site
from simulator.validation import FileError

from .playing import HOUSE, SITE, Recorder, played, scenario


def complaints(*expect: dict[str, Any], controller: Recorder | None = None) -> list[str]:
    given = scenario(expect=list(expect), events=[{"at": 0, "connector": "A-1", "online": True}])
    recorder, steps = played(given, controller)
    return list(check(given, steps, recorder))


def test_schema_is_itself_valid() -> None:
    Draft202012Validator.check_schema(json.loads(SCHEMA.read_text(encoding="utf-8")))


def test_site_is_read_as_written() -> None:
    site = scenario().site
    assert site.zone_by_id["house"].limit == PerPhase(25, 24, 23)
    assert site.meters[0].max_age.total_seconds() == 8
    assert site.connector_by_id["A-1"].fallback == 6


def test_everything_the_engine_can_be_told_is_read() -> None:
    zone = {
        "id": "garage",
        "limit": 20,
        "parent": "house",
        "margin": 5,
        "cluster_max": 18,
        "power": 9000,
        "unbalance": 7,
        "protection": "mcb_b",
        "sharing": "combined",
        "fifo_share": 0.3,
        "assumed_loads": [1, 2, 3],
        "scale_fallback": True,
    }
    connector = {"id": "A-1", "offline": "cap", "vip": True, "priority": True, "order": 7}
    rules = {
        "shedding": "connector_order",
        "queue": {"low_draw": True, "wait": 60, "retries": 2, "retry_period": 30},
        "wear": {"stops": 2, "min_on": 120, "min_off": 30},
        "priority_hours": [7, 8],
        "time_zone": "Europe/Paris",
    }
    site = scenario(
        site={
            "zones": [HOUSE, zone],
            "meters": [{"id": "oven", "zone": "garage", "reporting": True}],
            "chargers": [{"id": "A", "zone": "garage", "connectors": [connector]}],
            "rules": rules,
        }
    ).site
    assert site.zone_by_id["garage"] == Zone(
        id="garage",
        limit=PerPhase.same(20),
        parent="house",
        margin=5,
        cluster_max=18,
        power=9000,
        unbalance=7,
        protection=ProtectiveDevice.MCB_B,
        sharing=SharingMode.COMBINED,
        fifo_share=0.3,
        assumed_loads=PerPhase(1, 2, 3),
        scale_fallback=True,
    )
    assert site.meters == (Meter(id="oven", zone="garage", role=MeterRole.OUTLET),)
    assert site.connectors == (
        Connector(id="A-1", offline=OfflinePolicy.CAP, vip=True, priority=True, order=7),
    )
    assert site.rules == Rules(
        shedding=SheddingPriority.CONNECTOR_ORDER,
        queue=QueuePolicy(
            low_draw=True,
            wait=timedelta(seconds=60),
            retries=2,
            retry_period=timedelta(seconds=30),
        ),
        wear=WearPolicy(stops=2, min_on=timedelta(seconds=120), min_off=timedelta(seconds=30)),
        priority_hours=frozenset({7, 8}),
        time_zone=ZoneInfo("Europe/Paris"),
    )


@pytest.mark.parametrize(
    ("part", "known"),
    [
        (Zone, "zone"),
        (Meter, "meter"),
        (Rules, "rules"),
        (ClockRules, "clock"),
        (SunRules, "sun"),
        (BatteryRules, "battery_rules"),
        (WearPolicy, "wear"),
        (TariffPeriod, "tariff"),
        (WeeklySlot, "slot"),
    ],
)
def test_the_schema_has_every_field_of_the_engine(part: type, known: str) -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))["$defs"]
    older = {"reporting"} if part is Meter else set()
    assert set(schema[known]["properties"]) == {field.name for field in fields(part)} | older


def test_the_schema_has_every_field_of_a_connector_a_reading_and_a_car() -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))["$defs"]
    timestamps = {"drawn_at", "confirmed_at"}
    reading = {field.name for field in fields(ConnectorReading)} - timestamps
    person = {
        "limit",
        "paused",
        "forced",
        "off_peak",
        "sun_mode",
        "automatic_phases",
        "lot",
        "wanted_phases",
        "plan",
    }
    assert set(schema["connector"]["properties"]) == {field.name for field in fields(Connector)}
    assert set(schema["connector_event"]["properties"]) == reading | person | {"at", "connector"}
    visit = {"connector", "arrives", "stays"}
    assert set(schema["car"]["properties"]) == {field.name for field in fields(CarModel)} | visit


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


def test_contacts_and_sensors_ask_for_less() -> None:
    events = [
        {"at": 1, "site": {"shed_to": 8, "enabled": False}},
        {"at": 1, "zone": "garage", "external_limit": 12},
        {"at": 1, "zone": "house", "external_power": 4200},
        {"at": 2, "site": {"percent": 40, "enabled": True}},
        {"at": 3, "site": {"shed_to": None, "percent": None}},
        {"at": 3, "zone": "garage", "external_limit": None},
    ]
    recorder, _ = played(scenario(events=events))
    none, first, second, third = [snapshot.inputs for snapshot in recorder.snapshots][:4]
    power = ZoneLimit(zone="house", ask=Ask(4200), unit=LimitUnit.WATTS)
    limits = (ZoneLimit(zone="garage", ask=Ask(12)), power)
    assert none == Inputs()
    assert first == Inputs(shedding=Ask(8), stop=Ask(0.0), limits=limits)
    assert second == Inputs(shedding=Ask(8), percent=Ask(40), limits=limits)
    assert third == Inputs(limits=(power,))


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


def test_people_force_a_charge_and_choose_cheap_hours() -> None:
    events = [
        {"at": 1, "connector": "A-1", "forced": True, "off_peak": True, "lot": 0.25},
        {"at": 3, "connector": "A-1", "off_peak": False},
        {"at": 4, "connector": "A-1", "booted_at": 2},
    ]
    recorder, _ = played(scenario(events=events))
    shown = [(s.forced, s.off_peak, s.lots) for s in recorder.snapshots]
    one = frozenset({"A-1"})
    assert shown[:2] == [(frozenset(), frozenset(), {}), (one, one, {"A-1": 0.25})]
    assert shown[3] == (one, frozenset(), {"A-1": 0.25})
    reading = recorder.snapshots[4].connectors["A-1"]
    assert reading.booted_at == recorder.snapshots[2].now


def test_people_choose_how_cars_follow_the_sun() -> None:
    events = [
        {"at": 1, "connector": "A-1", "sun_mode": "sun_only", "automatic_phases": True},
        {"at": 1, "site": {"battery_charge": 60}},
        {"at": 3, "connector": "A-1", "sun_mode": "off", "automatic_phases": False},
        {"at": 3, "site": {"battery_charge": None}},
    ]
    recorder, _ = played(scenario(events=events))
    shown = [(s.sun_modes, s.automatic_phases, s.battery_charge) for s in recorder.snapshots]
    assert shown[:4:2] == [
        ({}, frozenset(), None),
        ({"A-1": SunMode.SUN_ONLY}, frozenset({"A-1"}), 60),
    ]
    assert shown[3] == ({"A-1": SunMode.OFF}, frozenset(), None)


def test_the_rules_of_the_sun_are_read() -> None:
    battery = {"policy": "by_charge", "low": 20, "feeds": ["sun_only"]}
    sun = {"metering": "per_phase", "reserve": 100, "stop_delay": 60, "battery": battery}
    rules = {"sun": sun, "wear": {"switch_interval": 60}}
    site = scenario(site={"zones": [HOUSE], "chargers": [], "rules": rules}).site
    assert site.rules.wear.switch_interval == timedelta(seconds=60)
    assert site.rules.sun == SunRules(
        metering=Metering.PER_PHASE,
        reserve=100,
        stop_delay=timedelta(seconds=60),
        battery=BatteryRules(
            policy=BatteryPolicy.BY_CHARGE, low=20, feeds=frozenset({Eater.SUN_ONLY})
        ),
    )


def test_a_force_that_has_served_is_taken_back() -> None:
    events = [{"at": 1, "connector": "A-1", "forced": True}]
    recorder = Recorder(spent_forces=frozenset({"A-1"}))
    played(scenario(events=events), recorder)
    forced = [bool(snapshot.forced) for snapshot in recorder.snapshots]
    assert forced[:4] == [False, True, False, False]


def test_the_rules_of_the_clock_are_read() -> None:
    clock = {"windows": [["23:00", "05:30"]], "weekend": "peak", "longest_delay": 90}
    rules = read_site({"zones": [], "chargers": [], "rules": {"clock": clock}}).rules
    assert rules.clock == ClockRules(
        windows=((time(23), time(5, 30)),),
        weekend=WeekendRule.PEAK,
        longest_delay=timedelta(seconds=90),
    )


@pytest.mark.parametrize(
    ("until", "complaint"), [(60, None), (61, "its first reason ends at second 60.0, expected 61")]
)
def test_the_end_of_a_reason_is_expected(until: float, complaint: str | None) -> None:
    found = complaints({"at": 5, "connector": "A-1", "until": until}, controller=Recorder(ends=60))
    assert found == [] if complaint is None else complaint in found[0]


def test_a_meter_shows_voltages_until_they_are_taken_away() -> None:
    events = [
        {"at": 1, "meter": "main", "voltages": [231, 232, 233]},
        {"at": 2, "meter": "main", "currents": [1, 2, 3]},
        {"at": 4, "meter": "main", "voltages": None},
    ]
    recorder, _ = played(scenario(events=events))
    shown = [s.meters["main"].voltages for s in recorder.snapshots if "main" in s.meters]
    assert shown[:3] == [PerPhase(231, 232, 233), PerPhase(231, 232, 233), None]


def test_badges_become_vip_and_stop_being_it() -> None:
    events = [
        {"at": 1, "site": {"vip_badges": ["CAFE", "BEEF"]}},
        {"at": 3, "site": {"vip_badges": []}},
    ]
    recorder, _ = played(scenario(events=events))
    shown = [snapshot.vip_badges for snapshot in recorder.snapshots]
    assert shown[:4] == [frozenset(), {"CAFE", "BEEF"}, {"CAFE", "BEEF"}, frozenset()]


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
            "starts_free": True,
            "session": "S1",
            "badge": "CAFE",
            "energy": 1500,
            "per_phase": True,
            "can_toggle_pilot": True,
        },
        {"at": 3, "connector": "A-1", "online": False, "confirmed": None},
    ]
    recorder, _ = played(scenario(events=events))
    now = [snapshot.now for snapshot in recorder.snapshots]
    assert recorder.snapshots[0].connectors == {}
    first, second, lost = (recorder.snapshots[i].connectors["A-1"] for i in (1, 2, 4))
    assert (first.online, first.status, first.session) == (True, ConnectorStatus.CHARGING, "S1")
    assert (first.drawn, first.offered, first.fallback_refused) == (PerPhase(9, 0, 0), 10, True)
    assert first.starts_free
    assert (first.badge, first.energy) == ("CAFE", 1500)
    assert (first.per_phase, first.can_toggle_pilot) == (True, True)
    assert first.lease_until is not None
    assert (first.lease_until - now[0]).total_seconds() == 60
    assert (first.confirmed, second.confirmed, lost.confirmed) == (0, 10, None)
    assert (second.confirmed_at, lost.confirmed_at) == (now[2], now[3])
    assert (lost.online, lost.drawn_at) == (False, now[2])


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
        ({"primary_reason": "zone_limit"}, None),
        ({"primary_reason": "vip"}, "no primary reason vip, only zone_limit"),
        ({"phases": ["L3", "L1", "L2"]}, None),
        ({"phases": ["L2"]}, "its phases are L1, L2, L3"),
        ({"toggle_pilot": False}, None),
        ({"toggle_pilot": True}, "toggle_pilot is False"),
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
        ({"primary_reason": "zone_limit"}, None),
        ({"primary_reason": "margin", "phase": "L1"}, "no primary reason margin, only none"),
        ({"load_state": 1, "phase": "L2", "allowed": 1, "shared": 19.04, "occupied": 1}, None),
        ({"next_to_pause": "A-1", "next_to_resume": None, "phase": "L2"}, None),
        ({"next_to_pause": None, "phase": "L2"}, "next_to_pause of all L2 is A-1, expected None"),
        ({"load_state": 5}, "state of all L1 is 1, expected 5"),
        ({"group": "priority", "allowed": 1}, "allowed of priority L1 is 0, expected 1"),
        ({"available": 20.5, "phase": "L1"}, "available of all L1 is 20, expected 20.5"),
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
        ({"events": [{"at": 1, "connector": "A-1", "colour": 1}]}, "'colour' was unexpected"),
        ({"events": [{"at": 1, "meter": "main", "colour": 1}]}, "'colour' was unexpected"),
        ({"events": [{"at": 1, "site": {"vip_badges": [], "colour": 1}}]}, "'colour' was"),
        ({"events": [{"at": 1}]}, "'site' is a required property"),
        ({"expect": [{"at": 1, "connector": "A-1", "allowed": 1}]}, "'allowed' was unexpected"),
        ({"expect": [{"at": 1, "zone": "house", "colour": 1}]}, "'colour' was unexpected"),
        ({"site": {**SITE, "rules": {"colour": 1}}}, "'colour' was unexpected"),
        ({"site": {**SITE, "rules": {"time_zone": "Mars/Olympus"}}}, "unknown time zone"),
        ({"site": {**SITE, "rules": {"priority_hours": [24]}}}, "hour_out_of_range"),
        ({"site": {**SITE, "rules": {"wear": {"min_off": 90000}}}}, "between 0 and 24 h"),
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


def test_meters_have_the_roles_of_the_engine() -> None:
    meters = [
        {"id": "m", "zone": "house", "role": "house"},
        {"id": "s", "zone": "house", "role": "solar"},
        {"id": "a", "zone": "house", "role": "charger", "connector": "A-1"},
        {"id": "o", "zone": "house", "reporting": False, "role": "outlet"},
    ]
    charger = {"id": "A", "zone": "house", "connectors": [{"id": "A-1"}]}
    site = scenario(site={"zones": [HOUSE], "meters": meters, "chargers": [charger]}).site
    assert site.meters == (
        Meter(id="m", zone="house", role=MeterRole.HOUSE),
        Meter(id="s", zone="house", role=MeterRole.SOLAR),
        Meter(id="a", zone="house", role=MeterRole.CHARGER, connector="A-1"),
        Meter(id="o", zone="house", role=MeterRole.OUTLET),
    )
