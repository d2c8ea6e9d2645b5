"""What one connector may draw: tables of what was told, confirmed and measured, and when."""

from datetime import timedelta
from typing import Any

import pytest

from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.engine.known.limits import speaks
from custom_components.headroom.engine.known.observation import Observation, observe
from custom_components.headroom.engine.memory.state import ConnectorState, ControllerState
from custom_components.headroom.engine.site.degraded import OfflinePolicy
from custom_components.headroom.engine.site.model import Connector, Meter
from custom_components.headroom.engine.site.wiring import Wiring
from custom_components.headroom.engine.snapshot import (
    ConnectorReading,
    ConnectorStatus,
    MeterReading,
    Snapshot,
)
from custom_components.headroom.engine.tuning import Tuning

from ..plant import START


def at(seconds: float) -> Any:
    return START + timedelta(seconds=seconds)


def look(
    state: ConnectorState,
    reading: dict[str, Any],
    *,
    now: float = 100,
    looked_at: float = 100,
    unproven: frozenset[str] = frozenset(),
    offline: OfflinePolicy = OfflinePolicy.FALLBACK,
) -> Observation:
    """Look at a one-phase connector with a fallback of 6 A; times are seconds after the start."""
    times = {"drawn_at", "confirmed_at", "lease_until"}
    fields: dict[str, Any] = {
        key: at(value) if key in times else value for key, value in reading.items()
    }
    if isinstance(fields.get("drawn"), float):
        fields["drawn"] = PerPhase(fields["drawn"])
    defaults: dict[str, Any] = {"online": True, "status": ConnectorStatus.CHARGING}
    connector = Connector(id="c", wiring=Wiring.MONO1, fallback=6.0, offline=offline)
    state.status = fields.get("status", ConnectorStatus.CHARGING)
    return observe(
        connector,
        6.0,
        state,
        Snapshot(
            now=at(now),
            connectors={"c": ConnectorReading(**(defaults | fields))},
            unproven=unproven,
        ),
        looked_at=at(looked_at),
        tuning=Tuning(),
    )


def told(*setpoints: tuple[float, float]) -> ConnectorState:
    """Return the state after setpoints in A at seconds after the start."""
    state = ConnectorState()
    for seconds, current in setpoints:
        state.command(current, at(seconds))
    return state


@pytest.mark.parametrize(
    ("commanded", "confirmed", "worst"), [(6.0, 16.0, 16.0), (16.0, 6.0, 16.0), (10.0, 10.0, 10.0)]
)
def test_worst_is_the_higher_of_told_and_confirmed(
    commanded: float, confirmed: float, worst: float
) -> None:
    state = told((0, commanded))
    assert look(state, {"confirmed": confirmed, "confirmed_at": 99}).worst == worst


@pytest.mark.parametrize(
    ("reading", "worst"),
    [
        ({"confirmed": 6.0, "confirmed_at": 95}, 16.0),
        ({"confirmed": 6.0, "confirmed_at": 90}, 6.0),
        ({"confirmed": 6.0, "confirmed_at": 95, "drawn": 6.0, "drawn_at": 97}, 6.0),
        ({"confirmed": 6.0, "confirmed_at": 95, "drawn": 6.0, "drawn_at": 94}, 16.0),
        ({"confirmed": 6.0, "confirmed_at": 80, "drawn": 16.0, "drawn_at": 97}, 16.0),
    ],
)
def test_a_lower_promise_counts_once_it_is_measured_or_settled(
    reading: dict[str, Any], worst: float
) -> None:
    assert look(told((50, 16.0), (94, 6.0)), reading).worst == worst


OBSTINATE = {"confirmed": 11.0, "confirmed_at": 100.2, "drawn": 26.0, "drawn_at": 100}
"""A charger that drew 26 A long after it was told 16 A, and has just accepted 11 A."""


def caught() -> ConnectorState:
    """Return the state after such a draw was seen and lowered."""
    state = told((0, 16.0))
    assert not look(state, OBSTINATE | {"confirmed": 16.0, "confirmed_at": 1}).held
    state.command(11.0, at(100.1))
    return state


def test_who_draws_more_than_was_allowed_for_long_is_counted_with_it_after_five_seconds() -> None:
    state = caught()
    assert not look(state, OBSTINATE, now=105).held
    observation = look(state, OBSTINATE, now=105.1)
    assert (observation.held, observation.worst) == (True, 26.0)


