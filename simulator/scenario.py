"""Scenario files: a site, its inputs over time and what is expected (docs/scenario.md)."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from custom_components.headroom.engine.acting.load_table import LoadGroup
from custom_components.headroom.engine.currents import PHASE_NAMES, PerPhase
from custom_components.headroom.engine.site.errors import SiteError
from custom_components.headroom.engine.site.model import Site

from .plant.ev import CarModel
from .plant.house import ApplianceKind
from .plant.park import Visit
from .plant.sleep import Waking
from .scenario_site import made, read_site
from .validation import FileError, check

SCHEMA: Final = Path(__file__).parent.parent / "docs" / "scenario.schema.json"

_DEFAULT_START: Final = "2026-06-21T12:00:00+00:00"
_DEFAULT_LEASE: Final = 120.0
_INPUTS_OF_PLANT: Final = {
    "online",
    "limit",
    "paused",
    "per_phase",
    "can_toggle_pilot",
    "forced",
    "off_peak",
    "lot",
    "plan",
    "sun_mode",
    "automatic_phases",
}
_LOAD_FIELDS: Final = {
    "load_state": "state",
    "allowed": "allowed",
    "charging": "charging",
    "paused": "paused",
    "occupied": "occupied",
    "available": "available",
    "shared": "shared",
    "next_to_resume": "next_to_resume",
    "next_to_pause": "next_to_pause",
}
"""What can be expected of a zone's load table, and the field of the engine that says it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happens to a meter, a connector, a zone or the site, which has no id."""

    at: float
    kind: str
    id: str
    changes: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What must hold of a connector's setpoint or of a zone at a second."""

    at: float
    kind: str
    id: str
    phase: int | None = None
    equal: float | None = None
    min: float | None = None
    max: float | None = None
    reason: str | None = None
    primary_reason: str | None = None
    degraded: bool | None = None
    phases: tuple[int, ...] | None = None
    toggle_pilot: bool | None = None
    switch_to: int | None = None
    until: float | None = None
    """Second at which its first reason ends."""
    group: LoadGroup = LoadGroup.ALL
    load: Mapping[str, Any] = field(default_factory=dict)
    """Fields of the zone's load table for the group, by their names in the engine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Invariant:
    """No current of a zone, or of any zone, stays above its limit for longer than the grace."""

    zone: str | None = None
    grace: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadSpec:
    """What a zone draws beside its cars; currents in A."""

    currents: PerPhase = field(default_factory=PerPhase)
    appliances: tuple[ApplianceKind, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantSpec:
    """The simulated side of a closed loop; times in s."""

    seed: int = 0
    latency: float = 0.0
    lease: float = _DEFAULT_LEASE
    visits: tuple[Visit, ...] = ()
    loads: Mapping[str, LoadSpec] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A scenario, checked; durations in s."""

    name: str
    site: Site
    start: datetime
    duration: float
    step: float
    events: tuple[Event, ...]
    plant: PlantSpec | None
    expectations: tuple[Expectation, ...]
    invariants: tuple[Invariant, ...]


