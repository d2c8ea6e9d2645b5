"""What is seen of each car: its energy, its sessions, its appetite and its sleep."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from custom_components.headroom.engine.cars.appetite import Appetite
from custom_components.headroom.engine.cars.asleep import Alertness, Rung
from custom_components.headroom.engine.cars.following import Car, follow
from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.engine.known.observation import Draw, Observation
from custom_components.headroom.engine.known.phases import PhaseUse
from custom_components.headroom.engine.memory.state import ConnectorState
from custom_components.headroom.engine.site.model import Connector, Rules
from custom_components.headroom.engine.snapshot import ConnectorReading, ConnectorStatus

from ..plant import START

RULES = Rules()


def seen(drawn: float | None = None, *, at: float = 0.0, **reading: Any) -> Observation:
    """Return a three-phase connector that draws so much on L1 and L2."""
    defaults: dict[str, Any] = {"online": True, "status": ConnectorStatus.CHARGING}
    return Observation(
        connector=Connector(id="c"),
        reading=ConnectorReading(**(defaults | reading)),
        phases=(0, 1, 2),
        drawn=PerPhase() if drawn is None else PerPhase(drawn, drawn, -0.2),
        low=PerPhase(),
        high=PerPhase(),
        nominal=Draw(PerPhase(), PerPhase()),
        worst=0.0,
        excess=0.0,
        measured=drawn is not None,
        steady_at=None if drawn is None else START + timedelta(seconds=at),
        held=False,
    )


def watched(
    state: ConnectorState, observation: Observation, seconds: float, elapsed: float = 10
) -> Car:
    now = START + timedelta(seconds=seconds)
    return follow(observation, state, RULES, now, timedelta(seconds=elapsed))


def charging(current: float = 16.0, session: str | None = None) -> ConnectorState:
    """Return the state of a connector whose car is there and may draw so much."""
    state = ConnectorState()
    state.command(current, START)
    watched(state, seen(session=session), 0, elapsed=0)
    return state


def test_energy_and_time_are_counted_by_the_measured_draw() -> None:
    state = charging()
    watched(state, seen(10.0), 360, elapsed=360)
    assert state.turn.energy == pytest.approx(2 * 10 * 230 / 10)
    assert state.turn.charged == timedelta(seconds=360)


def test_a_charger_that_counts_is_believed() -> None:
    state = charging()
    watched(state, seen(10.0, energy=1234.0), 360, elapsed=360)
    assert state.turn.energy == 1234
    assert state.turn.charged == timedelta(seconds=360)
    watched(state, seen(10.0, energy=-5.0), 720, elapsed=360)
    assert state.turn.energy == 0


@pytest.mark.parametrize(
    ("reading", "energy"),
    [
        ({}, 3 * 16 * 230 / 10),
        ({"status": ConnectorStatus.SUSPENDED_EV}, 0),
        ({"status": ConnectorStatus.AVAILABLE}, 0),
        ({"online": False}, 0),
    ],
)
def test_a_charger_that_measures_nothing_is_taken_to_draw_what_it_may(
    reading: dict[str, Any], energy: float
) -> None:
    state = charging()
    watched(state, seen(**reading), 360, elapsed=360)
    assert state.turn.energy == pytest.approx(energy)


def test_a_car_that_draws_nothing_counts_nothing() -> None:
    state = charging()
    watched(state, seen(0.0), 360, elapsed=360)
    assert (state.turn.energy, state.turn.charged) == (0, timedelta())


def test_another_session_starts_anew_and_learns_the_phases_anew() -> None:
    state = charging(session="one")
    state.turn.energy, state.wear.stops, state.appetite.needs = 500.0, 3, 8.0
    state.phase_use.used = frozenset({0})
    watched(state, seen(session="two"), 60, elapsed=0)
    assert state.arrived_at == START + timedelta(seconds=60)
    assert state.turn.energy == 0
    assert state.phase_use == PhaseUse()
    assert state.appetite == Appetite()


@pytest.mark.parametrize("later", ["one", None])
def test_the_same_session_goes_on(later: str | None) -> None:
    state = charging(session="one")
    state.turn.energy = 500.0
    watched(state, seen(session=later), 60, elapsed=0)
    assert state.arrived_at == START
    assert state.turn.energy == 500
    watched(state, seen(session="two"), 90, elapsed=0)
    assert state.turn.energy == 0


def test_a_car_that_begins_a_session_after_it_was_plugged_in_keeps_its_arrival() -> None:
    state = charging()
    watched(state, seen(session="one"), 60, elapsed=0)
    assert state.arrived_at == START


@pytest.mark.parametrize(
    "reading", [{"online": False}, {"status": ConnectorStatus.UNKNOWN}], ids=str
)
def test_while_nobody_knows_a_car_keeps_its_place(reading: dict[str, Any]) -> None:
    state = charging(session="one")
    watched(state, seen(**reading), 60)
    watched(state, seen(session="one"), 120)
    assert state.arrived_at == START


def test_a_modest_car_is_noticed_only_while_it_charges() -> None:
    state = charging()
    for seconds in (10, 20, 30):
        watched(state, seen(8.0, at=seconds), seconds)
    assert state.appetite.needs == pytest.approx(9.5)
    watched(state, seen(8.0, at=40, status=ConnectorStatus.SUSPENDED_EV), 40)
    assert state.appetite.needs is None


def test_a_draw_that_is_not_steady_says_nothing() -> None:
    state = charging()
    for seconds in (10, 20, 30, 40):
        watched(state, replace(seen(8.0), steady_at=None), seconds)
    assert state.appetite.needs is None


def test_a_paused_car_has_no_appetite() -> None:
    state = charging()
    state.appetite.needs = 8.0
    state.command(0.0, START)
    watched(state, seen(0.0), 10)
    assert state.appetite.needs is None


def asleep_after(state: ConnectorState, seconds: float, **reading: Any) -> Car:
    car = watched(state, seen(0.0, **reading), 0)
    for second in range(10, round(seconds) + 1, 10):
        car = watched(state, seen(0.0, **reading), second)
    return car


def test_a_car_that_does_not_take_its_offer_falls_asleep_and_wakes_by_drawing() -> None:
    state = charging()
    assert not asleep_after(state, 590, confirmed=16.0).asleep
    car = asleep_after(charging(), 610, confirmed=16.0)
    assert car.asleep
    assert car.wakefulness.alertness is Alertness.ASLEEP


@pytest.mark.parametrize(("commanded", "confirmed"), [(0.0, 16.0), (16.0, 0.0)])
def test_only_an_offer_that_has_reached_the_car_counts_against_it(
    commanded: float, confirmed: float
) -> None:
    state = charging(commanded)
    assert not asleep_after(state, 900, confirmed=confirmed).asleep


def test_a_car_that_was_paused_and_does_not_go_on_is_woken() -> None:
    state = charging()
    watched(state, seen(10.0), 0)
    state.command(0.0, START)
    watched(state, seen(0.0, status=ConnectorStatus.SUSPENDED_EVSE), 10)
    state.command(16.0, START)
    rungs, toggles, held_off, given_up = set(), 0, 0, False
    for second in range(20, 400, 5):
        car = watched(state, seen(0.0, can_toggle_pilot=True), second)
        rungs.add(car.wake_up.rung)
        toggles += car.wants_pilot_toggled
        held_off += car.held_off
        given_up = given_up or car.does_not_wake
    assert {Rung.HELD_OFF, Rung.TOGGLED, Rung.REPORTED} <= rungs
    assert toggles == 1
    assert held_off > 0
    assert given_up