@pytest.mark.parametrize("now", [111, 125, 160])
def test_who_does_not_follow_is_not_believed_before_a_measurement_shows_it(now: float) -> None:
    state = caught()
    look(state, OBSTINATE, now=106)
    observation = look(state, OBSTINATE, now=now)
    assert (observation.held, observation.worst) == (True, 26.0)
    observation = look(state, OBSTINATE | {"drawn": 11.0, "drawn_at": now}, now=now)
    assert (observation.held, observation.worst) == (False, 11.0)


def test_a_measurement_that_is_too_old_holds_nobody() -> None:
    state = caught()
    look(state, OBSTINATE, now=106)
    assert look(state, OBSTINATE, now=161).worst == 11.0


def test_a_stray_sample_holds_nobody() -> None:
    state = caught()
    look(state, OBSTINATE, now=103)
    observation = look(state, OBSTINATE | {"drawn": 11.0, "drawn_at": 104}, now=110)
    assert (observation.held, observation.worst) == (False, 11.0)


@pytest.mark.parametrize(
    ("reading", "worst"),
    [
        ({"lease_until": 110.0}, 10.0),
        ({"lease_until": 71.0}, 10.0),
        ({"lease_until": 69.0}, 6.0),
        ({}, 6.0),
        ({"fallback_refused": True}, 32.0),
        ({"fallback_refused": True, "lease_until": 110.0}, 32.0),
    ],
)
def test_a_lost_connector_is_held_at_its_lease_then_at_its_fallback(
    reading: dict[str, Any], worst: float
) -> None:
    observation = look(told((50, 10.0)), {"online": False, **reading})
    assert (observation.worst, observation.held) == (worst, True)


@pytest.mark.parametrize(
    ("reading", "worst"),
    [
        ({"lease_until": 111.0}, 10.0),
        ({"lease_until": 110.0}, 32.0),
        ({}, 32.0),
        ({"fallback_refused": True, "lease_until": 111.0}, 32.0),
    ],
)
def test_room_for_the_maximum_is_made_before_a_lease_ends_in_an_untested_fallback(
    reading: dict[str, Any], worst: float
) -> None:
    lost = {"online": False, **reading}
    assert look(told((50, 10.0)), lost, unproven=frozenset({"c"})).worst == worst


@pytest.mark.parametrize(
    ("reading", "worst"),
    [({"lease_until": 111.0}, 10.0), ({"lease_until": 110.0}, 32.0), ({}, 32.0)],
)
def test_who_starts_without_a_limit_counts_like_an_untested_one_when_it_is_lost(
    reading: dict[str, Any], worst: float
) -> None:
    lost = {"online": False, "starts_free": True, **reading}
    assert look(told((50, 10.0)), lost).worst == worst


@pytest.mark.parametrize(
    ("now", "reading", "unproven", "worst"),
    [
        (1, {}, False, 10.0),
        (1, {}, True, 10.0),
        (1, {"starts_free": True}, False, 32.0),
        (59, {}, True, 10.0),
        (60, {}, True, 32.0),
        (60, {}, False, 10.0),
        (60, {"starts_free": True}, False, 32.0),
        (211, {}, False, 6.0),
        (211, {"starts_free": True}, False, 32.0),
    ],
)
def test_what_counts_from_a_start_until_a_charger_is_heard(
    now: float, reading: dict[str, Any], worst: float, *, unproven: bool
) -> None:
    """Power that was lost in the whole building has restarted charger and Headroom alike."""
    state = told((-50, 10.0))
    ControllerState(connectors={"c": state}).awaken({"c": 32.0}, at(0), Tuning())
    lost = {"online": False, **reading}
    seen = look(state, lost, now=now, unproven=frozenset({"c"} if unproven else ()))
    assert seen.worst == worst


@pytest.mark.parametrize(("starts_free", "worst"), [(False, 10.0), (True, 32.0)])
def test_who_keeps_its_setpoint_without_contact_does_not_keep_it_without_power(
    worst: float, *, starts_free: bool
) -> None:
    state = told((-50, 10.0))
    ControllerState(connectors={"c": state}).awaken({"c": 32.0}, at(0), Tuning())
    lost = {"online": False, "starts_free": starts_free}
    assert look(state, lost, now=61, offline=OfflinePolicy.KEEP).worst == worst