def load_scenario(path: Path) -> Scenario:
    """Read a scenario file. Raises FileError that says what is wrong."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise FileError(str(error)) from error
    return parse_scenario(data)


def parse_scenario(data: Any) -> Scenario:  # noqa: ANN401 - whatever a file holds
    """Make a scenario of what a file holds. Raises FileError that says what is wrong."""
    check(data, SCHEMA)
    expect = data.get("expect", ())
    try:
        scenario = Scenario(
            name=data["name"],
            site=read_site(data["site"]),
            start=_start(data.get("start", _DEFAULT_START)),
            duration=data["duration"],
            step=data.get("step", 1.0),
            events=tuple(_event(event) for event in data.get("events", ())),
            plant=_plant(data["plant"]) if "plant" in data else None,
            expectations=tuple(_expectation(item) for item in expect if "at" in item),
            invariants=tuple(_invariant(item) for item in expect if "invariant" in item),
        )
    except (SiteError, ValueError) as error:
        raise FileError(str(error)) from error
    _check_references(scenario)
    _check_events(scenario)
    return scenario


def _start(text: str) -> datetime:
    start = datetime.fromisoformat(text)
    if start.tzinfo is None:
        raise FileError("the start needs an offset from UTC")
    return start


def _subject(data: Mapping[str, Any], kinds: Iterable[str]) -> str:
    return next(kind for kind in kinds if kind in data)


def _event(data: Mapping[str, Any]) -> Event:
    if "site" in data:
        return Event(at=data["at"], kind="site", id="", changes=data["site"])
    kind = _subject(data, ("meter", "connector", "zone"))
    changes = {key: value for key, value in data.items() if key not in {"at", kind}}
    return Event(at=data["at"], kind=kind, id=data[kind], changes=changes)


def _expectation(data: Mapping[str, Any]) -> Expectation:
    kind = _subject(data, ("connector", "zone"))
    rest = {key: value for key, value in data.items() if key not in {kind, *_LOAD_FIELDS}}
    load = {field: data[key] for key, field in _LOAD_FIELDS.items() if key in data}
    return made(
        Expectation,
        {**rest, "kind": kind, "id": data[kind], "load": load},
        {"phase": PHASE_NAMES.index, "phases": _phases, "group": LoadGroup},
    )


def _phases(names: list[str]) -> tuple[int, ...]:
    return tuple(sorted(PHASE_NAMES.index(name) for name in names))


def _invariant(data: Mapping[str, Any]) -> Invariant:
    return Invariant(**{key: value for key, value in data.items() if key != "invariant"})


def _plant(data: Mapping[str, Any]) -> PlantSpec:
    return PlantSpec(
        seed=data.get("seed", 0),
        latency=data.get("latency", 0.0),
        lease=data.get("lease", _DEFAULT_LEASE),
        visits=tuple(_visit(car) for car in data.get("cars", ())),
        loads={
            load["zone"]: LoadSpec(
                currents=PerPhase(*load.get("currents", ())),
                appliances=tuple(ApplianceKind(name) for name in load.get("appliances", ())),
            )
            for load in data.get("loads", ())
        },
    )


def _visit(data: Mapping[str, Any]) -> Visit:
    times = {key: data[key] for key in ("arrives", "stays") if key in data}
    car = {k: v for k, v in data.items() if k not in {"connector", *times}}
    model = made(CarModel, car, {"wakes": Waking})
    return Visit(outlet=data["connector"], car=model, **{"arrives": 0.0, **times})


def _check_references(scenario: Scenario) -> None:
    site = scenario.site
    known = {
        "zone": set(site.zone_by_id),
        "meter": {meter.id for meter in site.meters},
        "connector": set(site.connector_by_id),
        "site": {""},
    }
    subjects: list[Event | Expectation] = [*scenario.events, *scenario.expectations]
    mentioned = [(item.kind, item.id) for item in subjects]
    mentioned += [("zone", item.zone) for item in scenario.invariants if item.zone]
    if scenario.plant:
        mentioned += [("connector", visit.outlet) for visit in scenario.plant.visits]
        mentioned += [("zone", zone) for zone in scenario.plant.loads]
    for kind, key in mentioned:
        if key not in known[kind]:
            msg = f"unknown {kind} {key}"
            raise FileError(msg)
    for subject in subjects:
        if subject.at > scenario.duration:
            msg = f"second {subject.at:g} of {subject.kind} {subject.id} is after the end"
            raise FileError(msg)


def _check_events(scenario: Scenario) -> None:
    for event in scenario.events:
        if event.kind == "connector":
            extra = set(event.changes) - _INPUTS_OF_PLANT if scenario.plant else set()
        else:
            extra = set(event.changes) & ({"currents"} if scenario.plant else {"load"})
        if extra:
            where = "with" if scenario.plant else "without"
            msg = f"{', '.join(sorted(extra))} of {event.kind} {event.id} {where} a plant"
            raise FileError(msg)
