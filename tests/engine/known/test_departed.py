"""Connectors that were taken out of a site, and what is stored of them."""

import json
from datetime import timedelta
from typing import Any

import pytest

from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.engine.known.departed import Departure, Departures
from custom_components.headroom.engine.memory.state import ConnectorState
from custom_components.headroom.engine.site.model import Site, Zone
from custom_components.headroom.engine.site.wiring import Wiring
from custom_components.headroom.engine.snapshot import ConnectorReading, Snapshot

from ..plant import START, charger

HOLD, SETTLE = timedelta(seconds=210), timedelta(seconds=10)
SITE = Site(
    zones=(
        Zone(id="main", limit=PerPhase.same(63)),
        Zone(id="garage", parent="main", limit=PerPhase.same(32)),
        Zone(id="yard", parent="main", limit=PerPhase.same(32)),
    ),
    chargers=(charger("c", "garage", Wiring.MONO2), charger("d", "yard")),
)


def departed(worst: float = 16.0) -> Departures:
    """Return what is remembered when the one-phase connector is taken out."""
    departures = Departures()
    after = Site(zones=SITE.zones, chargers=SITE.chargers[1:])
    departures.note(SITE, after, {"c": ConnectorState(worst=worst), "d": ConnectorState(worst=9.0)})
    return departures


def expire(departures: Departures, seconds: float, **reading: Any) -> None:
    connectors = {"c": ConnectorReading(**reading)} if reading else {}
    snapshot = Snapshot(now=START + timedelta(seconds=seconds), connectors=connectors)
    departures.expire(snapshot, HOLD, SETTLE)


def test_it_counts_where_it_was() -> None:
    departures = departed()
    counted = {(z.id, p): departures.on(z.id, p) for z in SITE.zones for p in range(3)}
    assert {place for place, current in counted.items() if current} == {("main", 1), ("garage", 1)}
    assert departures.on("main", 1) == 16


def test_what_may_draw_nothing_is_not_remembered() -> None:
    assert departed(0.0).gone == {}


def test_what_only_the_store_knows_counts_everywhere() -> None:
    departures = Departures()
    departures.note(Site(), SITE, {"gone": ConnectorState(worst=10.0)})
    assert [departures.on("yard", phase) for phase in range(3)] == [10, 10, 10]


@pytest.mark.parametrize(
    ("reading", "ends"),
    [
        ({}, 210),
        ({"online": True, "confirmed": 16.0}, 210),
        ({"online": False, "confirmed": 0.0}, 210),
        ({"online": True, "confirmed": 0.0}, 10),
    ],
)
def test_it_ends_by_time_or_soon_after_it_has_accepted_0_a(
    reading: dict[str, Any], ends: float
) -> None:
    departures = departed()
    for seconds in (0, ends - 1):
        expire(departures, seconds, **reading)
        assert "c" in departures.gone
    expire(departures, ends, **reading)
    assert departures.gone == {}


def test_a_clock_that_is_set_back_does_not_hold_it_for_longer() -> None:
    departures = departed()
    expire(departures, 7200)
    expire(departures, 0)
    expire(departures, 210)
    assert departures.gone == {}


@pytest.mark.parametrize("stepped", [False, True])
def test_what_comes_back_goes_on_with_what_it_may_hold(*, stepped: bool) -> None:
    departures, latest = departed(), START + HOLD
    if stepped:
        expire(departures, -30)
    state = departures.hand_over("c", ConnectorState(worst=6.0), latest)
    assert state.worst == 16
    assert state.held_until == latest - timedelta(seconds=30 if stepped else 0)
    assert departures.gone == {}
    assert departures.hand_over("c", ConnectorState(), latest) == ConnectorState()


def test_round_trip_through_json() -> None:
    departures = departed()
    departures.gone["e"] = Departure(worst=8.0)
    expire(departures, 0)
    assert Departures.from_json(json.loads(json.dumps(departures.to_json()))) == departures


@pytest.mark.parametrize(
    "damage",
    [
        {"worst": "16"},
        {"worst": -1},
        {"worst": float("inf")},
        {"phases": None},
        {"phases": [3]},
        {"zones": "main"},
        {"until": "soon"},
    ],
    ids=str,
)
def test_damaged_departure_is_refused(damage: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Departures.from_json({"c": Departure(worst=16.0).to_json() | damage})
