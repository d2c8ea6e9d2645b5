"""Limits of a grid operator: the 4.2 kW rule, the states, failsafe, and the record."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.headroom.engine.currents import PerPhase
from custom_components.headroom.engine.decision import ReasonCode
from custom_components.headroom.engine.grid.messenger import (
    Messenger,
    OperatorState,
    Order,
)
from custom_components.headroom.engine.grid.operator import (
    GridOperator,
    OperatorPolicy,
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
    assert (limit.ask.most, limit.ask.until) == (5000.0, after(121 + 7200))
    assert limit.code is ReasonCode.GRID_OPERATOR_SILENT
    minute_by_minute(operator, 121, 121 + 7200)
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


def minute_by_minute(operator: GridOperator, begin: float, end: float) -> None:
    """Look on from one moment to another."""
    for second in range(round(begin), round(end) + 1, 60):
        operator.look(after(second), EEBUS)


def test_a_long_time_off_is_no_time_of_the_failsafe() -> None:
    """Two hours of failsafe are owed to the grid, not to a controller that is switched off."""
    operator = GridOperator()
    operator.hear("source", Order(4200.0), START)
    operator.look(START, EEBUS)
    begun = GridOperator.from_json(operator.to_json())
    begun.look(after(86_400), EEBUS)
    assert (told(begun), begun.until(EEBUS)) == ("failsafe", after(86_400 + 7200))
    minute_by_minute(begun, 86_400, 86_400 + 3600)
    again = GridOperator.from_json(begun.to_json())
    again.look(after(200_000), EEBUS)
    assert (told(again), again.until(EEBUS)) == ("failsafe", after(200_000 + 3600))
    minute_by_minute(again, 200_000, 200_000 + 3600)
    assert told(again) == "autonomous"


def test_a_short_time_off_is_no_silence() -> None:
    operator = GridOperator()
    operator.hear("source", Order(4200.0), START)
    operator.look(START, EEBUS)
    again = GridOperator.from_json(operator.to_json())
    again.look(after(119), EEBUS)
    assert (told(again), again.power(EEBUS)) == ("limited", 4200.0)


@pytest.mark.parametrize("leap", [86_400, -86_400])
def test_a_leap_of_the_clock_is_no_time_of_the_failsafe(leap: int) -> None:
    operator = GridOperator()
    operator.hear("source", None, START)
    minute_by_minute(operator, 0, 180)
    assert operator.until(EEBUS) == after(180 + 7200)
    operator.look(after(240 + leap), EEBUS)
    assert (told(operator), operator.until(EEBUS)) == ("failsafe", after(240 + 7200 + leap))


def by_zone(operator: GridOperator, site: Site, policy: OperatorPolicy) -> dict[str, float]:
    """Return the limits of zones."""
    limits = operator.limits(site, policy)
    asked = {limit.zone: limit.ask.most for limit in limits}
    assert len(asked) == len(limits)
    return asked


TWO_BOARDS = Site(
    zones=(
        Zone(id="z", limit=PerPhase.same(63)),
        Zone(id="left", limit=PerPhase.same(32), parent="z"),
        Zone(id="right", limit=PerPhase.same(32), parent="z"),
    ),
    chargers=(charger("a", "left"), charger("b", "right")),
)


def test_each_zone_has_a_limit_of_its_own_beside_that_of_the_site() -> None:
    operator = GridOperator()
    operator.hear("action", Order(4200.0, zone="left"), START)
    operator.hear("action", Order(5000.0, after(60), zone="right"), START)
    operator.hear("action", Order(11_000.0), START)
    operator.hear("source", Order(10_000.0), START)
    operator.look(START, RELAXED)
    asked = by_zone(operator, TWO_BOARDS, RELAXED)
    assert asked == {"left": 4200.0, "right": 5000.0, "z": 10_000.0}
    assert (operator.power(RELAXED), operator.until(RELAXED)) == (10_000.0, None)
    operator.look(after(60), RELAXED)
    operator.release("action", None, after(60))
    assert by_zone(operator, TWO_BOARDS, RELAXED) == {"z": 10_000.0}


def test_of_limits_for_zones_alone_the_tightest_is_shown() -> None:
    operator = GridOperator()
    operator.hear("action", Order(5000.0, zone="left"), START)
    operator.hear("action", Order(4200.0, after(60), zone="right"), START)
    assert (operator.power(RELAXED), operator.until(RELAXED)) == (4200.0, after(60))
    assert operator.zones(RELAXED) == {"left": 5000.0, "right": 4200.0}
    operator.release("action", "right", after(1))
    assert operator.zones(RELAXED) == {"left": 5000.0}
    assert operator.power(RELAXED) == 5000.0


def test_orders_for_zones_that_are_gone_are_dropped() -> None:
    operator = GridOperator()
    operator.hear("action", Order(4200.0, zone="gone"), START)
    operator.hear("source", Order(9000.0), START)
    operator.forget_all_but({"left"})
    assert operator.zones(RELAXED) == {}
    assert operator.power(RELAXED) == 9000.0
    operator.release("source", None, START)
    operator.look(START, RELAXED)
    assert told(operator) == "controlled"


def test_only_who_has_to_go_on_speaking_can_be_silent() -> None:
    operator = GridOperator()
    operator.hear("source", Order(9000.0), START)
    operator.hear("action", Order(4200.0), START)
    minute_by_minute(operator, 0, 180)
    (limit,) = operator.limits(SITE, EEBUS)
    assert (told(operator), limit.ask.most) == ("failsafe", 4200.0)
    assert limit.code is ReasonCode.GRID_OPERATOR
    operator.hear("action", Order(8000.0), after(190))
    operator.look(after(190), EEBUS)
    (limit,) = operator.limits(SITE, EEBUS)
    assert (told(operator), limit.ask.most) == ("failsafe", 5000.0)
    assert limit.code is ReasonCode.GRID_OPERATOR_SILENT
    minute_by_minute(operator, 190, 190 + 7260)
    assert (told(operator), operator.power(EEBUS)) == ("limited", 8000.0)


def test_an_action_alone_is_never_silent() -> None:
    operator = GridOperator()
    operator.hear("action", Order(4200.0, after(3600)), START)
    operator.look(after(3599), EEBUS)
    assert (told(operator), operator.power(EEBUS)) == ("limited", 4200.0)


def test_an_action_that_has_to_be_repeated_can_be_silent() -> None:
    bridge = OperatorPolicy(heartbeat=timedelta(seconds=120), watched="action", failsafe=5000.0)
    operator = GridOperator()
    operator.hear("action", Order(4200.0, zone="z"), START)
    operator.look(after(121), bridge)
    assert (told(operator), operator.power(bridge)) == ("failsafe", 5000.0)
    operator.release("action", "z", after(130))
    operator.look(after(130), bridge)
    assert (told(operator), operator.power(bridge)) == ("controlled", None)


def test_who_is_not_watched_any_more_leaves_the_failsafe() -> None:
    operator = GridOperator()
    operator.hear("source", Order(4200.0), START)
    operator.look(after(121), EEBUS)
    operator.look(after(122), RELAXED)
    assert (told(operator), operator.power(RELAXED)) == ("limited", 4200.0)
    operator.dismiss("source")
    assert (told(operator), operator.power(RELAXED)) == ("autonomous", None)


def test_who_never_spoke_is_not_silent() -> None:
    operator = GridOperator(messengers={"source": Messenger()})
    minute_by_minute(operator, 0, 600)
    assert told(operator) == "autonomous"


def test_a_leap_of_the_clock_back_is_borne() -> None:
    operator = GridOperator()
    operator.hear("source", Order(4200.0), START)
    operator.look(after(-3600), EEBUS)
    operator.look(after(-3600 + 120), EEBUS)
    assert told(operator) == "limited"
    operator.look(after(-3600 + 121), EEBUS)
    assert told(operator) == "failsafe"


@pytest.mark.parametrize("moment", ["looked_at", "since", "heard_at"])
@pytest.mark.parametrize("silence", [0, 180])
def test_a_store_from_a_clock_that_was_far_ahead_is_borne(moment: str, silence: int) -> None:
    operator = GridOperator()
    operator.hear("source", Order(4200.0), START)
    minute_by_minute(operator, 0, silence)
    stored = operator.messengers["source"].to_json()
    stored[moment] = datetime.max.replace(tzinfo=UTC).isoformat()
    again = GridOperator(messengers={"source": Messenger.from_json(stored)})
    minute_by_minute(again, silence + 60, silence + 240)
    assert told(again) == "failsafe"
    minute_by_minute(again, silence + 300, silence + 300 + 7200)
    assert told(again) == "autonomous"


def test_a_leap_of_the_clock_back_begins_the_failsafe_anew() -> None:
    operator = GridOperator()
    operator.hear("source", None, START)
    minute_by_minute(operator, 0, 3600)
    operator.look(after(1800), EEBUS)
    assert (told(operator), operator.until(EEBUS)) == ("failsafe", after(1800 + 7200))


def test_boards_without_a_common_one_share_by_their_connectors() -> None:
    zones = tuple(Zone(id=name, limit=PerPhase.same(63)) for name in ("x", "y", "empty"))
    sockets = (charger("a", "x"), charger("b", "x"), charger("c", "y"))
    site = Site(zones=zones, chargers=sockets)
    operator = GridOperator()
    operator.hear("action", Order(9000.0), START)
    shares = {limit.zone: limit.ask.most for limit in operator.limits(site, RELAXED)}
    assert shares == {"x": 6000.0, "y": 3000.0}
    operator.release("action", None, START)
    operator.hear("action", Order(9000.0, zone="y"), START)
    (limit,) = operator.limits(site, OperatorPolicy(surplus=False))
    assert (limit.zone, limit.ask.most, limit.reach) == ("y", 9000.0, Reach.EVS)


def test_every_limitation_is_on_record() -> None:
    operator = GridOperator()
    for second in range(3):
        operator.look(after(second), EEBUS)
    operator.hear("source", Order(4200.0), after(3))
    operator.look(after(3), EEBUS)
    operator.hear("action", Order(6000.0, zone="z"), after(60))
    operator.look(after(60), EEBUS)
    operator.look(after(150), EEBUS)
    operator.release("action", "z", after(200))
    operator.hear("source", None, after(300))
    operator.look(after(300), EEBUS)
    told = [(one.state, one.power, one.begun, one.ended, one.zone) for one in operator.record]
    assert told == [
        (OperatorState.LIMITED, 4200.0, after(3), after(150), None),
        (OperatorState.LIMITED, 6000.0, after(60), after(300), "z"),
        (OperatorState.FAILSAFE, 5000.0, after(150), after(300), None),
    ]


def test_the_record_keeps_the_newest_hundred_and_what_still_holds() -> None:
    operator = GridOperator()
    operator.hear("action", Order(500.0, zone="z"), START)
    operator.look(START, RELAXED)
    for second in range(150):
        operator.hear("action", Order(1000.0 * 1.02**second), after(second))
        operator.look(after(second), RELAXED)
    assert [one.power for one in operator.record[:2]] == [500.0, 1000.0 * 1.02**50]
    assert operator.record[-1].power == 1000.0 * 1.02**149


def test_a_limit_that_jitters_is_one_limitation() -> None:
    operator = GridOperator()
    for second, power in enumerate((5000.0, 5050.0, 4950.0, 4949.0, 4949.0, 0.0, 0.0)):
        operator.hear("source", Order(power), after(second))
        operator.look(after(second), EEBUS)
        assert operator.power(EEBUS) == power
    told = [(one.power, one.begun, one.ended) for one in operator.record]
    assert told == [
        (5000.0, after(0), after(3)),
        (4949.0, after(3), after(5)),
        (0.0, after(5), None),
    ]


def test_a_restart_changes_nothing() -> None:
    operator = GridOperator()
    operator.hear("action", Order(4200.0, after(3600), "z"), START)
    operator.hear("action", Order(5000.0), START)
    operator.hear("source", None, START)
    operator.look(START, EEBUS)
    assert GridOperator.from_json(operator.to_json()) == operator


def older(**changes: object) -> dict[str, object]:
    """Return what a store held when all who brought orders had one state."""
    order = {"power": 4200.0, "until": None, "zone": None}
    return {
        "state": "limited",
        "since": START.isoformat(),
        "heard_at": START.isoformat(),
        "orders": {"action": order, "source": order | {"power": 6000.0}},
        "record": [],
    } | changes


def test_an_older_store_is_read() -> None:
    operator = GridOperator.from_json(older())
    operator.look(after(60), EEBUS)
    assert (told(operator), operator.power(EEBUS)) == ("limited", 4200.0)
    operator.release("action", None, after(60))
    assert operator.power(EEBUS) == 6000.0
    silent = GridOperator.from_json(older(state="failsafe", orders={}))
    silent.look(after(7100), EEBUS)
    assert (told(silent), silent.power(EEBUS)) == ("failsafe", 5000.0)
    fresh = GridOperator.from_json(older(state="autonomous", since=None, heard_at=None, orders={}))
    assert told(fresh) == "autonomous"


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "asleep"},
        {"orders": {"action": {"power": -1, "until": None, "zone": None}}},
        {"orders": 3},
        {"record": 3},
        {"record": [{"state": "limited", "power": 1, "begun": None, "ended": None, "zone": None}]},
        {"messengers": {"action": {"state": "limited", "orders": 3}}},
    ],
    ids=str,
)
def test_a_store_that_is_not_ours_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        GridOperator.from_json(older() | wrong)
