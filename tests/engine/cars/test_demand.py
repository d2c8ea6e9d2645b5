"""What each connector asks for, and why not more."""

from typing import Any

import pytest

from custom_components.headroom.engine.cars.asleep import Alertness, Rung, Wakefulness, WakeUp
from custom_components.headroom.engine.cars.demand import Demand, demand_of
from custom_components.headroom.engine.cars.following import Car
from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.engine.decision import ReasonCode
from custom_components.headroom.engine.known.observation import Draw, Observation
from custom_components.headroom.engine.memory.state import ConnectorState
from custom_components.headroom.engine.site.model import Connector, Rules
from custom_components.headroom.engine.snapshot import ConnectorReading, ConnectorStatus, Snapshot
from custom_components.headroom.engine.turns.priority import Priority

from ..plant import START


def ask(
    status: ConnectorStatus = ConnectorStatus.CHARGING,
    *,
    online: bool = True,
    alertness: Alertness = Alertness.AWAKE,
    rung: Rung = Rung.REST,
    needs: float | None = None,
    commanded: float = 12.0,
    badge: str | None = None,
    connector: Connector | None = None,
    **snapshot: Any,
) -> Demand:
    """Return what a connector asks for that may draw 9 A at worst."""
    connector = connector or Connector(id="c", floor=6.5, step=1.0)
    observation = Observation(
        connector=connector,
        reading=ConnectorReading(online=online, status=status, badge=badge),
        phases=(0, 1, 2),
        drawn=PerPhase(),
        low=PerPhase(),
        high=PerPhase(),
        nominal=Draw(PerPhase(), PerPhase()),
        worst=9.0,
        excess=0.0,
        measured=False,
        steady_at=None,
        held=not online,
    )
    state = ConnectorState(commanded=commanded)
    state.appetite.needs = needs
    car = Car(wakefulness=Wakefulness(alertness=alertness), wake_up=WakeUp(rung=rung))
    return demand_of(observation, state, car, Snapshot(now=START, **snapshot), Rules())


def codes(demand: Demand) -> list[ReasonCode]:
    return [reason.code for reason in demand.reasons]


@pytest.mark.parametrize(
    ("asked", "cap", "code"),
    [
        ({}, 32.0, ReasonCode.CONNECTOR_MAX),
        ({"online": False}, 9.0, ReasonCode.OFFLINE),
        ({"paused": frozenset({"c"})}, 0.0, ReasonCode.PAUSED),
        ({"paused": frozenset({"d"})}, 32.0, ReasonCode.CONNECTOR_MAX),
        ({"status": ConnectorStatus.FAULTED}, 0.0, ReasonCode.UNAVAILABLE),
        ({"status": ConnectorStatus.UNAVAILABLE}, 0.0, ReasonCode.UNAVAILABLE),
        ({"status": ConnectorStatus.AVAILABLE}, 0.0, ReasonCode.NO_CAR),
        ({"status": ConnectorStatus.FINISHING}, 0.0, ReasonCode.NO_CAR),
        ({"status": ConnectorStatus.RESERVED}, 0.0, ReasonCode.NO_CAR),
        ({"status": ConnectorStatus.UNKNOWN}, 12.0, ReasonCode.STATUS_UNKNOWN),
        ({"status": ConnectorStatus.SUSPENDED_EVSE}, 32.0, ReasonCode.CONNECTOR_MAX),
        ({"status": ConnectorStatus.SUSPENDED_EV}, 7.0, ReasonCode.CAR_SUSPENDED),
        ({"status": ConnectorStatus.PREPARING}, 7.0, ReasonCode.CAR_NOT_READY),
        ({"connector_limits": {"c": 20.0}}, 20.0, ReasonCode.USER_LIMIT),
        ({"connector_limits": {"c": 32.0}}, 32.0, ReasonCode.CONNECTOR_MAX),
        ({"connector_limits": {"c": 6.4}}, 0.0, ReasonCode.USER_LIMIT),
        ({"connector_limits": {"d": 6.4}}, 32.0, ReasonCode.CONNECTOR_MAX),
        ({"rung": Rung.HELD_OFF}, 7.0, ReasonCode.WAKING),
    ],
    ids=str,
)
def test_cap_and_its_reason(asked: dict[str, Any], cap: float, code: ReasonCode) -> None:
    demand = ask(**asked)
    assert (demand.cap, demand.enough, codes(demand)) == (cap, cap, [code])


@pytest.mark.parametrize(("needs", "enough"), [(9.0, 9.0), (3.0, 7.0), (40.0, 32.0)])
def test_what_a_modest_car_needs_is_at_least_the_smallest_setpoint(
    needs: float, enough: float
) -> None:
    demand = ask(needs=needs)
    assert (demand.cap, demand.enough) == (32.0, enough)
    assert (codes(demand)[0] is ReasonCode.TAKES_LESS) == (enough < 32)


def test_a_car_that_does_not_draw_needs_its_floor_whatever_it_took_before() -> None:
    assert ask(ConnectorStatus.SUSPENDED_EV, needs=9.0).enough == 7.0


@pytest.mark.parametrize("alertness", [Alertness.ASLEEP, Alertness.SPENT])
def test_a_car_asleep_comes_last_and_asks_for_its_floor(alertness: Alertness) -> None:
    demand = ask(alertness=alertness, badge="boss", vip_badges=frozenset({"boss"}))
    assert (demand.cap, demand.enough, demand.priority) == (7.0, 7.0, Priority.ASLEEP)
    assert codes(demand) == [ReasonCode.ASLEEP, ReasonCode.CONNECTOR_MAX, ReasonCode.VIP]


def test_a_sleeping_car_that_may_have_nothing_is_not_said_to_sleep() -> None:
    demand = ask(alertness=Alertness.ASLEEP, paused=frozenset({"c"}))
    assert (demand.priority, codes(demand)) == (Priority.STANDARD, [ReasonCode.PAUSED])


def test_a_watched_car_keeps_its_rank() -> None:
    assert ask(alertness=Alertness.WATCHED).priority is Priority.STANDARD


def test_a_car_that_does_not_wake_is_told_of() -> None:
    assert codes(ask(rung=Rung.REPORTED)) == [ReasonCode.CONNECTOR_MAX, ReasonCode.DOES_NOT_WAKE]


@pytest.mark.parametrize(
    ("connector", "code"),
    [
        (Connector(id="c", vip=True), ReasonCode.VIP),
        (Connector(id="c", priority=True), None),
    ],
)
def test_privileges_are_told(connector: Connector, code: ReasonCode | None) -> None:
    assert codes(ask(connector=connector))[1:] == ([] if code is None else [code])
