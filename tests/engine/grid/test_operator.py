"""Limits of a grid operator: the 4.2 kW rule, the states, failsafe, and the record."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.engine.decision import ReasonCode
from custom_components.headroom.engine.grid.operator import (
    GridOperator,
    OperatorPolicy,
    OperatorState,
    Order,
    guaranteed,
)
from custom_components.headroom.engine.inputs import LimitUnit, Reach
from custom_components.headroom.engine.site.model import Site, Zone
from tests.engine.plant import charger, static_site

START = datetime(2026, 6, 21, 12, tzinfo=UTC)
RELAXED = OperatorPolicy()
EEBUS = OperatorPolicy(heartbeat=timedelta(seconds=120), failsafe=5000.0)
SITE = static_site(63, [charger("a"), charger("b")])


def told(operator: GridOperator) -> str:
    """Return the state as people see it."""
    return operator.state.value


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("devices", "power"),
    [
        (0, 0),
        (1, 4200),
        (2, 7560),
        (3, 10_500),
        (4, 13_020),
        (5, 15_120),
        (6, 16_800),
        (7, 18_060),
        (8, 18_900),
        (9, 19_320),
        (10, 21_210),
        (100, 191_310),
    ],
)
def test_what_must_be_left_to_several_devices(devices: int, power: float) -> None:
    """BK6-22-300, annex 1: 4.2 kW + (n - 1) x factor x 4.2 kW."""
    assert guaranteed(devices) == pytest.approx(power)


def test_a_limit_lasts_as_long_as_was_said() -> None:
    operator = GridOperator()
    operator.look(START, RELAXED)
    assert (operator.state, operator.limits(SITE, RELAXED)) == (OperatorState.AUTONOMOUS, ())
    operator.hear("action", Order(4200.0, after(3600)), START)
    operator.look(after(3599), RELAXED)
    (limit,) = operator.limits(SITE, RELAXED)
    assert operator.state is OperatorState.LIMITED
    assert (limit.zone, limit.ask.most, limit.ask.until) == ("z", 4200.0, after(3600))
    assert (limit.unit, limit.reach) == (LimitUnit.NOMINAL_WATTS, Reach.EVS_FROM_GRID)
    assert limit.code is ReasonCode.GRID_OPERATOR
    operator.look(after(3600), RELAXED)
    assert (operator.state, operator.limits(SITE, RELAXED)) == (OperatorState.CONTROLLED, ())


def test_a_limit_without_an_end_holds_until_it_is_ended() -> None:
    operator = GridOperator()
    operator.hear("action", Order(4200.0), START)
    operator.look(after(10**6), RELAXED)
    assert operator.power(RELAXED) == 4200.0
    assert operator.until(RELAXED) is None
    operator.hear("action", None, after(10**6))
    assert operator.power(RELAXED) is None


def test_of_two_messengers_the_lower_limit_counts() -> None:
    operator = GridOperator()
    operator.hear("action", Order(6000.0, after(60)), START)
    operator.hear("source", Order(4200.0), START)
    assert operator.power(RELAXED) == 4200.0
    operator.hear("source", None, after(1))
    assert operator.power(RELAXED) == 6000.0
    operator.look(after(60), RELAXED)
    assert operator.state is OperatorState.CONTROLLED


@pytest.mark.parametrize("order", [None, Order(4200.0)], ids=["unlimited", "limited"])
def test_silence_leads_to_the_failsafe_limit_and_then_to_none(order: Order | None) -> None:
    operator = GridOperator()
    operator.hear("source", order, START)
    operator.look(after(120), EEBUS)
    assert operator.power(EEBUS) == (None if order is None else 4200.0)
    operator.look(after(121), EEBUS)
    (limit,) = operator.limits(SITE, EEBUS)
    assert told(operator) == "failsafe"
    assert (limit.ask.most, limit.ask.until) == (5000.0, after(120 + 7200))
    assert limit.code is ReasonCode.GRID_OPERATOR_SILENT
    operator.look(after(120 + 7200), EEBUS)
    assert told(operator) == "autonomous"
    assert operator.limits(SITE, EEBUS) == ()


def test_a_failsafe_ends_when_somebody_speaks() -> None:
    operator = GridOperator()
    operator.hear("source", None, START)
    operator.look(after(121), EEBUS)
    operator.hear("source", Order(4200.0), after(130))
    operator.look(after(131), EEBUS)
    assert (operator.state, operator.power(EEBUS)) == (OperatorState.LIMITED, 4200.0)
    operator.look(after(300), EEBUS)
    operator.hear("source", None, after(310))
    assert operator.state is OperatorState.CONTROLLED


def test_after_a_long_time_off_the_failsafe_is_over() -> None:
    operator = GridOperator()
    operator.hear("source", Order(4200.0), START)
    operator.look(after(86_400), EEBUS)
    assert operator.state is OperatorState.AUTONOMOUS


def test_a_leap_of_the_clock_back_is_borne() -> None:
    operator = GridOperator()
    operator.hear("source", Order(4200.0), START)
    operator.look(after(-3600), EEBUS)
    assert (operator.since, operator.heard_at) == (after(-3600), after(-3600))
    operator.look(after(-3600 + 121), EEBUS)
    assert operator.state is OperatorState.FAILSAFE


def test_boards_without_a_common_one_share_by_their_connectors() -> None:
    zones = tuple(Zone(id=name, limit=PerPhase.same(63)) for name in ("x", "y", "empty"))
    sockets = (charger("a", "x"), charger("b", "x"), charger("c", "y"))
    site = Site(zones=zones, chargers=sockets)
    operator = GridOperator()
    operator.hear("action", Order(9000.0), START)
    shares = {limit.zone: limit.ask.most for limit in operator.limits(site, RELAXED)}
    assert shares == {"x": 6000.0, "y": 3000.0}
    operator.hear("action", Order(9000.0, zone="y"), START)
    (limit,) = operator.limits(site, OperatorPolicy(surplus=False))
    assert (limit.zone, limit.ask.most, limit.reach) == ("y", 9000.0, Reach.EVS)
    operator.hear("action", Order(9000.0, zone="gone"), START)
    assert operator.limits(site, RELAXED) == ()


def test_every_limitation_is_on_record() -> None:
    operator = GridOperator()
    for second in range(3):
        operator.look(after(second), EEBUS)
    operator.hear("source", Order(4200.0), after(3))
    operator.look(after(3), EEBUS)
    operator.look(after(50), EEBUS)
    operator.hear("source", Order(6000.0, zone="z"), after(60))
    operator.look(after(60), EEBUS)
    operator.look(after(200), EEBUS)
    operator.hear("source", None, after(300))
    operator.look(after(300), EEBUS)
    told = [(one.state, one.power, one.begun, one.ended, one.zone) for one in operator.record]
    assert told == [
        (OperatorState.LIMITED, 4200.0, after(3), after(60), None),
        (OperatorState.LIMITED, 6000.0, after(60), after(200), "z"),
        (OperatorState.FAILSAFE, 5000.0, after(200), after(300), None),
    ]


def test_the_record_keeps_the_newest_hundred() -> None:
    operator = GridOperator()
    for second in range(150):
        operator.hear("action", Order(1000.0 + second), after(second))
        operator.look(after(second), RELAXED)
    assert len(operator.record) == 100
    assert operator.record[-1].power == 1149.0


def test_a_restart_changes_nothing() -> None:
    operator = GridOperator()
    operator.hear("action", Order(4200.0, after(3600), "z"), START)
    operator.look(START, EEBUS)
    assert GridOperator.from_json(operator.to_json()) == operator


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "asleep"},
        {"orders": {"action": {"power": -1, "until": None, "zone": None}}},
        {"orders": 3},
        {"record": [{"state": "limited", "power": 1, "begun": None, "ended": None, "zone": None}]},
    ],
    ids=str,
)
def test_a_store_that_is_not_ours_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        GridOperator.from_json(GridOperator().to_json() | wrong)