def test_who_starts_without_a_limit_counts_with_it_no_more_once_it_is_heard() -> None:
    state = told((-50, 10.0))
    ControllerState(connectors={"c": state}).awaken({"c": 32.0}, at(0), Tuning())
    free = {"starts_free": True}
    assert look(state, {"online": False, **free}, now=5).worst == 32.0
    heard = {"confirmed": 10.0, "confirmed_at": 6, **free}
    assert look(state, heard, now=16).worst == 10.0
    lost = {"online": False, "lease_until": 100.0, **free}
    assert look(state, lost, now=20).worst == 10.0


def test_a_lost_connector_without_current_may_rise_to_its_fallback() -> None:
    observation = look(told((50, 10.0), (60, 0.0)), {"online": False, "lease_until": 110.0})
    assert observation.worst == 10.0
    state = ConnectorState()
    assert look(state, {"online": False, "lease_until": 110.0}).worst == 6.0


def test_contact_without_any_accepted_limit_counts_with_the_maximum_soon() -> None:
    state = ConnectorState()
    assert look(state, {}, now=100).worst == 6.0
    assert look(state, {}, now=109.5).worst == 6.0
    assert look(state, {"online": False}, now=110).worst == 6.0
    assert look(state, {}, now=111).worst == 32.0


@pytest.mark.parametrize(
    ("setpoints", "reading", "looked_at", "low", "high"),
    [
        # Nothing has changed for long: what was measured is what is drawn.
        ([(0, 16.0)], {"drawn": 12.0, "drawn_at": 98}, 100, 12.0, 12.0),
        # Lowered 5 s ago: it may still draw the old current, or the new one.
        ([(0, 16.0), (95, 6.0)], {"drawn": 16.0, "drawn_at": 94}, 100, 6.0, 16.0),
        # Raised 5 s ago: it may draw the old current still.
        ([(0, 6.0), (95, 16.0)], {"drawn": 6.0, "drawn_at": 94}, 100, 6.0, 16.0),
        # Lowered 15 s ago, but measured before: the cut has had its effect, the draw is unknown.
        ([(0, 16.0), (85, 6.0)], {"drawn": 16.0, "drawn_at": 84}, 100, 6.0, 6.0),
        # Raised 15 s ago, but measured before: no raise may build on the higher current.
        ([(0, 6.0), (85, 16.0)], {"drawn": 6.0, "drawn_at": 84}, 100, 6.0, 16.0),
        # Raised 12 s ago and measured since, but the meter looked before.
        ([(0, 6.0), (88, 16.0)], {"drawn": 16.0, "drawn_at": 99}, 87, 6.0, 16.0),
        # Measured above its setpoint after the command.
        ([(0, 16.0), (85, 6.0)], {"drawn": 14.0, "drawn_at": 90}, 100, 6.0, 14.0),
        # Nothing measured, or too long ago: anything up to the offer.
        ([(0, 16.0)], {}, 100, 0.0, 16.0),
        ([(0, 16.0)], {"drawn": 16.0, "drawn_at": 30}, 100, 0.0, 16.0),
        ([(0, 16.0)], {"status": ConnectorStatus.AVAILABLE}, 100, 0.0, 0.0),
    ],
)
def test_bounds_of_what_was_drawn_when_the_meters_looked(
    setpoints: list[tuple[float, float]],
    reading: dict[str, Any],
    looked_at: float,
    low: float,
    high: float,
) -> None:
    confirmed = {"confirmed": setpoints[-1][1], "confirmed_at": setpoints[-1][0]}
    observation = look(told(*setpoints), confirmed | reading, looked_at=looked_at)
    assert (observation.low.l1, observation.high.l1) == (low, high)
    assert observation.high.l2 == 0


def test_a_changed_state_makes_an_older_draw_uncertain() -> None:
    state = told((0, 16.0))
    state.status_changed_at = at(97)
    reading = {"confirmed": 16.0, "confirmed_at": 0, "drawn": 0.0, "drawn_at": 95}
    observation = look(state, reading)
    assert (observation.low.l1, observation.high.l1) == (0.0, 16.0)


@pytest.mark.parametrize(
    ("missed", "age", "speaking"),
    [(0, 5, True), (0, 5.5, False), (2, 1, True), (3, 1, False), (0, -4, True), (0, -3600, False)],
)
def test_a_meter_speaks_while_its_reading_is_young_and_few_polls_are_missed(
    missed: int, age: float, *, speaking: bool
) -> None:
    reading = MeterReading(currents=PerPhase(), at=at(100 - age), missed=missed)
    assert speaks(Meter(id="m", zone="z"), reading, at(100)) is speaking
